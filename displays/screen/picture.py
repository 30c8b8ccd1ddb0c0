"""What the page of a hall screen is told: one whole picture each time; a screen that slept is right with the next."""

from __future__ import annotations

import msgspec

from hall.names import Instant, QueueId, TicketNumber, WindowId


class Both(msgspec.Struct, frozen=True):
    """A name in Chinese and in English."""

    zh: str
    en: str


class Call(msgspec.Struct, frozen=True):
    """A number and where it is to go. `ring` names the call or recall last heard of it; "" when it was not heard."""

    number: TicketNumber
    window: WindowId
    name: str  # of the window
    at: Instant
    ring: str = ""
    rang: Instant = 0


class Line(msgspec.Struct, frozen=True):
    """A queue. `wait_min` for a ticket taken now, -1 unknown; `why_not` while no numbers are given."""

    queue: QueueId
    name: Both
    waiting: int
    wait_min: int
    windows: int  # open ones
    why_not: str


class Picture(msgspec.Struct, frozen=True):
    """The whole screen. `away`: "" | "broker" | "controller" | "not_ready"."""

    page: str  # which page this room serves: a screen with another one loads itself anew
    site: Both
    hall: Both
    area: str
    at: Instant
    rate: float  # of the hall's clock
    zone: str
    phase: str
    issuing: bool
    notice: str
    lunch: str  # what to say at lunch, "" otherwise
    opens: str  # local time
    closes: str
    away: str
    calling: tuple[Call, ...]  # newest first
    past: tuple[Call, ...]  # called before and not called now, newest first
    queues: tuple[Line, ...]
