"""What the public door answers about one ticket: its page, how it stands, its stream, its rating.

The seal is checked before anything is looked up, in constant time; a stranger learns nothing from a refusal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import msgspec
import structlog
from aiohttp import web

from controller.core.state import Ticket
from controller.shell.keeper import Keeper
from controller.shell.reading import TooManyLook
from controller.shell.signing import Signer
from controller.web import pages
from controller.web.asking import Asking
from controller.web.routes import Rating
from controller.web.standing import Standing, standing
from hall.commands import Letter, Principal, RateService
from hall.events import CommandRefused, Recorded, ticket_id
from hall.names import BAD_LEVELS, HallId, Role, Why
from transport.clock import Clock
from transport.doors import Streams, json_of, sender

PHONE = Principal("phone", role=Role.CITIZEN)
PART_MAX = 40  # characters of one part of a link; the longest of ours is a site's name
ANSWER_MS = 10_000  # hall time: nobody waits for a rating's answer longer

log = structlog.get_logger("door")
T = TypeVar("T")
_rating = msgspec.json.Decoder(Rating)


class OfHall(NamedTuple):
    """A hall as this door needs it."""

    keeper: Keeper
    asking: Asking


class Slip(NamedTuple):
    """A link whose seal is right."""

    hall: HallId
    day: str
    number: str

    @property
    def subject(self) -> str:
        return f"{self.hall}/{self.number}"


class Tickets:
    """The handlers of the routes about a ticket. A hall that is not kept stands as None."""

    def __init__(
        self, site: str, signer: Signer, halls: dict[HallId, OfHall | None], clock: Clock, streams: Streams
    ) -> None:
        self._site, self._signer, self._halls, self._clock, self._streams = site, signer, halls, clock, streams

    async def page(self, request: web.Request) -> web.StreamResponse:
        await self._standing(self._slip(request))
        return pages.ticket(request)

    async def state(self, request: web.Request) -> web.StreamResponse:
        return _json(await self._standing(self._slip(request)))

    async def live(self, request: web.Request) -> web.StreamResponse:
        slip = self._slip(request)
        await self._standing(slip)

        async def state() -> bytes | None:
            try:
                return msgspec.json.encode(await self._standing(slip))
            except web.HTTPException:  # the day is over, or the hall is: the page asks again and is told
                return None

        return await self._streams.pour(request, sender(request), slip.subject, state)

    async def rating(self, request: web.Request) -> web.StreamResponse:
        slip = self._slip(request)
        rating = await json_of(request, _rating)
        shown = await self._standing(slip)
        if shown.rating == "open":
            await self._rate(slip, rating)
        elif shown.rating != "done":
            why = Why.RATING_LATE if shown.rating == "late" else Why.RATING_NOT_DUE
            raise web.HTTPConflict(reason=why.value)
        return _json(await self._standing(slip))

    # -- the steps -----------------------------------------------------------------------------------------------------

    def _slip(self, request: web.Request) -> Slip:
        """The link, when it is one of ours; 404 with nothing told when it is not."""
        parts = [request.match_info[name] for name in ("site", "hall", "day", "number", "seal")]
        sound = all(part.isascii() and len(part) <= PART_MAX for part in parts)
        site, hall, day, number, seal = parts if sound else [""] * 5
        if not self._signer.genuine(site, hall, day, number, seal) or not sound or site != self._site:
            raise web.HTTPNotFound(reason="forged")
        return Slip(hall, day, number)

    async def _look(self, slip: Slip, at: Callable[[Keeper, Ticket], T]) -> T:
        """Look at the ticket of a slip at a durable moment; 404 when it is of another day."""
        found = self._halls.get(slip.hall)
        if found is None:
            raise web.HTTPServiceUnavailable(reason="not ready")

        def look() -> T | None:
            ticket = found.keeper.state.tickets.get(slip.number)
            return at(found.keeper, ticket) if ticket is not None and ticket.day == slip.day else None

        try:
            seen = await found.keeper.reading.look(look)
        except TooManyLook:
            raise web.HTTPServiceUnavailable(reason="busy", headers={"Retry-After": "5"}) from None
        if seen is None:
            raise web.HTTPNotFound(reason="old")
        return seen

    async def _standing(self, slip: Slip) -> Standing:
        return await self._look(slip, lambda keeper, ticket: standing(keeper.state, ticket, self._clock.now()))

    async def _rate(self, slip: Slip, rating: Rating) -> None:
        """Ask the hall, as everybody does; a page that is not answered asks again under the same id."""
        letter = await self._look(slip, lambda _, ticket: self._letter(slip, ticket, rating))
        found = self._halls[slip.hall]
        assert found is not None
        try:
            answer = await found.asking.ask(letter)
        except TimeoutError:
            raise web.HTTPServiceUnavailable(reason="busy", headers={"Retry-After": "5"}) from None
        refused = [record.event for record in answer if isinstance(record.event, CommandRefused)]
        if refused and refused[0].why is not Why.ALREADY_RATED:
            raise web.HTTPConflict(reason=refused[0].why.value)

    def _letter(self, slip: Slip, ticket: Ticket, rating: Rating) -> Letter:
        """The id follows from the ticket and the service it ended with: however often it comes, it is one rating."""
        ended = f"{ticket_id(self._site, slip.hall, slip.day, slip.number)}/{ticket.since}"
        level, now = rating.level, self._clock.now()
        reason = rating.why.value if rating.why is not None and level in BAD_LEVELS else ""
        return Letter(
            id=f"phone-{hashlib.sha256(ended.encode()).hexdigest()[:32]}",
            hall=slip.hall,
            by=PHONE,
            at=now,
            command=RateService(window=ticket.window, level=level, number=slip.number, reason=reason),
            expires=now + ANSWER_MS,
        )

    def heard(self, hall: HallId, spoken: list[Recorded]) -> None:
        """What a hall has just said: whom it names is looked at now, everybody else soon."""
        found = self._halls.get(hall)
        if found is not None:
            found.asking.heard(spoken)
        for record in spoken:
            if number := getattr(record.event, "number", ""):
                self._streams.stir(f"{hall}/{number}")
        self._streams.stir_all()


def _json(shown: Standing) -> web.Response:
    return web.Response(body=msgspec.json.encode(shown), content_type="application/json")
