"""The console as a person starts it: a process on a terminal, its names on the bus, and how it leaves."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from brokers import Mosquitto
from kiosks import ROOT
from waiting import until
from window_halls import WindowHall, a_hall

from console.room import a_seat
from hall import events as e
from hall.faults import PlanError
from hall.names import Role, StaffKind

FIRST = "keys/first-passwords.txt"
ROWS, COLUMNS = 24, 80
STILL_S = 0.3  # a screen that has not changed for so long has answered


class Terminal:
    """What a process writes on its terminal, and what a person types."""

    def __init__(self, process: asyncio.subprocess.Process, master: int) -> None:
        self.process, self._master = process, master
        self.written = b""
        asyncio.get_running_loop().add_reader(master, self._read)

    def _read(self) -> None:
        try:
            self.written += os.read(self._master, 65536)
        except OSError:  # the process has gone, and its end of the terminal with it
            asyncio.get_running_loop().remove_reader(self._master)

    async def shows(self, text: str, most_s: float = 20.0) -> None:
        await until(lambda: text.encode() in self.written, most_s, f"{text!r} on the terminal")

    def types(self, text: str) -> None:
        os.write(self._master, text.encode())

    async def types_and_waits(self, text: str) -> None:
        """As a person does, who looks before going on: until the screen has answered and stands still again."""
        before, seen, since = len(self.written), -1, time.monotonic()
        self.types(text)

        def still() -> bool:
            nonlocal seen, since
            if len(self.written) != seen:
                seen, since = len(self.written), time.monotonic()
            return seen > before and time.monotonic() - since > STILL_S

        await until(still, 10, f"an answer to {len(text)} keys")

    async def ended(self) -> int:
        return await asyncio.wait_for(self.process.wait(), 40)

    def raw(self) -> bool:
        """Is the terminal still as a full-screen program leaves it behind when it crashes?"""
        return not termios.tcgetattr(self._master)[3] & termios.ECHO


@asynccontextmanager
async def started(hall: WindowHall, *more: str) -> AsyncIterator[Terminal]:
    """python -m console on a terminal of 80×24."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    common = ["--plan", str(hall.var / "plan.json"), "--var", str(hall.var), "--clock", hall.clock.text()]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "console", *common, *more), stdin=slave, stdout=slave, stderr=slave, cwd=ROOT,
        env=os.environ | {"TERM": "xterm-256color"}, start_new_session=True,
    )  # fmt: skip
    terminal = Terminal(process, master)
    try:
        yield terminal
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        asyncio.get_running_loop().remove_reader(master)
        os.close(slave)
        os.close(master)


@pytest.fixture
async def hall(a_broker: Mosquitto, tmp_path: Path) -> AsyncIterator[WindowHall]:
    async with a_hall(a_broker, tmp_path) as hall:
        await hall.start("controller")
        yield hall


async def test_it_starts_logs_in_and_leaves_the_desk_and_the_terminal_as_they_were(hall: WindowHall) -> None:
    password = next(li.split()[1] for li in (hall.var / FIRST).read_text().splitlines() if li.startswith("9001 "))
    async with started(hall) as terminal:
        await terminal.shows("密码")
        await terminal.types_and_waits("9001\r")
        await terminal.types_and_waits(f"{password}\r")
        session = e.StaffLoggedIn("9001", Role.SUPERVISOR, kind=StaffKind.UNIT, device="console-1")
        await until(lambda: session in hall.of(e.StaffLoggedIn), 10, "the session")
        await terminal.shows("9001 已登录")
        assert password.encode() not in terminal.written
        terminal.types("\x11")  # Ctrl+Q
        assert await terminal.ended() == 0
        assert (await hall.happened(e.StaffLoggedOut))[-1] == e.StaffLoggedOut("9001")
        assert not terminal.raw()
    log = (hall.var / "log" / "console-1.log").read_text()
    assert "link up" in log and password not in log


async def test_a_signal_leaves_a_terminal_one_can_type_on(hall: WindowHall) -> None:
    async with started(hall, "--lang", "en") as terminal:
        await terminal.shows("Password")
        terminal.process.send_signal(signal.SIGTERM)
        assert await terminal.ended() == 0
        assert not terminal.raw()
        assert b"Traceback" not in terminal.written


async def test_without_a_broker_it_says_so_and_waits(hall: WindowHall) -> None:
    hall.broker.kill()
    async with started(hall) as terminal:
        await terminal.shows("正在连接消息总线")
        hall.broker.start()
        await terminal.shows("A01")


async def test_a_hall_the_plan_does_not_have_is_told(hall: WindowHall) -> None:
    async with started(hall, "--hall", "Z") as terminal:
        assert await terminal.ended() == 1
        assert b"the plan has no hall Z" in terminal.written


def test_two_consoles_on_one_machine_have_two_names(tmp_path: Path) -> None:
    with a_seat(tmp_path) as first, a_seat(tmp_path) as second:
        assert (first, second) == ("1", "2")
    with a_seat(tmp_path) as again:
        assert again == "1"


def test_more_consoles_than_seats_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.room.SEATS", 1)
    with a_seat(tmp_path), pytest.raises(PlanError, match="--id"), a_seat(tmp_path):
        pass
