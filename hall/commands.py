"""What may be asked of a hall. A Letter carries one command; the answer is every event whose `cause` is its id.

The same letter id sent again gets the same answer and changes nothing (also across a restart). Instants are
milliseconds UTC. Empty strings mean "not given". Nothing here names a person: staff are numbers, citizens nothing.
"""

from __future__ import annotations

import msgspec

from hall.names import (
    ORDINARY,
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
    StaffId,
    TicketNumber,
    UnitId,
    WindowId,
)


class Principal(msgspec.Struct, frozen=True):
    """Who asks: the device that sent the letter, and the member of staff it speaks for, if any."""

    device: DeviceId
    staff: StaffId = ""
    role: Role = Role.DEVICE


class Command(msgspec.Struct, frozen=True, tag_field="what", tag=True, omit_defaults=True):
    """Something asked of a hall."""


# -- tickets -------------------------------------------------------------------------------------------------------


class IssueTicket(Command, frozen=True):
    """Take a number for an entry of the menu. `linked_to` is the ticket id of a case begun in another hall."""

    entry: EntryId
    kiosk: KioskId = ""  # where the slip is printed; "" for no paper
    priority: str = ORDINARY
    origin: Origin = Origin.KIOSK
    reason: str = ""
    linked_to: str = ""
    lang: str = "zh"


class ReportPrinting(Command, frozen=True):
    """The kiosk has begun to send this slip to its printer."""

    number: TicketNumber
    job: str


class ReportPrinted(Command, frozen=True):
    """The printer has answered behind the slip's last byte: the slip is out."""

    number: TicketNumber
    job: str


class ReportUnprinted(Command, frozen=True):
    """The slip is not certain; `fault` says what the printer or line did."""

    number: TicketNumber
    job: str
    fault: str = ""


class ReprintTicket(Command, frozen=True):
    """Print the same number again, marked as a copy, at this kiosk."""

    number: TicketNumber
    kiosk: KioskId
    reason: str = ""


class VoidTicket(Command, frozen=True):
    """Take a ticket out of the queue for good."""

    number: TicketNumber
    reason: str
    window: WindowId = ""  # given when the window that has it asks


class ReturnTicket(Command, frozen=True):
    """A parked no-show has come after all."""

    number: TicketNumber
    reason: str = ""


class GivePriority(Command, frozen=True):
    """Move a waiting ticket into the priority lane."""

    number: TicketNumber
    priority: str
    reason: str


# -- windows -------------------------------------------------------------------------------------------------------


class LogIn(Command, frozen=True):
    """Sit down at a window, or (window "") at a desk: guide, supervisor. Opens the window."""

    staff: StaffId
    window: WindowId = ""
    secret: str = ""  # password of a desk; the controller's shell checks and blanks it
    elsewhere: str = ""  # filled in by the shell alone: where in the site this staff sits already
    proved: bool = False  # filled in by the shell alone: the secret was right


class LogOut(Command, frozen=True):
    """Leave the window (closes it), or (window "") the desk."""

    window: WindowId = ""


class OpenWindow(Command, frozen=True):
    """Serve (again)."""

    window: WindowId
    reason: str = ""


class PauseWindow(Command, frozen=True):
    """Stop calling for a while; the panel says so."""

    window: WindowId
    reason: PauseReason = PauseReason.BREAK


class CloseWindow(Command, frozen=True):
    """Stop serving; the member of staff stays logged in."""

    window: WindowId
    reason: str = ""


class CallNext(Command, frozen=True):
    """Call whom the window's routing policy chooses."""

    window: WindowId


class CallNumber(Command, frozen=True):
    """Call this very number: a whole number, or its last digits when that is one waiting ticket of the own queues."""

    window: WindowId
    number: str
    reason: str = ""


class Recall(Command, frozen=True):
    """Call the window's ticket once more."""

    window: WindowId


class StartService(Command, frozen=True):
    """The called citizen has come."""

    window: WindowId


class FinishService(Command, frozen=True):
    """The case is done at this window."""

    window: WindowId


class MarkNoShow(Command, frozen=True):
    """过号: nobody came."""

    window: WindowId


class HoldTicket(Command, frozen=True):
    """Set the window's ticket aside; it stays the window's."""

    window: WindowId
    reason: HoldReason = HoldReason.PAPERS


class ResumeTicket(Command, frozen=True):
    """Go on with a held ticket: the given one, or the one held longest."""

    window: WindowId
    number: TicketNumber = ""


class HandBack(Command, frozen=True):
    """Give the window's ticket back to its queue, at its original place."""

    window: WindowId
    reason: str = ""


class TransferTicket(Command, frozen=True):
    """Send a ticket to a queue or a window of the same hall; its number, issue time and history stay."""

    number: TicketNumber = ""  # "": the ticket at `window`
    window: WindowId = ""  # who asks
    to_queue: QueueId = ""
    to_window: WindowId = ""
    place: Place = Place.ARRIVAL
    reprint_at: KioskId = ""
    reason: str = ""


class ServeHere(Command, frozen=True):
    """The wrong-number citizen: this window takes the case of `unit` on and passes the papers."""

    window: WindowId
    unit: UnitId


class AddMatter(Command, frozen=True):
    """One more matter on the same visit."""

    window: WindowId
    unit: UnitId = ""


class InviteRating(Command, frozen=True):
    """Ask the citizen just served to rate."""

    window: WindowId


class RateService(Command, frozen=True):
    """A rating: from the window's own evaluator (number ""), or for a given number (phone page)."""

    window: WindowId
    level: Level
    number: TicketNumber = ""
    reason: str = ""


# -- supervision ---------------------------------------------------------------------------------------------------


class RenameWindow(Command, frozen=True):
    """Another name for line 1 of a window's panel; "" gives the plan's name back."""

    window: WindowId
    name: str
    reason: str = ""


class SetServes(Command, frozen=True):
    """Which queues are the window's own, until changed or the plan changes it; a restricted one only by the plan."""

    window: WindowId
    serves: tuple[QueueId, ...]
    reason: str = ""


class SetHelps(Command, frozen=True):
    """Which other queues a window may help, until changed or the plan changes it."""

    window: WindowId
    helps: tuple[QueueId, ...]
    reason: str = ""


class StopIssuing(Command, frozen=True):
    """No more numbers for a queue ("" = the whole hall)."""

    queue: QueueId = ""
    reason: str = ""


class ResumeIssuing(Command, frozen=True):
    """Numbers again."""

    queue: QueueId = ""
    reason: str = ""


class SetNotice(Command, frozen=True):
    """A text for everybody in the hall (an emergency, a delay); "" takes it down."""

    text: str
    reason: str = ""


class AcknowledgeAlarm(Command, frozen=True):
    """A supervisor has seen an alarm."""

    alarm: str


# -- rooms and the controller's own shell --------------------------------------------------------------------------


class ReportDevice(Command, frozen=True):
    """A room tells how a device is: `fault` "" means well."""

    device: DeviceId
    fault: str = ""


class StartController(Command, frozen=True):
    """First letter of every start: opens a new epoch."""

    version: str


class AdoptPlan(Command, frozen=True):
    """Take this plan (compiled JSON of the whole site); a day is opened if none is."""

    plan: msgspec.Raw
    hash: str


class TimePassed(Command, frozen=True):
    """The instant `next_wake` named has come. `elsewhere`: staff who sit in other halls (filled in by the shell)."""

    elsewhere: tuple[StaffId, ...] = ()


class Letter(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command on its way: who asks, since when, until when the asker cares (`expires` 0: no such moment)."""

    id: CommandId
    hall: HallId
    by: Principal
    at: Instant
    command: (
        IssueTicket
        | ReportPrinting
        | ReportPrinted
        | ReportUnprinted
        | ReprintTicket
        | VoidTicket
        | ReturnTicket
        | GivePriority
        | LogIn
        | LogOut
        | OpenWindow
        | PauseWindow
        | CloseWindow
        | CallNext
        | CallNumber
        | Recall
        | StartService
        | FinishService
        | MarkNoShow
        | HoldTicket
        | ResumeTicket
        | HandBack
        | TransferTicket
        | ServeHere
        | AddMatter
        | InviteRating
        | RateService
        | RenameWindow
        | SetServes
        | SetHelps
        | StopIssuing
        | ResumeIssuing
        | SetNotice
        | AcknowledgeAlarm
        | ReportDevice
        | StartController
        | AdoptPlan
        | TimePassed
    )
    expires: Instant = 0
    v: int = 1


INTERNAL: tuple[type[Command], ...] = (StartController, AdoptPlan, TimePassed)
"""Commands only the controller's shell sends; never taken from the bus."""
