"""The state of one hall: the day's events, folded. Mutable, indexed, owned by one task; only `evolving` changes it.

Waiting people stand in sorted lists keyed (place, bump, arrival): `arrival` is the seq of their issue, so nothing is
ordered by a wall clock. `place` equals `arrival` until a rule moves a ticket. Every index has a single owner below.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from heapq import heappop

from sortedcontainers import SortedList

from hall.names import (
    ORDINARY,
    TERMINAL,
    CommandId,
    DeviceId,
    EntryId,
    HallId,
    Instant,
    KioskId,
    Origin,
    QueueId,
    Role,
    SlipStage,
    StaffId,
    StaffKind,
    Stage,
    TicketNumber,
    UnitId,
    WindowId,
    WindowStatus,
)
from hall.plan.model import Entry, Hall, Plan, Queue, Window
from hall.views import Alarm

PlaceKey = tuple[int, int, int]
LANES = ("priority", ORDINARY)
JUMP_BACK_MS = 60_000  # a clock set back further than this makes deadlines and the phase be looked at again


@dataclass(slots=True)
class Ticket:
    number: TicketNumber
    day: str
    queue: QueueId
    unit: UnitId
    entry: EntryId
    priority: str
    origin: Origin
    kiosk: KioskId
    issued_at: Instant
    due_at: Instant
    place: PlaceKey
    stage: Stage = Stage.WAITING
    since: Instant = 0
    window: WindowId = ""  # has it, holds it, or (waiting) it is directed there
    staff: StaffId = ""
    called_at: Instant = 0
    last_call_at: Instant = 0
    started_at: Instant = 0
    recalls: int = 0
    slip: SlipStage = SlipStage.NONE
    copies: int = 0
    returns: int = 0
    matters: int = 1
    holds: int = 0
    linked_to: str = ""
    lang: str = "zh"
    rated: bool = False
    aside: bool = False  # waiting, but not to be called until its slip is certain

    @property
    def lane(self) -> str:
        return ORDINARY if self.priority == ORDINARY else "priority"


@dataclass(slots=True)
class PrintJob:
    job: str
    number: TicketNumber
    kiosk: KioskId
    copy: int
    expires: Instant
    deadline: Instant  # when silence makes it unprinted
    printing: bool = False
    ahead: int = 0
    estimate_s: int = -1
    windows: tuple[WindowId, ...] = ()


@dataclass(slots=True)
class QueueState:
    plan: Queue
    lanes: dict[str, SortedList[tuple[PlaceKey, TicketNumber]]] = field(
        default_factory=lambda: {lane: SortedList() for lane in LANES}
    )
    due: SortedList[tuple[Instant, int, TicketNumber]] = field(default_factory=SortedList)
    ages: SortedList[tuple[int, TicketNumber]] = field(default_factory=SortedList)  # by arrival
    serving_windows: set[WindowId] = field(default_factory=set)  # open ones that own this queue
    services: deque[int] = field(default_factory=deque)  # the last service times, seconds
    services_sum: int = 0
    run: int = 0  # priority calls in a row while both lanes waited
    taken_priority: int = 0  # calls while both lanes waited, since the counts were last even
    taken_ordinary: int = 0

    @property
    def waiting(self) -> int:
        return len(self.ages)


@dataclass(slots=True)
class WindowState:
    plan: Window
    name: str
    own: tuple[QueueId, ...]  # never empty
    helps: tuple[QueueId, ...]
    status: WindowStatus = WindowStatus.CLOSED
    pause: str = ""
    staff: StaffId = ""
    role: Role = Role.WINDOW
    kind: StaffKind = StaffKind.INTEGRATED
    ticket: TicketNumber = ""
    directed: SortedList[tuple[PlaceKey, TicketNumber]] = field(default_factory=SortedList)
    held: list[TicketNumber] = field(default_factory=list)
    called_at: Instant = 0  # last call or recall at this window
    own_calls: int = 0  # since the last help (ratio)
    served: int = 0
    rating: TicketNumber = ""  # whom the evaluator may rate now
    rating_until: Instant = 0
    rating_staff: StaffId = ""
    revision: int = 0

    @property
    def serves(self) -> bool:
        return self.status is WindowStatus.OPEN and bool(self.staff)


@dataclass(slots=True)
class HallState:
    site: str
    hall_id: HallId
    epoch: int = 0
    seq: int = 0
    at: Instant = 0  # when the last event was recorded; the clock may have been set back since
    day: str = ""
    phase: str = "closed"
    issuing: bool = False
    plan: Plan | None = None
    plan_raw: bytes = b""
    plan_hash: str = ""
    entries: dict[EntryId, Entry] = field(default_factory=dict)
    prefixes: dict[str, int] = field(default_factory=dict)  # prefix -> last number given this day
    reserved: set[TicketNumber] = field(default_factory=set)
    tickets: dict[TicketNumber, Ticket] = field(default_factory=dict)
    parked: dict[TicketNumber, None] = field(default_factory=dict)
    aside: dict[TicketNumber, None] = field(default_factory=dict)  # waiting, not to be called (Ticket.aside)
    queues: dict[QueueId, QueueState] = field(default_factory=dict)
    windows: dict[WindowId, WindowState] = field(default_factory=dict)
    desks: dict[StaffId, tuple[Role, DeviceId]] = field(default_factory=dict)
    seats: dict[StaffId, WindowId] = field(default_factory=dict)
    jobs: dict[TicketNumber, PrintJob] = field(default_factory=dict)
    kiosk_jobs: dict[KioskId, dict[TicketNumber, None]] = field(default_factory=dict)
    stopped: dict[QueueId, str] = field(default_factory=dict)
    notice: str = ""  # what public screens say to everybody
    alarms: dict[str, Alarm] = field(default_factory=dict)
    faults: dict[DeviceId, str] = field(default_factory=dict)
    answered: dict[CommandId, int] = field(default_factory=dict)  # this day: letter -> first seq of its answer
    day_opened_at: Instant = 0
    phase_from: Instant = 0
    phase_until: Instant | None = None  # when the phase of the day is looked up next
    wakes: list[tuple[Instant, str]] = field(default_factory=list)  # heap of (deadline, number), stale ones skipped
    waiting: int = 0
    touched: dict[str, None] = field(default_factory=dict)  # topics whose view changed since last asked

    @property
    def rules(self) -> Plan:
        """The plan in force; there is one as soon as the day is open."""
        assert self.plan is not None, "no plan adopted yet"
        return self.plan

    @property
    def hall(self) -> Hall:
        return self.rules.halls[self.hall_id]

    def touch(self, topic: str) -> None:
        """The view of this topic has changed."""
        self.touched[topic] = None

    def touch_window(self, window: WindowId) -> None:
        """A window's view and its panel have changed, at the seq of the event being folded."""
        self.windows[window].revision = self.seq
        self.touched[f"windows/{window}"] = self.touched[f"panels/{window}"] = None

    def touch_queue(self, queue: QueueId) -> None:
        self.touched[f"queues/{queue}"] = None

    def touch_all_queues(self) -> None:
        self.touch("hall")
        for queue in self.queues:
            self.touch_queue(queue)

    def forget_empty_queues(self) -> None:
        """A queue the plan no longer has goes when its last ticket has left."""
        gone = [q for q, queue in self.queues.items() if q not in self.hall.queues and not queue.ages]
        for queue in gone:
            if not any(t.queue == queue and t.stage not in TERMINAL and t.stage is not Stage.PARKED
                       for t in self.tickets.values()):  # fmt: skip
                del self.queues[queue]

    def pop_wake(self) -> None:
        """Drop the earliest deadline, whose job is over."""
        heappop(self.wakes)
