"""The voice of a hall: one sentence after the other. Which calls are fresh, which wait and which still hold is for the
room's own code to say; the loudspeaker, its stumbling and its deaths are acted here. edge.py hears what is spoken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from displays.fresh import Fresh
from displays.screen.board import Board
from displays.voice.waiting import Announcement, Waiting
from hall.events import Recorded
from hall.views import WindowView

if TYPE_CHECKING:
    from storm.day import Day

SENTENCE_MS = (4000, 7000)
STUCK_MS = (15_000, 90_000)  # a player that hangs; what waits behind it grows old


class Voice:
    """One loudspeaker. A kill forgets what it had heard, and what was on its way to it."""

    def __init__(self, day: Day) -> None:
        self.day, self.world = day, day.world
        self._life = 0
        self._begin()

    def _begin(self) -> None:
        plan = self.day.weather.plan
        self._life += 1
        self._fresh, self._board = Fresh(plan.limits.event_expires_s), Board(plan, self.day.hall)
        self._waiting = Waiting()
        self._busy = False

    def kill(self) -> None:
        self.world.fault("voice killed")
        self.day.edge.voice_forgot()
        self._begin()
        self.world.after(1000, self.day.controller.all_stand, ("windows",))

    def stuck(self) -> None:
        """The next sentence takes very long."""
        self.world.fault("voice stuck")
        self._busy = True
        self.world.after(self.world.between(*STUCK_MS), self._next, self._life)

    # -- what it hears -------------------------------------------------------------------------------------------------

    def told(self, record: Recorded) -> None:
        """The hall says that somebody is called."""
        self.day.wires.send("call", record.event, self._call, record, self._life)

    def view(self, view: WindowView) -> None:
        self._fresh.epoch(view.epoch)
        self._board.show_window(view)

    def _call(self, record: Recorded, life: int) -> None:
        event = record.event
        if life != self._life or self._fresh.take(record, self.world.clock()):
            return
        self._board.called(record)
        number, window = event.number, event.window  # type: ignore[union-attr]  # calls and recalls
        since = (record.epoch, record.seq)
        self._waiting.put(Announcement(number, window, self._board.name(window), since, record.recorded))
        if not self._busy:
            self._next(life)

    # -- what it says --------------------------------------------------------------------------------------------------

    def _next(self, life: int) -> None:
        if life != self._life:
            return
        call = self._waiting.take(self._holds)
        self._busy = call is not None
        if call is not None:
            self.day.edge.spoken(call.window, call.number, call.since)
            self.world.after(self.world.between(*SENTENCE_MS), self._next, life)

    def _holds(self, call: Announcement) -> bool:
        old = self._fresh.old(call.at, self.world.clock())
        return not old and self._board.still_called(call.number, call.window, call.since)
