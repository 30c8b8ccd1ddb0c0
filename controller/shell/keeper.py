"""The keeper of one hall: its state, its journal, its one writer loop.

    letters -> decide -> fold -> one transaction -> speak

Between reading the state and writing down there is no await, so no two letters ever see the same moment. What is not
durable is never spoken; a write that fails ends the process.
"""

from __future__ import annotations

import asyncio
from enum import Enum

import msgspec
import structlog

from controller.core import HallState, decide, evolve
from controller.core.waking import next_wake, overdue
from controller.shell.inbox import Inbox
from controller.shell.journal import Journal, Row, row
from controller.shell.passwords import Passwords
from controller.shell.reading import Reading
from controller.shell.seats import Seats
from controller.shell.speaking import Speaker
from hall import codec
from hall import commands as c
from hall.events import CommandRefused, Event, Recorded, StaffLoggedIn
from hall.faults import JournalFault, OurFault
from hall.names import CommandId, Instant, Role, Why
from transport.clock import Clock

log = structlog.get_logger("keeper")

LOOK_MIN_S, LOOK_MAX_S = 0.002, 1.0  # real seconds: never a spin, and no longer than a clock can be trusted
TURNS_MAX = 16  # time letters in a row before something is wrong (a year asleep takes five)


class Keeper:
    """One hall, kept."""

    def __init__(
        self,
        state: HallState,
        journal: Journal,
        inbox: Inbox,
        speaker: Speaker,
        seats: Seats,
        passwords: Passwords,
        clock: Clock,
    ) -> None:
        self.state, self.journal, self.inbox, self.speaker = state, journal, inbox, speaker
        self._seats, self._passwords, self._clock = seats, passwords, clock
        self.reading = Reading()
        self._fresh: list[Recorded] = []  # decided and folded, not yet durable
        self._counted = 0

    # -- starting ------------------------------------------------------------------------------------------------------

    async def fold(self) -> None:
        """The journal's day. Every hall is folded before any begins, so that all know who sits where."""
        for record in await self.journal.open():
            try:
                evolve(self.state, record)
            except Exception as fault:
                why = f"{self.journal.path}: event {record.seq} cannot be folded ({fault!r})"
                raise JournalFault(f"{why}: this program is older than the journal, or has a bug") from fault
        self.state.seq = self.journal.seq
        self._seats.settle(self.state.hall_id, self.state.seats)

    async def start(self, version: str, plan: bytes, plan_hash: str) -> None:
        """Behind `fold`: open a new epoch, adopt the plan if it is another one."""
        now = self._clock.now()
        self.state.epoch = max(await self.journal.last_epoch() + 1, now // 1000)
        if self.state.plan is None:
            self._handle(self._own(c.AdoptPlan(msgspec.Raw(plan), plan_hash), now), now)
        self._handle(self._own(c.StartController(version), now), now)
        if self.state.plan_hash != plan_hash:
            self._handle(self._own(c.AdoptPlan(msgspec.Raw(plan), plan_hash), now), now)
        self._settle_time(now)
        await self._write(now)
        self._fresh.clear()

    # -- the loop ------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled, or until something cannot be written."""
        while True:
            await self.inbox.wait(self._patience_s())
            await self.turn(self.inbox.take())
            if self.inbox:  # a rush: between two batches the wires are served
                await asyncio.sleep(0)

    async def turn(self, letters: list[c.Letter]) -> None:
        """One batch: everything it causes becomes durable together, and is spoken after that."""
        self.reading.begin()
        now = self._clock.now()
        self._settle_time(now)
        doubtful = self._doubtful(letters)
        older = await self.journal.answered(doubtful) if doubtful else ()
        again = [letter.id for letter in letters if letter.id in older or not self._handle(letter, now)]
        if self._fresh:
            await self._write(now)
            fresh, self._fresh = self._fresh, []
            self.speaker.events(fresh)
        self.speaker.changed()
        self.reading.over()
        for cause in dict.fromkeys(again):
            self.speaker.events(await self.journal.find(cause))

    def _doubtful(self, letters: list[c.Letter]) -> list[CommandId]:
        """Letters perhaps answered on an earlier business day; the state knows today's alone, so the journal is asked.

        Only in the first minutes of a day can such a letter still come: later it is too old to be heard.
        """
        state = self.state
        until = state.day_opened_at + 2 * state.rules.limits.letter_age_s * 1000
        return [each.id for each in letters if each.at < until and each.id not in state.answered]

    def _patience_s(self) -> float:
        """Real seconds until time alone matters, looked at again at least each LOOK_MAX_S."""
        wake = next_wake(self.state)
        if wake is None:
            return LOOK_MAX_S
        return min(LOOK_MAX_S, max(LOOK_MIN_S, (wake - self._clock.now()) / 1000 / self._clock.rate))

    def _settle_time(self, now: Instant) -> None:
        """Everything time has brought about, before anybody else is heard."""
        for _ in range(TURNS_MAX):
            if not overdue(self.state, now):
                return
            elsewhere = self._seats.in_other_halls(self.state.hall_id)
            self._handle(self._own(c.TimePassed(elsewhere), now), now)
        log.error("time does not settle", hall=self.state.hall_id, now=now, wake=next_wake(self.state))

    # -- one letter ----------------------------------------------------------------------------------------------------

    def _handle(self, letter: c.Letter, now: Instant) -> bool:
        """Decide and fold. False when this letter was answered before: its answer is to be said again."""
        if letter.id in self.state.answered:
            return False
        if isinstance(letter.command, c.LogIn):
            there = self._seats.elsewhere(letter.command.staff, self.state.hall_id)
            letter = self._passwords.checked(letter, now)
            assert isinstance(letter.command, c.LogIn)
            letter = msgspec.structs.replace(letter, command=msgspec.structs.replace(letter.command, elsewhere=there))
        for event in self._decided(letter, now):
            self._fold(event, letter, now)
        return True

    def _decided(self, letter: c.Letter, now: Instant) -> tuple[Event, ...]:
        """A decision that fails has changed nothing: it is our bug, named and refused; the hall goes on."""
        try:
            return decide(self.state, letter, now)
        except Exception as fault:
            if letter.by.role is Role.SYSTEM:
                raise OurFault(f"{type(letter.command).__name__}: {fault!r}") from fault
            log.error("bug in a decision", letter=letter.id, what=type(letter.command).__name__, fault=repr(fault))
            what = type(letter.command).__name__
            return (CommandRefused(why=Why.BAD_VALUE, command=what, window=getattr(letter.command, "window", "")),)

    def _fold(self, event: Event, letter: c.Letter, now: Instant) -> None:
        state, seq = self.state, self.state.seq + 1
        record = Recorded(
            v=codec.VERSION,
            id=f"{state.site}/{state.hall_id}/{seq}",
            site=state.site,
            hall=state.hall_id,
            seq=seq,
            epoch=state.epoch,
            day=getattr(event, "day", state.day),
            at=min(letter.at, now),
            recorded=now,
            cause=letter.id,
            by=letter.by,
            reason=_reason(letter.command),
            event=event,  # type: ignore[arg-type]  # the core gives members of AnyEvent
        )
        evolve(state, record)
        self._fresh.append(record)
        if isinstance(event, StaffLoggedIn) and event.window:
            self._seats.take(event.staff, state.hall_id, event.window)

    async def _write(self, now: Instant) -> None:
        rows: list[Row] = [row(record) for record in self._fresh]
        numbers = " ".join(f"{prefix}{last:04d}" for prefix, last in self.state.prefixes.items())
        await self.journal.append(rows, now, self.state.epoch, numbers)
        self._seats.settle(self.state.hall_id, self.state.seats)

    def _own(self, command: c.Command, now: Instant) -> c.Letter:
        """A letter of the controller's own."""
        self._counted += 1
        return c.Letter(
            id=f"{self.state.epoch}-{self.state.hall_id}-{self.state.seq}-{self._counted}",
            hall=self.state.hall_id,
            by=c.Principal("controller", role=Role.SYSTEM),
            at=now,
            command=command,  # type: ignore[arg-type]  # Letter names its commands one by one, for the codec
        )


def _reason(command: c.Command) -> str:
    """The reason a command gives, in its own words or as the word of a closed list."""
    reason = getattr(command, "reason", "")
    return str(reason.value if isinstance(reason, Enum) else reason)
