"""What the machine knows of its hall: the newest retained views, and whether the controller is there.

Fed by the link with every message under `now/` and `here/`; read by the menu and by the press. A view older than the
one held (epoch, revision) is ignored, so that a slow or second controller never turns the page back.
"""

from __future__ import annotations

import asyncio
from typing import TypeVar

from hall import codec, topics
from hall.faults import TheirFault
from hall.names import HallId, KioskId, QueueId, SiteId
from hall.plan.model import Plan
from hall.views import HallView, JobsView, QueueView, View

CONTROLLER = "controller"  # who speaks under here/ for the hall

SILENT_S = 40.0  # real: two signs of life and a half; its will says so within 15 s when the broker is well
LOOK_S = 1.0

V = TypeVar("V", bound=View)


class Standing:
    """The hall as last heard. `changed` is set on every news; whoever waits clears it."""

    def __init__(self, plan: Plan, hall: HallId, kiosk: KioskId) -> None:
        self.site: SiteId = plan.site.id
        self.hall_id, self.kiosk = hall, kiosk
        self._known = plan.halls[hall].queues
        self.linked = False  # the broker is there
        self.controller = False  # its presence says so
        self.hall: HallView | None = None
        self.queues: dict[QueueId, QueueView] = {}
        self.gone: set[QueueId] = set()  # cleared by the controller: its plan has them no more
        self.jobs: JobsView | None = None
        self.garbled = 0  # messages that were not what their topic says
        self._beat = 0.0  # loop time of the controller's last sign of life
        self._ears: list[asyncio.Event] = []

    def hears(self) -> list[str]:
        """The filters to subscribe to."""
        at = (self.site, self.hall_id)
        return [
            topics.now(*at, "hall"),
            topics.now(*at, "queues/+"),
            topics.now(*at, f"jobs/{self.kiosk}"),
            topics.here(*at, CONTROLLER),
        ]

    @property
    def away(self) -> str:
        """Why no number can be had: "" | "broker" | "controller" | "not_ready"."""
        if not self.linked:
            return "broker"
        if not self.controller or self.hall is None:
            return "controller"
        return "" if self.hall.ready else "not_ready"

    def ear(self) -> asyncio.Event:
        """An event set on every change, for one waiter."""
        ear = asyncio.Event()
        ear.set()
        self._ears.append(ear)
        return ear

    def tell(self) -> None:
        """Wake whoever waits for news."""
        for ear in self._ears:
            ear.set()

    async def run(self) -> None:
        """Notice a controller whose last will never came: it has been silent for SILENT_S."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_S)
            if self.controller and loop.time() - self._beat > SILENT_S:
                self.controller = False
                self.tell()

    def link(self, up: bool) -> None:
        """The link came or went; presence heard before it went counts no more."""
        self.linked = up
        if not up:
            self.controller = False
        self.tell()

    def heard(self, topic: str, payload: bytes) -> bool:
        """Take one message; False when it is none of these topics. Garbage is counted and changes nothing."""
        parts = topics.parts(topic)
        if parts is None or parts.family not in ("now", "here"):
            return False
        try:
            self._take(parts, payload)
        except TheirFault:
            self.garbled += 1
        else:
            self.tell()
        return True

    def _take(self, parts: topics.Parts, payload: bytes) -> None:
        match (parts.family, *parts.rest):
            case ("here", who) if who == CONTROLLER:
                self.controller = bool(payload) and codec.here(payload).up
                self._beat = asyncio.get_running_loop().time()
            case ("now", "hall"):
                self.hall = _newer(self.hall, _read(payload, HallView))
            case ("now", "queues", queue) if queue in self._known:
                self._take_queue(queue, _read(payload, QueueView))
            case ("now", "jobs", _):
                self.jobs = _newer(self.jobs, _read(payload, JobsView))
            case _:
                raise TheirFault(f"a topic nobody asked for: {'/'.join(parts.rest)[:80]}")

    def _take_queue(self, queue: QueueId, view: QueueView | None) -> None:
        if view is None:
            self.gone.add(queue)
        else:
            self.gone.discard(queue)
            self.queues[queue] = _newer(self.queues.get(queue), view) or view


def _read(payload: bytes, kind: type[V]) -> V | None:
    """A view, or None for the empty payload that clears a retained topic."""
    return codec.view(payload, kind) if payload else None


def _newer(held: V | None, came: V | None) -> V | None:
    if came is None or held is None:
        return came or held
    return came if (came.epoch, came.revision) >= (held.epoch, held.revision) else held
