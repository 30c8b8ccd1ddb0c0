"""`hall run` as a keeper of processes: what dies lives again, what will not is given up, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cli.logs import LINE_MAX, RoomLog
from cli.rooms import Room
from cli.running import House, watch_children

SUPPORT = Path(__file__).parent.parent / "support"
PATIENCE_S = 60.0
STOP_MAX_S = 10.0  # alone on a machine three


def odd(name: str, *argv: str, family: str = "controller") -> Room:
    return Room(name, family, ("odd_room", *argv))


@pytest.fixture
def rooms_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(SUPPORT))


@asynccontextmanager
async def a_house(var: Path, *rooms: Room) -> AsyncIterator[House]:
    (var / "log").mkdir(parents=True, exist_ok=True)
    watch_children()
    house = House(list(rooms), var)
    try:
        yield house
    finally:
        await house.end()


async def until(true: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    async with asyncio.timeout(patience_s):
        while not true():
            await asyncio.sleep(0.01)


def pids(var: Path, room: str, word: str = "pid") -> list[int]:
    log = var / "log" / f"{room}.log"
    return (
        [int(found) for found in re.findall(rf"^{word} (\d+)$", log.read_text(), re.MULTILINE)] if log.exists() else []
    )


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.usefixtures("rooms_are_found")
async def test_a_room_killed_from_outside_lives_again(tmp_path: Path) -> None:
    async with a_house(tmp_path, odd("controller", "--say", "ready odd_room")) as house:
        assert await house.start()
        first = pids(tmp_path, "controller")[0]
        os.kill(first, signal.SIGKILL)
        await until(lambda: len(pids(tmp_path, "controller")) == 2)
        assert pids(tmp_path, "controller")[1] != first
        assert not house.stop.is_set()


@pytest.mark.usefixtures("rooms_are_found")
async def test_a_room_that_always_dies_young_is_given_up_with_the_end_of_its_log(tmp_path: Path) -> None:
    async with a_house(tmp_path, odd("controller", "--say", "no such journal", "--exit", "3")) as house:
        assert not await house.start()
        assert "controller died 5 times" in house.fault
        assert "exit code 3" in house.fault
        assert "no such journal" in house.fault


@pytest.mark.usefixtures("rooms_are_found")
async def test_stopping_leaves_nothing_behind_not_even_the_deaf_and_the_forgotten(tmp_path: Path) -> None:
    names = ("broker", "controller", "kiosk-A-K1")
    families = ("broker", "controller", "kiosk")
    rooms = [
        odd(n, "--say", "ready odd_room", "--deaf", "--child", family=f) for n, f in zip(names, families, strict=True)
    ]
    async with a_house(tmp_path, *rooms) as house:
        assert await house.start()
        everybody = [pid for name in names for word in ("pid", "child") for pid in pids(tmp_path, name, word)]
        assert len(everybody) == 6
        assert all(map(lives, everybody))
        began = time.monotonic()
        await house.end()
        took = time.monotonic() - began
    assert took < STOP_MAX_S
    await until(lambda: not any(map(lives, everybody)))  # a kill is a signal: it takes a moment to arrive


@pytest.mark.usefixtures("rooms_are_found")
async def test_a_stop_while_starting_is_heard(tmp_path: Path) -> None:
    async with a_house(tmp_path, odd("controller")) as house:  # never says it is ready
        starting = asyncio.create_task(house.start())
        await until(lambda: pids(tmp_path, "controller"))
        house.stop.set()
        assert not await starting


def test_a_log_is_bounded_and_loud_lines_reach_the_console(tmp_path: Path) -> None:
    shown: list[str] = []
    log = RoomLog(tmp_path / "kiosk.log", shown.append, lambda: 0.0)
    log.feed(b"level=info a warning lamp was lit\n")
    log.feed(b"level=warning paper low\nlevel=")
    log.feed(b"error cutter\n")
    log.feed(b"level=warning flood\n" * 100)
    log.feed(b"x" * (LINE_MAX * 3) + b"\n")
    log.close()
    assert shown[:2] == ["level=warning paper low", "level=error cutter"]
    assert len(shown) == 5, "a flood is thinned"
    lines = (tmp_path / "kiosk.log").read_bytes().splitlines()
    assert len(lines) == 104
    assert len(lines[-1]) == LINE_MAX


def test_a_log_turns_over_before_it_fills_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.logs.LOG_MAX", 1000)
    log = RoomLog(tmp_path / "kiosk.log", print, lambda: 0.0)
    for _ in range(500):
        log.feed(b"all is well\n")
    log.close()
    assert (tmp_path / "kiosk.log").stat().st_size <= 1100
    assert (tmp_path / "kiosk.log.1").stat().st_size <= 1100


@pytest.mark.parametrize(
    ("line", "says_so"),
    [
        (b"ready: 62 devices, http://127.0.0.1:8700/", True),
        (b"ready kiosk-A-K1 http://127.0.0.1:8711", True),
        (b"2026-11-21T09:00:00Z info kiosk: ready when you are", False),
        (b"already there", False),
        (b"ready_to_go", False),
    ],
)
def test_what_counts_as_saying_ready(tmp_path: Path, line: bytes, says_so: bool) -> None:
    heard: list[bool] = []
    log = RoomLog(tmp_path / "x.log", print, lambda: 0.0)
    log.on_ready = lambda: heard.append(True)
    log.feed(line + b"\n")
    log.close()
    assert bool(heard) is says_so
