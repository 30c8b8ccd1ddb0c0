"""The controller without a bus: durable tickets and calls, what waiting people and a long history cost, restart."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

import msgspec

from benchmarks.halls import KEYPAD, KIOSK, MORNING, Bare, plan_for_bench, run
from benchmarks.measuring import Figures, median_of, quantile
from controller.core import HallState, decide
from controller.shell.journal import Row, connect, genesis, row, write
from controller.shell.schema import prepare
from hall import codec
from hall import commands as c
from hall import plan as plans
from hall.events import Event, Recorded, ServiceStarted
from hall.names import Role

ROUNDS = 3
LARGE = [f"A{n:02d}" for n in range(1, 9)]


def baseline(var: Path, count: int = 2000) -> Figures:
    """A bare loop: append 350 bytes and fsync, one at a time. Everything durable is at best as fast as this."""

    def once() -> float:
        path = var / "bare.log"
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        began = time.perf_counter()
        for _ in range(count):
            os.write(fd, b"x" * 350)
            os.fsync(fd)
        took = time.perf_counter() - began
        os.close(fd)
        path.unlink()
        return count / took

    return Figures("bare append + fsync", {"per_s": median_of(ROUNDS, once)})


def one_by_one(var: Path, base: float, count: int = 1500) -> Figures:
    """Tickets, then calls, each durable before the next is asked."""
    return run(_one_by_one(var, base, count))


async def _one_by_one(var: Path, base: float, count: int) -> Figures:
    hall = Bare(var, plan_for_bench())
    await hall.start()
    tickets = await _timed(hall, [c.IssueTicket("now")] * count, KIOSK)
    calls = await _timed(hall, [c.CallNext(LARGE[n % 8]) for n in range(count)], KEYPAD)
    await hall.close()
    return Figures(
        "in process, one at a time",
        {
            "tickets_per_s": 1000 / statistics.mean(tickets),
            "calls_per_s": 1000 / statistics.mean(calls),
            "ticket_p50_ms": quantile(tickets, 0.5),
            "ticket_p99_ms": quantile(tickets, 0.99),
            "call_p50_ms": quantile(calls, 0.5),
            "call_p99_ms": quantile(calls, 0.99),
            "tickets_to_bare_x": 1000 / statistics.mean(tickets) / base,
        },
    )


async def _timed(hall: Bare, commands: list[c.Command], by: c.Principal) -> list[float]:
    """Milliseconds of each, one after the other."""
    took = []
    for command in commands:
        began = time.perf_counter()
        await hall.ask(command, by)
        took.append((time.perf_counter() - began) * 1000)
    return took


def with_waiting(var: Path) -> Figures:
    """One ticket and one call with 10, 1,000 and 100,000 people waiting: the cost must not grow."""
    return run(_with_waiting(var))


async def _with_waiting(var: Path) -> Figures:
    hall = Bare(var, plan_for_bench())
    await hall.start()
    figures = Figures("in process, by people waiting")
    for waiting in (10, 1_000, 100_000):
        while hall.state.waiting < waiting:
            missing = min(500, waiting - hall.state.waiting)
            await hall.ask_all([c.IssueTicket("now")] * missing, KIOSK)
        pairs = [c.IssueTicket("now"), c.CallNext("A01")]
        took = []
        for _ in range(400):
            began = time.perf_counter()
            await hall.ask(pairs[0], KIOSK)
            await hall.ask(pairs[1], KEYPAD)
            took.append((time.perf_counter() - began) * 500)
        figures.values[f"op_{waiting}_waiting_ms"] = quantile(took, 0.5)
    figures.values["growth_10_to_100000_x"] = (
        figures.values["op_100000_waiting_ms"] / figures.values["op_10_waiting_ms"]
    )
    await hall.close()
    return figures


def with_history(var: Path) -> Figures:
    """The same pair with 0, 100,000 and 1,000,000 events of earlier days in the journal."""
    return run(_with_history(var))


async def _with_history(var: Path) -> Figures:
    figures = Figures("in process, by events behind")
    for behind in (0, 100_000, 1_000_000):
        place = var / f"h{behind}"
        _grow(place, behind)
        hall = Bare(place, plan_for_bench())
        await hall.start()
        await hall.ask_all([c.IssueTicket("now")] * 200, KIOSK)
        took = []
        for _ in range(400):
            began = time.perf_counter()
            await hall.ask(c.IssueTicket("now"), KIOSK)
            await hall.ask(c.CallNext("A01"), KEYPAD)
            took.append((time.perf_counter() - began) * 500)
        figures.values[f"op_{behind}_behind_ms"] = quantile(took, 0.5)
        await hall.close()
    figures.values["growth_0_to_1000000_x"] = figures.values["op_1000000_behind_ms"] / figures.values["op_0_behind_ms"]
    return figures


def _grow(var: Path, events: int) -> None:
    """A journal with that many events of days long ago, then a day that opens: real rows, real chain, made quickly."""
    if not events:
        return
    path = var / "journal" / "kaiyang-A.db"
    path.parent.mkdir(parents=True)
    database = connect(path)
    database.execute("PRAGMA synchronous=OFF")
    prepare(database, "kaiyang", "A")
    head, body = genesis("kaiyang", "A"), codec.encode(_record(1, ServiceStarted("A0001", "A01")))
    for first in range(1, events + 1, 10_000):
        rows = [
            Row(seq, f"d{seq // 3000}", 0, "ServiceStarted", f"c{seq}", f"A{seq % 3000:04d}", 1, body)
            for seq in range(first, min(first + 10_000, events + 1))
        ]
        head = write(database, rows, head)  # type: ignore[arg-type]
    write(database, [row(_record(events + 1, _day_opened()))], head)  # type: ignore[arg-type]
    database.close()


def _record(seq: int, event: Event) -> Recorded:
    day = getattr(event, "day", "2020-01-01")
    return Recorded(1, f"kaiyang/A/{seq}", "kaiyang", "A", seq, 1, day, 0, MORNING, f"c{seq}", KEYPAD, "", event)  # type: ignore[arg-type]


def _day_opened() -> Event:
    plan = plan_for_bench()
    ask = c.AdoptPlan(msgspec.Raw(plans.to_json(plan)), plans.plan_hash(plan))
    system = c.Principal("controller", role=Role.SYSTEM)
    return decide(HallState("kaiyang", "A"), c.Letter("c", "A", system, MORNING, ask), MORNING)[0]


def restart(var: Path) -> Figures:
    """A day of 100,000 events: seconds until the hall is kept again, and what the day takes in memory."""
    return run(_restart(var))


async def _restart(var: Path) -> Figures:
    hall = Bare(var, plan_for_bench())
    await hall.start()
    while hall.state.seq < 100_000:
        await hall.ask_all([c.IssueTicket("now")] * 200, KIOSK)
        for window in LARGE:
            await hall.ask_all([c.CallNext(window)] * 25, KEYPAD)
    await hall.close()
    again = Bare(var, plan_for_bench())
    began = time.perf_counter()
    await again.start()
    took = time.perf_counter() - began
    await again.close()
    return Figures("restart with a day of 100,000 events", {"ready_s": took, "events": float(hall.state.seq)})


def burst(var: Path) -> Figures:
    """All windows press at once: until the last call is durable, on this disk and on one 20 ms slower."""
    return run(_burst(var))


async def _burst(var: Path) -> Figures:
    figures = Figures("all windows of both halls press at once, in process")
    for name, delay_s in (("this_disk", 0.0), ("20ms_disk", 0.02)):
        plan = plan_for_bench()
        halls = [Bare(var / name / hall, plan, hall, delay_s) for hall in ("A", "B")]
        for hall in halls:
            await hall.start()
        took = []
        for _ in range(30):
            for hall in halls:
                await hall.ask_all([c.IssueTicket("now")] * 60, _kiosk(hall))
            began = time.perf_counter()
            for hall in halls:
                presses: list[c.Command] = [c.CallNext(window) for window in hall.state.windows]
                await hall.ask_all(presses, c.Principal(f"caller-{hall.state.hall_id}-1", role=KEYPAD.role))
            took.append((time.perf_counter() - began) * 1000)
        for hall in halls:
            await hall.close()
        figures.values[f"{name}_p50_ms"] = quantile(took, 0.5)
        figures.values[f"{name}_p99_ms"] = quantile(took, 0.99)
    return figures


def _kiosk(hall: Bare) -> c.Principal:
    return c.Principal(f"kiosk-{hall.state.hall_id}-K1", role=KIOSK.role)
