"""What is checked, where people look: paper in hands, numbers on screens and over windows, keys under fingers.

The journal is asked one thing only: was it durable when somebody saw it. What stands durable is heard here as the voice
of the hall would say it; the rules between events are the offline judge's (judge.py). The business day, the order and
the bounds are worked out here by own arithmetic.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from hall import events as e
from hall.events import Recorded
from hall.names import ORDINARY, Rule, SlipStage, Why
from hall.views import PanelView, WindowView
from storm.world import Broken

if TYPE_CHECKING:
    from storm.day import Day
    from storm.people import Citizen

DAY_MS, ZONE_MS = 86_400_000, 8 * 3_600_000  # Shanghai has no summer time
BACKLOG_MS = 120_000  # past a job's time: a clock set back a little, and the ink itself
GUARD_SLACK_MS = 50
NUMBER = re.compile(r"[A-Z]{1,2}\d+")
SLACK_MS = 1000
GONE_MS = 95_000  # longer than any view is late here, and the controller is away
CALLED_NO_MORE = (
    e.ServiceStarted, e.ServiceFinished, e.TicketNoShow, e.TicketHeld, e.TicketTransferred, e.TicketHandedBack,
    e.TicketVoided,
)  # fmt: skip
BY_A_RULE = (Rule.DIRECTED, Rule.FINALLY, Rule.NUMBER)


class Edge:
    """Everything anybody could see, in one place."""

    def __init__(self, day: Day) -> None:
        self.day, self.world = day, day.world
        options = day.weather.plan.options
        self._expires_ms, self._guard_ms = options.print_job_expires_s * 1000, options.guard_s * 1000
        self._event_expires_ms = day.weather.plan.limits.event_expires_s * 1000
        self._in_a_row = day.weather.plan.priority.in_a_row
        self._restricted = {q for q, queue in day.hall.queues.items() if queue.restricted}
        self._jobs: dict[str, tuple[int, int]] = {}  # job -> (when it was asked, its copy)
        self._slips: Counter[tuple[str, str, int]] = Counter()  # (business day, number, copy)
        self._screens: dict[str, tuple[str, str]] = {}  # touch -> (day, number)
        self._issued: set[tuple[str, str]] = set()
        self._called: set[tuple[str, str]] = set()  # (window, number), durable
        self._today = ""
        self._counts: dict[str, int] = {}
        self._reserved: set[str] = set()
        self._presses: dict[str, int] = {}  # letter -> press
        self._calls_of: Counter[int] = Counter()
        self._pressed = 0
        self._said: set[tuple[int, int]] = set()  # (epoch, seq) of calls that were spoken
        self._said_last: tuple[int, int] = (0, 0)  # of the first calls among them
        self._to_say: dict[tuple[int, int], tuple[str, str, int, bool]] = {}  # durable: number, window, when, first
        self._gone: dict[str, int] = {}  # number -> when it was called no more
        self._lit: dict[str, tuple[int, int]] = {}  # window -> (epoch, revision) of what the box took last
        self._read: dict[str, tuple[int, int]] = {}  # likewise of keypads
        self._helps = {w: set(window.helps) for w, window in day.hall.windows.items()}
        self._planned_helps = {w: window.helps for w, window in day.hall.windows.items()}
        self._own = {w: set(window.queues) for w, window in day.hall.windows.items()}
        self._tied: dict[str, str] = {}  # number -> the window it is directed to, or that holds it
        self._last_call: dict[str, int] = {}
        self._rang: dict[str, int] = {}  # window -> when it last called or recalled, by the wall clock
        self._lines: defaultdict[tuple[str, str], list[int]] = defaultdict(list)  # (queue, lane): arrivals, a heap
        self._place: dict[str, tuple[str, str, int]] = {}  # number -> (queue, lane, arrival) of whoever simply waits
        self._who: dict[int, str] = {}  # arrival -> number
        self._arrival: dict[str, tuple[int, str]] = {}  # number -> (arrival, lane), for good
        self._aside: set[str] = set()  # numbers whose slip is not certain, where the plan does not call them
        self._row: Counter[str] = Counter()  # priority calls in a row while others wait, by queue
        self._hears = {
            e.DayOpened: self._day_opened, e.TicketIssued: self._ticket_issued, e.TicketCalled: self._ticket_called,
            e.TicketTransferred: self._transferred, e.TicketHandedBack: self._handed_back,
            e.PriorityGiven: self._priority, e.TicketReturned: self._steps_aside, e.TicketVoided: self._steps_aside,
            e.TicketExpired: self._steps_aside, e.SlipUnprinted: self._uncertain, e.SlipPrinted: self._certain,
            e.ReprintAsked: self._reprint, e.HelpsSet: self._helps_set, e.ServesSet: self._serves_set,
            e.TicketHeld: self._held, e.TicketResumed: self._untied, e.TicketNoShow: self._untied,
            e.WindowPaused: self._leaves, e.WindowClosed: self._leaves, e.StaffLoggedOut: self._leaves,
            e.TicketRecalled: self._recalled, e.PlanAdopted: self._plan_adopted,
            e.CommandRefused: self._refused,
        }  # fmt: skip
        self.heard = self.said = 0

    def broken(self, invariant: str, number: str, text: str) -> None:
        raise Broken(invariant, text, number, self.world.t)

    # -- paper and screens ---------------------------------------------------------------------------------------------

    def screen(self, kiosk: str, touch: str, number: str, day: str) -> None:
        """A machine shows a number."""
        before = self._screens.setdefault(touch, (day, number))
        if before != (day, number):
            self.broken("I7", number, f"{kiosk} answered one touch with {before[1]} and then {number}")
        if (day, number) not in self._issued:
            self.broken("I4", number, f"{kiosk} shows {number}, which is not durable")
        if self.world.trace is not None:
            self.world.note(f"{kiosk} shows {number}")

    def slip(self, kiosk: str, number: str, day: str, mark: int, job: str) -> None:
        """Paper falls out; `mark` is the copy it says it is, 0 for none."""
        asked, copy = self._jobs.get(job, (0, -1))
        if self.world.trace is not None:
            self.world.note(f"{kiosk} puts out {number}" + (f", copy {mark}" if mark else ""))
        if (day, number) not in self._issued or copy < 0:
            self.broken("I4", number, f"{kiosk} prints {number}, which is not durable")
        if mark != copy:
            self.broken("I9", number, f"{kiosk} prints copy {copy} of {number} marked as {mark or 'no copy'}")
        self._slips[day, number, mark] += 1
        if self._slips[day, number, mark] > 1:
            name = "I9" if mark else "I1"
            self.broken(name, number, f"the same slip twice: {number} of {day}, copy {mark}")
        if self.world.t - asked > self._expires_ms + BACKLOG_MS:
            self.broken("I9", number, f"{kiosk} prints {number} {(self.world.t - asked) // 1000} s after it was asked")

    # -- over the windows ----------------------------------------------------------------------------------------------

    def lit(self, window: str, view: PanelView) -> None:
        """The box over a window shows this now."""
        found = NUMBER.search(view.lines[1])
        number = found[0] if found else ""
        if self.world.trace is not None:
            self.world.note(f"{window} lights {' '.join(view.lines)}")
        now = (view.epoch, view.revision)
        if now < self._lit.get(window, (0, 0)):
            self.broken(
                "I19", number, f"the panel of {window} goes back to {now} from {self._lit[window]}: {view.lines[1]}"
            )
        self._lit[window] = now
        if number:
            if (window, number) not in self._called:
                self.broken("I4", number, f"the panel of {window} calls {number}, which is not durable")
            self.day.lights(window, number)

    def reads(self, window: str, view: WindowView) -> None:
        """The keypad of a window shows this now."""
        now = (view.epoch, view.revision)
        if now < self._read.get(window, (0, 0)):
            self.broken("I19", view.number, f"the keypad of {window} goes back to {now} from {self._read[window]}")
        self._read[window] = now

    def dark(self, window: str) -> None:
        self._lit.pop(window, None)

    def served(self, window: str, citizen: Citizen) -> None:
        """A citizen's papers are on this window's desk."""
        for other in self.day.windows.values():
            if other.id != window and other.present is citizen and other.served_until > self.world.t:
                self.broken("I2", citizen.number, f"{citizen.number} is served at {window} and {other.id}")

    # -- from the loudspeaker ------------------------------------------------------------------------------------------

    def spoken(self, window: str, number: str, since: tuple[int, int]) -> None:
        """The whole hall hears it: durable, once, in order, and while it still matters."""
        if self.world.trace is not None:
            self.world.note(f"the voice calls {number} to {window}")
        known = self._to_say.get(since)
        if known is None or known[:2] != (number, window):
            self.broken("I4", number, f"the voice calls {number} to {window}, which is not durable")
            return
        if since in self._said:
            self.broken("I21", number, f"the voice calls {number} to {window} a second time")
        if since < self._said_last:
            self.broken("I21", number, f"the voice calls {number} behind people who were called after")
        self._said.add(since)
        self.said += 1
        self._said_last = since if known[3] else self._said_last
        old_s = (self.world.t - known[2]) // 1000
        if old_s * 1000 > self._event_expires_ms + SLACK_MS and self.day.controller.jumped_at < known[2]:
            self.broken("I21", number, f"the voice calls {number} to {window}, called {old_s} s ago")
        if known[2] <= self._gone.get(number, 0) < self.world.t - GONE_MS:
            gone_s = (self.world.t - self._gone[number]) // 1000
            self.broken("I21", number, f"the voice calls {number} to {window}, who is no more called since {gone_s} s")

    def voice_forgot(self) -> None:
        """Killed: an answer that is repeated right behind its start is heard as a new call, as nothing is kept."""
        self._said.clear()
        self._said_last = (0, 0)

    def _to_be_said(self, record: Recorded, first: bool) -> None:
        event: Any = record.event
        self._to_say[record.epoch, record.seq] = event.number, event.window, self.world.t, first

    def _recalled(self, record: Recorded, event: e.TicketRecalled) -> None:
        self._to_be_said(record, False)
        self._rang[event.window] = record.recorded
        self._one_press(record, event.number, event.window)

    def _one_press(self, record: Recorded, number: str, window: str) -> None:
        press = self._presses.get(record.cause)
        if press is not None:
            self._calls_of[press] += 1
            if self._calls_of[press] > 1:
                self.broken("I20", number, f"one press at {window} called {self._calls_of[press]} times")

    def _refused(self, record: Recorded, event: e.CommandRefused) -> None:
        """A window whose last call the clock has set into the future is not locked out until then."""
        if event.why is Why.TOO_SOON and event.command == "CallNext":
            since = self._rang.get(event.window, 0)
            if record.recorded < since:
                self.broken("I28", "", f"{event.window} may not call before {since - record.recorded} ms have passed")

    # -- under the fingers ---------------------------------------------------------------------------------------------

    def pressed(self, window: str) -> int:
        """A finger touches a key: the number of this press."""
        self._pressed += 1
        return self._pressed

    def asks_to_call(self, letter: str, press: int) -> None:
        self._presses[letter] = press

    # -- what the hall says, once it is durable ------------------------------------------------------------------------

    def hear(self, records: list[Recorded]) -> None:
        self.heard += len(records)
        for record in records:
            event = record.event
            hears: Any = self._hears.get(type(event))
            if hears is not None:
                hears(record, event)
            if type(event) in CALLED_NO_MORE:
                self._gone[event.number] = self.world.t  # type: ignore[union-attr]  # each of them has one

    def _day_opened(self, record: Recorded, event: e.DayOpened) -> None:
        shifted = record.recorded + ZONE_MS - self.day.weather.plan.site.day_starts * 60_000
        date = _date(shifted)
        if event.day != date:
            self.broken("I13", "", f"the day {event.day} is opened when it is {date} in the hall")
        if self._today and event.day <= self._today:
            self.broken("I13", "", f"the day {event.day} is opened behind {self._today}")
        self._today, self._counts = event.day, {}
        self._aside.intersection_update(event.reserved)
        tied = (t for t in event.tickets if t.window and t.stage.value in ("waiting", "held"))
        self._tied = {t.number: t.window for t in tied}
        self._reserved = set(event.reserved)
        for number in set(self._place) - self._reserved:
            self._out(number)
        self._row.clear()
        for ticket in event.tickets:
            if ticket.slip is SlipStage.UNPRINTED:  # a slip still open at the turn of the day is not certain
                self._steps_back(ticket.number)

    def _ticket_issued(self, record: Recorded, event: e.TicketIssued) -> None:
        number = event.number
        prefix = self.day.hall.queues[event.queue].prefix
        count = self._counts.get(prefix, 0) + 1
        while f"{prefix}{count:0{self.day.hall.queues[event.queue].digits}d}" in self._reserved:
            count += 1
        if number != f"{prefix}{count:0{self.day.hall.queues[event.queue].digits}d}":
            self.broken("I1", number, f"{number} is given, the next one is number {count} of {prefix}")
        self._counts[prefix] = count
        if (record.day, number) in self._issued:
            self.broken("I1", number, f"{number} is given twice on {record.day}")
        self._issued.add((record.day, number))
        if event.job:
            self._jobs[event.job] = self.world.t, 0
        lane = ORDINARY if event.priority == ORDINARY else "priority"
        self._arrival[number] = record.seq, lane
        self._stands(number, event.queue, lane, record.seq)
        self.day.tickets += 1

    def _reprint(self, record: Recorded, event: e.ReprintAsked) -> None:
        self._jobs[event.job] = self.world.t, event.copy

    def _ticket_called(self, record: Recorded, event: e.TicketCalled) -> None:
        number, window = event.number, event.window
        self._called.add((window, number))
        self._to_be_said(record, True)
        self._one_press(record, number, window)
        since = record.recorded - self._last_call.get(window, -DAY_MS)
        if 0 <= since < self._guard_ms - GUARD_SLACK_MS and event.why.rule is not Rule.NUMBER:
            self.broken("I20", number, f"{window} calls twice within {since} ms; the guard is {self._guard_ms} ms")
        self._last_call[window] = self._rang[window] = record.recorded
        self._may_serve(event)
        self._in_order(event)
        self.day.called += 1

    def _may_serve(self, event: e.TicketCalled) -> None:
        """A window calls from its own queues, or from those it helps; a restricted one is its own windows' alone."""
        window, queue = event.window, event.why.queue
        if self._tied.pop(event.number, window) != window:
            self.broken("I3", event.number, f"{window} calls {event.number}, which was sent to another window")
        if event.why.rule is Rule.DIRECTED or queue in self.day.hall.windows[window].queues:
            return
        others = self._own[window] | self._helps[window]
        if event.number in self._place and (queue in self._restricted or queue not in others):
            self.broken("I3", event.number, f"{window} calls {event.number} of the queue {queue}, which is not for it")

    def _serves_set(self, record: Recorded, event: e.ServesSet) -> None:
        self._own[event.window] = set(event.serves)

    def _plan_adopted(self, record: Recorded, event: e.PlanAdopted) -> None:
        """Another plan from here on; people stand where they stood."""
        plan = self.day.plan_adopted(event.hash)
        self._in_a_row = plan.priority.in_a_row
        for window, place in plan.halls["A"].windows.items():
            if self._helps[window] == set(self._planned_helps[window]):
                self._helps[window] = set(place.helps)
            self._planned_helps[window] = place.helps

    def _helps_set(self, record: Recorded, event: e.HelpsSet) -> None:
        self._helps[event.window] = set(event.helps)

    def _held(self, record: Recorded, event: e.TicketHeld) -> None:
        self._tied[event.number] = event.window

    def _untied(self, record: Recorded, event: Any) -> None:
        self._tied.pop(event.number, None)

    def _leaves(self, record: Recorded, event: Any) -> None:
        """Nobody may wait for a window that has just stopped serving."""
        left = [number for number, window in self._tied.items() if window == event.window]
        if left and event.window:
            self.broken("I10", left[0], f"{left} wait for {event.window}, which stops ({type(event).__name__})")

    def _in_order(self, event: e.TicketCalled) -> None:
        """Within a queue and class the first to come is called first; people with priority never all at once."""
        place = self._place.get(event.number)
        queue, rule = event.why.queue, event.why.rule
        if place is not None and rule not in BY_A_RULE:
            first = self._first(place[0], place[1])
            if first is not None and first < place[2]:
                text = f"{event.number} is called to {event.window} before {self._who[first]}, who came earlier"
                self.broken("I5", event.number, text)
            self._ratio(event, place)
        elif rule in (Rule.NUMBER, Rule.DIRECTED):
            pass
        else:
            self._row[queue] = 0
        self._out(event.number)

    def _ratio(self, event: e.TicketCalled, place: tuple[str, str, int]) -> None:
        queue = place[0]
        others = self._first(queue, ORDINARY) is not None
        self._row[queue] = self._row[queue] + 1 if place[1] != ORDINARY and others else 0
        if self._row[queue] > self._in_a_row:
            text = f"{self._row[queue]} people with priority in a row, while others wait for {queue}"
            self.broken("I5", event.number, text)

    # -- who simply waits ----------------------------------------------------------------------------------------------

    def _stands(self, number: str, queue: str, lane: str, arrival: int) -> None:
        if number in self._aside:
            return
        self._place[number] = queue, lane, arrival
        self._who[arrival] = number
        heappush(self._lines[queue, lane], arrival)

    def _out(self, number: str) -> None:
        self._place.pop(number, None)

    def _first(self, queue: str, lane: str) -> int | None:
        line = self._lines[queue, lane]
        while line:
            number = self._who[line[0]]
            if self._place.get(number) == (queue, lane, line[0]):
                return line[0]
            heappop(line)
        return None

    def _steps_aside(self, record: Recorded, event: Any) -> None:
        """Out, or at a place a rule gave: nobody compares any more."""
        self._out(event.number)
        self._tied.pop(event.number, None)

    def _uncertain(self, record: Recorded, event: e.SlipUnprinted) -> None:
        """Where the plan does not call such people they are compared with nobody until they have paper."""
        self._steps_back(event.number)

    def _steps_back(self, number: str) -> None:
        if not self.day.weather.plan.options.call_unprinted:
            self._aside.add(number)
            self._out(number)

    def _certain(self, record: Recorded, event: e.SlipPrinted) -> None:
        self._aside.discard(event.number)

    def _transferred(self, record: Recorded, event: e.TicketTransferred) -> None:
        self._out(event.number)
        self._tied.pop(event.number, None)
        if event.to_window:
            self._tied[event.number] = event.to_window
        known = self._arrival.get(event.number)
        if known is not None and not event.to_window and event.how.value == "arrival":
            self._stands(event.number, event.queue, known[1], known[0])

    def _handed_back(self, record: Recorded, event: e.TicketHandedBack) -> None:
        """To the original place, in the queue it belongs to by now (the journal's business): not compared."""
        self._out(event.number)
        self._tied.pop(event.number, None)

    def _priority(self, record: Recorded, event: e.PriorityGiven) -> None:
        lane = ORDINARY if event.priority == ORDINARY else "priority"
        known, place = self._arrival.get(event.number), self._place.get(event.number)
        if known is not None:
            self._arrival[event.number] = known[0], lane
        self._out(event.number)
        if place is not None:
            self._stands(event.number, place[0], lane, place[2])

    # -- in the evening ------------------------------------------------------------------------------------------------

    def evening(self) -> None:
        """Faults are long over: everybody is served or gone, every panel shows what stands, every question ended."""
        controller, state = self.day.controller, self.day.controller.state
        if not controller.at_rest() or self.day.asks.open:
            asked = [f"{type(a.letter.command).__name__} {i}" for i, a in list(self.day.asks.open.items())[:5]]
            self.broken("I31", "", f"questions without an answer at night: {asked}")
        left = [number for queue in state.queues.values() for _, number in queue.ages]
        left += [t.number for t in state.tickets.values() if t.stage.value in ("called", "serving", "held")]
        if left or state.waiting:
            self.broken("I31", left[0] if left else "", f"{len(left)} people still wait or are held: {left[:5]}")
        for name, window in self.day.windows.items():
            found = NUMBER.search(window.box[1]) if window.box else None
            shown, stands = found[0] if found else "", state.windows[name].ticket
            if shown != stands or not window.box or window.box[0] != state.windows[name].name:
                text = f"the panel of {name} shows {window.box}, {stands or 'nobody'} stands"
                self.broken("I19", stands, text)


def _date(ms: int) -> str:
    """A date, counted by hand (Howard Hinnant's civil from days): no library decides what day it is."""
    z = ms // DAY_MS + 719_468
    era, doe = divmod(z, 146_097)
    yoe = (doe - doe // 1460 + doe // 36_524 - doe // 146_096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    day, month = doy - (153 * mp + 2) // 5 + 1, mp + 3 if mp < 10 else mp - 9
    return f"{yoe + era * 400 + (month <= 2):04d}-{month:02d}-{day:02d}"
