"""How a hall stands, as the judge keeps it: tickets of the day, queues with two lanes, windows, paper, alarms' roots.

Memory is bounded by one business day: `DayOpened` forgets what is over. People stand in lists ordered by (place,
number), where place is (spot, bump, arrival) and arrival is the seq of the event that gave the number.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import msgspec
from sortedcontainers import SortedList

from audit.verifying.counting import Counts
from audit.verifying.plans import Hall, Plan
from audit.verifying.verdicts import Court
from hall.faults import TheirFault

Place = tuple[int, int, int]
LANES = ("priority", "ordinary")
OVER = frozenset({"served", "no_show", "void", "expired"})
AT_WINDOW = frozenset({"called", "serving"})


class Misshaped(TheirFault):
    """An event's field is not of the type its name says."""


class Record(msgspec.Struct):
    """An event's envelope, whatever version wrote it."""

    seq: int
    site: str = ""
    hall: str = ""
    day: str = ""
    at: int = 0
    recorded: int = 0
    epoch: int = 0
    v: int = 1
    id: str = ""
    cause: str = ""
    by: dict[str, str] = {}
    reason: str = ""
    event: dict[str, object] = {}

    @property
    def what(self) -> str:
        return self.text("what")

    @property
    def number(self) -> str:
        return self.text("number")

    @property
    def role(self) -> str:
        return self.by.get("role", "device")

    def text(self, name: str, default: str = "") -> str:
        value = self.event.get(name, default)
        if type(value) is not str:
            raise Misshaped(f"{name} is {value!r}, not a text")
        return value

    def whole(self, name: str, default: int = 0) -> int:
        value = self.event.get(name, default)
        if type(value) is not int:
            raise Misshaped(f"{name} is {value!r}, not a whole number")
        return value

    def place(self) -> Place:
        value = self.event.get("place")
        if not isinstance(value, list) or len(value) != 3 or any(type(part) is not int for part in value):
            raise Misshaped(f"place is {value!r}, not three whole numbers")
        return (value[0], value[1], value[2])


@dataclass(slots=True)
class Ticket:
    number: str
    day: str
    queue: str
    unit: str
    issued_at: int
    arrival: int
    place: Place
    due_at: int = 0
    entry: str = ""
    priority: str = "ordinary"
    origin: str = "kiosk"
    kiosk: str = ""
    stage: str = "waiting"
    window: str = ""  # has it, holds it, or (waiting) it is directed there
    staff: str = ""
    called_at: int = 0
    last_call_at: int = 0
    started_at: int = 0
    ended_at: int = 0
    recalls: int = 0
    returns: int = 0
    holds: int = 0
    matters: int = 1
    slip: str = "none"
    job: str = ""  # the open print job
    copies: int = 0
    torn: int = 0  # copies whose paper is not certain
    linked_to: str = ""
    lang: str = "zh"
    rated: bool = False
    aside: bool = False  # waits, but may not be called before its slip is certain

    @property
    def lane(self) -> str:
        return "ordinary" if self.priority == "ordinary" else "priority"


def _lanes() -> dict[str, SortedList[tuple[Place, str]]]:
    return {lane: SortedList() for lane in LANES}


@dataclass(slots=True)
class Queue:
    lanes: dict[str, SortedList[tuple[Place, str]]] = field(default_factory=_lanes)
    due: SortedList[tuple[int, int, str]] = field(default_factory=SortedList)
    arrivals: SortedList[tuple[int, str]] = field(default_factory=SortedList)
    serving: set[str] = field(default_factory=set)  # open, staffed windows that own it
    services: deque[int] = field(default_factory=deque)
    services_sum: int = 0
    run: int = 0  # priority calls in a row while both lanes waited
    taken: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LANES, 0))
    gone: bool = False  # the plan lost it
    unsure: bool = False  # and has it again: turns and estimates of before may or may not count

    @property
    def waiting(self) -> int:
        return len(self.arrivals)

    @property
    def contended(self) -> bool:
        return bool(self.lanes["priority"]) and bool(self.lanes["ordinary"])


@dataclass(slots=True)
class Window:
    name: str = ""
    own: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    status: str = "closed"
    pause: str = ""
    staff: str = ""
    role: str = "window"
    kind: str = "integrated"
    ticket: str = ""
    held: list[str] = field(default_factory=list)
    directed: SortedList[tuple[Place, str]] = field(default_factory=SortedList)
    called_at: int = 0
    own_calls: int = 0
    served: str = ""  # the last ticket served, while it may be rated

    @property
    def serves(self) -> bool:
        return self.status == "open" and bool(self.staff)


@dataclass(slots=True)
class Seating:
    """A member of staff at a window, from an event to an event (0: still there)."""

    staff: str
    window: str
    since: int
    seq: int
    until: int = 0


@dataclass(slots=True)
class Books:
    """One hall."""

    court: Court
    site: str
    hall_id: str
    counts: Counts = field(default_factory=Counts)
    day: str = ""
    phase: str = "closed"
    issuing: bool = False
    plan: Plan | None = None
    plan_hash: str = ""
    tickets: dict[str, Ticket] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)  # numbers this day gave
    reserved: set[str] = field(default_factory=set)  # numbers carried into it
    last: dict[str, int] = field(default_factory=dict)  # prefix -> last number of the day
    queues: dict[str, Queue] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)
    seats: dict[str, Seating] = field(default_factory=dict)
    seatings: list[Seating] = field(default_factory=list)  # of all days: a few hundred a day
    stopped: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    notice: str = ""
    set_back: int = 0  # seq at which the clock was found set back for the first time

    @property
    def rules(self) -> Plan:
        assert self.plan is not None, "events are followed behind the first DayOpened only"
        return self.plan

    @property
    def hall(self) -> Hall:
        return self.rules.halls.get(self.hall_id) or Hall(id=self.hall_id)

    # -- standing in line ----------------------------------------------------------------------------------------------

    def enter(self, ticket: Ticket) -> None:
        ticket.aside = ticket.slip == "unprinted" and not self.rules.options.call_unprinted
        if ticket.aside:
            return
        entry = (ticket.place, ticket.number)
        if ticket.window:
            self.window(ticket.window).directed.add(entry)
            return
        queue = self.queue(ticket.queue)
        queue.lanes[ticket.lane].add(entry)
        queue.arrivals.add((ticket.arrival, ticket.number))
        queue.due.add((ticket.due_at, ticket.arrival, ticket.number))

    def leave(self, ticket: Ticket) -> None:
        if ticket.aside:
            ticket.aside = False
            return
        entry = (ticket.place, ticket.number)
        if ticket.window:
            self.window(ticket.window).directed.discard(entry)
            return
        queue = self.queue(ticket.queue)
        queue.lanes[ticket.lane].discard(entry)
        queue.arrivals.discard((ticket.arrival, ticket.number))
        queue.due.discard((ticket.due_at, ticket.arrival, ticket.number))

    def leave_anything(self, ticket: Ticket) -> None:
        """Out of the line, off the window: wherever it stood."""
        if ticket.stage == "waiting":
            self.leave(ticket)
        elif ticket.window in self.windows:
            window = self.windows[ticket.window]
            if window.ticket == ticket.number:
                window.ticket = ""
            if ticket.number in window.held:
                window.held.remove(ticket.number)

    def queue(self, name: str) -> Queue:
        """The queue; one the plan does not know begins empty, so that following can go on."""
        if name not in self.queues:
            self.queues[name] = Queue()
        return self.queues[name]

    def window(self, name: str) -> Window:
        """Likewise."""
        if name not in self.windows:
            self.windows[name] = Window()
        return self.windows[name]

    def serve_again(self, name: str) -> None:
        """Which queues a window serves, after its status or its own queues changed."""
        window = self.window(name)
        for queue in self.queues.values():
            queue.serving.discard(name)
        for own in window.own if window.serves else ():
            self.queue(own).serving.add(name)
