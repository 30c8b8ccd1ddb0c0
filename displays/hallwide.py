"""What everybody in the hall sees and hears: feeds the screen and the voice from one link, and tells them who is there.

now/hall, now/queues, now/windows  ->  board   ->  screen
evt/TicketCalled, TicketRecalled   ->  fresh?  ->  board (rings), voice
here/controller                    ->  away?
"""

from __future__ import annotations

import asyncio

from displays.fresh import Fresh
from displays.screen.board import Board
from displays.screen.door import ScreenDoor
from displays.screen.picture import Picture
from displays.voice.speaking import Speaking
from displays.voice.waiting import Announcement
from hall import codec, topics
from hall.events import Recorded, TicketCalled, TicketRecalled
from hall.names import HallId
from hall.views import HallView, QueueView, WindowView
from transport.here import Presence
from transport.oddities import Oddities
from transport.room import Room

CONTROLLER = "controller"  # who speaks under here/ for the hall
CALLS = ("TicketCalled", "TicketRecalled")
VIEWS = ("hall", "queues/+", "windows/+")
SILENT_S = 40.0  # real: two signs of life and a half of the controller
LOOK_S = 1.0  # real: how often its silence is looked at


class Hallwide:
    """The screen and the voice of one hall."""

    def __init__(self, here: Room, hall: HallId, presence: Presence) -> None:
        self._clock, self._site, self._hall = here.clock, here.plan.site.id, hall
        plan = here.plan.halls[hall]
        self.board, self._fresh = Board(here.plan, plan), Fresh(here.plan.limits.event_expires_s)
        screen, voice = f"screen-{hall}", f"voice-{hall}"
        self.screen = ScreenDoor(here.plan, plan.screen, self._draw, lambda *how: presence.device(screen, *how))
        self.voice = Speaking(
            plan.voice,
            here.var / "voice" / hall,
            simulated=here.plan.site.mode == "simulated",
            tell=lambda *how: presence.device(voice, *how),
            holds=self._holds,
        )
        self._odd = Oddities("displays")
        self._linked = self._controller = False
        self._beat_s = 0.0

    def hears(self) -> list[str]:
        at = (self._site, self._hall)
        found = [topics.now(*at, what) for what in VIEWS] + [topics.evt(*at, what) for what in CALLS]
        return [*found, topics.here(*at, CONTROLLER)]

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.screen.run())
            tasks.create_task(self.voice.run())
            tasks.create_task(self._watch())

    # -- what is heard -------------------------------------------------------------------------------------------------

    def linked(self, up: bool) -> None:
        """The link came or went; whom we heard before it went may have gone too."""
        self._linked = up
        self._controller = self._controller and up
        self.screen.stir()

    def view(self, parts: topics.Parts, payload: bytes) -> None:
        """A message under now/ or here/; TheirFault when it is not what its topic says."""
        board = self.board
        if parts.family == "here":
            self._present(codec.here(payload).up)
        elif parts.rest == ("hall",):
            view = codec.view(payload, HallView)
            self._fresh.epoch(view.epoch)
            board.show_hall(view)
        elif parts.rest[0] == "queues":
            board.show_queue(codec.view(payload, QueueView))
        elif parts.rest[0] == "windows":
            board.show_window(codec.view(payload, WindowView))
        self.screen.stir()

    def event(self, recorded: Recorded) -> None:
        """A call is shown ringing and spoken, if it is fresh; other events are others' business."""
        event = recorded.event
        if not isinstance(event, TicketCalled | TicketRecalled) or event.window not in self.board.plan.windows:
            return
        why_not = self._fresh.take(recorded, self._clock.now())
        if why_not:  # many of them: the clocks of two machines differ
            self._odd.note(f"a call not acted on: {why_not}", event.number)
            return
        self.board.called(recorded)
        self.screen.stir()
        name, since = self.board.name(event.window), (recorded.epoch, recorded.seq)
        self.voice.put(Announcement(event.number, event.window, name, since, recorded.recorded))

    def _holds(self, call: Announcement) -> bool:
        """At the moment of speaking: neither old by now, nor answered meanwhile."""
        old = self._fresh.old(call.at, self._clock.now())
        return not old and self.board.still_called(call.number, call.window, call.since)

    # -- who is there --------------------------------------------------------------------------------------------------

    def _present(self, up: bool) -> None:
        self._controller, self._beat_s = up, asyncio.get_running_loop().time()

    async def _watch(self) -> None:
        """Notice a controller whose last will never came."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_S)
            if self._controller and loop.time() - self._beat_s > SILENT_S:
                self._controller = False
                self.screen.stir()

    def _away(self) -> str:
        if not self._linked:
            return "broker"
        if not self._controller or self.board.hall is None:
            return "controller"
        return "" if self.board.hall.ready else "not_ready"

    def _draw(self, page: str) -> Picture:
        return self.board.picture(self._clock.now(), page, self._clock.rate, self._away())
