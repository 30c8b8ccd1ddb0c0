"""The Kaiyang hall as the benchmarks want it: no guard, no limits on rate, everybody seated, and a day to work in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.measuring import Figures
from controller.core import HallState
from controller.shell.inbox import Inbox
from controller.shell.journal import Journal, connect
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
MORNING = 1_795_395_600_000 + 1_800_000  # 2026-11-23 09:30 in Shanghai
KIOSK = c.Principal("kiosk-A-K1", role=Role.CITIZEN)
KEYPAD = c.Principal("caller-A-1", role=Role.WINDOW)


def plan_for_bench(**broker: object) -> Plan:
    """Kaiyang without the guard against double presses and without limits: the machine is to be the limit."""
    file = ROOT / "halls" / "kaiyang.toml"
    plan = plans.load(file.read_text(encoding="utf-8"), str(file), None)
    replace = msgspec.structs.replace
    wide = 10**9
    halls = {
        name: replace(hall, queues={q: replace(queue, max_waiting=wide) for q, queue in hall.queues.items()})
        for name, hall in plan.halls.items()
    }
    return replace(
        plan,
        halls=halls,
        options=replace(plan.options, guard_s=0, evaluate_on_finish=False, start_on_call=True),
        limits=replace(plan.limits, letters_per_s=wide, letters_burst=wide, letter_age_s=86_400),
        broker=replace(plan.broker, **broker) if broker else plan.broker,
    )


class Bare:
    """A keeper without a bus: what the controller itself costs."""

    def __init__(self, var: Path, plan: Plan, hall: str = "A", commit_delay_s: float = 0.0) -> None:
        self.clock, self.plan = Clock.starting_at(MORNING, 1.0), plan
        self.state = HallState(plan.site.id, hall)
        self.journal = Journal(var, plan.site.id, hall, slow(commit_delay_s) if commit_delay_s else connect)
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
        hall = self.state.hall_id
        return c.Letter(f"b{self.state.epoch}-{self._count}", hall, by, self.clock.now(), command)  # type: ignore[arg-type]

    async def ask(self, command: c.Command, by: c.Principal) -> None:
        """One letter, durable when this returns."""
        await self.keeper.turn([self.letter(command, by)])

    async def ask_all(self, commands: list[c.Command], by: c.Principal) -> None:
        """Many letters that came at the same moment."""
        await self.keeper.turn([self.letter(command, by) for command in commands])

    async def close(self) -> None:
        await self.journal.close()


def slow(delay_s: float):  # type: ignore[no-untyped-def]
    """A disk that takes this much longer for each commit (emulated in the journal's thread)."""
    import sqlite3
    import time

    class Slow(sqlite3.Connection):
        def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:  # type: ignore[override]
            if sql == "COMMIT":
                time.sleep(delay_s)
            return super().execute(sql, *parameters)  # type: ignore[arg-type]

    def connects(path: Path) -> sqlite3.Connection:
        from controller.shell.journal import PRAGMAS

        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Slow)
        for pragma in PRAGMAS:
            connection.execute(pragma)
        return connection

    return connects


def run(case: Coroutine[Any, Any, Figures]) -> Figures:
    """Run one case to its end."""
    return asyncio.run(case)
