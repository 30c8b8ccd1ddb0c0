"""The plan as the rooms read it: checked, complete, frozen; no default is left to the reader.

`hall check --json PLAN` prints exactly this as JSON. Times of day are minutes after local midnight, durations carry
their unit in the name. The TOML a person writes is turned into this by `hall.plan.compiling`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from hall.names import EntryId, HallId, KioskId, QueueId, Role, SiteId, StaffId, StaffKind, UnitId, WindowId


class Frozen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record of the plan."""


class Site(Frozen, frozen=True, kw_only=True):
    id: SiteId
    name: str
    name_en: str
    time_zone: str  # IANA name
    day_starts: int  # minutes after midnight: the business day rolls over here
    mode: Literal["simulated", "live"]  # the bench and the simulators refuse a live plan
    notes: tuple[str, ...]  # assumptions the plan makes where its sources are silent
    status_url: str = "http://127.0.0.1:8690"  # where the slip's QR leads; the signed path follows


class Broker(Frozen, frozen=True, kw_only=True):
    kind: Literal["embedded", "external"]
    host: str
    port: int
    user: str  # "" for a broker without log-in; rooms log in as <user>; embedded: made at start
    password_file: str  # "" or a path, relative to the state directory
    ca_file: str = ""  # TLS: who signed the broker's certificate; likewise relative; "" for a line without TLS


class Hours(Frozen, frozen=True, kw_only=True):
    """Opening hours of a hall, local time; lunch is None where the hall works through."""

    weekdays: tuple[int, ...]  # ISO: 1 Monday .. 7 Sunday
    opens: int
    closes: int
    lunch_from: int | None
    lunch_to: int | None
    issue_at_lunch: bool  # go on giving numbers at lunch, with a notice
    stop_issuing_before_close_min: int


class Options(Frozen, frozen=True, kw_only=True):
    """Rules of the hall a county may set; docs/settings.md explains each one."""

    guard_s: int  # CallNext within this of the window's last call is refused
    start_on_call: bool  # a call starts service at once
    next_finishes: bool  # CallNext on a serving ticket finishes it first
    next_on_called: Literal["refuse", "finish", "no_show"]
    recall_limit: int
    no_show_after_calls: int  # the call itself counts as one
    no_show_after_s: int  # since the last call or recall
    unanswered_after_s: int  # 0: never; else a call nobody answers becomes a no-show by itself
    return_after: int  # a returned no-show waits behind this many tickets
    return_limit: int
    hold_limit: int  # tickets one window may hold at once
    unprinted_after_s: int
    print_job_expires_s: int
    call_unprinted: bool
    self_declared_priority: bool
    roster_logs_in: bool  # rostered staff are logged in and their windows opened at opening time
    at_close: Literal["serve", "expire"]  # those still waiting at closing time
    rating_open_s: int  # how long after the end of service a rating is taken
    evaluate_on_finish: bool  # finishing invites the rating at the evaluator by itself
    issue_unstaffed: bool  # issue for a queue nobody serves at this moment
    estimate_window: int  # the estimate uses the last so many services of a queue
    desk_idle_min: int = 10  # a console left alone so long asks for the password again; 0: never


class Priority(Frozen, frozen=True, kw_only=True):
    """The priority lane: `priority` calls for every `ordinary` calls while both lanes wait, `in_a_row` at most."""

    classes: tuple[str, ...]  # ids beside "ordinary": elderly, disabled, pregnant, veteran
    names: dict[str, str]
    names_en: dict[str, str]
    priority: int
    ordinary: int
    in_a_row: int


class Unit(Frozen, frozen=True, kw_only=True):
    id: UnitId
    name: str
    name_en: str
    restricted: bool  # served by its own windows only; never helped


class Queue(Frozen, frozen=True, kw_only=True):
    id: QueueId
    name: str
    name_en: str
    prefix: str  # one or two letters, unique in the whole plan
    digits: int  # 4; widens by itself past 9999
    units: tuple[UnitId, ...]
    restricted: bool  # any of its units is
    ageing_percent: int  # weight of this queue's waiting time against the others of a window; 100 is neutral
    finally_by_s: int  # a ticket waiting longer goes before everything but a directed one
    service_prior_s: int  # expected service time until the day has its own
    max_waiting: int


class Entry(Frozen, frozen=True, kw_only=True):
    """What a citizen may choose. `button` is the first-level button it stands under."""

    id: EntryId
    name: str
    name_en: str
    button: Literal["now", "help"]  # 马上办, 帮助办
    page: Literal["main", "points"]  # points: the last page of 帮助办
    queue: QueueId
    unit: UnitId


class Panel(Frozen, frozen=True, kw_only=True):
    """The LED panel above a window."""

    driver: str
    line: str  # tcp://host:port | serial:///dev/ttyS1?baud=9600 | pty:name
    address: int
    lines: int
    columns: int  # half-width characters a line holds
    options: dict[str, str | int | bool]  # the driver's own, named in its card.toml


class Seat(Frozen, frozen=True, kw_only=True):
    """Where the keypad of a window sits: a line of the hall and an address on it."""

    line: str  # id of a KeypadLine
    address: int


class Window(Frozen, frozen=True, kw_only=True):
    id: WindowId
    kind: Literal["window", "point"]  # point: complaint, certificate, consulting
    name: str  # what line 1 of the panel shows: 综合受理窗口A01
    policy: str  # a file of controller/core/routing
    units: tuple[UnitId, ...]  # its own
    queues: tuple[QueueId, ...]  # its own, derived from its units
    helps: tuple[QueueId, ...]  # side business, empty by default
    help_when: Literal["idle", "bound", "ratio"]
    help_bound_s: int
    help_every: int  # ratio: one help after so many own calls
    panel: Panel | None
    seat: Seat | None
    staff: StaffId  # "" or who sits here by roster
    texts: dict[str, str] = {}  # this panel's own texts: "idle", "call", "paused", "closed"; others from the catalogue


class Kiosk(Frozen, frozen=True, kw_only=True):
    id: KioskId
    name: str
    host: str
    port: int  # of the touch page, on the machine's loopback
    printer_driver: str
    printer_line: str
    printer_options: dict[str, str | int | bool] = {}  # the driver's own, named in its card.toml
    slip_columns: int  # half-width characters on a line of paper: 48 on 80 mm
    idle_s: int  # the page returns by itself
    result_s: int
    screen: Literal["portrait", "landscape"]


class KeypadLine(Frozen, frozen=True, kw_only=True):
    id: str  # "A-1"
    driver: str
    line: str
    fold_ms: int  # the same key again within this is the same press (bounce, stuck key)
    entry_ms: int  # digits typed earlier than this are forgotten
    keys: dict[str, str]  # "0C": "CallNext"; "06 0F": "MarkNoShow" (see docs/settings.md)
    levels: dict[str, int]  # evaluator key "00" -> level 5..1
    options: dict[str, str | int | bool] = {}  # the driver's own, named in its card.toml
    targets: dict[str, str] = {}  # what 转移 with typed digits means: "1": "queue:tax" | "window:A09"
    units: dict[str, str] = {}  # typed digits of "serve here" -> unit


class Staff(Frozen, frozen=True, kw_only=True):
    """A member of staff, by number; names and passwords are not the plan's business."""

    id: StaffId
    role: Role
    kind: StaffKind


class Screen(Frozen, frozen=True, kw_only=True):
    """The page of the hall's large screen, served by its displays; port 0: nowhere."""

    host: str = "127.0.0.1"
    port: int = 0


class Voice(Frozen, frozen=True, kw_only=True):
    """Calls spoken aloud."""

    output: Literal["none", "file", "player"] = "none"
    player: str = "aplay -q"  # a program and its options; the file comes behind
    one: Literal["yi", "yao"] = "yi"  # 一 or 幺
    times: int = 1
    words_per_min: int = 150


class StaffDoor(Frozen, frozen=True, kw_only=True):
    """The pages of a hall's staff: soft caller, evaluator, guide; served by its callers. Port 0: nowhere."""

    host: str = "127.0.0.1"
    port: int = 0
    url: str = ""  # how browsers reach it, where that is not host and port


class Hall(Frozen, frozen=True, kw_only=True):
    id: HallId
    name: str
    name_en: str
    area: str  # 法人 / 个人
    hours: Hours
    units: dict[UnitId, Unit]
    queues: dict[QueueId, Queue]
    entries: tuple[Entry, ...]
    windows: dict[WindowId, Window]
    kiosks: dict[KioskId, Kiosk]
    keypad_lines: dict[str, KeypadLine]
    notices: dict[str, str]  # texts the plan sets: "slip", "lunch"
    screen: Screen = Screen()
    voice: Voice = Voice()
    staff_door: StaffDoor = StaffDoor()


class Bench(Frozen, frozen=True, kw_only=True):
    """Simulated plans only: where the test bench page and the back door listen."""

    host: str
    port: int


class Doors(Frozen, frozen=True, kw_only=True):
    """Where the controller serves pages for people; a door for each kind of user."""

    public_host: str = "127.0.0.1"  # the ticket's status page
    public_port: int = 8690
    proxies: tuple[str, ...] = ()  # reverse proxies whose X-Forwarded-For is believed


class Limits(Frozen, frozen=True, kw_only=True):
    letters_per_s: int  # per device, before the core
    letters_burst: int
    letter_age_s: int  # an older letter is refused
    event_expires_s: int  # a room ignores an older event it would act on


class Plan(Frozen, frozen=True, kw_only=True):
    v: int
    site: Site
    broker: Broker
    options: Options
    priority: Priority
    limits: Limits
    bench: Bench
    halls: dict[HallId, Hall]
    staff: dict[StaffId, Staff]
    doors: Doors = Doors()
