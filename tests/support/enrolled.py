"""The installation files of a plan brought to life: written, enrolled with their own scripts, Mosquitto started.

    with an_enrolled_broker(plan, folder) as broker:
        broker.login("kiosk-A-K1")          # a transport.link.Broker, over TLS

Only paths, ports and the user are changed in mosquitto.conf, because a test does not own the machine; and it logs all.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brokers import free_port, until_listening

from cli.firmware import files
from cli.firmware.writing import write
from cli.reading import dot_font
from hall.plan.model import Plan
from transport.link import Broker

INSTALLED = "/etc/mosquitto/onewindow"  # where install.md puts the broker's files
SUBSCRIBED = re.compile(r"^\d+: (\S+) [012] (\S+)$", re.MULTILINE)  # Mosquitto's log of a subscription


class Enrolled:
    """The files of a plan and a Mosquitto that runs on them."""

    def __init__(self, plan: Plan, folder: Path, tls_port: int = 0) -> None:
        self.plan, self.folder = plan, folder
        self.files, self.secret = folder / "files", folder / "secret"
        self.tls_port, self.plain_port = tls_port or free_port(), free_port()
        self.log = folder / "mosquitto.log"
        write(files(plan, dot_font()), self.files)
        self.run("broker/authority.sh", str(self.secret), "localhost", "127.0.0.1")
        self.run("broker/enrol.sh", str(self.secret), "localhost")
        self.passwords = dict(line.split(":", 1) for line in (self.secret / "known").read_text().splitlines())
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, script: str, *words: str) -> str:
        """One of the tree's own scripts, as install.md calls it."""
        command = ["sh", str(self.files / script), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def ca_file(self) -> str:
        return str(self.secret / "ca.crt")

    def login(self, name: str) -> Broker:
        """How this principal comes in, over TLS."""
        return Broker("localhost", self.tls_port, name, self.passwords[name], self.ca_file)

    def configuration(self) -> str:
        """The generated file, on this machine's paths and free ports."""
        text = (self.files / "broker/mosquitto.conf").read_text(encoding="utf-8")

        def moved(found: re.Match[str]) -> str:
            return f"listener {self.plain_port if found[1] else self.tls_port} 127.0.0.1"

        text, listeners = re.subn(r"^listener \d+( 127.0.0.1)?$", moved, text, flags=re.MULTILINE)
        assert listeners in (1, 2)
        text = text.replace(f"acl_file {INSTALLED}/acl", f"acl_file {self.files}/broker/acl")
        text = text.replace(f"{INSTALLED}/", f"{self.secret}/")
        as_root = "user root\n" if os.geteuid() == 0 else ""  # else it would become a user that cannot read the secrets
        return text + f"\nlog_timestamp true\nlog_type all\n{as_root}"

    def start(self) -> None:
        path = self.folder / "mosquitto.conf"
        path.write_text(self.configuration())
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([program, "-c", str(path)], stdout=log, stderr=log)
        until_listening(self.tls_port, self._process)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def subscribed(self) -> set[tuple[str, str]]:
        """Who asked to hear what, from the broker's own log."""
        return set(SUBSCRIBED.findall(self.said()))


@contextmanager
def an_enrolled_broker(plan: Plan, folder: Path, tls_port: int = 0) -> Iterator[Enrolled]:
    broker = Enrolled(plan, folder, tls_port)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
