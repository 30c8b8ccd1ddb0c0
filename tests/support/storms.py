"""Storms: a seed makes days of anything anybody could ask, sense and nonsense; the books are checked behind every step.

A failure names its seed: `Storm(seed).blow(steps)` repeats it. Clocks jump, days turn, plans change under way.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import msgspec
from plans import a_plan, queue, window
from playing import GUIDE, KEYPAD, KIOSK, LINE, ROOM, SUPERVISOR, SYSTEM, Play

from controller.core import HallState, all_topics, evolve, rights, view
from controller.core.canon import canonical_hash
from hall import codec
from hall import commands as c
from hall import events as e
from hall import plan as plans
from hall.names import (
    ORDINARY,
    TERMINAL,
    HoldReason,
    Level,
    Origin,
    PauseReason,
    Place,
    Stage,
)
from hall.plan.model import Plan

REPLAY_EACH = 300  # steps between two replays of the whole log
PEOPLE = (KIOSK, KEYPAD, ROOM, LINE, GUIDE, SUPERVISOR, SYSTEM, c.Principal("phone-1", role=KIOSK.role))
NAMES = ("A01", "A02", "A03", "A04", "A05", "B01", "", "A01\x00", "窗" * 300)


def helping(**rules: Any) -> Plan:
    """A hall where everybody helps everybody, a little differently."""
    windows = {
        "A01": window("A01", ("general",), 1, policy="large_cycle", helps=("post",)),
        "A02": window("A02", ("general", "post"), 2, policy="large_cycle"),
        "A03": window("A03", ("tax",), 3, helps=("large",), help_when="bound", help_bound_s=120),
        "A04": window("A04", ("post",), 4, helps=("large", "tax"), help_when="ratio", help_every=2),
    }
    queues = {q: queue(q, finally_by_s=600, ageing_percent=p) for q, p in (("large", 100), ("tax", 150), ("post", 80))}
    queues["post"] = msgspec.structs.replace(queues["post"], max_waiting=4)
    plan = a_plan(windows=windows, queues=queues, **rules)
    elsewhere = msgspec.structs.replace(plan.halls["A"].entries[0], id="elsewhere")
    hall = msgspec.structs.replace(plan.halls["A"], id="B", name="B厅", entries=(elsewhere,))
    return msgspec.structs.replace(plan, halls={**plan.halls, "B": hall})


def shrunk(**rules: Any) -> Plan:
    """The same hall without a window, a queue and a member of staff."""
    windows = {"A01": window("A01", ("general",), 1), "A03": window("A03", ("tax",), 3, staff="1099")}
    return a_plan(windows=windows, queues={q: queue(q) for q in ("large", "tax")}, **rules)


RULES: tuple[dict[str, Any], ...] = (
    {},
    {"start_on_call": True, "unanswered_after_s": 60, "no_show_after_calls": 1, "at_close": "expire"},
    {"call_unprinted": False, "next_on_called": "no_show", "no_show_after_calls": 1, "no_show_after_s": 0},
    {"next_on_called": "finish", "next_finishes": False, "issue_unstaffed": True, "self_declared_priority": True},
)


class Storm:
    """One seed's weather over one hall."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.rules = RULES[seed % len(RULES)]
        lunch = {"lunch_from": 720, "lunch_to": 780, "issue_at_lunch": bool(seed % 2)}
        self.plans = [helping(hours=lunch, **self.rules), a_plan(**self.rules), shrunk(**self.rules)]
        self.play = Play(self.plans[0])
        self.seen: set[tuple[str, str]] = set()  # (day, number) of every ticket given
        self.opened = 0  # index in the log of the last DayOpened
        self._look(0)

    def blow(self, steps: int) -> None:
        for step in range(1, steps + 1):
            before = len(self.play.log)
            self._one()
            self.play.settle()
            self._look(before)
            if self.play.state.phase == "closed" and self.dice.random() < 0.1:
                self._until_open()
            if step % REPLAY_EACH == 0:
                self.check_replay()
        self.check_replay()

    def _one(self) -> None:
        roll = self.dice.random()
        if roll < 0.004:
            self._clock()
        elif roll < 0.008:
            plan = self.dice.choice(self.plans)
            self.play.send(c.AdoptPlan(msgspec.Raw(plans.to_json(plan)), plans.plan_hash(plan)))
        elif roll < 0.012:
            self.play.send(c.StartController("storm"))
        else:
            self.play.at(seconds=self.dice.choice((0, 0, 1, 5, 9, 30)))
            if "3001" not in self.play.state.desks:  # a new day: the desks sit down again
                for staff, desk in (("2001", GUIDE), ("3001", SUPERVISOR)):
                    self.play.send(c.LogIn(staff, proved=True), c.Principal(desk.device))
            likely = self.dice.random() < 0.6
            command = _likely(self) if likely else self.dice.choice(COMMANDS)(self)
            roll = self.dice.random()
            by = self.dice.choice(PEOPLE) if roll < 0.06 else SUPERVISOR if roll < 0.25 and _theirs(command) else None
            self.play.send(command, by)

    def _clock(self) -> None:
        """The wall clock is set, forth or back, or the hall sleeps."""
        hours = self.dice.choice((-3, -0.1, 1, 8, 24, 80, -24 * 365))
        self.play.at(minutes=hours * 60)
        self.play.settle()
        if hours < -24:
            self.play.at(minutes=-hours * 60)

    def _until_open(self) -> None:
        """A closed hall is soon dull: let it be morning, mostly."""
        for _ in range(30):
            if self.play.state.phase != "closed":
                return
            self.play.at(minutes=60).settle()

    # -- what is asked -------------------------------------------------------------------------------------------------

    def window(self) -> str:
        return self.dice.choice(NAMES) if self.dice.random() < 0.05 else self.dice.choice(NAMES[:4])

    def number(self) -> str:
        known = list(self.play.state.tickets)
        if not known or self.dice.random() < 0.05:
            return self.dice.choice(("", "A9999", "ZZ0001", "7", "9" * 5000, "A0001\n", "١٢"))
        live = [t.number for t in self.play.state.tickets.values() if t.stage not in TERMINAL]
        return self.dice.choice(live if live and self.dice.random() < 0.8 else known)

    def queue(self) -> str:
        return self.dice.choice(("large", "tax", "post", "mars", ""))

    def job(self) -> tuple[str, str]:
        jobs = list(self.play.state.jobs.values())
        if not jobs or self.dice.random() < 0.1:
            return self.number(), "letter-1.0"
        job = self.dice.choice(jobs)
        return job.number, job.job

    # -- what must hold ------------------------------------------------------------------------------------------------

    def _look(self, before: int) -> None:
        """What the new events may say, given everything said before (I1, I13, I18)."""
        state, log = self.play.state, self.play.log
        for index in range(before, len(log)):
            event = log[index].event
            if isinstance(event, e.DayOpened):
                self.opened = index
                assert {t.number for t in event.tickets} == set(event.reserved)
            elif isinstance(event, e.TicketIssued):
                assert (log[index].day, event.number) not in self.seen, f"{event.number} twice"
                self.seen.add((log[index].day, event.number))
                assert event.ahead >= 0 and event.estimate_s >= -1
            elif isinstance(event, e.ServiceFinished):
                assert event.service_s >= 0
        for topic in all_topics(state):
            shown = view(state, topic)
            assert shown is not None and len(codec.encode(shown)) < codec.PAYLOAD_MAX

    def check_replay(self) -> None:
        """The log folded anew, from its beginning and from the last day's, is the state we have (I25)."""
        self.play.check_replay()
        fresh = HallState(self.play.state.site, "A")
        for record in self.play.log[self.opened :]:
            evolve(fresh, record)
        assert canonical_hash(fresh) == canonical_hash(self.play.state)


def _theirs(command: c.Command) -> bool:
    return isinstance(command, rights.SUPERVISOR_COMMANDS) and not isinstance(command, c.IssueTicket)


Make = Callable[[Storm], c.Command]


def _issue(s: Storm) -> c.Command:
    origin = s.dice.choice((Origin.KIOSK,) * 30 + tuple(Origin))
    return c.IssueTicket(
        entry=s.dice.choice(("now", "now", "tax", "post") * 5 + ("moon", "elsewhere")),
        kiosk=s.dice.choice(("A-K1", "A-K1", "") * 5 + ("K9",)),
        priority=s.dice.choice((ORDINARY,) * 15 + ("elderly", "king")),
        origin=origin,
        reason=s.dice.choice(("", "老人")),
    )


def _likely(s: Storm) -> c.Command:
    """What somebody would ask now: people come, a window goes on with what it has."""
    if s.dice.random() < 0.35:
        return _issue(s)
    if s.dice.random() < 0.1:
        return s.dice.choice((c.ReportPrinting, c.ReportPrinted))(*s.job())
    if s.dice.random() < 0.1:
        numbers = s.play.state.parked or s.play.state.tickets or {"": None}
        return s.dice.choice((c.ReturnTicket(s.dice.choice(list(numbers))), c.ResumeIssuing(s.queue())))
    window = s.dice.choice(list(s.play.state.windows.values()))
    name, ticket = window.plan.id, s.play.state.tickets.get(window.ticket)
    if not window.staff:
        return c.LogIn(window.plan.staff, name)
    if not window.serves:
        return c.OpenWindow(name)
    if ticket is None:
        return s.dice.choice((c.CallNext(name), c.CallNext(name), c.ResumeTicket(name), c.LogOut(name)))
    if ticket.stage is Stage.CALLED:
        return s.dice.choice((c.StartService, c.StartService, c.Recall, c.MarkNoShow))(name)
    return s.dice.choice((c.FinishService, c.CallNext, c.HoldTicket, c.HandBack, c.AddMatter))(name)


def _transfer(s: Storm) -> c.Command:
    to_queue, to_window = s.dice.choice(((s.queue(), ""), ("", s.window()), (s.queue(), s.window())))
    number = s.number() if s.dice.random() < 0.3 else ""
    kiosk = s.dice.choice(("", "", "A-K2", "X"))
    return c.TransferTicket(number, s.window(), to_queue, to_window, s.dice.choice(list(Place)), kiosk)


COMMANDS: tuple[Make, ...] = (
    *(_issue,) * 9,
    lambda s: c.SetNotice(s.dice.choice(("", "请稍候", "\x1b[31m"))),
    *(lambda s: c.CallNext(s.window()),) * 8,
    *(lambda s: c.StartService(s.window()),) * 6,
    *(lambda s: c.FinishService(s.window()),) * 4,
    *(lambda s: c.LogIn(s.dice.choice(("1001", "1002", "1003", "1004", "1099", "9", "3001")), s.window()),) * 4,
    *(lambda s: c.OpenWindow(s.window()),) * 3,
    *(_transfer,) * 3,
    *(lambda s: c.ReportPrinting(*s.job()),) * 2,
    *(lambda s: c.ReportPrinted(*s.job()),) * 3,
    *(lambda s: c.MarkNoShow(s.window()),) * 2,
    *(lambda s: c.Recall(s.window()),) * 2,
    *(lambda s: c.ReturnTicket(s.number()),) * 2,
    *(lambda s: c.HoldTicket(s.window(), s.dice.choice(list(HoldReason))),) * 2,
    *(lambda s: c.ResumeTicket(s.window(), s.dice.choice(("", s.number()))),) * 2,
    lambda s: c.LogIn("3001", proved=s.dice.random() < 0.9),
    lambda s: c.ReportUnprinted(*s.job(), "paper_out"),
    lambda s: c.ReprintTicket(s.number(), s.dice.choice(("A-K1", "A-K2", "Z"))),
    *(lambda s: c.VoidTicket(s.number(), s.dice.choice(("left", "left", "")), s.window()),) * 4,
    lambda s: c.GivePriority(s.number(), s.dice.choice(("elderly", ORDINARY, "king")), s.dice.choice(("", "old"))),
    lambda s: c.LogOut(s.dice.choice((s.window(), s.window(), ""))),
    lambda s: c.PauseWindow(s.window(), s.dice.choice(list(PauseReason))),
    lambda s: c.CloseWindow(s.window()),
    lambda s: c.CallNumber(s.window(), s.dice.choice((s.number(), s.number()[-2:]))),
    lambda s: c.HandBack(s.window()),
    lambda s: c.ServeHere(s.window(), s.dice.choice(("general", "post", "tax", "mars"))),
    lambda s: c.AddMatter(s.window(), s.dice.choice(("", "post", "mars"))),
    lambda s: c.InviteRating(s.window()),
    lambda s: c.RateService(s.window(), s.dice.choice(list(Level)), s.dice.choice(("", s.number()))),
    lambda s: c.RenameWindow(s.window(), s.dice.choice(("", "退税专窗", "\x1b[31m", "长" * 99))),
    lambda s: c.SetHelps(s.window(), s.dice.choice(((), ("post",), ("tax",), ("large", "large"), ("x",)))),
    lambda s: c.SetServes(s.window(), s.dice.choice(((), ("post",), ("tax", "large"), ("post", "x"))), "人多"),
    lambda s: c.StopIssuing(s.queue(), s.dice.choice(("", "满了"))),
    lambda s: c.SetNotice(s.dice.choice(("", "请从东门离开", "\x1b[2J")), s.dice.choice(("", "演练"))),
    lambda s: c.ResumeIssuing(s.queue()),
    lambda s: c.AcknowledgeAlarm(s.dice.choice((*s.play.state.alarms, "nothing"))),
    lambda s: c.ReportDevice(s.dice.choice(("panel-A01", "x" * 999, "")), s.dice.choice(("", "cold", "y" * 999))),
)  # fmt: skip
