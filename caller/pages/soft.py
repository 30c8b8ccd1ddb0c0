"""The soft caller: a window's keypad as a page. The same commands as a keypad's, in the name of who is logged in."""

from __future__ import annotations

from enum import Enum
from functools import partial

import msgspec
from aiohttp import web

from caller.meaning import Step, steps
from caller.pages.asking import Answer
from caller.pages.house import PATIENCE_MS, House, done, named, refusal, refused, soft
from caller.pages.logins import answer
from caller.pages.words import Press, QueueShown, SitDown, SoftState, Target
from hall import commands as c
from hall import events as e
from hall.commands import Principal
from hall.names import Role, Why, WindowStatus
from hall.plan.model import Window
from hall.plan.pressing import Meant
from hall.wording import inert
from transport.doors import json_of, sender

NEEDS = {"TransferTicket": "target", "CallNumber": "number"}  # words that say nothing without this

_sit_down = msgspec.json.Decoder(SitDown)
_press = msgspec.json.Decoder(Press)


class SoftCaller:
    """The handlers under /window/{window}."""

    def __init__(self, house: House) -> None:
        self._house = house

    # -- log-in --------------------------------------------------------------------------------------------------------

    async def login(self, request: web.Request) -> web.StreamResponse:
        """By staff number, as at the keypad; who sits here already may come back."""
        house, window = self._house, self._house.window_of(request)
        house.logins.may_try(request)
        asked = await json_of(request, _sit_down)
        said = await house.asking().ask(
            c.LogIn(asked.staff, window.id), Principal(soft(window.id)), e.StaffLoggedIn, PATIENCE_MS
        )
        why = refusal(said)
        if why is not None and why.why is not Why.ALREADY_SO:
            return answer(done(said), status=web.HTTPConflict.status_code)
        page = house.tablets.page(window.id)
        return house.logins.enter(request, asked.staff, Role.WINDOW.value, window.id, _path(window), page)

    async def me(self, request: web.Request) -> web.StreamResponse:
        """Who is logged in, after the page was loaded anew."""
        window = self._house.window_of(request)
        return self._house.logins.who(request, window.id, self._house.tablets.page(window.id))

    async def logout(self, request: web.Request) -> web.StreamResponse:
        """Leave the window; refused while it has a ticket."""
        window = self._house.window_of(request)
        by = self._by(request, window)
        said = await self._house.asking().ask(c.LogOut(window.id), by, e.StaffLoggedOut, PATIENCE_MS)
        why = refusal(said)
        response = answer(done(said))
        if why is not None and why.why not in (Why.NOT_STAFFED, Why.NO_RIGHT):
            return response
        return self._house.logins.leave(request, response, _path(window))

    def _by(self, request: web.Request, window: Window) -> Principal:
        return Principal(soft(window.id), self._house.logins.of(request, window.id).who, Role.WINDOW)

    # -- presses -------------------------------------------------------------------------------------------------------

    async def press(self, request: web.Request) -> web.StreamResponse:
        """A key: asked once, however often it comes."""
        window = self._house.window_of(request)
        by = self._by(request, window)
        press = await json_of(request, _press)
        if getattr(press, NEEDS.get(press.word, "word")) is None:
            return answer(refused(Why.BAD_VALUE))
        wanted = self._steps(press, window)
        asking, wish = self._house.asking(), repr(msgspec.structs.replace(press, id=""))
        said = await asking.once(by, press.id, wish, partial(self._ask, wanted, by, press.id))
        return answer(done(said))

    async def _ask(self, wanted: tuple[Step, ...], by: Principal, press: str) -> Answer:
        """Each step under an id that follows from the press; the next only when the one before was not refused."""
        said: Answer = ()
        for place, step in enumerate(wanted):
            letter = f"{by.device}-{press}.{place}"
            came = await self._house.asking().ask(step.command, by, step.done, PATIENCE_MS, letter)
            if place and refusal(came) is not None:
                break  # the service is finished; that nobody may rate it changes nothing
            said = (*said, *came)
            if refusal(came) is not None:
                break
        return said

    def _steps(self, press: Press, window: Window) -> tuple[Step, ...]:
        """The commands of a key."""
        if press.word == "ResumeTicket":
            return (Step(c.ResumeTicket(window.id, press.number or ""), e.TicketResumed),)
        abouts = {"TransferTicket": press.target, "HoldTicket": press.hold, "PauseWindow": press.pause}
        about = abouts.get(press.word, press.number if press.word == "CallNumber" else None) or ""
        argument = str(about.value if isinstance(about, Enum) else about)
        view = self._house.standing.windows.get(window.id)
        return steps(Meant(press.word, argument), window, view, self._house.plan.options.evaluate_on_finish)

    # -- how it stands -------------------------------------------------------------------------------------------------

    async def live(self, request: web.Request) -> web.StreamResponse:
        """The window's state, on each change, while its page is logged in."""
        window = self._house.window_of(request)
        self._house.logins.of(request, window.id)

        async def state() -> bytes | None:
            return msgspec.json.encode(self.state(window)) if self._house.logins.holds(request) else None

        return await self._house.streams.pour(request, sender(request), window.id, state)

    def state(self, window: Window) -> SoftState:
        house, view = self._house, self._house.standing.windows.get(window.id)
        return SoftState(
            window=window.id,
            name=inert(view.name if view is not None else window.name),
            hall=named(house.hall.name, house.hall.name_en),
            away=house.standing.away or ("" if view is not None else "controller"),
            status=view.status.value if view is not None else "",
            pause=view.pause if view is not None else "",
            staff=view.staff if view is not None else "",
            number=view.number if view is not None else "",
            stage=view.stage.value if view is not None and view.stage is not None else "",
            since=view.since if view is not None else 0,
            held=view.held if view is not None else (),
            served=view.served if view is not None else 0,
            directed=view.directed if view is not None else 0,
            rating_open=bool(view is not None and view.rating_until > house.clock.now()),
            queues=tuple(self._queue(queue) for queue in house.standing.own(window.id)),
            targets=self._targets(window),
            notice=house.notice(),
            now=house.clock.now() // 1000 * 1000,
            rate=house.clock.rate,
        )

    def _queue(self, queue: str) -> QueueShown:
        plan, view = self._house.hall.queues[queue], self._house.standing.queues.get(queue)
        name = named(plan.name, plan.name_en)
        if view is None:
            return QueueShown(queue, name, 0, 0, issuing=False)
        return QueueShown(queue, name, view.waiting, view.oldest_at, view.issuing)

    def _targets(self, mine: Window) -> tuple[Target, ...]:
        hall, standing = self._house.hall, self._house.standing
        found = []
        for queue in hall.queues.values():
            view = standing.queues.get(queue.id)
            staffed = view is not None and view.open_windows > 0
            found.append(Target(f"queue:{queue.id}", named(queue.name, queue.name_en), staffed))
        for window in hall.windows.values():
            seen = standing.windows.get(window.id)
            if window.id != mine.id and seen is not None and seen.status is not WindowStatus.CLOSED:
                found.append(Target(f"window:{window.id}", named(seen.name, ""), seen.status is WindowStatus.OPEN))
        return tuple(found)


def _path(window: Window) -> str:
    return f"/window/{window.id}"
