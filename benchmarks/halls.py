"""The Kaiyang hall as the benchmarks want it: no guard, no limit on rate, all seated, half an hour into the day."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from controller.core import HallState
from controller.shell.inbox import Inbox
from controller.shell.journal import PRAGMAS, Journal, connect
from controller.shell.keeper import Keeper
from controller.shell.passwords import Passwords
from controller.shell.seats import Seats
from controller.shell.signing import Signer
from controller.shell.speaking import Speaker
from hall import commands as c
from hall import plan as plans
from hall.names import Role
from hall.plan.model import Plan
from transport.clock import Clock

ROOT = Path(__file__).resolve().parent.parent
OPENED = 1_795_395_600_000  # 2026-11-23 09:00 in Shanghai, a Monday
MORNING = OPENED + 1_800_000  # in a day's first minute the journal is also asked about yesterday's letters: not here
KIOSK = c.Principal("kiosk-A-K1", role=Role.CITIZEN)
KEYPAD = c.Principal("caller-A-1", role=Role.WINDOW)
LARGE = [f"A{n:02d}" for n in range(1, 9)]  # the windows of hall A's large cycle

Connects = Callable[[Path], sqlite3.Connection]


def plan_for_bench() -> Plan:
    """Kaiyang without the guard against double presses and without limits: the machine is to be the limit."""
    file = ROOT / "halls" / "kaiyang.toml"
    plan = plans.load(file.read_text(encoding="utf-8"), str(file), None)
    replace, wide = msgspec.structs.replace, 10**9
    halls = {
        name: replace(hall, queues={q: replace(queue, max_waiting=wide) for q, queue in hall.queues.items()})
        for name, hall in plan.halls.items()
    }
    return replace(
        plan,
        halls=halls,
        options=replace(plan.options, guard_s=0, evaluate_on_finish=False, start_on_call=True),
        limits=replace(plan.limits, letters_per_s=wide, letters_burst=wide),
    )


class Bare:
    """A keeper without a bus: what the controller itself costs."""

    def __init__(self, var: Path, plan: Plan, hall: str = "A", connects: Connects = connect, at: int = MORNING) -> None:
        self.clock, self.plan = Clock.starting_at(at, 1.0), plan
        self.state = HallState(plan.site.id, hall)
        self.journal = Journal(var, plan.site.id, hall, connects)
        signer = Signer.of(var, "http://127.0.0.1")
        self.keeper = Keeper(
            self.state, self.journal, Inbox(plan.limits), Speaker(self.state, signer), Seats(),
            Passwords(var / "none", {}), self.clock,
        )  # fmt: skip
        self._count = 0

    async def start(self) -> None:
        await self.keeper.fold()
        await self.keeper.start("bench", plans.to_json(self.plan), plans.plan_hash(self.plan))

    def letter(self, command: c.Command, by: c.Principal) -> c.Letter:
        self._count += 1
        return c.Letter(
            id=f"b{self.state.epoch}-{self._count}",
            hall=self.state.hall_id,
            by=by,
            at=self.clock.now(),
            command=command,  # type: ignore[arg-type]  # Letter names its commands one by one, for the codec
        )

    async def ask(self, *commands: c.Command, by: c.Principal) -> None:
        """Letters that came at the same moment, durable when this returns."""
        await self.keeper.turn([self.letter(command, by) for command in commands])

    async def close(self) -> None:
        await self.journal.close()


async def opened(var: Path, plan: Plan, hall: str = "A", connects: Connects = connect) -> Bare:
    """A hall whose day opened half an hour ago."""
    first = Bare(var, plan, hall, at=OPENED)
    await first.start()
    await first.close()
    bare = Bare(var, plan, hall, connects)
    await bare.start()
    return bare


def slow(delay_s: float) -> Connects:
    """A disk that takes this much longer for each commit (emulated in the journal's thread)."""

    class Slow(sqlite3.Connection):
        def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
            if sql == "COMMIT":
                time.sleep(delay_s)
            return super().execute(sql, parameters)

    def connects(path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Slow)
        for pragma in PRAGMAS:
            connection.execute(pragma)
        return connection

    return connects


def unsynced(path: Path) -> sqlite3.Connection:
    """A journal that is written for later: nothing waits for the disk."""
    connection = connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    return connection
