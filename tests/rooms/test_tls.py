"""The link over TLS: to the broker whose certificate the plan's authority signed, to no other; a log-in per name."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from brokers import PASSWORD, USER, Mosquitto, a_mosquitto, free_port
from certificates import make_authority, make_certificate
from kiosks import kaiyang
from waiting import until

from hall.faults import PlanError
from hall.plan import to_json
from hall.plan.model import Broker as PlanBroker
from transport.link import Broker, Heard, LinkRefused, open_link
from transport.logins import login_of
from transport.notifying import notify, watched_s

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[Mosquitto, int]]:
    """A broker with a second, TLS listener; its port."""
    folder, port = tmp_path / "mosquitto", free_port()
    make_authority(folder)
    make_certificate(folder)
    files = "\n".join(f"{key} {folder / name}" for key, name in (("certfile", "server.crt"), ("keyfile", "server.key")))
    with a_mosquitto(folder, more=f"listener {port} 127.0.0.1\n{files}\ntls_version tlsv1.2\n") as broker:
        yield broker, port


async def test_words_travel_over_tls(secure: tuple[Mosquitto, int], tmp_path: Path) -> None:
    at = Broker("localhost", secure[1], USER, PASSWORD, str(tmp_path / "mosquitto" / "ca.crt"))
    heard: list[Heard] = []
    async with open_link(at, "secure", hears=["x"], on_heard=heard.append) as link:
        await link.wait_up()
        await link.say("x", b"a word")
        await until(lambda: [one.payload for one in heard] == [b"a word"])


@contextmanager
def _unsaid() -> Iterator[None]:
    """paho leaves the socket of a refused certificate to the garbage collector, which says so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


async def test_a_broker_signed_by_somebody_else_is_not_spoken_to(secure: tuple[Mosquitto, int], tmp_path: Path) -> None:
    other = make_authority(tmp_path / "other", "another authority")
    with _unsaid():
        async with open_link(Broker("localhost", secure[1], USER, PASSWORD, str(other)), "secure") as link:
            await until(lambda: "CERTIFICATE_VERIFY_FAILED" in link.trouble, what="the certificate is refused")
            assert not link.ups


async def test_a_broker_of_another_name_is_not_spoken_to(tmp_path: Path) -> None:
    folder, port = tmp_path / "mosquitto", free_port()
    ca_file = str(make_authority(folder))
    make_certificate(folder, "DNS:elsewhere")
    files = f"certfile {folder / 'server.crt'}\nkeyfile {folder / 'server.key'}"
    with a_mosquitto(folder, more=f"listener {port} 127.0.0.1\n{files}\n"), _unsaid():
        async with open_link(Broker("localhost", port, USER, PASSWORD, ca_file), "secure") as link:
            await until(lambda: "CERTIFICATE_VERIFY_FAILED" in link.trouble, what="the name is refused")
            assert not link.ups


async def test_an_authority_that_is_not_there_is_said_at_once(secure: tuple[Mosquitto, int], tmp_path: Path) -> None:
    at = Broker("localhost", secure[1], USER, PASSWORD, str(tmp_path / "none.crt"))
    with pytest.raises(LinkRefused, match="ca_file"):
        async with open_link(at, "secure"):
            await asyncio.Event().wait()


def test_each_name_has_its_own_password(tmp_path: Path) -> None:
    at = PlanBroker(kind="external", host="h", port=1, user="", password_file="logins", ca_file="ca.crt")
    plan = msgspec.structs.replace(kaiyang(), broker=at)
    (tmp_path / "logins").write_text("# of hall A\ndisplays-A:one\ncaller-A-1:two:three\n")
    ca_file = str(tmp_path / "ca.crt")
    assert login_of(plan, "displays-A", tmp_path) == Broker("h", 1, "displays-A", "one", ca_file)
    assert login_of(plan, "caller-A-1", tmp_path) == Broker("h", 1, "caller-A-1", "two:three", ca_file)
    with pytest.raises(PlanError, match="no line 'displays-B:"):
        login_of(plan, "displays-B", tmp_path)


async def test_the_controller_logs_in_once_for_each_hall(tmp_path: Path) -> None:
    """A broker that takes the log-in for the client's name would throw out one of two halls behind one log-in."""
    users = {"controller-A": "one", "controller-B": "two"}
    with a_mosquitto(tmp_path / "mosquitto", users=users, more="use_username_as_clientid true\nlog_type all") as broker:
        at = PlanBroker(kind="external", host="127.0.0.1", port=broker.port, user="", password_file="logins")
        var = tmp_path / "var"
        var.mkdir()
        (var / "logins").write_text("".join(f"{user}:{word}\n" for user, word in users.items()))
        (var / "plan.json").write_bytes(to_json(msgspec.structs.replace(kaiyang(), broker=at)))
        command = [sys.executable, "-m", "controller", "--plan", str(var / "plan.json"), "--var", str(var)]
        with (var / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=log, stderr=log)
        try:
            await until(lambda: "ready controller" in (var / "log").read_text(), 20.0, "the controller is ready")
        finally:
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), 20)
        said = (broker.folder / "log").read_text()
        assert "already connected" not in said
        assert {user for user in users if f"as {user} " in said} == set(users)


# -- systemd ---------------------------------------------------------------------------------------------------------

TURNING = """
import asyncio
from transport import room
async def live(here):
    here.ready()
    await asyncio.Event().wait()
raise SystemExit(room.run(room.arguments("odd", "A room."), live, who=lambda args: "odd"))
"""


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(40)
        yield ear


def _all_of(ear: socket.socket, most: int = 20) -> None:
    """What was under way, and then nothing more."""
    for _ in range(most):
        ear.recv(64)


def test_a_room_tells_systemd_that_it_is_ready_and_turns(systemd: socket.socket, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes(to_json(kaiyang()))
    environment = os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "60000"}
    command = [sys.executable, "-c", TURNING, "--plan", str(tmp_path / "plan.json"), "--var", str(tmp_path / "var")]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            said = [systemd.recv(64) for _ in range(6)]
            assert said.count(b"READY=1") == 1
            assert said.count(b"WATCHDOG=1") == 5
            process.send_signal(signal.SIGSTOP)  # a loop that hangs
            systemd.settimeout(0.3)
            with pytest.raises(TimeoutError):
                _all_of(systemd)
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
    systemd.settimeout(20)
    rest = [systemd.recv(64)]
    while rest[-1] != b"STOPPING=1":
        rest.append(systemd.recv(64))


def test_nobody_is_told_where_nobody_listens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify("READY=1")


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, 0.0),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, 0.0),  # meant for whoever started us
        ({"WATCHDOG_USEC": "often"}, 0.0),
    ],
)
def test_whom_systemd_watches(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], seconds: float) -> None:
    for name in ("WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert watched_s() == seconds


def test_the_plan_is_as_json_reads_it() -> None:
    assert json.loads(to_json(kaiyang()))["broker"]["ca_file"] == ""
