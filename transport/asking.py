"""Asking a question over the link: say the same letter again until its answer comes or nobody cares any more.

The answer to a command is every event whose `cause` is the command's id; the controller answers a repeated id again
and changes nothing. So asking is safe through lost messages, a broker restart and a controller restart. While the link
is down we keep trying until the letter's time is over.

    asking = Asking(link, clock, site, hall, who)      # on_heard of the room: asking.heard(recorded)
    events = await asking.ask(CallNext(window="A01"), by, within_ms=5000, until=(TicketCalled,))
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid

from hall import codec, topics
from hall.commands import Command, Letter, Principal
from hall.events import CommandRefused, Event, Recorded
from hall.faults import LineDown, TheirFault
from hall.names import CommandId, HallId, Instant, SiteId
from transport.clock import Clock
from transport.link import Link

REPEAT_S = 1.0  # real seconds between repeats: a controller restart takes two of them
GATHER_MS = 30  # real milliseconds: one decision's events leave together, in one batch
ASKED_MAX = 1000  # questions open at once in one process; more is a flood that no answer can help


class NotAnswered(LineDown):
    """No answer came in time. What was asked may or may not have happened: the same id may be asked again."""


def fresh_id() -> CommandId:
    """A command id nobody else makes."""
    return uuid.uuid4().hex


class Asking:
    """All open questions of one room to one hall. Feed every event heard to `heard`."""

    def __init__(self, link: Link, clock: Clock, site: SiteId, hall: HallId, who: str) -> None:
        self._link, self._clock = link, clock
        self._site, self._hall, self._who = site, hall, who
        self._open: dict[CommandId, _Asked] = {}

    def heard(self, recorded: Recorded) -> None:
        """Take an event; those that answer no open question are somebody else's, late or double, and ignored."""
        asked = self._open.get(recorded.cause)
        if asked is not None and recorded.hall == self._hall:
            asked.take(recorded)

    async def ask(
        self,
        command: Command,
        by: Principal,
        *,
        within_ms: int,
        until: tuple[type[Event], ...] = (),
        command_id: CommandId = "",
        at: Instant | None = None,
    ) -> tuple[Recorded, ...]:
        """The events that answer, in order of seq. NotAnswered after `within_ms` of real time.

        `until` names the event that completes the answer (a refusal always does); without it the answer is complete
        when nothing more came for GATHER_MS. Give `command_id` and `at` to ask again what was asked before; such a
        letter is good as long as the plan accepts its age, any other only until we stop waiting for its answer.
        """
        if len(self._open) >= ASKED_MAX:
            raise TheirFault(f"{ASKED_MAX} questions are open already")
        letter = Letter(
            id=command_id or fresh_id(),
            hall=self._hall,
            by=by,
            at=self._clock.now() if at is None else at,
            command=command,  # type: ignore[arg-type]  # Letter names its commands one by one, for the codec
            expires=0 if at is not None else self._clock.now() + round(within_ms * self._clock.rate),
        )
        if letter.id in self._open:
            raise TheirFault(f"{letter.id} is being asked already")
        asked = self._open[letter.id] = _Asked(until)
        repeating = asyncio.create_task(self._repeat(letter), name=f"ask {letter.id}")
        try:
            async with asyncio.timeout(within_ms / 1000):
                return await asked.answer()
        except TimeoutError:
            trouble = f"; {self._link.trouble}" if self._link.trouble else ""
            what = f"{type(command).__name__} {letter.id}"
            raise NotAnswered(f"{what}: no answer within {within_ms} ms{trouble}") from None
        finally:
            del self._open[letter.id]
            repeating.cancel()

    async def _repeat(self, letter: Letter) -> None:
        topic = topics.cmd(self._site, self._hall, self._who, type(letter.command).__name__)
        payload = codec.encode(letter)
        while True:
            with contextlib.suppress(LineDown):  # `say`, not `say_soon`: a letter must not go out after its time
                await self._link.say(topic, payload)
            await asyncio.sleep(REPEAT_S)


class _Asked:
    """An open question and what has come for it so far, by seq, so that a double changes nothing."""

    def __init__(self, until: tuple[type[Event], ...]) -> None:
        self._until: tuple[type[Event], ...] = (*until, CommandRefused) if until else ()
        self._events: dict[int, Recorded] = {}
        self._first, self._complete = asyncio.Event(), asyncio.Event()

    def take(self, recorded: Recorded) -> None:
        self._events[recorded.seq] = recorded
        self._first.set()
        if isinstance(recorded.event, self._until):
            self._complete.set()

    async def answer(self) -> tuple[Recorded, ...]:
        if self._until:
            await self._complete.wait()
        else:
            await self._first.wait()
            seen = 0
            while seen < len(self._events):
                seen = len(self._events)
                await asyncio.sleep(GATHER_MS / 1000)
        return tuple(self._events[seq] for seq in sorted(self._events))
