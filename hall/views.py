"""How things stand, for whoever joins late: the payloads of the retained `now/…` and `here/…` topics.

Each view carries the epoch and the seq (`revision`) it is true at; whoever shows it ignores a lower pair.
"""

from __future__ import annotations

import msgspec

from hall.names import DeviceId, Instant, KioskId, QueueId, StaffId, Stage, TicketNumber, WindowId, WindowStatus


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Something that stands."""

    epoch: int
    revision: int  # seq of the last event that changed it


class PanelView(View, frozen=True):
    """What the LED panel of a window shows: `lines` are the finished texts, so a simple panel needs nothing else."""

    window: WindowId
    name: str
    number: TicketNumber  # "" when nobody is called
    lines: tuple[str, ...]
    blink: bool
    brightness: int


class QueueView(View, frozen=True):
    """A queue: who waits, how long, whether numbers are given."""

    queue: QueueId
    name: str
    name_en: str
    waiting: int
    oldest_at: Instant  # issue time of the one waiting longest; 0 when nobody waits
    estimate_s: int  # for a ticket taken now; -1 unknown
    open_windows: int
    issuing: bool
    why_not: str  # hall.names.Why value while not issuing


class WindowView(View, frozen=True):
    """A window: how it stands, its staff, its ticket."""

    window: WindowId
    name: str
    status: WindowStatus
    pause: str
    staff: StaffId
    number: TicketNumber
    stage: Stage | None
    since: Instant  # of the stage
    held: tuple[TicketNumber, ...]
    served: int  # today
    directed: int  # people transferred to this very window; add the waiting of its own queues (now/queues)
    rating_until: Instant
    helps: tuple[QueueId, ...] = ()  # other queues it helps, as it stands now
    own: tuple[QueueId, ...] = ()  # its own queues, as it stands now


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One slip to be printed at a kiosk."""

    job: str
    number: TicketNumber
    entry: str
    queue: QueueId
    copy: int  # 0 the first slip, else the number of the copy
    ahead: int
    estimate_s: int
    windows: tuple[WindowId, ...]
    issued_at: Instant
    expires: Instant
    printing: bool  # bytes may have reached the printer
    day: str
    status: str  # signed address of the ticket's status page
    lang: str


class JobsView(View, frozen=True):
    """The open print jobs of a kiosk: a restarted kiosk reads here what it owes."""

    kiosk: KioskId
    jobs: tuple[Job, ...]


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """One standing alarm."""

    alarm: str
    kind: str
    subject: str
    detail: str
    since: Instant
    acknowledged: bool


class AlarmsView(View, frozen=True):
    """All standing alarms of a hall, oldest first."""

    alarms: tuple[Alarm, ...]


class HallView(View, frozen=True):
    """The hall as a whole. A reader that sees a plan hash other than its own has an old plan."""

    day: str
    phase: str  # open | lunch | closed
    issuing: bool
    plan_hash: str
    ready: bool  # False: the controller is up but may not issue (see why_not)
    why_not: str
    notice: str = ""  # what a supervisor says to everybody in the hall


class DeviceHere(msgspec.Struct, frozen=True, kw_only=True):
    """One device of a room: "up", "down", "unconfirmed"; `fault` is a word of the driver's list."""

    state: str
    fault: str = ""
    since: Instant = 0
    detail: str = ""


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """A room's presence; its last will is the same with up=False."""

    up: bool
    at: Instant
    boot: str
    devices: dict[DeviceId, DeviceHere]
