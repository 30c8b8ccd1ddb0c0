"""The guide's page (引导岗): a number for somebody, a no-show that came back, a slip once more, priority with a reason.

A guide logs in with number and password; the hall keeps that desk under this door's name, and each letter is held
against it.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from aiohttp import web

from caller.pages.house import PATIENCE_MS, House, done, named, refusal
from caller.pages.logins import answer
from caller.pages.standing import GUIDE
from caller.pages.words import About, Enter, EntryShown, GuideState, KioskShown, PriorityShown, TabletShown, TakeNumber
from hall import commands as c
from hall import events as e
from hall.commands import Command, Principal
from hall.names import ORDINARY, Origin, Role, Why
from hall.plan.model import Entry
from hall.wording import inert
from transport.doors import json_of, sender
from transport.doors.sessions import Session

ORIGINS = {Role.GUIDE: Origin.GUIDE, Role.SUPERVISOR: Origin.SUPERVISOR}

_enter = msgspec.json.Decoder(Enter)
_take = msgspec.json.Decoder(TakeNumber)
_about = msgspec.json.Decoder(About)


class Guide:
    """The handlers under /guide/{hall}."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._path = f"/guide/{house.hall.id}"

    # -- log-in --------------------------------------------------------------------------------------------------------

    def here(self, request: web.Request) -> None:
        """404 for another hall's guide."""
        if request.match_info["hall"] != self._house.hall.id:
            raise web.HTTPNotFound

    async def login(self, request: web.Request) -> web.StreamResponse:
        """The controller checks the password; a desk that is open at this door already is proved by it as well."""
        self.here(request)
        self._house.logins.may_try(request)
        asked = await json_of(request, _enter)
        known = self._house.plan.staff.get(asked.staff)
        command = c.LogIn(asked.staff, secret=asked.password)
        by = Principal(self._house.who)
        said = await self._house.asking().ask(command, by, e.StaffLoggedIn, PATIENCE_MS)
        refused = refusal(said)
        if known is None or (refused is not None and refused.why is not Why.ALREADY_SO):
            return answer(done(said), status=web.HTTPConflict.status_code)
        return self._house.logins.enter(request, asked.staff, known.role.value, GUIDE, self._path, "")

    async def me(self, request: web.Request) -> web.StreamResponse:
        self.here(request)
        return self._house.logins.who(request, GUIDE)

    async def logout(self, request: web.Request) -> web.StreamResponse:
        """The page is left; the desk is left with the last page of this guide."""
        session = self._session(request)
        response = self._house.logins.leave(request, answer(done(())), self._path)
        if not self._house.logins.has(session.who, GUIDE):
            await self._house.asking().ask(c.LogOut(), self._by(session), e.StaffLoggedOut, PATIENCE_MS)
        return response

    def _session(self, request: web.Request) -> Session:
        self.here(request)
        return self._house.logins.of(request, GUIDE)

    def _by(self, session: Session) -> Principal:
        return Principal(self._house.who, session.who, Role(session.role))

    # -- what a guide does ---------------------------------------------------------------------------------------------

    async def take(self, request: web.Request) -> web.StreamResponse:
        """A number for somebody, with paper from a machine or without."""
        session = self._session(request)
        take = await json_of(request, _take)
        command = c.IssueTicket(
            take.entry,
            kiosk=take.kiosk,
            priority=take.priority or ORDINARY,
            origin=ORIGINS[Role(session.role)],
            reason=inert(take.reason.strip()),
        )
        return await self._ask(request, session, take, command, e.TicketIssued)

    async def back(self, request: web.Request) -> web.StreamResponse:
        """A no-show has come after all."""
        return await self._about(request, lambda a, why: c.ReturnTicket(a.number, why), e.TicketReturned)

    async def reprint(self, request: web.Request) -> web.StreamResponse:
        """The same number once more on paper."""
        return await self._about(request, lambda a, why: c.ReprintTicket(a.number, a.kiosk, why), e.ReprintAsked)

    async def priority(self, request: web.Request) -> web.StreamResponse:
        """A waiting number moves into the priority lane, or out of it."""
        return await self._about(request, lambda a, why: c.GivePriority(a.number, a.priority, why), e.PriorityGiven)

    async def _about(
        self, request: web.Request, made: Callable[[About, str], Command], done_by: type[e.Event]
    ) -> web.StreamResponse:
        session = self._session(request)
        about = await json_of(request, _about)
        return await self._ask(request, session, about, made(about, inert(about.reason.strip())), done_by)

    async def _ask(
        self,
        request: web.Request,
        session: Session,
        asked: TakeNumber | About,
        command: Command,
        done_by: type[e.Event],
    ) -> web.StreamResponse:
        by, asking = self._by(session), self._house.asking()
        letter, wish = f"{by.device}-{session.who}-{asked.id}", repr(command)
        said = await asking.once(by, asked.id, wish, lambda: asking.ask(command, by, done_by, PATIENCE_MS, letter))
        refused = refusal(said)
        if refused is not None and refused.why is Why.NO_RIGHT:  # the desk was opened elsewhere, or the day is over
            self._house.logins.drop(request)
        return answer(done(said))

    # -- how it stands -------------------------------------------------------------------------------------------------

    async def live(self, request: web.Request) -> web.StreamResponse:
        session = self._session(request)

        async def state() -> bytes | None:
            return msgspec.json.encode(self.state(session.role)) if self._house.logins.holds(request) else None

        return await self._house.streams.pour(request, sender(request), GUIDE, state)

    def state(self, role: str) -> GuideState:
        house, view = self._house, self._house.standing.hall
        names, names_en = house.plan.priority.names, house.plan.priority.names_en
        windows = house.hall.windows if role == Role.SUPERVISOR.value else ()
        return GuideState(
            hall=named(house.hall.name, house.hall.name_en),
            away=house.standing.away,
            phase=view.phase if view is not None else "",
            issuing=view is not None and view.issuing,
            notice=house.notice(),
            entries=tuple(self._entry(entry) for entry in house.hall.entries),
            priorities=tuple(
                PriorityShown(p, named(names.get(p, p), names_en.get(p, ""))) for p in house.plan.priority.classes
            ),
            kiosks=tuple(KioskShown(kiosk.id, inert(kiosk.name, 40)) for kiosk in house.hall.kiosks.values()),
            tablets=tuple(TabletShown(window, house.tablets.page(window)) for window in windows),
        )

    def _entry(self, entry: Entry) -> EntryShown:
        view = self._house.standing.queues.get(entry.queue)
        group = "points" if entry.page == "points" else entry.button
        waiting, issuing = (view.waiting, view.issuing) if view is not None else (-1, False)
        return EntryShown(entry.id, named(entry.name, entry.name_en), group, waiting, issuing)
