"""The embedded broker, as a process: log-in, one line when its port is taken, quick answers, a herd of newcomers."""

from __future__ import annotations

import asyncio
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from brokers import free_port, until_listening
from waiting import until

from transport.link import Broker, Heard, LinkRefused, open_link
from transport.logins import EMBEDDED_USER, embedded_password

ROOT = Path(__file__).resolve().parents[2]

DOOMED = """
import asyncio, sys
from transport.link import Broker, Will, open_link

async def main():
    broker = Broker(sys.argv[1], int(sys.argv[2]), "hall", sys.argv[3])
    async with open_link(broker, "doomed", will=Will("s/A/here/doomed", b"gone")) as link:
        await link.wait_up()
        await link.say("s/A/here/doomed", b"here", retain=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""
PASSWORD = """
import pathlib, sys
from transport.logins import embedded_password

print(embedded_password(pathlib.Path(sys.argv[1])))
"""


def start(port: int, var: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "transport.embedded_broker", "--port", str(port), "--var", str(var)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Broker]:
    port = free_port()
    process = start(port, tmp_path)
    try:
        until_listening(port, process)
        yield Broker("127.0.0.1", port, EMBEDDED_USER, embedded_password(tmp_path))
    finally:
        process.terminate()
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert out.decode() == f"ready broker mqtt://127.0.0.1:{port}\n"
    assert [line for line in err.decode().splitlines() if "stopping why=SIGTERM" not in line] == [], "a quiet log"


async def test_say_hear_retain_and_will(embedded: Broker) -> None:
    heard: list[Heard] = []
    async with open_link(embedded, "b", hears=["s/A/#"], on_heard=heard.append) as b:
        await b.wait_up()
        async with open_link(embedded, "a") as a:
            await a.wait_up()
            for number in range(300):
                a.say_soon("s/A/evt/x", b"%d" % number)
            await a.say("s/A/now/x", b"state", retain=True)
            await a.say("s/B/now/x", b"the other hall", retain=True)
            await until(lambda: len(heard) == 301)
        doomed = _doomed(embedded)
        await until(lambda: heard[-1].payload == b"here")
        doomed.kill()
        doomed.wait(5)
        await until(lambda: heard[-1] == Heard("s/A/here/doomed", b"gone", False))
    assert [int(one.payload) for one in heard[:300]] == list(range(300)), "in order"
    late: list[Heard] = []
    async with open_link(embedded, "c", hears=["s/A/now/#"], on_heard=late.append) as c:
        await until(lambda: late == [Heard("s/A/now/x", b"state", True)])
        assert c.counts["strange"] == 0, "retained topics it never asked for"


def _doomed(broker: Broker) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", DOOMED, broker.host, str(broker.port), broker.password], cwd=ROOT)


@pytest.mark.parametrize(
    "login", [("hall", "wrong"), ("", ""), ("root", ""), ("hall", ""), ("häll", "ü" * 500)], ids=str
)
async def test_strangers_stay_outside(embedded: Broker, login: tuple[str, str]) -> None:
    with pytest.raises(LinkRefused, match="refuses the log-in"):
        async with open_link(Broker(embedded.host, embedded.port, *login), "x") as link:
            await link.wait_up()


async def test_a_herd_of_newcomers(embedded: Broker) -> None:
    """All rooms of a hall connect and subscribe in the same moment; each is up at its first attempt."""
    async with open_link(embedded, "first", hears=["s/A/#"]) as first:
        await first.wait_up()
        for number in range(100):
            first.say_soon(f"s/A/now/{number}", b"state", retain=True)
        await first.said()
        heard: list[Heard] = []
        async with asyncio.timeout(80), _Herd(embedded, 40, heard) as herd:
            await until(lambda: len(heard) >= 40, 20, "what is retained, heard by everybody")
            assert [link.ups for link in herd.links] == [1] * 40
            assert [link.counts["strange"] for link in herd.links] == [0] * 40


class _Herd:
    def __init__(self, broker: Broker, size: int, heard: list[Heard]) -> None:
        self._openings = [
            open_link(broker, f"room-{n}", hears=[f"s/A/now/{n}", f"s/A/evt/{n}/#"], on_heard=heard.append)
            for n in range(size)
        ]

    async def __aenter__(self) -> _Herd:
        self.links = [await one.__aenter__() for one in self._openings]
        await asyncio.gather(*(link.wait_up() for link in self.links))
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(one.__aexit__(None, None, None) for one in self._openings))


async def test_its_answers_do_not_wait_for_nagle(embedded: Broker) -> None:
    loop = asyncio.get_running_loop()
    took_ms = []
    answered = asyncio.Event()
    async with open_link(embedded, "a", hears=["s/A/evt/x"], on_heard=lambda _: answered.set()) as link:
        await link.wait_up()
        for _ in range(60):
            answered.clear()
            began = loop.time()
            link.say_soon("s/A/evt/x", b"{}")
            await answered.wait()
            took_ms.append((loop.time() - began) * 1000)
            await asyncio.sleep(0.01)
    assert sorted(took_ms)[15] < 20, f"a busy machine makes many of them slow, Nagle nearly all: {sorted(took_ms)} ms"


def test_a_busy_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        process = start(port, tmp_path)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert out == b""
    (line,) = err.decode().splitlines()
    assert f"port {port} on 127.0.0.1: Address already in use" in line


def test_the_password_is_made_once_and_kept_private(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PASSWORD, str(tmp_path)]
    racing = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(4)]
    made = {process.communicate(timeout=60)[0] for process in racing}
    assert len(made) == 1
    assert len(made.pop()) > 30
    assert [file.name for file in (tmp_path / "broker").iterdir()] == ["password"]
    assert stat.S_IMODE((tmp_path / "broker" / "password").stat().st_mode) == 0o600
