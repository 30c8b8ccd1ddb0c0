"""The events of the days asked for become facts: one thing that happened, where, by whom, in which hour, how much.

Folding begins at the first day's DayOpened, which holds everything older that still matters. A wait stands in the hour
in which the number was taken; everything else in the hour in which it happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from audit import journals
from audit.reporting.idling import Idling, Window
from hall import calendar, codec
from hall import events as e
from hall.names import AT_WINDOW, Instant, QueueId, SlipStage, StaffId, Stage, TicketNumber, WindowId, WindowStatus
from hall.plan.model import Hall, Plan

PAGE = 2000  # rows read at a time: a running hall is never held up
HOUR_MS = 3_600_000


class Fact(NamedTuple):
    """`kind`: ticket, wait (s), service (s), no_show, transfer, wrong_number, rating (level), idle (ms)."""

    hall: str
    day: str
    kind: str
    value: int
    hour: int
    queue: QueueId = ""
    window: WindowId = ""
    staff: StaffId = ""


class Span(NamedTuple):
    """Business days, both included; "" for no bound."""

    first: str
    last: str


def last_day(journal: journals.Opened) -> str:
    """The newest business day, "" when there is none."""
    found = journal.db.execute("SELECT day FROM events WHERE what = 'DayOpened' ORDER BY seq DESC LIMIT 1").fetchone()
    return str(found[0]) if found else ""


def records(journal: journals.Opened, span: Span) -> Iterator[e.Recorded]:
    """Every event of these days, in order."""
    days = journal.db.execute("SELECT seq, day FROM events WHERE what = 'DayOpened' ORDER BY seq").fetchall()
    starts = [seq for seq, day in days if span.first <= day and (not span.last or day <= span.last)]
    if not starts:
        return
    seq, end = starts[0] - 1, next((at for at, day in days if at > starts[-1]), 1 << 62)
    asked = "SELECT seq, version, body FROM events WHERE seq > ? AND seq < ? ORDER BY seq LIMIT ?"
    while page := journal.db.execute(asked, (seq, end, PAGE)).fetchall():
        for number, version, body in page:
            if not isinstance(version, int) or not isinstance(body, bytes):
                raise journals.NotTold(f"{journal.path}: event {number} is damaged; `hall verify` tells more")
            yield codec.from_journal(body, version)
        seq = page[-1][0]


@dataclass(slots=True)
class Ticket:
    """What of a ticket matters here."""

    queue: QueueId
    issued_at: Instant
    stage: Stage = Stage.WAITING
    window: WindowId = ""
    staff: StaffId = ""
    called: bool = False
    slip: SlipStage = SlipStage.NONE
    aside: bool = False


@dataclass(slots=True)
class Happening:
    """Folds one hall's events into facts."""

    hall_id: str
    plan: Plan | None = None
    day: str = ""
    tickets: dict[TicketNumber, Ticket] = field(default_factory=dict)
    idling: Idling = field(default_factory=Idling)
    facts: list[Fact] = field(default_factory=list)  # taken away by `facts_of`
    zone: ZoneInfo = field(default_factory=partial(ZoneInfo, "UTC"))
    phase: str = calendar.CLOSED
    now: Instant = 0  # of the last event

    @property
    def hall(self) -> Hall:
        assert self.plan is not None, "facts begin at a DayOpened"
        return self.plan.halls[self.hall_id]

    @property
    def waiting(self) -> int:
        """How many people wait at this moment."""
        return sum(ticket.stage is Stage.WAITING for ticket in self.tickets.values())

    def take(self, rec: e.Recorded) -> None:
        self.now = rec.recorded
        rule = TABLE.get(type(rec.event))
        if rule is not None:
            rule(self, rec.event, rec)
        self.idling.settle(rec.recorded)
        self.idle_over()

    def idle_over(self) -> None:
        """Idle spans that ended, cut at the full hours of the hall's clock."""
        for window, staff, since, until in self.idling.over:
            while since < until:
                stop = min(until, self._hour_ends(since))
                self.tell("idle", stop - since, since, window=window, staff=staff)
                since = stop
        self.idling.over.clear()

    def _hour_ends(self, at: Instant) -> Instant:
        """Some zones are half an hour off; where clocks change, an hour of the wall clock ends with the change."""
        offset = datetime.fromtimestamp(at / 1000, self.zone).utcoffset() or timedelta()
        shift = offset // timedelta(milliseconds=1)
        return ((at + shift) // HOUR_MS + 1) * HOUR_MS - shift

    def tell(
        self, kind: str, value: int, at: Instant, queue: QueueId = "", window: WindowId = "", staff: StaffId = ""
    ) -> None:
        hour = datetime.fromtimestamp(at / 1000, self.zone).hour
        self.facts.append(Fact(self.hall_id, self.day, kind, value, hour, queue, window, staff))

    # -- waiting -------------------------------------------------------------------------------------------------------

    def enter(self, ticket: Ticket) -> None:
        ticket.stage = Stage.WAITING
        options = self.plan.options if self.plan else None
        ticket.aside = ticket.slip is SlipStage.UNPRINTED and options is not None and not options.call_unprinted
        self._counted(ticket, 1)

    def leave(self, ticket: Ticket) -> None:
        if ticket.stage is Stage.WAITING:
            self._counted(ticket, -1)

    def _counted(self, ticket: Ticket, change: int) -> None:
        if ticket.aside:
            return
        if ticket.window:
            self.idling.window(ticket.window).directed += change
        else:
            self.idling.waits(ticket.queue, change)


def facts_of(journal: journals.Opened, span: Span, happening: Happening) -> Iterator[Fact]:
    """All facts of a hall's days; what they need a name for is in the plan `happening` ends with."""
    for rec in records(journal, span):
        try:
            happening.take(rec)
        except (LookupError, AssertionError, msgspec.ValidationError) as fault:
            why = f"event {rec.seq} does not follow from those before it ({fault!r}); `hall verify` tells more"
            raise journals.NotTold(f"{journal.path}: {why}") from fault
        yield from happening.facts
        happening.facts.clear()
    happening.idling.end(happening.now)
    happening.idle_over()
    yield from happening.facts


# -- days and plans ------------------------------------------------------------------------------------------------


def _day(on: Happening, event: e.DayOpened, rec: e.Recorded) -> None:
    on.idling.end(rec.recorded)
    on.idle_over()
    on.day, on.plan = event.day, msgspec.json.decode(event.plan, type=Plan)
    on.zone = ZoneInfo(on.plan.site.time_zone)
    on.idling, on.tickets, on.phase = Idling(), {}, calendar.CLOSED
    _windows(on)
    for name, helps in event.helps.items():
        on.idling.window(name).helps = helps
    for name, serves in event.serves.items():
        on.idling.window(name).own = serves
    for kept in event.windows:
        window = on.idling.window(kept.window)
        window.open, window.staff = kept.status is WindowStatus.OPEN, kept.staff
    for live in event.tickets:
        ticket = Ticket(live.queue, live.issued_at, live.stage, live.window, live.staff, live.called_at > 0, live.slip)
        on.tickets[live.number] = ticket
        if live.stage is Stage.WAITING:
            on.enter(ticket)
        elif live.stage in AT_WINDOW and live.window:
            on.idling.window(live.window).ticket = live.number
    on.idling.who_serves_whom()


def _windows(on: Happening) -> None:
    """The plan's windows; what they are doing goes on."""
    on.idling.restricted = frozenset(q for q, queue in on.hall.queues.items() if queue.restricted)
    for name, plan in on.hall.windows.items():
        window = on.idling.window(name)
        window.own, window.helps = plan.queues, plan.helps
    for name in set(on.idling.windows) - set(on.hall.windows):
        on.idling.windows[name].open = False


def _plan(on: Happening, event: e.PlanAdopted, rec: e.Recorded) -> None:
    before = on.hall.windows
    on.plan = msgspec.json.decode(event.plan, type=Plan)
    stands = {w: (window.own, window.helps) for w, window in on.idling.windows.items() if w in before}
    _windows(on)
    for name, (own, helps) in stands.items():
        if name not in on.hall.windows:
            continue
        if helps != before[name].helps:  # a supervisor's word stands
            on.idling.window(name).helps = tuple(q for q in helps if q in on.hall.queues)
        if own != before[name].queues:
            on.idling.window(name).own = _still_its_own(on, name, own)
    on.idling.who_serves_whom()


def _still_its_own(on: Happening, name: WindowId, own: tuple[QueueId, ...]) -> tuple[QueueId, ...]:
    """What a supervisor gave a window, as far as the plan has it and lets it."""
    plan, restricted = on.hall.windows[name].queues, on.idling.restricted
    return tuple(q for q in own if q in on.hall.queues and (q in plan or q not in restricted)) or plan


def _phase(on: Happening, event: e.PhaseChanged, rec: e.Recorded) -> None:
    on.phase = event.phase
    on.idling.hall_open = event.phase == calendar.OPEN
    on.idling.look_at_all()


def _serves(on: Happening, event: e.ServesSet, rec: e.Recorded) -> None:
    on.idling.window(event.window).own = event.serves
    on.idling.who_serves_whom()


def _helps(on: Happening, event: e.HelpsSet, rec: e.Recorded) -> None:
    on.idling.window(event.window).helps = event.helps
    on.idling.who_serves_whom()


# -- windows -------------------------------------------------------------------------------------------------------


def _sits(on: Happening, event: e.StaffLoggedIn, rec: e.Recorded) -> None:
    if event.window:
        on.idling.window(event.window).staff = event.staff


def _leaves(on: Happening, event: e.StaffLoggedOut, rec: e.Recorded) -> None:
    if event.window:
        window = on.idling.window(event.window)
        window.staff, window.open = "", False


def _open(on: Happening, event: e.WindowOpened, rec: e.Recorded) -> None:
    on.idling.window(event.window).open = True


def _shut(on: Happening, event: e.WindowPaused | e.WindowClosed, rec: e.Recorded) -> None:
    on.idling.window(event.window).open = False


# -- tickets -------------------------------------------------------------------------------------------------------


def _issued(on: Happening, event: e.TicketIssued, rec: e.Recorded) -> None:
    ticket = on.tickets[event.number] = Ticket(event.queue, rec.recorded, slip=event.slip)
    on.enter(ticket)
    on.tell("ticket", 1, rec.recorded, queue=event.queue)


def _called(on: Happening, event: e.TicketCalled, rec: e.Recorded) -> None:
    ticket = on.tickets[event.number]
    on.leave(ticket)
    if not ticket.called:
        waited = max(0, rec.recorded - ticket.issued_at) // 1000
        on.tell("wait", waited, ticket.issued_at, ticket.queue, event.window, event.staff)
    on.tell("call", 1, rec.recorded, ticket.queue, event.window, event.staff)
    ticket.stage, ticket.window, ticket.staff, ticket.called = Stage.CALLED, event.window, event.staff, True
    on.idling.window(event.window).ticket = event.number


def _finished(on: Happening, event: e.ServiceFinished, rec: e.Recorded) -> None:
    ticket = _off(on, event.number, Stage.SERVED)
    on.tell("service", event.service_s, rec.recorded, ticket.queue, event.window, event.staff)


def _off(on: Happening, number: TicketNumber, stage: Stage) -> Ticket:
    """Away from wherever it stood."""
    ticket = on.tickets[number]
    on.leave(ticket)
    window: Window | None = on.idling.windows.get(ticket.window)
    if window is not None and window.ticket == number:
        on.idling.window(ticket.window).ticket = ""
    ticket.stage = stage
    return ticket


def _no_show(on: Happening, event: e.TicketNoShow, rec: e.Recorded) -> None:
    ticket = _off(on, event.number, Stage.NO_SHOW if event.final else Stage.PARKED)
    if not event.final:
        on.tell("no_show", 1, rec.recorded, ticket.queue, event.window, ticket.staff)
    ticket.window = ""


def _held(on: Happening, event: e.TicketHeld, rec: e.Recorded) -> None:
    _off(on, event.number, Stage.HELD)


def _resumed(on: Happening, event: e.TicketResumed, rec: e.Recorded) -> None:
    on.tickets[event.number].stage = Stage.SERVING
    on.idling.window(event.window).ticket = event.number


def _over(on: Happening, event: e.TicketVoided | e.TicketExpired, rec: e.Recorded) -> None:
    _off(on, event.number, Stage.VOID)


def _back(on: Happening, event: e.TicketHandedBack, rec: e.Recorded) -> None:
    ticket = _off(on, event.number, Stage.HELD)
    ticket.window = ""
    on.enter(ticket)


def _returned(on: Happening, event: e.TicketReturned, rec: e.Recorded) -> None:
    ticket = on.tickets[event.number]
    ticket.window = ""
    on.enter(ticket)


def _moved(on: Happening, event: e.TicketTransferred, rec: e.Recorded) -> None:
    stood, at_window = on.tickets[event.number], on.tickets[event.number].stage is not Stage.WAITING
    who = stood.staff if at_window else ""
    on.tell("transfer", 1, rec.recorded, stood.queue, stood.window if at_window else "", who)
    ticket = _off(on, event.number, Stage.HELD)
    ticket.queue, ticket.window = event.queue, event.to_window
    on.enter(ticket)


def _relabelled(on: Happening, event: e.TicketRelabelled, rec: e.Recorded) -> None:
    ticket = on.tickets[event.number]
    on.tell("wrong_number", 1, rec.recorded, ticket.queue, event.window, ticket.staff)


def _slip(on: Happening, event: e.SlipPrinted | e.SlipUnprinted, rec: e.Recorded) -> None:
    """Where the plan does not call tickets without a certain slip, they do not wait for a window."""
    ticket = on.tickets[event.number]
    slip = SlipStage.PRINTED if isinstance(event, e.SlipPrinted) else SlipStage.UNPRINTED
    waits = ticket.stage is Stage.WAITING
    on.leave(ticket)
    ticket.slip = slip
    if waits:
        on.enter(ticket)


def _rated(on: Happening, event: e.ServiceRated, rec: e.Recorded) -> None:
    on.tell("rating", event.level.value, rec.recorded, on.tickets[event.number].queue, event.window, event.staff)


TABLE: dict[type[e.Event], Callable[[Happening, Any, e.Recorded], None]] = {
    e.DayOpened: _day, e.PlanAdopted: _plan, e.PhaseChanged: _phase, e.ServesSet: _serves,
    e.HelpsSet: _helps,
    e.StaffLoggedIn: _sits, e.StaffLoggedOut: _leaves, e.WindowOpened: _open, e.WindowPaused: _shut,
    e.WindowClosed: _shut, e.TicketIssued: _issued, e.TicketCalled: _called, e.ServiceFinished: _finished,
    e.TicketNoShow: _no_show, e.TicketHeld: _held, e.TicketResumed: _resumed, e.TicketVoided: _over,
    e.TicketExpired: _over, e.TicketHandedBack: _back, e.TicketReturned: _returned, e.TicketTransferred: _moved,
    e.TicketRelabelled: _relabelled, e.SlipPrinted: _slip, e.SlipUnprinted: _slip, e.ServiceRated: _rated,
}  # fmt: skip
