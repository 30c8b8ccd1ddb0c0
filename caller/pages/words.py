"""What the staff's pages send and are sent: the words of the door's routes, and nothing of the hall's own."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from hall.names import HoldReason, Instant, Level, PauseReason, RatingReason

PressId = Annotated[str, Meta(min_length=8, max_length=64, pattern="^[0-9a-zA-Z-]+$")]  # made by the page, per press
StaffNumber = Annotated[str, Meta(pattern="^[0-9]{4}$")]
Number = Annotated[str, Meta(pattern="^[A-Z]{0,2}[0-9]{1,9}$")]  # whole, or its last digits where a call may have them
WholeNumber = Annotated[str, Meta(pattern="^[A-Z]{1,2}[0-9]{4,9}$")]
Id = Annotated[str, Meta(max_length=40, pattern="^[A-Za-z0-9_-]*$")]
Reason = Annotated[str, Meta(max_length=60)]  # characters; a remark, never a story
Word = Literal[
    "CallNext", "CallNumber", "Recall", "StartService", "Finish", "FinishService", "InviteRating", "MarkNoShow",
    "HoldTicket", "ResumeTicket", "HandBack", "TransferTicket", "AddMatter", "OpenWindow", "CloseWindow", "PauseWindow",
]  # fmt: skip
"""What a key may say; leaving the window is a route of its own."""


class Sent(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request."""


class SitDown(Sent, frozen=True):
    """Log in at a window: as at its keypad, by staff number."""

    staff: StaffNumber


class Enter(Sent, frozen=True):
    """Log in as guide or supervisor."""

    staff: StaffNumber
    password: Annotated[str, Meta(min_length=1, max_length=200)]


class Press(Sent, frozen=True):
    """A key of the soft caller. `word` is one of meaning.py's; what else it needs depends on the word."""

    id: PressId
    word: Word
    number: Number | None = None  # CallNumber, ResumeTicket
    target: Annotated[str, Meta(max_length=60, pattern="^(queue|window):[A-Za-z0-9-]+$")] | None = None
    hold: HoldReason | None = None
    pause: PauseReason | None = None


class Rated(Sent, frozen=True):
    """A face touched at the evaluator; `why` counts behind a bad one only."""

    number: WholeNumber
    level: Level
    why: RatingReason | None = None


class TakeNumber(Sent, frozen=True):
    """A number for somebody in front of the guide; `kiosk` "" for no paper."""

    id: PressId
    entry: Id
    priority: Id = "ordinary"
    reason: Reason = ""
    kiosk: Id = ""


class About(Sent, frozen=True):
    """Something about a number: it has come back, is printed once more, gets priority."""

    id: PressId
    number: WholeNumber
    reason: Reason = ""
    kiosk: Id = ""  # reprint
    priority: Id = ""  # priority


# -- answers -----------------------------------------------------------------------------------------------------------


class Both(Struct, frozen=True):
    """A text in the languages of the pages."""

    zh: str
    en: str


class Me(Struct, frozen=True):
    """Who is logged in; `token` belongs into the header of everything that is not read only."""

    staff: str
    role: str
    token: str
    evaluator: str = ""  # of a window: the address of its tablet's page, below this door


class Done(Struct, frozen=True):
    """The answer to a press: the number it was about, or why not."""

    number: str = ""
    refused: str = ""  # hall.names.Why, "" when it was done
    line: Both | None = None  # the refusal in words
    ahead: int = -1
    estimate_s: int = -1


class QueueShown(Struct, frozen=True):
    id: str
    name: Both
    waiting: int
    oldest_at: Instant
    issuing: bool


class Target(Struct, frozen=True):
    """Where a ticket may be transferred to."""

    id: str  # "queue:tax", "window:A09"
    name: Both
    open: bool


class SoftState(Struct, frozen=True):
    """A window as its soft caller shows it."""

    window: str
    name: str
    hall: Both
    away: str
    status: str
    pause: str
    staff: str
    number: str
    stage: str
    since: Instant
    held: tuple[str, ...]
    served: int
    directed: int
    rating_open: bool
    queues: tuple[QueueShown, ...]
    targets: tuple[Target, ...]
    notice: str
    now: Instant
    rate: float  # how fast the hall's clock runs; 1 but in a simulation


class FacesState(Struct, frozen=True):
    """What the evaluator shows."""

    window: str
    name: str
    hall: Both
    away: str
    status: str
    number: str = ""  # who may rate now; "" nobody
    calling: str = ""  # who is at the window
    thanks: str = ""  # who has just rated
    left_s: int = 0  # real seconds the faces stay


class KioskShown(Struct, frozen=True):
    id: str
    name: str


class EntryShown(Struct, frozen=True):
    id: str
    name: Both
    group: str  # now | help | points
    waiting: int
    issuing: bool


class PriorityShown(Struct, frozen=True):
    id: str
    name: Both


class TabletShown(Struct, frozen=True):
    window: str
    page: str


class GuideState(Struct, frozen=True):
    """What the guide's page shows."""

    hall: Both
    away: str
    phase: str
    issuing: bool
    notice: str
    entries: tuple[EntryShown, ...]
    priorities: tuple[PriorityShown, ...]
    kiosks: tuple[KioskShown, ...]
    tablets: tuple[TabletShown, ...] = ()  # for a supervisor, who sets them up


encode = msgspec.json.encode
