"""How the hall stands, as far as its staff's pages show it: the newest view of each window and queue, and who is there.

A lower (epoch, revision) never comes back. What changed is told by subject: a window's id, GUIDE for the guide's page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from hall import codec, topics
from hall.names import QueueId, WindowId
from hall.plan.model import Hall, Plan
from hall.views import HallView, QueueView, View, WindowView
from transport.oddities import Oddities

CONTROLLER = "controller"  # who speaks under here/ for the hall
SILENT_S = 40.0  # real: two of its signs of life and a half; its will says so within 15 s when the broker is well
LOOK_S = 1.0
GUIDE = "guide"

V = TypeVar("V", bound=View)


class Standing:
    """The hall as last heard. `changed` is told the subject of every news, "" when it is everybody's."""

    def __init__(self, plan: Plan, hall: Hall, odd: Oddities, changed: Callable[[str], None]) -> None:
        self._site, self._hall, self._odd, self._changed = plan.site.id, hall, odd, changed
        self.linked = self.controller = False
        self.met = asyncio.Event()  # the hall has been heard once
        self.hall: HallView | None = None
        self.windows: dict[WindowId, WindowView] = {}
        self.queues: dict[QueueId, QueueView] = {}
        self._beat_s = 0.0

    def hears(self) -> list[str]:
        """The filters to subscribe to."""
        at = (self._site, self._hall.id)
        now = [topics.now(*at, what) for what in ("hall", "queues/+", "windows/+")]
        return [*now, topics.here(*at, CONTROLLER), topics.evt(*at, "+")]

    @property
    def away(self) -> str:
        """Why nothing can be asked: "" | "broker" | "controller"."""
        if not self.linked:
            return "broker"
        return "" if self.controller and self.hall is not None else "controller"

    def link(self, up: bool) -> None:
        """The link came or went; presence heard before it went counts no more."""
        self.linked, self.controller = up, self.controller and up
        self._changed("")

    async def run(self) -> None:
        """Notice a controller whose last will never came."""
        while True:
            await asyncio.sleep(LOOK_S)
            if self.controller and asyncio.get_running_loop().time() - self._beat_s > SILENT_S:
                self.controller = False
                self._changed("")

    def take(self, parts: topics.Parts, payload: bytes) -> None:
        """A message under now/ or here/; TheirFault when it is not what its topic says."""
        match (parts.family, *parts.rest):
            case ("here", who) if who == CONTROLLER:
                self._present(bool(payload) and codec.here(payload).up)
            case ("now", *_) if not payload:
                pass  # it has left the plan
            case ("now", "hall"):
                self.hall = _newer(self.hall, codec.view(payload, HallView))
                self._meet()
                self._changed("")
            case ("now", "windows", window) if window in self._hall.windows:
                self.windows[window] = _newer(self.windows.get(window), codec.view(payload, WindowView))
                self._changed(window)
            case ("now", "queues", queue) if queue in self._hall.queues:
                self.queues[queue] = _newer(self.queues.get(queue), codec.view(payload, QueueView))
                for subject in (*(w for w in self._hall.windows if queue in self.own(w)), GUIDE):
                    self._changed(subject)
            case _:
                self._odd.note("not a topic we asked for", "/".join(parts.rest))

    def own(self, window: WindowId) -> tuple[QueueId, ...]:
        """A window's own queues, as the plan has them until a supervisor changes them."""
        view = self.windows.get(window)
        own = view.own if view is not None else ()
        return tuple(q for q in own if q in self._hall.queues) or self._hall.windows[window].queues

    def _present(self, up: bool) -> None:
        self._beat_s = asyncio.get_running_loop().time()
        if up != self.controller:
            self.controller = up
            self._meet()
            self._changed("")

    def _meet(self) -> None:
        if self.controller and self.hall is not None:
            self.met.set()


def _newer(known: V | None, view: V) -> V:
    return view if known is None or (view.epoch, view.revision) >= (known.epoch, known.revision) else known
