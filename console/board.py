"""One hall as the console knows it: views, presence and events folded into what stands. No Textual, no clock.

`take` eats what the link heard, `tick` lets time pass (both are told the hall time); everything else only reads.
A view older than the one held (epoch, revision) is ignored, so nobody late turns the board back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from console.history import History
from console.lives import Lives
from hall import codec, topics
from hall.events import DayOpened, Recorded, StaffLoggedIn, StaffLoggedOut
from hall.faults import TheirFault
from hall.names import DeviceId, HallId, Instant, QueueId, StaffId, WindowId, WindowStatus
from hall.plan.model import Hall, Plan
from hall.views import Alarm, AlarmsView, DeviceHere, HallView, Here, QueueView, View, WindowView

STALE_REAL_MS = 45_000  # three signs of life (transport.here) that did not come
MISSING_REAL_MS = 8_000  # since the link came up: a room that stands on the bus has been heard by then
NEW_ROOMS_MAX = 500  # rooms the plan does not name that are remembered: tablets, phones, whoever says "here"

V = TypeVar("V", bound=View)


@dataclass
class RoomSeen:
    """A room's presence, and until when we believe it."""

    here: Here
    fresh_until: Instant


@dataclass
class Board:
    """A hall, standing. `rate` is how fast hall time runs: presence is told in real seconds."""

    plan: Plan
    hall_id: HallId
    rate: float = 1.0
    hall: HallView | None = None
    queues: dict[QueueId, QueueView] = field(default_factory=dict)
    windows: dict[WindowId, WindowView] = field(default_factory=dict)
    alarms: tuple[Alarm, ...] = ()
    rooms: dict[str, RoomSeen] = field(default_factory=dict)
    history: dict[QueueId, History] = field(default_factory=dict)
    lives: Lives = field(default_factory=Lives)
    idle: dict[WindowId, Instant] = field(default_factory=dict)  # since when it could call somebody and does not
    acknowledged: dict[str, Instant] = field(default_factory=dict)  # our own troubles, seen: key -> since
    linked: bool = False
    linked_at: Instant = 0
    lost_at: Instant = 0
    garbled: int = 0  # messages that were not what their topic says
    desk: tuple[StaffId, DeviceId] | None = None  # whose session we believe is open; see console.session

    def __post_init__(self) -> None:
        self._alarms_at = (0, 0)

    @property
    def site_hall(self) -> Hall:
        return self.plan.halls[self.hall_id]

    @property
    def stale_ms(self) -> int:
        return round(STALE_REAL_MS * self.rate)

    def hears(self) -> list[str]:
        """The filters to subscribe to."""
        return [f"{self.plan.site.id}/{self.hall_id}/{family}" for family in ("now/#", "here/+", "evt/+")]

    # -- the link ------------------------------------------------------------------------------------------------------

    def link_up(self, now: Instant) -> None:
        """What stands is heard anew from here on (some of it already was)."""
        self.linked, self.linked_at = True, now

    def link_down(self, now: Instant) -> None:
        """Who is there is not known any more; everything else stands as it was, and the screen says so."""
        if self.linked:
            self.linked, self.lost_at = False, now
        self.rooms.clear()

    # -- hearing -------------------------------------------------------------------------------------------------------

    def take(self, parts: topics.Parts, payload: bytes, retained: bool, now: Instant) -> Recorded | None:
        """Take one message of this hall; an event is handed back for whoever asked. Garbage is counted, no more."""
        try:
            if parts.family == "evt":
                return self._event(codec.recorded(payload))
            if parts.family == "here":
                self._here(parts.rest[0], payload, retained, now)
            elif parts.family == "now":
                self._view(parts.rest, payload, now)
        except TheirFault:
            self.garbled += 1
        return None

    def _here(self, who: str, payload: bytes, retained: bool, now: Instant) -> None:
        if not payload:
            self.rooms.pop(who, None)
            return
        here = codec.here(payload)
        if who in self.rooms or len(self.rooms) < NEW_ROOMS_MAX:
            at = min(here.at, now) if retained else now  # an old sign of life that still stands is an old sign of life
            self.rooms[who] = RoomSeen(here, at + self.stale_ms)

    def _view(self, rest: tuple[str, ...], payload: bytes, now: Instant) -> None:
        match rest:
            case ("hall",):
                self.hall = _newer(self.hall, _read(payload, HallView))
            case ("alarms",):
                self._take_alarms(_read(payload, AlarmsView))
            case ("queues", queue):
                self._take_queue(queue, _read(payload, QueueView), now)
            case ("windows", window):
                self._take_window(window, _read(payload, WindowView))

    def _take_alarms(self, view: AlarmsView | None) -> None:
        if view is not None and (view.epoch, view.revision) >= self._alarms_at:
            self._alarms_at, self.alarms = (view.epoch, view.revision), view.alarms

    def _take_queue(self, queue: QueueId, view: QueueView | None, now: Instant) -> None:
        if view is None:
            self.queues.pop(queue, None)
        elif view.queue == queue:
            newer = _newer(self.queues.get(queue), view)
            assert newer is not None
            self.queues[queue] = newer
            self.history.setdefault(queue, History()).note(newer.waiting, now)

    def _take_window(self, window: WindowId, view: WindowView | None) -> None:
        if view is None:
            self.windows.pop(window, None)
        elif view.window == window:
            newer = _newer(self.windows.get(window), view)
            assert newer is not None
            self.windows[window] = newer

    def _event(self, recorded: Recorded) -> Recorded:
        if self.lives.heard(recorded):
            match recorded.event:
                case DayOpened():
                    self.desk = None  # sessions end with their day
                case StaffLoggedIn(staff=staff, window="", device=device) if self.desk and self.desk[0] == staff:
                    self.desk = self.desk if self.desk == (staff, device) else None  # somebody took it over
                case StaffLoggedOut(staff=staff, window="") if self.desk and self.desk[0] == staff:
                    self.desk = None
        return recorded

    # -- time ----------------------------------------------------------------------------------------------------------

    def tick(self, now: Instant) -> None:
        """Let time pass: since when does a window stand idle while people it may serve wait?"""
        waits = {queue: view.waiting for queue, view in self.queues.items()}
        for window, view in self.windows.items():
            if view.status is WindowStatus.OPEN and not view.number and self.people_for(view, waits):
                self.idle[window] = min(self.idle.get(window, now), now)
            else:
                self.idle.pop(window, None)
        for gone in [window for window in self.idle if window not in self.windows]:
            del self.idle[gone]

    def people_for(self, view: WindowView, waits: dict[QueueId, int] | None = None) -> int:
        """How many people wait whom this window may serve."""
        waits = waits if waits is not None else {queue: q.waiting for queue, q in self.queues.items()}
        return view.directed + sum(waits.get(queue, 0) for queue in self.serves(view.window))

    def serves(self, window: WindowId) -> tuple[QueueId, ...]:
        """The queues of a window: its own, then those it helps."""
        own, view = self.own(window), self.windows.get(window)
        helps = view.helps if view is not None else ()
        return own + tuple(queue for queue in helps if queue not in own and not self._restricted(queue))

    def own(self, window: WindowId) -> tuple[QueueId, ...]:
        """A window's own queues, as the plan has them until somebody changes them."""
        view, planned = self.windows.get(window), self.site_hall.windows.get(window)
        if view is not None and view.own:
            return view.own
        return planned.queues if planned is not None else ()

    def _restricted(self, queue: QueueId) -> bool:
        planned = self.site_hall.queues.get(queue)
        return planned is not None and planned.restricted

    # -- reading -------------------------------------------------------------------------------------------------------

    def expected(self) -> tuple[str, ...]:
        """The rooms this hall cannot do without, by the plan."""
        hall = self.site_hall
        panels = (f"displays-{hall.id}",) if any(window.panel for window in hall.windows.values()) else ()
        lines, kiosks = (f"caller-{line}" for line in hall.keypad_lines), (f"kiosk-{kiosk}" for kiosk in hall.kiosks)
        return ("controller", *panels, *lines, *kiosks)

    def room_state(self, who: str, now: Instant) -> str:
        """ "up" | "down" (said so) | "silent" (no sign of life) | "missing" (never heard) | "unknown" (too early)."""
        seen = self.rooms.get(who)
        if seen is None:
            early = not self.linked or now - self.linked_at < MISSING_REAL_MS * self.rate
            return "unknown" if early else "missing"
        if not seen.here.up:
            return "down"
        return "up" if now <= seen.fresh_until else "silent"

    def devices(self) -> dict[DeviceId, tuple[str, DeviceHere]]:
        """Every device a room that is there has told of: device -> (room, state)."""
        return {
            device: (who, state)
            for who, seen in self.rooms.items()
            if seen.here.up
            for device, state in seen.here.devices.items()
        }

    def acknowledge(self, key: str, since: Instant) -> None:
        """A trouble of our own finding was seen; the controller's own alarms are acknowledged by command."""
        self.acknowledged[key] = since


def _read(payload: bytes, kind: type[V]) -> V | None:
    """A view, or None for the empty payload that clears a retained topic."""
    return codec.view(payload, kind) if payload else None


def _newer(held: V | None, came: V | None) -> V | None:
    if held is None or came is None:
        return came
    return came if (came.epoch, came.revision) >= (held.epoch, held.revision) else held
