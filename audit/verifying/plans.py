"""What of a plan the judge needs, read leniently: an old journal holds old plans, a newer one has fields more."""

from __future__ import annotations

import re
from collections.abc import Container

import msgspec

DEFAULT_ZONE = "Asia/Shanghai"  # of a plan that names none


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A record of a plan; what is missing has the value of the plans of its time."""


class Site(Read, frozen=True, kw_only=True):
    time_zone: str = DEFAULT_ZONE


class Options(Read, frozen=True, kw_only=True):
    guard_s: int = 0
    start_on_call: bool = False
    next_on_called: str = "refuse"
    recall_limit: int = 1 << 30
    no_show_after_calls: int = 0
    no_show_after_s: int = 0
    return_limit: int = 1 << 30
    return_after: int = 1 << 30
    hold_limit: int = 1 << 30
    call_unprinted: bool = True
    at_close: str = "serve"
    rating_open_s: int = 1 << 30
    print_job_expires_s: int = 0  # 0: not told
    self_declared_priority: bool = True
    issue_unstaffed: bool = True
    estimate_window: int = 20


class Priority(Read, frozen=True, kw_only=True):
    classes: tuple[str, ...] = ()
    priority: int = 1
    ordinary: int = 1
    in_a_row: int = 1 << 30


class Limits(Read, frozen=True, kw_only=True):
    event_expires_s: int = 60


class Queue(Read, frozen=True, kw_only=True):
    id: str
    name: str = ""
    prefix: str = ""
    digits: int = 4
    units: tuple[str, ...] = ()
    restricted: bool = False
    ageing_percent: int = 100
    finally_by_s: int = 0
    service_prior_s: int = 0
    max_waiting: int = 1 << 30


class Hours(Read, frozen=True, kw_only=True):
    """Minutes of the local day; ISO weekdays."""

    weekdays: tuple[int, ...] = ()
    opens: int = 0
    closes: int = 1440
    lunch_from: int | None = None
    lunch_to: int | None = None
    issue_at_lunch: bool = False
    stop_issuing_before_close_min: int = 0


class Entry(Read, frozen=True, kw_only=True):
    id: str
    queue: str = ""
    unit: str = ""


class Seat(Read, frozen=True, kw_only=True):
    line: str = ""
    address: int = 0


class Window(Read, frozen=True, kw_only=True):
    id: str
    name: str = ""
    policy: str = ""
    units: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    help_when: str = "idle"
    help_bound_s: int = 0
    help_every: int = 0
    seat: Seat | None = None


class Line(Read, frozen=True, kw_only=True):
    keys: dict[str, str] = {}


class Hall(Read, frozen=True, kw_only=True):
    id: str
    name: str = ""
    hours: Hours | None = None
    entries: tuple[Entry, ...] = ()
    units: dict[str, object] = {}
    queues: dict[str, Queue] = {}
    windows: dict[str, Window] = {}
    kiosks: dict[str, object] = {}
    keypad_lines: dict[str, Line] = {}


class Plan(Read, frozen=True, kw_only=True):
    site: Site = Site()
    options: Options = Options()
    priority: Priority = Priority()
    limits: Limits = Limits()
    staff: dict[str, object] = {}
    halls: dict[str, Hall] = {}


def read(raw: object) -> Plan:
    """A plan out of an event; msgspec.ValidationError when it is none."""
    return msgspec.convert(raw, Plan)


def numbers_in(hall: Hall) -> re.Pattern[str]:
    """Finds ticket numbers of this hall in a text. Window names (A01) are shorter than numbers (A0001)."""
    shapes = {(re.escape(queue.prefix), queue.digits) for queue in hall.queues.values()}
    either = "|".join(rf"{prefix}\d{{{digits},}}" for prefix, digits in sorted(shapes, reverse=True)) or r"(?!)"
    return re.compile(rf"(?<![A-Za-z0-9-])(?:{either})(?![A-Za-z0-9])")


def hall_of_device(plan: Plan, device: str, own: str) -> str:
    """The hall a device's name says it stands in (`own` first), "" when its name says nothing."""
    kind, _, rest = device.partition("-")
    for hall in sorted(plan.halls.values(), key=lambda hall: hall.id != own):
        names: dict[str, Container[str]] = {
            "kiosk": hall.kiosks, "caller": hall.keypad_lines, "soft": hall.windows, "panel": hall.windows,
            "displays": (hall.id,),
        }  # fmt: skip
        if rest in names.get(kind, ()):
            return hall.id
    return ""
