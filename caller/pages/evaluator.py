"""The evaluator: a tablet before the citizen. Five faces when the hall invites, a reason behind a bad one, then thanks.

It waits for nobody: the faces go by themselves after a while, and when the next citizen's service begins. Whoever is
invited is known from the event; the rating names that number, so a call made meanwhile takes nothing from it.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field

import msgspec
from aiohttp import web

from caller.pages.house import PATIENCE_MS, House, done, named, refusal, soft
from caller.pages.logins import answer
from caller.pages.words import FacesState, Rated
from hall import commands as c
from hall import events as e
from hall.commands import Principal
from hall.events import Recorded
from hall.names import BAD_LEVELS, Why, WindowId
from hall.plan.model import Window
from hall.wording import inert
from transport.doors import json_of, sender

FACES_S = 60.0  # real: who has not touched a face by then has left
THANKS_S = 5.0  # real
ASKED_MAX = 4  # invitations remembered: a reason may be chosen while the next citizen is asked already

_rated = msgspec.json.Decoder(Rated)


@dataclass(slots=True)
class Invited:
    """Whom one tablet asks."""

    number: str = ""
    asked: dict[str, str] = field(default_factory=dict)  # number: its invitation, which names the rating's letter
    until_s: float = 0.0  # loop time
    thanks: str = ""
    thanks_until_s: float = 0.0
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)


class Evaluator:
    """The handlers under /evaluator/{window}/{key}, and the tablets' side of the hall's events."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._tablets: dict[WindowId, Invited] = {window: Invited() for window in house.hall.windows}

    # -- what happens --------------------------------------------------------------------------------------------------

    def heard(self, recorded: Recorded) -> None:
        """An event of the hall."""
        match recorded.event:
            case e.RatingInvited(number=number, window=window, until=until) if window in self._tablets:
                left_s = (until - self._house.clock.now()) / 1000 / self._house.clock.rate
                self._invite(window, number, recorded.id, min(FACES_S, left_s))
            case e.ServiceRated(number=number, window=window) if window in self._tablets:
                self._thank(window, number)
            case e.ServiceStarted(number=number, window=window) if window in self._tablets:
                if self._tablets[window].number != number:
                    self._tablets[window].number = ""
                    self._house.streams.stir(window)
            case _:
                pass

    def _invite(self, window: WindowId, number: str, cause: str, left_s: float) -> None:
        if left_s <= 0:
            return  # an old event: nobody stands there any more
        tablet = self._tablets[window]
        tablet.number, tablet.thanks = number, ""
        tablet.asked.pop(number, None)
        tablet.asked[number] = cause
        if len(tablet.asked) > ASKED_MAX:
            del tablet.asked[next(iter(tablet.asked))]
        tablet.until_s = asyncio.get_running_loop().time() + left_s
        self._look_again(window, left_s)

    def _thank(self, window: WindowId, number: str) -> None:
        tablet = self._tablets[window]
        if tablet.number != number:
            return
        tablet.number, tablet.thanks = "", number
        tablet.thanks_until_s = asyncio.get_running_loop().time() + THANKS_S
        self._look_again(window, THANKS_S)

    def _look_again(self, window: WindowId, in_s: float) -> None:
        """Show it now, and once more when it is over."""
        tablet, streams = self._tablets[window], self._house.streams
        if tablet.timer is not None:
            tablet.timer.cancel()
        tablet.timer = asyncio.get_running_loop().call_later(in_s, streams.stir, window)
        streams.stir(window)

    # -- what the tablet asks ------------------------------------------------------------------------------------------

    def window_of(self, request: web.Request) -> Window:
        """The window whose key the address holds; 404 for every other."""
        window = self._house.window_of(request)
        if not self._house.tablets.genuine(window.id, request.match_info["key"]):
            raise web.HTTPNotFound
        return window

    async def live(self, request: web.Request) -> web.StreamResponse:
        window = self.window_of(request)

        async def state() -> bytes | None:
            return msgspec.json.encode(self.state(window))

        return await self._house.streams.pour(request, sender(request), window.id, state)

    async def rating(self, request: web.Request) -> web.StreamResponse:
        """A face for whoever is invited: however often it comes, it is one rating."""
        window = self.window_of(request)
        rated = await json_of(request, _rated)
        cause = self._tablets[window.id].asked.get(rated.number)
        if cause is None:
            raise web.HTTPConflict(reason=Why.RATING_NOT_DUE.value)
        reason = rated.why.value if rated.why is not None and rated.level in BAD_LEVELS else ""
        command = c.RateService(window.id, rated.level, rated.number, reason)
        by, press = Principal(soft(window.id)), hashlib.sha256(cause.encode()).hexdigest()[:32]
        asking = self._house.asking()
        said = await asking.once(
            by, press, press, lambda: asking.ask(command, by, e.ServiceRated, PATIENCE_MS, f"faces-{press}")
        )
        refused = refusal(said)
        if refused is not None and refused.why is Why.ALREADY_RATED:
            self._thank(window.id, rated.number)
        return answer(done(said))

    def state(self, window: Window) -> FacesState:
        house, tablet = self._house, self._tablets[window.id]
        view, now_s = house.standing.windows.get(window.id), asyncio.get_running_loop().time()
        invited = bool(tablet.number) and tablet.until_s > now_s
        return FacesState(
            window=window.id,
            name=inert(view.name if view is not None else window.name),
            hall=named(house.hall.name, house.hall.name_en),
            away=house.standing.away,
            status=view.status.value if view is not None else "",
            number=tablet.number if invited else "",
            calling=view.number if view is not None else "",
            thanks=tablet.thanks if tablet.thanks_until_s > now_s else "",
            left_s=round(tablet.until_s - now_s) if invited else 0,
        )
