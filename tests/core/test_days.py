"""Plays: days. Roll-over with tickets in every stage, closing, lunch, nights off, clocks that jump, changed plans.

After each play the log folded anew, and folded from the last day's opening alone, must be the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec
import pytest
from plans import a_plan, queue, window
from playing import SUPERVISOR, Play, check_books

from controller.core import HallState, evolve, next_wake, view
from controller.core.canon import canonical_hash
from controller.core.waking import overdue
from hall import commands as c
from hall import events as e
from hall import plan as plans
from hall.names import TERMINAL, Back, SlipStage, Stage, Why
from hall.plan.model import Plan
from hall.views import PanelView

Begin = Callable[..., Play]
HOUR = 60


@pytest.fixture
def a_day() -> Iterator[Begin]:
    """A hall on a Monday at 09:30; at the end both ways of folding give what stands."""
    stages: list[Play] = []

    def begin(plan: Plan | None = None, **more: int) -> Play:
        stages.append(Play(plan or a_plan(), **more))
        return stages[-1]

    yield begin
    for stage in stages:
        stage.check_replay()
        check_folds_from_the_last_opening(stage)


def check_folds_from_the_last_opening(play: Play) -> None:
    opened = max(i for i, record in enumerate(play.log) if isinstance(record.event, e.DayOpened))
    state = HallState(play.state.site, "A")
    for record in play.log[opened:]:
        evolve(state, record)
    assert canonical_hash(state) == canonical_hash(play.state)


def events(play: Play, kind: type[e.Event]) -> list[e.Event]:
    return [record.event for record in play.log if isinstance(record.event, kind)]


def opened(play: Play) -> e.DayOpened:
    event = events(play, e.DayOpened)[-1]
    assert isinstance(event, e.DayOpened)
    return event


def next_morning(play: Play) -> Play:
    """A quarter past nine the day after, whatever the play's hour was."""
    day = play.state.day
    while play.state.day == day or play.state.phase != "open":
        play.at(minutes=15).settle()
    return play


# -- the turn of the day -------------------------------------------------------------------------------------------


def test_a_day_begins_at_five_and_numbers_with_it(a_day: Begin) -> None:
    play = a_day()
    assert play.issue() == "A0001"
    play.serve("A01")
    play.at(minutes=19 * HOUR + 28).settle()  # 04:59, and some seconds
    assert play.state.day == "2026-11-23"
    play.at(minutes=1).settle()
    assert (play.state.day, play.state.tickets, play.state.prefixes) == ("2026-11-24", {}, {})
    next_morning(play)
    assert play.issue() == "A0001"


def test_a_day_opens_once_although_time_is_told_twice(a_day: Begin) -> None:
    play = a_day()
    play.at(minutes=20 * HOUR)
    for _ in range(6):
        play >> c.TimePassed()
    assert len(events(play, e.DayOpened)) == 2
    play.at(minutes=-5 * HOUR).settle().at(minutes=5 * HOUR).settle()
    assert len(events(play, e.DayOpened)) == 2


def test_tickets_of_every_stage_cross_the_night(a_day: Begin) -> None:
    play = a_day()
    play.issue("now", count=6)
    play.call("A01")
    play >> c.StartService("A01")  # A0001 serving
    play.call("A02")
    play >> c.HoldTicket("A02")  # A0002 held
    play.call("A02")  # A0003 called
    play.as_(SUPERVISOR, c.TransferTicket("A0004", to_window="A04"))  # directed to a window that will be closed
    play.as_(SUPERVISOR, c.TransferTicket("A0005", to_window="A02"))  # directed to one with work in hand
    next_morning(play)
    stages = {number: ticket.stage for number, ticket in play.state.tickets.items()}
    assert stages == {
        "A0001": Stage.SERVING, "A0002": Stage.HELD, "A0003": Stage.CALLED, "A0004": Stage.WAITING,
        "A0005": Stage.WAITING, "A0006": Stage.WAITING,
    }  # fmt: skip
    assert {t.day for t in play.state.tickets.values()} == {"2026-11-23"}
    assert play.state.windows["A02"].directed[0][1] == "A0005"
    assert play.state.windows["A01"].ticket == "A0001"
    play >> c.FinishService("A01")
    assert play.serve("A01") == "A0006"
    assert play.serve("A04") == "A0004", "it waits in the queue of the window it was sent to"


def test_a_carried_number_is_stepped_over(a_day: Begin) -> None:
    play = a_day()
    play.issue("now", count=3)
    play.serve("A01")
    play.serve("A01")
    next_morning(play)
    assert opened(play).reserved == ("A0003",)
    assert [play.issue("now") for _ in range(3)] == ["A0001", "A0002", "A0004"]
    assert play.serve("A01") == "A0003", "it came first"
    assert play.issue("now") == "A0005", "reserved all day, also when its ticket is over"


def test_parked_after_closing_is_final_when_the_day_turns(a_day: Begin) -> None:
    play = a_day()
    play.issue()
    play.at(minutes=8 * HOUR).settle()
    play.call("A01")
    play >> c.Recall("A01")
    play.at(seconds=30) >> c.MarkNoShow("A01")
    assert play.stage("A0001") is Stage.PARKED
    next_morning(play)
    assert e.TicketNoShow(number="A0001", final=True) in events(play, e.TicketNoShow)
    assert play.state.tickets == {}


def test_a_slip_open_at_the_turn_is_not_certain_and_its_alarm_stands(a_day: Begin) -> None:
    play = a_day(a_plan(unprinted_after_s=24 * 3600, print_job_expires_s=24 * 3600))
    play >> c.IssueTicket("now", kiosk="A-K1")
    next_morning(play)
    assert play.state.tickets["A0001"].slip is SlipStage.UNPRINTED
    assert play.state.jobs == {}
    assert "slip:A0001" in play.state.alarms


def test_what_stands_longer_crosses_too(a_day: Begin) -> None:
    play = a_day()
    play >> c.RenameWindow("A01", "退税专窗") >> c.SetHelps("A01", ("post",)) >> c.StopIssuing("tax", "升级")
    play >> c.SetServes("A02", ("post",), "人多")
    play >> c.ReportDevice("panel-A03", "no_answer")
    next_morning(play)
    state = play.state
    assert (state.windows["A01"].name, state.windows["A01"].helps) == ("退税专窗", ("post",))
    assert state.windows["A02"].own == ("post",) and "A02" in state.queues["post"].serving_windows
    assert state.stopped == {"tax": "升级"}
    assert state.faults == {"panel-A03": "no_answer"}
    assert "device:panel-A03" in state.alarms


def test_desks_and_idle_seats_do_not_cross(a_day: Begin) -> None:
    play = a_day(a_plan(roster_logs_in=False))
    play >> c.LogIn("1001", "A01")
    next_morning(play)
    assert not play.state.seats
    assert not play.state.desks


# -- closing -------------------------------------------------------------------------------------------------------


def test_at_closing_those_who_wait_are_served(a_day: Begin) -> None:
    play = a_day()
    play.issue(count=2)
    play.at(minutes=7 * HOUR + 30).settle()
    assert (play.state.phase, play.state.issuing) == ("closed", False)
    assert play.serve("A01") == "A0001"


def test_at_closing_those_who_wait_expire_where_the_plan_says_so(a_day: Begin) -> None:
    play = a_day(a_plan(at_close="expire"))
    play.issue(count=3)
    play.call("A01")
    play.at(minutes=7 * HOUR + 30).settle()
    assert [play.stage(f"A000{n}") for n in (1, 2, 3)] == [Stage.CALLED, Stage.EXPIRED, Stage.EXPIRED]
    play >> c.HandBack("A01")
    next_morning(play)
    assert e.TicketExpired(number="A0001") in events(play, e.TicketExpired), "handed back after closing: no night out"


def test_a_no_show_is_final_at_closing(a_day: Begin) -> None:
    play = a_day()
    play.issue()
    play.call("A01")
    play >> c.Recall("A01")
    play.at(seconds=30) >> c.MarkNoShow("A01")
    play.at(minutes=7 * HOUR + 30).settle()
    assert play.stage("A0001") is Stage.NO_SHOW
    play >> c.ReturnTicket("A0001")
    assert isinstance(play.answer[0], e.CommandRefused)


# -- lunch, roster -------------------------------------------------------------------------------------------------


LUNCH = {"lunch_from": 720, "lunch_to": 780, "issue_at_lunch": False}


def test_lunch_and_back(a_day: Begin) -> None:
    play = a_day(a_plan(hours=LUNCH))
    phases = []
    for _ in range(20):
        play.at(minutes=30).settle()
        phases.append((play.state.phase, play.state.issuing))
    turns = [phase for phase, before in zip(phases, [None, *phases], strict=False) if phase != before]
    assert turns == [("open", True), ("lunch", False), ("open", True), ("closed", False)]
    seated = [event for event in events(play, e.StaffLoggedIn) if event.window]  # type: ignore[attr-defined]
    assert len(seated) == 4, "the roster sits down once a day, not again after lunch"


def test_a_hall_started_at_lunch_has_its_roster(a_day: Begin) -> None:
    play = a_day(a_plan(hours=LUNCH))
    noon = Play(a_plan(hours=LUNCH), now=play.now + 160 * 60_000)
    assert noon.state.phase == "lunch"
    assert len(noon.state.seats) == 4


def test_the_roster_leaves_those_alone_who_sit_elsewhere(a_day: Begin) -> None:
    play = a_day(a_plan(roster_logs_in=True))
    play.at(minutes=20 * HOUR).settle().at(minutes=4 * HOUR)
    while overdue(play.state, play.now):
        play >> c.TimePassed(elsewhere=("1002",))
    assert set(play.state.seats) == {"1001", "1003", "1004"}


# -- nights off ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 2, 9, 400])
def test_off_for_days_in_the_middle_of_one(a_day: Begin, days: int) -> None:
    play = a_day()
    play.issue(count=2)
    play.call("A01")
    play.at(minutes=days * 24 * HOUR).settle()
    assert len(events(play, e.DayOpened)) == 2, "one turn, however many days nobody was there"
    assert play.stage("A0001") is Stage.CALLED
    assert [type(r.event) for r in play.log[-40:]].count(e.PhaseChanged) <= 4
    assert play.state.phase == "open"


def test_closed_days_are_slept_through(a_day: Begin) -> None:
    play = a_day(a_plan(hours={"weekdays": (1, 2, 3, 4, 5)}))
    for _ in range(7 * 24):
        play.at(minutes=HOUR).settle()
    assert len(events(play, e.DayOpened)) == 8, "every date is a business day"
    opening = [event for event in events(play, e.PhaseChanged) if event.phase == "open"]  # type: ignore[attr-defined]
    assert len(opening) == 6, "Monday to Friday and Monday again"


# -- clocks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump_h", [-3, -24, -365 * 24, -0.02, 3, 24, 365 * 24])
def test_a_clock_that_jumps_and_is_put_right(a_day: Begin, jump_h: float) -> None:
    play = a_day(a_plan(unanswered_after_s=90, no_show_after_calls=1, at_close="expire"))
    play >> c.IssueTicket("now", kiosk="A-K1")
    play.issue(count=4)
    play.call("A01")
    play.at(minutes=jump_h * HOUR).settle()
    if jump_h < 0:
        assert play.stage("A0001") is Stage.CALLED, "nobody is a no-show because a clock was set back"
        assert [play.stage(f"A000{n}") for n in (2, 3, 4, 5)] == [Stage.WAITING] * 4
        assert play.state.day == "2026-11-23"
    play.at(minutes=-jump_h * HOUR).settle().at(seconds=1).settle()
    check_books(play.state)
    if play.state.issuing:
        live = {number for number, ticket in play.state.tickets.items() if ticket.stage not in TERMINAL}
        assert play.issue() not in live, "never a label twice"
    given = [(r.day, r.event.number) for r in play.log if isinstance(r.event, e.TicketIssued)]
    assert len(given) == len(set(given))


def test_the_hall_goes_on_while_the_clock_is_an_hour_late(a_day: Begin) -> None:
    play = a_day()
    play.at(minutes=60)
    play.issue(count=3)
    play.call("A01")
    play.at(minutes=-60).settle()
    play >> c.StartService("A01") >> c.FinishService("A01")
    finished = play.answer[0]
    assert isinstance(finished, e.ServiceFinished)
    assert finished.service_s == 0
    assert play.serve("A01") == "A0002"
    assert play.serve("A01") == "A0003"


@pytest.mark.parametrize("start", ["2026-03-07T15:00", "2026-10-31T15:00"])
def test_daylight_saving_turns_no_day_twice(a_day: Begin, start: str) -> None:
    """New York, the nights the clocks change; the day starts in an hour that is missing, or comes twice."""
    plan = a_plan(hours={"opens": 540, "closes": 1020})
    site = msgspec.structs.replace(plan.site, time_zone="America/New_York", day_starts=150)
    now = int(datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp() * 1000)
    play = a_day(msgspec.structs.replace(plan, site=site), now=now)
    for _ in range(3 * 24 * 4):
        play.at(minutes=15).settle()
        wake = next_wake(play.state)
        assert wake is not None
        assert wake > play.now, "settled"
    days = [event.day for event in events(play, e.DayOpened)]  # type: ignore[attr-defined]
    assert len(days) == len(set(days)) == 4
    assert days == sorted(days)


# -- plans ---------------------------------------------------------------------------------------------------------


def adopt(play: Play, plan: Plan) -> Play:
    play.send(c.AdoptPlan(msgspec.Raw(plans.to_json(plan)), plans.plan_hash(plan)))
    return play.settle()


def test_a_vanished_window_gives_everything_back(a_day: Begin) -> None:
    play = a_day()
    play.issue("now", count=4)
    play.call("A02")
    play >> c.HoldTicket("A02")
    play.call("A02")
    play.as_(SUPERVISOR, c.TransferTicket("A0003", to_window="A02"))
    windows = {w: play.plan.halls["A"].windows[w] for w in ("A01", "A03", "A04")}
    adopt(play, a_plan(windows=windows))
    back = {(event.number, event.why) for event in events(play, e.TicketHandedBack)}  # type: ignore[attr-defined]
    assert back == {(f"A000{n}", Back.WINDOW_VANISHED) for n in (1, 2, 3)}
    assert "A02" not in play.state.windows
    assert "1002" not in play.state.seats
    assert {"panels/A02", "windows/A02"} <= set(play.state.touched), "its retained views are to be cleared"
    assert view(play.state, "panels/A02") is None
    assert [play.serve("A01") for _ in range(4)] == ["A0001", "A0002", "A0003", "A0004"]


def test_a_vanished_queue_goes_to_the_queue_of_its_unit_or_the_general_one(a_day: Begin) -> None:
    play = a_day()
    play.issue("post", count=2)
    play.issue("now")
    play.call("A04")
    adopt(play, a_plan(queues={q: queue(q) for q in ("large", "tax")}, windows={
        "A01": window("A01", ("general",), 1), "A03": window("A03", ("tax",), 3)}))  # fmt: skip
    assert "post" not in play.state.queues
    assert [play.serve("A01") for _ in range(3)] == ["AP0001", "AP0002", "A0001"], "by original time"


def test_staff_the_new_plan_does_not_have_sit_nowhere(a_day: Begin) -> None:
    play = a_day()
    play.issue()
    play.call("A01")
    windows = dict(play.plan.halls["A"].windows)
    windows["A01"] = msgspec.structs.replace(windows["A01"], staff="1099")
    plan = a_plan(windows=windows)
    staff = {number: who for number, who in plan.staff.items() if number not in ("1001", "2001")}
    staff["3001"] = msgspec.structs.replace(staff["3001"], role=c.Role.GUIDE)
    adopt(play, msgspec.structs.replace(plan, staff=staff))
    assert play.stage("A0001") is Stage.WAITING
    assert "1001" not in play.state.seats
    assert play.state.desks == {}, "gone, or another role now"


def test_a_plan_taken_again_keeps_renames_and_takes_new_names(a_day: Begin) -> None:
    play = a_day()
    play >> c.RenameWindow("A01", "退税专窗")
    windows = {w: msgspec.structs.replace(p, name=f"新{w}") for w, p in play.plan.halls["A"].windows.items()}
    adopt(play, a_plan(windows=windows))
    panels = [view(play.state, f"panels/{w}") for w in ("A01", "A02")]
    assert [p.name for p in panels if isinstance(p, PanelView)] == ["退税专窗", "新A02"]


def test_a_plan_taken_again_keeps_what_a_window_was_given_as_far_as_it_goes(a_day: Begin) -> None:
    play = a_day()
    play >> c.SetServes("A01", ("post", "large"), "人多") >> c.SetServes("A02", ("post",), "人多")
    adopt(play, a_plan(queues={q: queue(q) for q in ("large", "tax")}, windows={
        w: play.plan.halls["A"].windows[w] for w in ("A01", "A02", "A03")}))  # fmt: skip
    owned = {w: known.own for w, known in play.state.windows.items()}
    assert owned == {"A01": ("large",), "A02": ("large",), "A03": ("tax",)}, "A02 has its plan's, not nothing"


def test_a_new_plan_counts_on_where_the_prefix_stood(a_day: Begin) -> None:
    play = a_day()
    play.issue("post", count=2)
    queues = {q: queue(q) for q in ("large", "tax", "post")}
    queues["post"] = msgspec.structs.replace(queues["post"], prefix="A", digits=5)
    queues["large"] = msgspec.structs.replace(queues["large"], prefix="AP")
    adopt(play, a_plan(queues=queues))
    assert [play.issue("now"), play.issue("post")] == ["AP0003", "A00001"]


def test_closed_means_closed_also_behind_a_new_plan(a_day: Begin) -> None:
    play = a_day()
    adopt(play, a_plan(hours={"opens": 600, "closes": 660}))
    play >> c.IssueTicket("now")
    refused = play.answer[0]
    assert isinstance(refused, e.CommandRefused)
    assert refused.why is Why.HALL_CLOSED
