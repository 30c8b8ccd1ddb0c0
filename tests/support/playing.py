"""Plays: what goes into the core and what must come out, all of it and nothing else.

    play = Play(a_plan())
    play >> CallNext("A01") << TicketCalled("A0001", "A01", ANY_REASON)
    play.at(seconds=10) >> Recall("A01") << [TicketRecalled("A0001", "A01", 1)]

`>>` sends a command as whoever may send it; `<<` compares the whole answer. Fields left at ANY are not compared.
After every step the books are checked (conservation, one window per ticket, folding gives the same state).
"""

from __future__ import annotations

from typing import Any

import msgspec

from controller.core import HallState, decide, evolve
from controller.core.canon import canonical_hash
from controller.core.waking import overdue
from hall import commands as c
from hall import events as e
from hall import plan as plans
from hall.names import TERMINAL, CommandId, Instant, Role, Stage
from hall.plan.model import Plan

MORNING = 1_795_395_600_000 + 1_800_000  # 2026-11-23 09:30 in Shanghai, a Monday


class _Any:
    def __eq__(self, other: object) -> bool:
        return True

    def __repr__(self) -> str:
        return "ANY"


ANY: Any = _Any()
KIOSK = c.Principal("kiosk-A-K1", role=Role.CITIZEN)
KEYPAD = c.Principal("caller-A-1", role=Role.WINDOW)
ROOM = c.Principal("kiosk-A-K1", role=Role.DEVICE)
LINE = c.Principal("caller-A-1", role=Role.DEVICE)
GUIDE = c.Principal("guide-1", "2001", Role.GUIDE)
SUPERVISOR = c.Principal("console-1", "3001", Role.SUPERVISOR)
SYSTEM = c.Principal("controller", role=Role.SYSTEM)

_SENDERS: dict[type[c.Command], c.Principal] = {
    c.IssueTicket: KIOSK, c.ReportPrinting: ROOM, c.ReportPrinted: ROOM, c.ReportUnprinted: ROOM,
    c.ReportDevice: ROOM, c.LogIn: LINE, c.RateService: LINE, c.ReturnTicket: SUPERVISOR, c.GivePriority: SUPERVISOR,
    c.RenameWindow: SUPERVISOR, c.SetServes: SUPERVISOR, c.SetHelps: SUPERVISOR, c.StopIssuing: SUPERVISOR,
    c.ResumeIssuing: SUPERVISOR, c.SetNotice: SUPERVISOR, c.AcknowledgeAlarm: SUPERVISOR, c.ReprintTicket: SUPERVISOR,
    c.AdoptPlan: SYSTEM, c.StartController: SYSTEM, c.TimePassed: SYSTEM,
}  # fmt: skip


class Play:
    """A hall on a stage: 09:30 on a Monday, staff seated by roster, a guide and a supervisor logged in."""

    def __init__(self, plan: Plan, now: Instant = MORNING, desks: bool = True) -> None:
        self.state = HallState(plan.site.id, "A")
        self.now, self.plan = now, plan
        self.log: list[e.Recorded] = []
        self.answer: tuple[e.Event, ...] = ()
        self._letters = 0
        self.send(c.AdoptPlan(msgspec.Raw(plans.to_json(plan)), plans.plan_hash(plan)))
        self.settle()
        if desks:
            self.send(c.LogIn("2001", proved=True), c.Principal("guide-1"))
            self.send(c.LogIn("3001", proved=True), c.Principal("console-1"))

    # -- the sentence --------------------------------------------------------------------------------------------------

    def __rshift__(self, command: c.Command) -> Play:
        self.send(command)
        return self

    def __lshift__(self, expected: e.Event | list[e.Event]) -> Play:
        wanted = expected if isinstance(expected, list) else [expected]
        assert list(self.answer) == wanted, f"\n  came   {list(self.answer)}\n  wanted {wanted}"
        return self

    def at(self, seconds: float = 0, minutes: float = 0) -> Play:
        """Later (or, negative, earlier: clocks jump)."""
        self.now += round((seconds + minutes * 60) * 1000)
        return self

    def as_(self, by: c.Principal, command: c.Command, letter_id: CommandId = "") -> Play:
        self.send(command, by, letter_id)
        return self

    # -- the machinery -------------------------------------------------------------------------------------------------

    def send(self, command: c.Command, by: c.Principal | None = None, letter_id: CommandId = "") -> None:
        """One letter, decided and folded, as the keeper does it."""
        self._letters += 1
        by = by or _SENDERS.get(type(command), KEYPAD)
        letter = c.Letter(letter_id or f"letter-{self._letters}", "A", by, self.now, command)  # type: ignore[arg-type]
        self.answer = decide(self.state, letter, self.now)
        for event in self.answer:
            self._fold(event, letter)
        self.check()

    def _fold(self, event: e.Event, letter: c.Letter) -> None:
        state = self.state
        record = e.Recorded(
            v=1, id=f"test/A/{state.seq + 1}", site="test", hall="A", seq=state.seq + 1, epoch=1,
            day=getattr(event, "day", state.day), at=self.now, recorded=self.now, cause=letter.id, by=letter.by,
            reason=str(getattr(letter.command, "reason", "") or ""), event=event,  # type: ignore[arg-type]
        )  # fmt: skip
        again = msgspec.json.decode(msgspec.json.encode(record), type=e.Recorded)
        assert again == record, "an event does not survive the wire"
        evolve(state, again)
        self.log.append(again)

    def settle(self) -> Play:
        """Let time bring about what is due."""
        for _ in range(20):
            if not overdue(self.state, self.now):
                return self
            self.send(c.TimePassed())
        raise AssertionError("time does not settle")

    def issue(self, entry: str = "now", count: int = 1, **more: Any) -> str:
        """Take `count` numbers; the last one."""
        for _ in range(count):
            self.send(c.IssueTicket(entry, **more))
        issued = self.answer[0]
        assert isinstance(issued, e.TicketIssued), issued
        return issued.number

    def call(self, window: str) -> str:
        """Call next at a window, later than its guard; "" when nobody waits."""
        self.at(seconds=self.plan.options.guard_s)
        self.send(c.CallNext(window))
        called = [event.number for event in self.answer if isinstance(event, e.TicketCalled)]
        return called[0] if called else ""

    def serve(self, window: str, seconds: float = 60) -> str:
        """Call, start and finish one ticket; its number, or "" when nobody waits."""
        number = self.call(window)
        if number:
            if not self.plan.options.start_on_call:
                self.send(c.StartService(window))
            self.at(seconds=seconds)
            self.send(c.FinishService(window))
        return number

    def stage(self, number: str) -> Stage:
        return self.state.tickets[number].stage

    def check(self) -> None:
        """The books, after every step."""
        check_books(self.state)

    def refolded(self) -> HallState:
        """The state folded anew from the whole log."""
        state = HallState(self.plan.site.id, "A")
        for record in self.log:
            evolve(state, record)
        return state

    def check_replay(self) -> None:
        """state(replay(log)) is the live state."""
        assert canonical_hash(self.refolded()) == canonical_hash(self.state)


def check_books(state: HallState) -> None:
    """Conservation and uniqueness, from the indexes against the tickets (I2, I6, I16)."""
    in_lanes = [n for q in state.queues.values() for lane in q.lanes.values() for _, n in lane]
    directed = [n for w in state.windows.values() for _, n in w.directed]
    aside = [t.number for t in state.tickets.values() if t.aside]
    at_windows = [w.ticket for w in state.windows.values() if w.ticket]
    held = [n for w in state.windows.values() for n in w.held]
    placed = [*in_lanes, *directed, *aside, *at_windows, *held, *state.parked]
    assert len(placed) == len(set(placed)), f"a ticket stands in two places: {placed}"
    live = {t.number for t in state.tickets.values() if t.stage not in TERMINAL}
    assert set(placed) == live, f"lost or left over: {set(placed) ^ live}"
    assert state.waiting == len(in_lanes) + len(directed)
    for queue in state.queues.values():
        assert len(queue.ages) == len(queue.due) == sum(len(lane) for lane in queue.lanes.values())
    for name, window in state.windows.items():
        assert not window.ticket or state.tickets[window.ticket].window == name
        assert not window.staff or state.seats.get(window.staff) == name
