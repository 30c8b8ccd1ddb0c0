"""A real mosquitto for a test: started on a free port, killed and started again at will, gone when the test is."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from transport.link import Broker

USER, PASSWORD = "hall", "a-password"
START_MAX_S = 40.0
# below the ports the kernel gives to outgoing connections, above those of whole halls (living.py)
PORTS_FROM, PORTS_EACH, WORKERS_MAX = 25_600, 800, 8

CONFIG = """
listener {port} 127.0.0.1
allow_anonymous false
password_file {passwords}
set_tcp_nodelay {nodelay}
persistence false
max_inflight_messages 100
max_queued_messages 20000
max_packet_size 300000
{more}
"""


def worker() -> int:
    """Which of the processes that test beside each other this is, so that each has ports of its own."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS_MAX


def _own_ports() -> Iterator[int]:
    first = PORTS_FROM + worker() * PORTS_EACH
    begin = random.SystemRandom().randrange(PORTS_EACH)  # somebody else may be testing on this machine
    return (first + (begin + n) % PORTS_EACH for n in itertools.count())


_ports = _own_ports()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A TCP port of this machine that nobody listens on and nobody is given between this look and its use: this process
    takes its own ports in turn, so none comes twice in a test."""
    return next(port for port in itertools.islice(_ports, PORTS_EACH) if is_free(port))


def until_listening(port: int, process: subprocess.Popen[bytes], most_s: float = START_MAX_S) -> None:
    """Wait until somebody accepts on the port; fails when the process ends before."""
    end = time.monotonic() + most_s
    while time.monotonic() < end:
        assert process.poll() is None, f"{process.args!r} ended with {process.returncode}"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise AssertionError(f"nobody listens on port {port} after {most_s} s")


class Mosquitto:
    """The broker process. `at` is how our rooms log in."""

    def __init__(self, folder: Path, nodelay: bool, users: dict[str, str], more: str) -> None:
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port = folder, free_port()
        self.at = Broker("127.0.0.1", self.port, USER, PASSWORD)
        passwords = folder / "passwords"
        passwords.touch(mode=0o600)
        for user, password in users.items():
            subprocess.run(["mosquitto_passwd", "-b", str(passwords), user, password], check=True, capture_output=True)
        text = CONFIG.format(port=self.port, passwords=passwords, nodelay=str(nodelay).lower(), more=more)
        if subprocess.run(["id", "-u"], check=True, capture_output=True).stdout.strip() == b"0":
            text += "user root\n"  # as root it would change to a user that cannot read the test's folder
        (folder / "mosquitto.conf").write_text(text)
        self._command = [program, "-c", str(folder / "mosquitto.conf")]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        until_listening(self.port, self._process)

    def kill(self) -> None:
        """As a power cut would: no good-bye to anybody."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def freeze(self) -> None:
        """The process stands still, its connections stay: a half-open peer."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.thaw()
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def a_mosquitto(
    folder: Path, *, nodelay: bool = True, users: dict[str, str] | None = None, more: str = ""
) -> Iterator[Mosquitto]:
    """A running mosquitto; `users` beside the usual one, `more` lines of configuration."""
    broker = Mosquitto(folder, nodelay, {USER: PASSWORD} | (users or {}), more)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
