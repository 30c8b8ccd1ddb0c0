"""The controller without a bus: durable tickets and calls, what waiting people cost, all windows at once."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.halls import KEYPAD, KIOSK, LARGE, Bare, Connects, opened, plan_for_bench, slow
from benchmarks.measuring import Figures
from controller.shell.journal import connect
from hall import commands as c

BARE_BYTES = 350  # about what an event takes in the journal
AT_ONCE = 16


def append_and_fsync(var: Path, count: int = 2000) -> float:
    """Times a second a bare loop appends an event's bytes and fsyncs: everything durable is at best as fast as this."""
    path = var / "bare.log"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    began = time.perf_counter()
    for _ in range(count):
        os.write(fd, b"x" * BARE_BYTES)
        os.fsync(fd)
    took = time.perf_counter() - began
    os.close(fd)
    path.unlink()
    return count / took


# -- one at a time, and sixteen ----------------------------------------------------------------------------------------


def disk(var: Path) -> list[Figures]:
    """Tickets, then calls, each durable before the next is asked; then sixteen at a time."""
    bare = append_and_fsync(var)
    found = asyncio.run(_disk(var, 1500))
    found.against(bare, *(name for name in found.values if name.endswith("per_s")))
    return [Figures("bare append + fsync", {"per_s": bare}), found]


async def _disk(var: Path, count: int) -> Figures:
    hall, figures = await opened(var, plan_for_bench()), Figures("controller in process")
    for name, at_once in (("", 1), (f"{AT_ONCE}_at_once_", AT_ONCE)):
        tickets: list[c.Command] = [c.IssueTicket("now")] * count
        calls: list[c.Command] = [c.CallNext(LARGE[n % 8]) for n in range(count)]
        for what, commands, by in (("ticket", tickets, KIOSK), ("call", calls, KEYPAD)):
            took = await _timed(hall, commands, by, at_once)
            figures.values[f"{name}{what}s_per_s"] = 1000 * at_once / statistics.mean(took)
            figures.quantiles(f"{name}{what}_", took)
    await hall.close()
    return figures


async def _timed(hall: Bare, commands: Sequence[c.Command], by: c.Principal, at_once: int) -> list[float]:
    """Milliseconds of each turn, one after the other."""
    took = []
    for first in range(0, len(commands), at_once):
        began = time.perf_counter()
        await hall.ask(*commands[first : first + at_once], by=by)
        took.append((time.perf_counter() - began) * 1000)
    return took


# -- people waiting ----------------------------------------------------------------------------------------------------


def waiting(var: Path) -> list[Figures]:
    """One ticket and one call with 10, 1,000 and 100,000 people waiting: the cost must not grow."""
    return [asyncio.run(_waiting(var))]


async def _waiting(var: Path) -> Figures:
    hall, figures = await opened(var, plan_for_bench()), Figures("controller in process, by people waiting")
    for people in (10, 1_000, 100_000):
        while hall.state.waiting < people:
            await hall.ask(*[c.IssueTicket("now")] * min(500, people - hall.state.waiting), by=KIOSK)
        figures.values[f"op_{people}_waiting_ms"] = await pair_ms(hall)
    few, many = figures.values["op_10_waiting_ms"], figures.values["op_100000_waiting_ms"]
    figures.values["growth_x"] = many / few
    figures.aims["growth_x"] = 1.1
    await hall.close()
    return figures


async def pair_ms(hall: Bare, count: int = 400) -> float:
    """The median of an operation, half of them tickets and half calls."""
    took = []
    for _ in range(count):
        began = time.perf_counter()
        await hall.ask(c.IssueTicket("now"), by=KIOSK)
        await hall.ask(c.CallNext("A01"), by=KEYPAD)
        took.append((time.perf_counter() - began) * 500)
    return statistics.median(took)


# -- all windows at once -----------------------------------------------------------------------------------------------


def burst(var: Path) -> list[Figures]:
    """All 55 windows press at once: until the last call is durable, on this disk and on one 20 ms slower."""
    bare = append_and_fsync(var)
    here, figures = asyncio.run(_burst(var / "here", connect)), Figures("all windows of both halls press at once")
    figures.quantiles("this_disk_", here)
    figures.quantiles("20ms_disk_", asyncio.run(_burst(var / "slow", slow(0.02))))
    figures.against(1000 / bare, "this_disk_p50_ms")
    figures.aims |= {"this_disk_p50_ms": 50, "20ms_disk_p50_ms": 80}
    return [figures]


async def _burst(var: Path, connects: Connects, rounds: int = 30) -> list[float]:
    plan, took = plan_for_bench(), []
    halls = [await opened(var / hall, plan, hall, connects) for hall in ("A", "B")]
    for _ in range(rounds):
        for hall in halls:
            await hall.ask(*[c.IssueTicket("now")] * 60, by=_of(hall, "kiosk-{}-K1", KIOSK))
        began = time.perf_counter()
        await asyncio.gather(*(hall.ask(*_presses(hall), by=_of(hall, "caller-{}-1", KEYPAD)) for hall in halls))
        took.append((time.perf_counter() - began) * 1000)
    for hall in halls:
        await hall.close()
    return took


def _presses(hall: Bare) -> list[c.Command]:
    return [c.CallNext(window) for window in hall.state.windows]


def _of(hall: Bare, name: str, like: c.Principal) -> c.Principal:
    return c.Principal(name.format(hall.state.hall_id), role=like.role)
