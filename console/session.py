"""The supervisor at this console: one log-in for every hall of the site, and asking in that name.

A desk is a session in each hall's own state (`controller.core.rights`): the password is proved once per hall and kept
nowhere. Who logs in elsewhere with the same number, or the turn of the day, ends it; the board notices from events.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from console.board import Board
from hall.commands import Command, LogIn, LogOut, Principal
from hall.events import CommandRefused, Recorded
from hall.names import CommandId, HallId, Instant, Role, StaffId, Why
from transport.asking import Asking, NotAnswered, fresh_id
from transport.clock import Clock
from transport.link import Link

ANSWER_MS = 6_000  # real: four repeats of the letter; the person in front of the screen waits no longer


class Answer(msgspec.Struct, frozen=True):
    """What came of asking. `silent`: nobody answered; it may or may not have happened, ask again with the same id."""

    events: tuple[Recorded, ...] = ()
    silent: str = ""

    @property
    def refused(self) -> CommandRefused | None:
        return next((r.event for r in self.events if isinstance(r.event, CommandRefused)), None)

    @property
    def done(self) -> bool:
        return bool(self.events) and self.refused is None


class Question(msgspec.Struct, frozen=True):
    """A command with the id and instant it was first asked with: asking it again can change nothing twice."""

    hall: HallId
    command: Command
    id: CommandId
    at: Instant


class Desk:
    """Asks. Feed every event heard to `heard`."""

    def __init__(self, link: Link, clock: Clock, boards: Mapping[HallId, Board], who: str) -> None:
        self._clock, self._boards, self._who = clock, boards, who
        self._asking = {
            hall: Asking(link, clock, board.plan.site.id, hall, who) for hall, board in boards.items()
        }  # fmt: skip

    def heard(self, recorded: Recorded) -> None:
        asking = self._asking.get(recorded.hall)
        if asking is not None:
            asking.heard(recorded)

    def staff(self, hall: HallId) -> StaffId:
        """Who is logged in for this hall, "" when nobody is."""
        desk = self._boards[hall].desk
        return desk[0] if desk is not None else ""

    def question(self, hall: HallId, command: Command) -> Question:
        return Question(hall, command, fresh_id(), self._clock.now())

    async def log_in(self, hall: HallId, staff: StaffId, secret: str) -> Answer:
        """Open the session in one hall. `staff` says whether it is: "so already" is a session too."""
        command = LogIn(staff=staff, secret=secret)
        answer = await self._ask(hall, command, Principal(self._who, role=Role.DEVICE))
        refused = answer.refused
        if answer.done or (refused is not None and refused.why is Why.ALREADY_SO):
            self._boards[hall].desk = (staff, self._who)
        return answer

    async def log_out(self, hall: HallId) -> None:
        """Leave the desk in one hall; nobody waits long for a good-bye."""
        staff, self._boards[hall].desk = self.staff(hall), None
        if staff:
            await self._ask(hall, LogOut(), Principal(self._who, staff, Role.SUPERVISOR))

    async def ask(self, question: Question) -> Answer:
        """Ask in the supervisor's name. A session that is over is noticed by its refusal too."""
        by = Principal(self._who, self.staff(question.hall), Role.SUPERVISOR)
        answer = await self._ask(question.hall, question.command, by, question)
        if answer.refused is not None and answer.refused.why is Why.NO_RIGHT:
            self._boards[question.hall].desk = None
        return answer

    async def _ask(self, hall: HallId, command: Command, by: Principal, question: Question | None = None) -> Answer:
        asking = self._asking[hall]
        try:
            if question is None:
                return Answer(await asking.ask(command, by, within_ms=ANSWER_MS))
            return Answer(await asking.ask(command, by, within_ms=ANSWER_MS, command_id=question.id, at=question.at))
        except NotAnswered as silence:
            return Answer(silent=str(silence))
