"""One ticket machine as a process: its printer, its link to the hall, its page. Everything opens and closes here."""

from __future__ import annotations

import asyncio

import msgspec
import structlog

from hall import codec, topics
from hall.events import Recorded, SlipPrinted, SlipUnprinted
from hall.faults import PlanError, TheirFault
from hall.names import HallId, KioskId
from hall.plan.model import Plan
from kiosk.door import Door
from kiosk.following import follow
from kiosk.guarding import guard_of
from kiosk.issuing import Answer, Issuing
from kiosk.live import Live
from kiosk.menu import Menu, MenuMaker
from kiosk.paper import Paper
from kiosk.printing import Press
from kiosk.reporting import Reporting
from kiosk.standing import Standing
from transport.asking import Asking
from transport.drivers import printer_driver
from transport.link import Heard
from transport.room import Room

log = structlog.get_logger("kiosk")


def hall_of(plan: Plan, kiosk: KioskId) -> HallId:
    """The hall a machine stands in; PlanError lists the machines there are."""
    for hall in plan.halls.values():
        if kiosk in hall.kiosks:
            return hall.id
    known = ", ".join(k for hall in plan.halls.values() for k in hall.kiosks)
    raise PlanError(f"no kiosk {kiosk!r} in the plan; there are: {known}")


class Shown(msgspec.Struct, frozen=True):
    """What the live stream carries."""

    menu: Menu
    last: Answer | None


class Machine:
    """The parts of one machine, joined."""

    def __init__(self, room: Room, kiosk: KioskId) -> None:
        hall_id = hall_of(room.plan, kiosk)
        plan, self._room, self._hall_id = room.plan, room, hall_id
        self._kiosk = plan.halls[hall_id].kiosks[kiosk]
        self.standing = Standing(plan, hall_id, kiosk)
        printer = printer_driver(self._kiosk.printer_driver)(options=self._kiosk.printer_options)
        self.paper = Paper(printer, self._kiosk.printer_line, room.var, self._printer_changed)
        self._menu = MenuMaker(plan, hall_id, self._kiosk, room.boot)
        self._issuing = Issuing(plan, hall_id, kiosk, room.clock, self.standing, self.paper, self._menu)
        self._press = Press(plan, hall_id, kiosk, room.clock, self.standing, self.paper, self._issuing.slip)
        self._presence = room.presence(hall_id)
        self._reporting = Reporting(kiosk, self.paper, self.standing)
        self._asking: Asking | None = None

    async def live(self) -> None:
        """Run until cancelled."""
        live = Live(self._state, self.standing.ear())
        door = Door(self._kiosk, guard_of(self._room.plan, self._kiosk), self._issuing, live)
        site = self._room.plan.site.id
        hears = [*self.standing.hears(), topics.evt(site, self._hall_id, "+")]
        async with (
            door.open(),
            self._room.link(
                self._presence, hears=hears, on_heard=self._heard, on_up=self._up, on_down=self._down, client="gmqtt"
            ) as link,
            asyncio.TaskGroup() as tasks,
        ):
            asking = self._asking = Asking(link, self._room.clock, site, self._hall_id, self._room.who)
            for work in (
                self._presence.run(link),
                self.paper.run(),
                live.run(),
                self._issuing.run(asking),
                self._press.run(asking),
                self._reporting.run(asking),
                self.standing.run(),
                follow(self.standing, self._room.args.plan, self._room.plan),
            ):
                tasks.create_task(work)
            await link.wait_up()
            await self.paper.heard_of.wait()
            self._room.ready(f"http://{self._kiosk.host}:{self._kiosk.port}/")

    def _state(self) -> Shown:
        menu = self._menu.make(self.standing, self.paper.fault, self._room.clock.now())
        return Shown(menu, self._issuing.last)

    def _printer_changed(self) -> None:
        fault = self.paper.fault
        self._presence.device(self._reporting.device, "down" if fault == "offline" else "up", fault)
        self.standing.tell()

    async def _up(self, _: object) -> None:
        self.standing.link(True)

    def _down(self, why: str) -> None:
        self.standing.link(False)

    def _heard(self, heard: Heard) -> None:
        if self.standing.heard(heard.topic, heard.payload):
            return
        try:
            recorded = codec.recorded(heard.payload)
        except TheirFault as fault:
            self.standing.garbled += 1
            log.warning("not an event", topic=heard.topic, fault=str(fault))
            return
        self._event(recorded)

    def _event(self, recorded: Recorded) -> None:
        if self._asking is not None:
            self._asking.heard(recorded)
        match recorded.event:
            case SlipPrinted(job=job):
                self._issuing.slip(job, "printed")
            case SlipUnprinted(job=job):
                self._issuing.slip(job, "unprinted")
