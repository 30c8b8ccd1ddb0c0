"""What happened. The same frozen record is what the core gives, what MQTT carries and what the journal keeps.

A Recorded is an event in its envelope. Instants are milliseconds UTC; durations carry their unit. No field holds
anything personal: staff are numbers, citizens are tickets. Records of older versions are lifted on read (codec).
"""

from __future__ import annotations

import msgspec

from hall.commands import Principal
from hall.names import (
    ORDINARY,
    Back,
    CommandId,
    DeviceId,
    EntryId,
    HallId,
    HoldReason,
    Instant,
    KioskId,
    Level,
    Origin,
    PauseReason,
    Place,
    QueueId,
    Role,
    Rule,
    SiteId,
    SlipStage,
    StaffId,
    StaffKind,
    Stage,
    TicketNumber,
    UnitId,
    Why,
    WindowId,
    WindowStatus,
)


class Event(msgspec.Struct, frozen=True, tag_field="what", tag=True, omit_defaults=True):
    """Something that happened in one hall."""


class CallReason(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why this ticket: the rule, the queue and lane it came from, and how it stood then."""

    rule: Rule
    queue: QueueId = ""
    lane: str = ORDINARY  # "ordinary" or "priority"
    contended: bool = False  # both lanes of the queue had somebody waiting
    waited_s: int = 0
    waiting: int = 0  # people waiting in that queue, this one included


# -- the day, the plan, the controller -----------------------------------------------------------------------------


class ControllerStarted(Event, frozen=True):
    """A controller began to speak for this hall; the envelope's epoch is new from here on."""

    version: str


class LiveTicket(msgspec.Struct, frozen=True, omit_defaults=True):
    """A ticket carried into the next business day, whole."""

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
    place: tuple[int, int, int]
    stage: Stage
    window: WindowId = ""
    staff: StaffId = ""
    called_at: Instant = 0
    started_at: Instant = 0
    recalls: int = 0
    slip: SlipStage = SlipStage.NONE
    copies: int = 0
    returns: int = 0
    matters: int = 1
    linked_to: str = ""
    holds: int = 0
    lang: str = "zh"


class LiveWindow(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a window stands at the turn of the day."""

    window: WindowId
    status: WindowStatus
    staff: StaffId = ""
    role: Role = Role.WINDOW
    kind: StaffKind = StaffKind.INTEGRATED
    pause: str = ""


class DayOpened(Event, frozen=True):
    """A business day begins; everything older that still matters is in here, so folding may start at this event."""

    day: str  # local date, "2026-11-21"
    plan: msgspec.Raw
    plan_hash: str
    names: dict[WindowId, str]  # renames that stand
    helps: dict[WindowId, tuple[QueueId, ...]]
    stopped: dict[QueueId, str]  # issuing stopped: queue ("" = hall) -> reason
    tickets: tuple[LiveTicket, ...]
    windows: tuple[LiveWindow, ...]
    reserved: tuple[TicketNumber, ...]  # carried-over numbers this day may not give again
    faults: dict[DeviceId, str]
    notice: str = ""
    serves: dict[WindowId, tuple[QueueId, ...]] = {}  # windows whose own queues a supervisor has changed


class PlanAdopted(Event, frozen=True):
    """The plan in force from here on: compiled content and its hash."""

    plan: msgspec.Raw
    hash: str


class PhaseChanged(Event, frozen=True):
    """The hall opened, went to lunch, came back, closed: "open" | "lunch" | "closed"."""

    phase: str
    issuing: bool


# -- tickets -------------------------------------------------------------------------------------------------------


class TicketIssued(Event, frozen=True):
    """A number was given. `ahead` and `estimate_s` are what the slip says; estimate -1 means "not known"."""

    number: TicketNumber
    queue: QueueId
    unit: UnitId
    entry: EntryId
    priority: str = ORDINARY
    origin: Origin = Origin.KIOSK
    kiosk: KioskId = ""
    ahead: int = 0
    estimate_s: int = -1
    windows: tuple[WindowId, ...] = ()
    slip: SlipStage = SlipStage.NONE
    job: str = ""
    job_expires: Instant = 0
    due_at: Instant = 0
    linked_to: str = ""
    lang: str = "zh"


class SlipPrinting(Event, frozen=True):
    """The kiosk may put ink on paper from here on."""

    number: TicketNumber
    job: str


class SlipPrinted(Event, frozen=True):
    """The slip is certainly out."""

    number: TicketNumber
    job: str


class SlipUnprinted(Event, frozen=True):
    """The slip is not certain: the ticket keeps its place, the screen shows the number, the supervisor is told."""

    number: TicketNumber
    job: str
    fault: str = ""


class ReprintAsked(Event, frozen=True):
    """The same number once more on paper, marked as copy number `copy`."""

    number: TicketNumber
    kiosk: KioskId
    job: str
    job_expires: Instant
    copy: int


class TicketCalled(Event, frozen=True):
    """A ticket was called to a window; panels show it, the voice speaks it once."""

    number: TicketNumber
    window: WindowId
    why: CallReason
    staff: StaffId = ""


class TicketRecalled(Event, frozen=True):
    """Called once more to the same window; `recalls` counts from 1."""

    number: TicketNumber
    window: WindowId
    recalls: int


class ServiceStarted(Event, frozen=True):
    """The called citizen has come."""

    number: TicketNumber
    window: WindowId


class ServiceFinished(Event, frozen=True):
    """The case is done at this window, `service_s` after it began."""

    number: TicketNumber
    window: WindowId
    staff: StaffId = ""
    service_s: int = 0
    matters: int = 1


class TicketNoShow(Event, frozen=True):
    """过号. Parked until closing; `final` when nobody can return it any more."""

    number: TicketNumber
    window: WindowId = ""
    final: bool = False


class TicketReturned(Event, frozen=True):
    """A parked no-show waits again, behind `behind` tickets; its issue time stays."""

    number: TicketNumber
    place: tuple[int, int, int]
    due_at: Instant
    behind: int = 0


class TicketHeld(Event, frozen=True):
    """Set aside; it stays the window's."""

    number: TicketNumber
    window: WindowId
    why: HoldReason = HoldReason.PAPERS


class TicketResumed(Event, frozen=True):
    """A held ticket is served again."""

    number: TicketNumber
    window: WindowId


class TicketHandedBack(Event, frozen=True):
    """Back to its queue at its original place."""

    number: TicketNumber
    window: WindowId
    why: Back = Back.HANDED_BACK


class TicketTransferred(Event, frozen=True):
    """Another queue, or (to_window) directed to one window; the number stays."""

    number: TicketNumber
    queue: QueueId
    unit: UnitId
    place: tuple[int, int, int]
    how: Place = Place.ARRIVAL
    to_window: WindowId = ""
    window: WindowId = ""  # where it came from
    due_at: Instant = 0


class TicketRelabelled(Event, frozen=True):
    """Served here under its true unit: the wrong-number citizen, counted."""

    number: TicketNumber
    window: WindowId
    unit: UnitId
    was: UnitId


class MatterAdded(Event, frozen=True):
    """One more matter on the same visit; `matters` counts them all."""

    number: TicketNumber
    window: WindowId
    matters: int
    unit: UnitId = ""


class PriorityGiven(Event, frozen=True):
    """Moved into the priority lane (or, "ordinary", out of it); the reason is in the envelope."""

    number: TicketNumber
    priority: str


class TicketVoided(Event, frozen=True):
    """Out of the queue for good; the reason is in the envelope."""

    number: TicketNumber
    window: WindowId = ""


class TicketExpired(Event, frozen=True):
    """Still waiting when the plan's rule ended the waiting."""

    number: TicketNumber


# -- windows and staff ---------------------------------------------------------------------------------------------


class StaffLoggedIn(Event, frozen=True):
    """At a window, or (window "") at a desk on `device`."""

    staff: StaffId
    role: Role
    window: WindowId = ""
    kind: StaffKind = StaffKind.INTEGRATED
    device: DeviceId = ""


class StaffLoggedOut(Event, frozen=True):
    """Left the window (which is closed by it), or the desk."""

    staff: StaffId
    window: WindowId = ""


class WindowOpened(Event, frozen=True):
    """Serves from here on."""

    window: WindowId


class WindowPaused(Event, frozen=True):
    """Calls nobody for a while; the panel says so."""

    window: WindowId
    why: PauseReason = PauseReason.BREAK


class WindowClosed(Event, frozen=True):
    """Serves no more; its staff is still logged in."""

    window: WindowId


class WindowRenamed(Event, frozen=True):
    """Line 1 of the panel has another name."""

    window: WindowId
    name: str


class ServesSet(Event, frozen=True):
    """Which queues are this window's own from here on."""

    window: WindowId
    serves: tuple[QueueId, ...]


class HelpsSet(Event, frozen=True):
    """Which other queues this window may help from here on."""

    window: WindowId
    helps: tuple[QueueId, ...]


class RatingInvited(Event, frozen=True):
    """The citizen just served may rate until then."""

    number: TicketNumber
    window: WindowId
    until: Instant


class ServiceRated(Event, frozen=True):
    """Bound to the ticket, the window and whoever served last."""

    number: TicketNumber
    window: WindowId
    staff: StaffId
    level: Level


# -- hall ----------------------------------------------------------------------------------------------------------


class IssuingStopped(Event, frozen=True):
    """No more numbers for a queue ("" = the hall); the reason is in the envelope."""

    queue: QueueId = ""


class IssuingResumed(Event, frozen=True):
    """Numbers again."""

    queue: QueueId = ""


class NoticeSet(Event, frozen=True):
    """What public screens say to everybody from here on; "" is nothing."""

    text: str = ""


class DeviceFaulted(Event, frozen=True):
    """A room reports a device ill."""

    device: DeviceId
    fault: str


class DeviceHealed(Event, frozen=True):
    """A room reports a device well again."""

    device: DeviceId


class AlarmRaised(Event, frozen=True):
    """Trouble a supervisor must see. `alarm` = kind:subject, unique while it stands."""

    alarm: str
    kind: str  # last_window | slip | device
    subject: str
    detail: str = ""


class AlarmCleared(Event, frozen=True):
    """The trouble is over."""

    alarm: str


class AlarmAcknowledged(Event, frozen=True):
    """A supervisor has seen it."""

    alarm: str


class CommandRefused(Event, frozen=True):
    """No. `command` names what was asked; the text for people is the catalogue's `refusal.<why>`."""

    why: Why
    command: str = ""
    window: WindowId = ""
    number: TicketNumber = ""
    detail: str = ""


AnyEvent = (
    ControllerStarted
    | DayOpened
    | PlanAdopted
    | PhaseChanged
    | TicketIssued
    | SlipPrinting
    | SlipPrinted
    | SlipUnprinted
    | ReprintAsked
    | TicketCalled
    | TicketRecalled
    | ServiceStarted
    | ServiceFinished
    | TicketNoShow
    | TicketReturned
    | TicketHeld
    | TicketResumed
    | TicketHandedBack
    | TicketTransferred
    | TicketRelabelled
    | MatterAdded
    | PriorityGiven
    | TicketVoided
    | TicketExpired
    | StaffLoggedIn
    | StaffLoggedOut
    | WindowOpened
    | WindowPaused
    | WindowClosed
    | WindowRenamed
    | ServesSet
    | HelpsSet
    | RatingInvited
    | ServiceRated
    | IssuingStopped
    | IssuingResumed
    | NoticeSet
    | DeviceFaulted
    | DeviceHealed
    | AlarmRaised
    | AlarmCleared
    | AlarmAcknowledged
    | CommandRefused
)


class Recorded(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event in its envelope, as the journal keeps it and the bus carries it."""

    v: int
    id: str  # site/hall/seq
    site: SiteId
    hall: HallId
    seq: int  # per hall, from 1, no gap
    epoch: int  # of the controller that wrote it
    day: str  # business day
    at: Instant  # when it occurred, by the asker's account
    recorded: Instant  # when the controller decided it
    cause: CommandId
    by: Principal
    reason: str
    event: AnyEvent


def ticket_id(site: SiteId, hall: HallId, day: str, number: TicketNumber) -> str:
    """The name of a ticket everywhere: site/hall/day/number."""
    return f"{site}/{hall}/{day}/{number}"
