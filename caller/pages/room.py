"""The process behind the staff's pages: one link, one door. The door is open before the link is up, and says so."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import web

from caller.pages import files
from caller.pages.asking import Askers
from caller.pages.evaluator import Evaluator
from caller.pages.guide import Guide
from caller.pages.house import House
from caller.pages.logins import Logins
from caller.pages.routes import ROUTES
from caller.pages.soft import SoftCaller
from caller.pages.standing import Standing
from caller.pages.tablets import Tablets
from hall import codec, topics
from hall.faults import LineDown, TheirFault
from hall.names import HallId
from hall.plan.model import Plan, StaffDoor
from transport.doors import Allowances, Guard, Streams, application, listening
from transport.doors.answering import Handler
from transport.doors.describing import route_all
from transport.link import Heard
from transport.oddities import Oddities
from transport.room import Room

MEET_S = 5.0  # real: a hall that starts beside us is heard by then; whoever waits for us may ask at once


async def live(here: Room, hall: HallId) -> None:
    """Until cancelled."""
    pages = Pages(here, hall)
    where, site = here.plan.halls[hall].staff_door, here.plan.site.id
    presence, standing = here.presence(hall), pages.house.standing
    async with (
        listening(pages.application(), where.host, where.port),
        here.link(presence, hears=standing.hears(), on_heard=pages.heard, on_up=pages.up, on_down=pages.down) as link,
        asyncio.TaskGroup() as tasks,
    ):
        pages.house.askers = Askers(link, here.clock, site, hall)
        for work in (presence.run(link), standing.run(), pages.house.streams.run()):
            tasks.create_task(work)
        try:
            await link.wait_up()
            with contextlib.suppress(TimeoutError):  # the pages say so themselves when the hall is away
                async with asyncio.timeout(MEET_S):
                    await standing.met.wait()
            here.ready(address(where))
            await asyncio.Event().wait()
        finally:
            pages.house.streams.close()


def address(door: StaffDoor) -> str:
    return door.url or f"http://{door.host}:{door.port}/"


class Pages:
    """The parts of one door, joined."""

    def __init__(self, here: Room, hall_id: HallId) -> None:
        hall, streams = here.plan.halls[hall_id], Streams()
        self._odd = Oddities("staff")

        def changed(subject: str) -> None:
            if subject:
                streams.stir(subject)
            else:
                streams.stir_all()

        standing = Standing(here.plan, hall, self._odd, changed)
        logins = Logins(secure=hall.staff_door.url.startswith("https:"))
        tablets = Tablets.of(here.var, hall_id)
        self.house = House(here.plan, hall, here.clock, standing, streams, logins, tablets)
        self._evaluator = Evaluator(self.house)

    def application(self) -> web.Application:
        app = application(guard_of(self.house.plan, self.house.hall.staff_door), Allowances(), files.refused)
        route_all(app, ROUTES, self._handlers())
        app.middlewares.append(unanswered)
        return app

    def _handlers(self) -> dict[str, Handler]:
        house, faces, soft, guide = self.house, self._evaluator, SoftCaller(self.house), Guide(self.house)

        async def index(request: web.Request) -> web.StreamResponse:
            return files.index(request, house)

        async def soft_page(request: web.Request) -> web.StreamResponse:
            return files.page(request, "soft", house, house.window_of(request))

        async def faces_page(request: web.Request) -> web.StreamResponse:
            return files.page(request, "evaluator", house, faces.window_of(request))

        async def guide_page(request: web.Request) -> web.StreamResponse:
            guide.here(request)
            return files.page(request, "guide", house)

        return {
            "index": index,
            "file": files.file,
            "soft": soft_page,
            "soft_login": soft.login,
            "soft_me": soft.me,
            "soft_live": soft.live,
            "press": soft.press,
            "soft_logout": soft.logout,
            "faces": faces_page,
            "faces_live": faces.live,
            "rating": faces.rating,
            "guide": guide_page,
            "guide_login": guide.login,
            "guide_me": guide.me,
            "guide_live": guide.live,
            "take": guide.take,
            "back": guide.back,
            "reprint": guide.reprint,
            "priority": guide.priority,
            "guide_logout": guide.logout,
        }

    async def up(self, _: object) -> None:
        self.house.standing.link(True)

    def down(self, why: str) -> None:
        self.house.standing.link(False)

    def heard(self, message: Heard) -> None:
        """Whatever comes is read or counted; nothing of it ends the room."""
        parts = topics.parts(message.topic)
        try:
            if parts is None:
                raise TheirFault("no topic of ours")
            if parts.family == "evt":
                self._event(message)
            else:
                self.house.standing.take(parts, message.payload)
        except TheirFault as fault:
            self._odd.note("unreadable message", message.topic, fault=str(fault))

    def _event(self, message: Heard) -> None:
        recorded = codec.recorded(message.payload)
        if self.house.askers is not None:
            self.house.askers.heard(recorded)
        if not message.retained:
            self._evaluator.heard(recorded)


@web.middleware
async def unanswered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A hall that does not answer in time is no fault of ours: the page is told to look and to ask again."""
    try:
        return await handler(request)
    except (LineDown, TheirFault):
        raise web.HTTPServiceUnavailable(reason="no answer", headers={"Retry-After": "2"}) from None


def guard_of(plan: Plan, door: StaffDoor) -> Guard:
    """Who may talk to the staff's door: its own pages; in a simulation the bench may frame them."""
    bench, simulated = plan.bench, plan.site.mode == "simulated"
    frames = (f"http://{bench.host}:{bench.port}",) if simulated else ()
    return Guard.of(door.host, door.port, public=door.url, frames=frames, proxies=plan.doors.proxies)
