"""What was spoken against the calls (I21): each call once, in their order, whole, and none that is old or over.

A call may be passed over (too many wait, or it was answered first); it may not be spoken when it is over. A recall that
comes before its call was spoken is spoken with it, once.
"""

from __future__ import annotations

from dataclasses import dataclass

from audit.verifying.books import Books, Record
from audit.verifying.tracing import Seen

APART_MS = 1000  # real: the clocks of controller and voice, and how exactly a beginning is heard
MAKING_MS = 3000  # real: between the decision to speak and the first sound
UNSAID_MS = 1000  # real: what was written this shortly before a controller ended, it may not have said any more

Pair = tuple[str, str]  # window, number


@dataclass(slots=True)
class Call:
    """A call or a recall; `over` is when it ended, 0 while it stands."""

    seq: int
    pair: Pair
    at: int
    over: int = 0
    spoken: bool = False  # itself, or with its recall


class Voice:
    """One hall's. `behind` each event, `spoke` for each thing heard, in the order of their times."""

    def __init__(self, books: Books, rate: float) -> None:
        self._books, self._court, self._rate = books, books.court, rate
        self._calls: dict[tuple[int, int], Call] = {}  # of this business day, by epoch and seq
        self._of_number: dict[str, list[Call]] = {}
        self._furthest = self._until = 0
        self._recorded = 0

    def before(self, rec: Record) -> None:
        """A new controller says all there is anew: what its forerunner wrote last, nobody may have known."""
        if rec.what == "ControllerStarted":
            unsaid = self._recorded - self._ms(UNSAID_MS)
            for call in self._calls.values():
                call.over = rec.recorded if call.over >= max(1, unsaid) else call.over
        self._recorded = rec.recorded

    def day_opens(self) -> None:
        self._calls.clear()
        self._of_number.clear()

    def behind(self, rec: Record) -> None:
        number = rec.number if isinstance(rec.event.get("number", ""), str) else ""
        for call in self._of_number.get(number, ()):
            if not call.over and not self._stands(call):
                call.over = rec.recorded
        if rec.what in ("TicketCalled", "TicketRecalled"):
            call = Call(rec.seq, (rec.text("window"), number), rec.recorded)
            self._calls[rec.epoch, rec.seq] = call
            self._of_number.setdefault(number, []).append(call)

    def _stands(self, call: Call) -> bool:
        window, number = call.pair
        ticket = self._books.tickets.get(number)
        stages = ("called", "serving") if self._books.rules.options.start_on_call else ("called",)
        return ticket is not None and ticket.window == window and ticket.stage in stages

    def _ms(self, real_ms: int) -> int:
        return round(real_ms * self._rate)

    def spoke(self, seen: Seen) -> None:
        court, where = self._court, f"at {seen.at} ({seen.device}) was spoken {seen.number or 'no number'}"
        call = self._calls.get(seen.call)
        if call is None or call.pair[1] != seen.number:
            court.breaks("I21", seen.number, f"{where} as event {seen.call[1]}, which is no call of it by then")
            return
        court.seq, where = call.seq, f"{where} to {call.pair[0]}"
        court.expects("I21", not call.spoken, seen.number, f"{where}, which had been spoken, or was called again since")
        self._in_order(call, seen, where)
        self._in_time(call, seen, where)
        court.expects("I21", seen.ms > 0, seen.number, f"{where}, but nothing can be heard")
        whole = seen.at >= self._until - self._ms(APART_MS)
        court.expects("I21", whole, seen.number, f"{where} into the announcement before it")
        self._until = seen.at + self._ms(seen.ms)

    def _in_order(self, call: Call, seen: Seen, where: str) -> None:
        """Nobody who was called later in every way has been spoken before."""
        with_it = [c for c in self._of_number[seen.number] if c.pair == call.pair and c.seq <= call.seq]
        right = self._furthest < call.seq
        self._court.expects("I21", right, seen.number, f"{where} behind event {self._furthest}, which came later")
        first = min((c.seq for c in with_it if not c.spoken), default=call.seq)
        self._furthest = max(self._furthest, first)
        for each in with_it:
            each.spoken = True

    def _in_time(self, call: Call, seen: Seen, where: str) -> None:
        court, slack = self._court, self._ms(MAKING_MS + APART_MS)
        late = seen.at - call.at - self._books.rules.limits.event_expires_s * 1000
        court.expects("I21", late <= slack, seen.number, f"{where} {(seen.at - call.at) // 1000} s behind the call")
        behind = seen.at - call.over if call.over else 0
        court.expects("I21", behind <= slack, seen.number, f"{where} {behind // 1000} s after that call was over")
