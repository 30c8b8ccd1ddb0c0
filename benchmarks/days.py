"""The controller and its past: a long history behind it, a start into a full day, the memory of a huge one."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from pathlib import Path

import msgspec

from benchmarks.halls import KEYPAD, KIOSK, LARGE, MORNING, OPENED, Bare, opened, plan_for_bench, unsynced
from benchmarks.in_process import pair_ms
from benchmarks.measuring import Figures, memory_mb
from benchmarks.site import a_site
from controller.core import HallState, decide
from controller.shell.journal import Row, genesis, row, write
from controller.shell.schema import prepare
from hall import codec
from hall import commands as c
from hall import plan as plans
from hall.events import Event, Recorded, ServiceStarted
from hall.names import Role

# -- a long history ----------------------------------------------------------------------------------------------------


def history(var: Path) -> list[Figures]:
    """An operation with 0, 100,000 and 1,000,000 events of earlier days in the journal."""
    return [asyncio.run(_history(var))]


async def _history(var: Path) -> Figures:
    figures = Figures("controller in process, by events behind")
    for behind in (0, 100_000, 1_000_000):
        place = var / f"h{behind}"
        _grow(place, behind)
        hall = Bare(place, plan_for_bench())
        await hall.start()
        await hall.ask(*[c.IssueTicket("now")] * 200, by=KIOSK)
        figures.values[f"op_{behind}_behind_ms"] = await pair_ms(hall)
        await hall.close()
    none, many = figures.values["op_0_behind_ms"], figures.values["op_1000000_behind_ms"]
    figures.values["growth_x"] = many / none
    figures.aims["growth_x"] = 1.1
    return figures


def _grow(var: Path, events: int) -> None:
    """A journal with that many events of days long ago, then a day that opens: real rows, real chain, made quickly."""
    path = var / "journal" / "kaiyang-A.db"
    path.parent.mkdir(parents=True)
    database = unsynced(path)
    prepare(database, "kaiyang", "A")
    head, body = genesis("kaiyang", "A"), codec.encode(_record(1, ServiceStarted("A0001", "A01")))
    for first in range(1, events + 1, 10_000):
        rows = [
            Row(seq, f"d{seq // 3000}", 0, "ServiceStarted", f"c{seq}", f"A{seq % 3000:04d}", 1, body)
            for seq in range(first, min(first + 10_000, events + 1))
        ]
        head = write(database, rows, head)
    write(database, [row(_record(events + 1, _day_opened()))], head)
    database.close()


def _record(seq: int, event: Event) -> Recorded:
    return Recorded(
        v=codec.VERSION, id=f"kaiyang/A/{seq}", site="kaiyang", hall="A", seq=seq, epoch=1,
        day=getattr(event, "day", "2020-01-01"), at=0, recorded=MORNING, cause=f"c{seq}", by=KEYPAD, reason="",
        event=event,  # type: ignore[arg-type]  # the core gives members of AnyEvent
    )  # fmt: skip


def _day_opened() -> Event:
    plan = plan_for_bench()
    ask = c.AdoptPlan(msgspec.Raw(plans.to_json(plan)), plans.plan_hash(plan))
    system = c.Principal("controller", role=Role.SYSTEM)
    return decide(HallState("kaiyang", "A"), c.Letter("c", "A", system, OPENED, ask), OPENED)[0]


# -- a full day --------------------------------------------------------------------------------------------------------


def restart(var: Path) -> list[Figures]:
    """A start into a day of 100,000 events: seconds until the hall is kept again, against a bare read of the rows."""
    events = asyncio.run(_a_day(var, events=100_000))
    began = time.perf_counter()
    asyncio.run(_again(var))
    figures = Figures("start into a day of 100,000 events", {"ready_s": time.perf_counter() - began})
    figures.against(_bare_read_s(var), "ready_s")
    figures.values["events"] = float(events)
    figures.aims["ready_s"] = 5
    return [figures]


def memory(var: Path) -> list[Figures]:
    """The controller's process in a day of 100,000 tickets, four fifths of them served: memory, and its start."""
    asyncio.run(_a_day(var / "var", tickets=100_000))
    began = time.perf_counter()
    figures = Figures("controller process in a day of 100,000 tickets")

    async def look() -> None:
        async with a_site(var) as site:
            figures.values["ready_s"] = time.perf_counter() - began
            figures.values["memory_mb"] = memory_mb(site.pid)

    asyncio.run(look())
    figures.aims["memory_mb"] = 150
    return [figures]


async def _a_day(var: Path, events: int = 0, tickets: int = 0) -> int:
    """A day up to this many events or tickets; how many events it has."""
    hall, given = await opened(var, plan_for_bench(), connects=unsynced), 0
    while hall.state.seq < events or given < tickets:
        await hall.ask(*[c.IssueTicket("now")] * 250, by=KIOSK)
        given += 250
        for window in LARGE:
            await hall.ask(*[c.CallNext(window)] * 25, by=KEYPAD)
    await hall.close()
    return hall.state.seq


async def _again(var: Path) -> None:
    hall = Bare(var, plan_for_bench())
    await hall.start()
    await hall.close()


def _bare_read_s(var: Path) -> float:
    """Seconds to read every row of the journal."""
    began = time.perf_counter()
    with contextlib.closing(sqlite3.connect(var / "journal" / "kaiyang-A.db")) as database:
        for _ in database.execute("SELECT seq, version, body, hash FROM events ORDER BY seq"):
            pass
    return time.perf_counter() - began
