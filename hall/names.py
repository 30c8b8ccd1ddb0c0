"""Names of things and the closed lists of what may be said of them.

Identifiers are plain strings with a shape that `hall.plan.checking` enforces; enumerations are the closed lists
that commands, events and views draw from. Texts for people live in the catalogues (hall/wording), never here.
"""

from __future__ import annotations

from enum import Enum, IntEnum

Instant = int  # milliseconds since 1970-01-01 UTC, from the process's clock
SiteId = str  # "kaiyang": lower-case letters, digits, '-'
HallId = str  # "A"
WindowId = str  # "A01": one letter, two digits (three in a hall of more than 99)
QueueId = str  # "large", "tax": lower-case letters, digits, '-'
UnitId = str  # "tax"
EntryId = str  # a menu entry: "now", "tax"
KioskId = str  # "A-K1"
StaffId = str  # the number a member of staff keys in: four digits
TicketNumber = str  # "A0012": prefix of one or two letters, four digits or more
DeviceId = str  # "kiosk-A-K1", "caller-A-1", "displays-A", "panel-A01"
CommandId = str  # made by whoever asks; the same id asked again gets the same answer
ORDINARY = "ordinary"  # the class of everybody without a priority


class Stage(str, Enum):
    """Where a ticket is in its life; the legal steps between stages are `controller/core/moves.py`."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    HELD = "held"
    PARKED = "parked"  # a no-show that may still return until closing
    SERVED = "served"
    NO_SHOW = "no_show"
    VOID = "void"
    EXPIRED = "expired"


TERMINAL = frozenset({Stage.SERVED, Stage.NO_SHOW, Stage.VOID, Stage.EXPIRED})
AT_WINDOW = frozenset({Stage.CALLED, Stage.SERVING})


class SlipStage(str, Enum):
    """What is known of the paper in the citizen's hand."""

    NONE = "none"  # no paper was asked for
    RESERVED = "reserved"
    PRINTING = "printing"
    PRINTED = "printed"
    UNPRINTED = "unprinted"


class WindowStatus(str, Enum):
    """Whether a window serves."""

    CLOSED = "closed"
    OPEN = "open"
    PAUSED = "paused"


class Role(str, Enum):
    """What a principal may do; the table of who may ask what is `controller/core/rights.py`."""

    CITIZEN = "citizen"  # the touch page of a kiosk, a phone page
    DEVICE = "device"  # reports of rooms about their own devices
    WINDOW = "window"  # a member of staff at a window
    GUIDE = "guide"  # 引导岗
    SUPERVISOR = "supervisor"  # 窗口调度岗
    SYSTEM = "system"  # the controller's own shell: time, plan


class StaffKind(str, Enum):
    """Who employs a member of staff (the document's 9:1 is this ratio, not a routing rule)."""

    UNIT = "unit"
    INTEGRATED = "integrated"


class Origin(str, Enum):
    """Who took the ticket for the citizen."""

    KIOSK = "kiosk"
    GUIDE = "guide"
    STAFF = "staff"
    SUPERVISOR = "supervisor"
    LINKED = "linked"  # a new ticket in another hall for a case that began elsewhere


class Place(str, Enum):
    """Where a transferred ticket enters its new queue."""

    FIRST = "first"
    LAST = "last"
    ARRIVAL = "arrival"


class HoldReason(str, Enum):
    """Why a ticket is set aside without losing its window."""

    PAPERS = "papers"
    ESCORT_FACE = "escort_face"  # led to face-signing 面签
    ESCORT_FINGERPRINT = "escort_fingerprint"
    COUNSEL = "counsel"
    OTHER = "other"


class PauseReason(str, Enum):
    """What the panel of a paused window tells."""

    BREAK = "break"
    MEETING = "meeting"
    FAULT = "fault"
    OTHER = "other"


class Level(IntEnum):
    """The five levels of 好差评 (GB/T 39735-2020); 1 and 2 are bad."""

    VERY_DISSATISFIED = 1
    DISSATISFIED = 2
    BASICALLY_SATISFIED = 3
    SATISFIED = 4
    VERY_SATISFIED = 5


BAD_LEVELS = frozenset({Level.VERY_DISSATISFIED, Level.DISSATISFIED})  # a reason is asked behind these


class RatingReason(str, Enum):
    """Why somebody was dissatisfied: a closed list, so that no rating carries anybody's own words."""

    ATTITUDE = "attitude"
    SLOW = "slow"  # waiting or service took too long
    UNCLEAR = "unclear"  # not told plainly and at once what is needed
    UNSOLVED = "unsolved"  # the matter was not settled
    ERRANDS = "errands"  # had to come several times, or was sent about
    OTHER = "other"


class Rule(str, Enum):
    """Which routing rule chose a ticket; stored with every call."""

    DIRECTED = "directed"  # transferred or resumed to this very window
    FINALLY = "finally"  # past its "finally by" bound
    OWN = "own"  # the window's own queue
    PRIORITY = "priority"  # the own queue's priority lane, by ratio
    HELP = "help"  # the own queues were empty
    HELP_BOUND = "help_bound"  # somebody else's wait passed the help bound
    HELP_RATIO = "help_ratio"  # the window's turn to help by ratio
    NUMBER = "number"  # a person called this very number


class Back(str, Enum):
    """Why a directed, held or called ticket went back to its queue."""

    HANDED_BACK = "handed_back"
    PAUSED = "paused"
    CLOSED = "closed"
    LOGGED_OUT = "logged_out"
    WINDOW_VANISHED = "window_vanished"  # a new plan no longer has the window


class Why(str, Enum):
    """Every reason a command can be refused for; the keypad shows `KEYPAD_CODE[why]`."""

    NOBODY_WAITS = "nobody_waits"
    NO_TICKET = "no_ticket"  # the window has no ticket to do this to
    HAS_TICKET = "has_ticket"  # the window still has a ticket open
    TOO_SOON = "too_soon"  # within guard_s of the last call, or before a no-show is allowed
    NOT_STARTED = "not_started"  # called, not started, and the plan refuses to go on
    TOO_MANY_RECALLS = "too_many_recalls"
    TOO_FEW_CALLS = "too_few_calls"  # no-show before the set number of calls
    NOT_OPEN = "not_open"  # the window is paused or closed
    ALREADY_SO = "already_so"
    NOT_STAFFED = "not_staffed"  # nobody is logged in at the window
    NO_STAFF_NUMBER = "no_staff_number"
    STAFF_ELSEWHERE = "staff_elsewhere"
    WINDOW_TAKEN = "window_taken"
    NO_RIGHT = "no_right"
    NOT_YOURS = "not_yours"  # this window may not serve that ticket
    RESTRICTED = "restricted"  # the unit is served by its own windows only
    UNKNOWN_NUMBER = "unknown_number"
    UNKNOWN_WINDOW = "unknown_window"
    UNKNOWN_QUEUE = "unknown_queue"
    UNKNOWN_ENTRY = "unknown_entry"
    OTHER_HALL = "other_hall"
    WRONG_STAGE = "wrong_stage"  # the ticket is not where this step begins
    HALL_CLOSED = "hall_closed"
    QUEUE_FULL = "queue_full"
    QUEUE_UNSTAFFED = "queue_unstaffed"
    ISSUING_STOPPED = "issuing_stopped"
    TARGET_CLOSED = "target_closed"  # transfer to a queue or window nobody serves
    TOO_MANY_RETURNS = "too_many_returns"
    TOO_MANY_HELD = "too_many_held"
    ALREADY_RATED = "already_rated"
    RATING_LATE = "rating_late"
    RATING_NOT_DUE = "rating_not_due"  # no served ticket to rate at this window
    REASON_NEEDED = "reason_needed"
    NO_PRIORITY_HERE = "no_priority_here"  # self-declared at a kiosk while the plan forbids it
    BAD_VALUE = "bad_value"
    LATE = "late"  # the letter was older than the controller accepts
    TOO_FAST = "too_fast"  # the device's rate limit
    NOT_READY = "not_ready"  # the controller cannot issue now (see its log)
    NOT_PROVED = "not_proved"  # wrong number or password


KEYPAD_CODE: dict[Why, int] = {why: code for code, why in enumerate(Why, start=1)}
"""Two-digit code a keypad shows for a refusal (1..99, in the order of the list above; only ever append to Why)."""
