"""The physical edge: what people saw, held, pressed and heard, against the journal (I1, I2, I4, I9, I19, I20, I21).

Each thing seen is judged a moment after its time, when every event that could have caused it has been followed. Times
are the hall's: what machines need in real time is multiplied by the clock's rate.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from audit.verifying.books import AT_WINDOW, Books, Record
from audit.verifying.plans import numbers_in
from audit.verifying.tracing import Seen, Traces
from audit.verifying.voices import Voice
from hall.wording import CATALOGUES

APART_MS = 1000  # the clocks of controller and devices
SETTLED_MS = 5000  # a panel within reach shows what stands (a wired one in 2 s, one whose power is back in 5 s)
BOTH_MS = 2000  # two panels on two lines may change one after the other
PRESS_MS = 10_000  # from a press to its call, on a slow line
PRESSES_KEPT = 50  # per window: a stuck key must not fill the memory
CALLING = ("CallNext", "CallNumber")


@dataclass(slots=True)
class Panel:
    window: str
    number: str = ""
    since: int = 0
    stood: deque[tuple[int, str]] = field(default_factory=lambda: deque([(0, "")]))  # (recorded, number), oldest first
    ill: set[str] = field(default_factory=set)
    touched: int = 0  # a fault came or went


class _Call(NamedTuple):
    due: int  # when every press that may have caused it is known
    seq: int
    number: str
    window: str
    recorded: int


class Edge:
    """Fed with the journal (`before`, `behind` each event), it draws the traces along."""

    def __init__(self, books: Books, traces: Traces) -> None:
        self._books, self._court = books, books.court
        self._traces, self._lines = traces, iter(traces)
        self._rate = max(1.0, traces.rate)
        self._next: Seen | None = next(self._lines, None)
        self._begun = self._next.at if self._next else 0
        self._ended = self._recorded = 0
        self._panels: dict[str, Panel] = {}
        self._slips: Counter[tuple[str, str, int]] = Counter()  # (day, number, copy)
        self._printed: deque[tuple[int, int, str, str, int]] = deque()  # due, seq, day, number, copy: slips to be seen
        self._wanted: deque[_Call] = deque()
        self._pressed: dict[str, deque[int]] = {}
        self._raw: set[str] = set()  # lines somebody put bytes on by hand
        self._voice = Voice(books, self._rate)
        self._judges: dict[str, Callable[[Seen], None]] = {
            "shown": self._shown, "slip": self._slip, "pressed": self._press, "raw": self._by_hand,
            "fault": self._fault, "healed": self._fault, "spoken": self._speak, "end": self._end,
        }  # fmt: skip
        for invariant in ("I4", "I19"):
            self._court.can_judge(invariant)

    # -- along the journal ---------------------------------------------------------------------------------------------

    def before(self, rec: Record) -> None:
        """Everything that was over before this event is judged first."""
        self._recorded = max(self._recorded, rec.recorded)
        self._voice.before(rec)
        self._until(rec.recorded - self._ms(APART_MS))
        if rec.what == "DayOpened":
            self._until(rec.recorded)
            self._slips.clear()
            self._voice.day_opens()
            for window in self._books.windows:
                self._panel(window)

    def behind(self, rec: Record) -> None:
        """What the event makes people see."""
        window = rec.text("window") if isinstance(rec.event.get("window", ""), str) else ""
        for name in {window, *(self._panels if rec.what in ("DayOpened", "PlanAdopted") else ())}:
            if name:
                self._stands(name, rec.recorded)
        self._voice.behind(rec)
        if rec.what == "TicketCalled":
            self._asked_for(rec, window)
        if rec.what == "SlipPrinted" and rec.recorded >= self._begun:
            ticket = self._books.tickets.get(rec.number)
            copy = _copy_of(rec.text("job"))
            day = ticket.day if ticket else rec.day
            self._printed.append((rec.recorded + self._ms(APART_MS), rec.seq, day, rec.number, copy))

    def ends(self) -> None:
        self._until(1 << 62)
        if self._books.set_back:
            for name in ("I4", "I19", "I20", "I21"):
                self._court.cannot_judge(name, f"the clock was set back at event {self._books.set_back}")
        else:
            self._at_the_end()

    def _until(self, at: int) -> None:
        """Judge what was seen up to then; once the clock was set back, times of devices say no more what came first."""
        if self._books.set_back:
            self._next, self._ended = None, 0
        while self._next is not None and self._next.at <= at:
            seen, self._next = self._next, next(self._lines, None)
            self._ended = max(self._ended, seen.at)
            self._out(seen.at)
            judge = self._judges.get(seen.what)
            if judge is not None:
                self._court.seq = 0
                judge(seen)
        self._out(at if self._next is not None else self._ended)

    def _ms(self, real_ms: int) -> int:
        return round(real_ms * self._rate)

    # -- paper ---------------------------------------------------------------------------------------------------------

    def _slip(self, seen: Seen) -> None:
        """A slip in somebody's hand: of a ticket, once, copies marked."""
        number = self._number_on(seen.lines)
        if not number:
            return
        books, court = self._books, self._court
        ticket = books.tickets.get(number)
        where = f"at {_when(seen)} {seen.of}"
        known = ticket is not None and ticket.issued_at <= seen.at + self._ms(APART_MS)
        court.expects("I4", known, number, f"{where}: a slip of a number that was not given by then")
        if (
            not court.expects("I9", ticket is not None, number, f"{where}: a slip no ticket belongs to")
            or ticket is None
        ):
            return
        copy = _copy_on(seen.lines)
        court.expects("I9", copy <= ticket.copies, number, f"{where}: copy {copy}, of {ticket.copies} that were asked")
        key = (ticket.day, number, copy)
        self._slips[key] += 1
        once = self._slips[key] <= 1 + (ticket.torn if not copy else 0)  # a torn copy may have lost its mark
        name = f"copy {copy}" if copy else "the slip"
        court.expects("I9", once, number, f"{where}: {name} came out {self._slips[key]} times")
        if not copy:
            court.expects("I1", once, number, f"{where}: two slips in two hands, neither marked as a copy")

    def _out(self, at: int) -> None:
        """By now, slips the journal calls printed have been seen, and presses behind calls are known."""
        while self._printed and self._printed[0][0] < at:
            _, seq, day, number, copy = self._printed.popleft()
            came = self._slips[day, number, copy] > 0
            if not came:
                self._court.breaks("I9", number, f"copy {copy} is called printed, and no printer put it out", seq=seq)
            self._court.looks("I9")
        while self._wanted and self._wanted[0].due < at:
            self._was_asked_for(self._wanted.popleft())

    def _number_on(self, lines: tuple[str, ...]) -> str:
        if self._books.plan is None:
            return ""
        shape = numbers_in(self._books.hall)
        return next((found[0] for line in lines if (found := shape.search(line))), "")

    # -- panels --------------------------------------------------------------------------------------------------------

    def _panel(self, window: str) -> Panel:
        return self._panels.setdefault(window, Panel(window))

    def _stands(self, name: str, recorded: int) -> None:
        """The number at a window changed: from now on its panel should show it."""
        window, panel = self._books.windows.get(name), self._panel(name)
        number = window.ticket if window else ""
        ticket = self._books.tickets.get(number)
        number = number if ticket is not None and ticket.stage in AT_WINDOW else ""
        if recorded < self._begun:
            panel.stood.clear()  # nobody watched yet
        if not panel.stood or (panel.stood[-1][1] != number and self._watched(recorded)):
            panel.stood.append((recorded, number))

    def _watched(self, recorded: int) -> bool:
        return self._next is not None or recorded <= self._ended

    def _shown(self, seen: Seen) -> None:
        panel, court = self._panel(seen.of), self._court
        number = self._number_on(seen.lines)
        if not any(line.strip() for line in seen.lines):  # no power, between two pages, or a board of numbers alone
            self._both(panel, seen)
            panel.number, panel.since = "", seen.at
            return
        where = f"at {_when(seen)} the panel of {seen.of} shows {number or 'no number'}"
        stood = [at for at, each in panel.stood if each == number and at <= seen.at + self._ms(APART_MS)]
        if number:
            known = number in self._books.tickets
            court.expects("I4", known, number, f"{where}, which was not given by then")
        if not stood:
            court.breaks("I19", number, f"{where}, which does not stand there, or is older than what it showed before")
        else:
            court.looks("I19")
            while panel.stood[0][0] < stood[0]:
                panel.stood.popleft()
        self._both(panel, seen)
        panel.number, panel.since = number, seen.at

    def _both(self, panel: Panel, seen: Seen) -> None:
        """The number this panel leaves was on another one all the while."""
        for other in self._panels.values():
            if other is panel or not panel.number or other.number != panel.number or other.ill or panel.ill:
                continue
            together = seen.at - max(panel.since, other.since)
            text = f"on the panels of {panel.window} and {other.window} for {together} ms, until {_when(seen)}"
            self._court.expects("I2", together <= self._ms(BOTH_MS), panel.number, text)

    def _at_the_end(self) -> None:
        """When the trace ends, what stood long enough is what is shown; and no number is on two panels."""
        end = min(self._ended, self._recorded)
        for panel in self._panels.values():
            changed, stands = panel.stood[-1]
            quiet = max(changed, panel.touched, panel.since) + self._ms(SETTLED_MS) < end
            if panel.since and quiet and not panel.ill:
                text = f"the panel of {panel.window} shows {panel.number or 'no number'}, {stands or 'nothing'} stands"
                if panel.number != stands:
                    self._court.breaks("I19", stands or panel.number, text, seq=0)
        last = Seen(at=end, what="end")
        for panel in self._panels.values():
            self._both(panel, last)

    # -- keys ----------------------------------------------------------------------------------------------------------

    def _press(self, seen: Seen) -> None:
        if seen.window and self._calls_somebody(seen):
            self._pressed.setdefault(seen.window, deque(maxlen=PRESSES_KEPT)).append(seen.at)

    def _calls_somebody(self, seen: Seen) -> bool:
        """By the plan's keys; on a line the plan does not know, any key may."""
        line = self._books.hall.keypad_lines.get(seen.of) if self._books.plan else None
        if line is None or not line.keys:
            return True
        keys = seen.keys.upper().split()
        return any(line.keys.get(" ".join(keys[at:])) in CALLING for at in range(len(keys)))

    def _by_hand(self, seen: Seen) -> None:
        self._raw.add(seen.of)

    def _asked_for(self, rec: Record, window: str) -> None:
        """A call from the window's own keypad line is judged when every press that may have caused it is known."""
        plan = self._books.hall.windows.get(window)
        line = plan.seat.line if plan and plan.seat else ""
        if rec.by.get("device") == f"caller-{line}" and line not in self._raw and rec.recorded >= self._begun:
            self._wanted.append(_Call(rec.recorded + self._ms(APART_MS), rec.seq, rec.number, window, rec.recorded))

    def _was_asked_for(self, call: _Call) -> None:
        """It uses up one press at that window, the oldest that can have caused it."""
        pressed = self._pressed.get(call.window, deque())
        while pressed and pressed[0] < call.recorded - self._ms(PRESS_MS):
            pressed.popleft()
        asked = bool(pressed) and pressed[0] <= call.due
        if not asked:
            text = f"called to {call.window} by its keypad, where no key was pressed for it"
            self._court.breaks("I20", call.number, text, seq=call.seq)
        else:
            pressed.popleft()
        self._court.looks("I20")

    # -- faults and voice ----------------------------------------------------------------------------------------------

    def _fault(self, seen: Seen) -> None:
        if seen.of in self._panels:
            panel = self._panels[seen.of]
            panel.touched = seen.at
            (panel.ill.add if seen.what == "fault" else panel.ill.discard)(seen.fault)

    def _speak(self, seen: Seen) -> None:
        self._court.can_judge("I21")
        self._voice.spoke(seen)

    def _end(self, seen: Seen) -> None:
        self._ended = max(self._ended, seen.at)


def _when(seen: Seen) -> str:
    return f"{seen.at} ({seen.device or seen.what})"


def _copy_on(lines: tuple[str, ...]) -> int:
    """The number of a copy, by its mark in any language; 0 for a first slip."""
    for texts in CATALOGUES.values():
        mark = re.compile(re.escape(texts["slip.copy"]).replace(r"\{n\}", r"(\d+)"))
        for line in lines:
            if found := mark.search(line):
                return int(found[1])
    return 0


def _copy_of(job: str) -> int:
    """A job's name ends with the number of its copy."""
    number = job.rpartition(".")[2]
    return int(number) if number.isascii() and number.isdigit() else 0
