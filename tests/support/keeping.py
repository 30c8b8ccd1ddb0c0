"""A hall kept on a real journal without a bus: letters in, what became durable out. For tests of the shell."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from plans import a_plan
from playing import KEYPAD, KIOSK, MORNING

from controller.core import HallState
from controller.shell.inbox import Inbox
from controller.shell.journal import Journal
from controller.shell.keeper import Keeper
from controller.shell.passwords import Passwords
from controller.shell.seats import Seats
from controller.shell.signing import Signer
from controller.shell.speaking import Speaker
from hall import commands as c
from hall import plan as plans
from hall.events import Recorded, TicketIssued
from hall.plan.model import Plan
from transport.clock import Clock


class Now:
    """A wall clock that a test sets."""

    def __init__(self, ms: int = MORNING) -> None:
        self.ms = ms

    def clock(self) -> Clock:
        return Clock(read_ms=lambda: self.ms)


class Kept:
    """A keeper with a way to ask it."""

    def __init__(self, keeper: Keeper, now: Now) -> None:
        self.keeper, self.now = keeper, now
        self.state, self.journal = keeper.state, keeper.journal
        self._asked = 0

    async def ask(self, command: c.Command, by: c.Principal = KEYPAD, letter_id: str = "") -> list[Recorded]:
        """One letter in a turn of its own; its answer as the journal keeps it."""
        self._asked += 1
        letter = self.letter(command, by, letter_id or f"{self.state.epoch}-{self._asked}")
        await self.keeper.turn([letter])
        return await self.journal.find(letter.id)

    def letter(self, command: c.Command, by: c.Principal, letter_id: str) -> c.Letter:
        return c.Letter(letter_id, self.state.hall_id, by, self.now.ms, command)  # type: ignore[arg-type]

    async def issue(self, letter_id: str = "") -> str:
        [answer] = await self.ask(c.IssueTicket("now"), KIOSK, letter_id)
        assert isinstance(answer.event, TicketIssued), answer.event
        return answer.event.number


@asynccontextmanager
async def a_kept_hall(
    var: Path, plan: Plan | None = None, now: Now | None = None, seats: Seats | None = None, hall: str = "A"
) -> AsyncIterator[Kept]:
    """Start as the controller does: fold, then a new epoch. JournalFault when it may not."""
    plan, now = plan or a_plan(), now or Now()
    state = HallState(plan.site.id, hall)
    journal = Journal(var, plan.site.id, hall)
    passwords, signer = Passwords.of(var, plan), Signer.of(var, plan.site.status_url)
    keeper = Keeper(
        state, journal, Inbox(plan.limits), Speaker(state, signer), seats or Seats(), passwords, now.clock()
    )
    try:
        await keeper.fold()
        await keeper.start("test", plans.to_json(plan), plans.plan_hash(plan))
        yield Kept(keeper, now)
    finally:
        await journal.close()
