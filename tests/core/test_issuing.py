"""Plays: giving numbers, refusing them with what to do instead, priority, estimates, returning."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from plans import a_plan, queue, window
from playing import ANY, GUIDE, KEYPAD, KIOSK, SUPERVISOR, Play

from controller.core import decide
from controller.core.state import QueueState
from hall import commands as c
from hall import events as e
from hall.names import ORDINARY, Origin, Place, Role, Rule, SlipStage, Stage, Why
from hall.plan.model import Plan

Begin = Callable[[Plan], Play]


def no(why: Why, number: str = "", detail: str = "", command: str = "IssueTicket") -> e.CommandRefused:
    return e.CommandRefused(why=why, command=command, number=number, detail=detail)


def issued(play: Play) -> e.TicketIssued:
    event = play.answer[0]
    assert isinstance(event, e.TicketIssued), event
    return event


# -- numbers -------------------------------------------------------------------------------------------------------


def test_a_ticket_says_all_a_slip_needs(play: Play) -> None:
    play >> c.IssueTicket("now", kiosk="A-K1", lang="en")
    play << e.TicketIssued(
        number="A0001", queue="large", unit="general", entry="now", kiosk="A-K1", ahead=0, estimate_s=0,
        windows=("A01", "A02"), slip=SlipStage.RESERVED, job=ANY, job_expires=play.now + 60_000,
        due_at=play.now + 1_800_000, lang="en",
    )  # fmt: skip


def test_numbers_count_for_each_prefix_by_itself(play: Play) -> None:
    assert [play.issue(entry) for entry in ("now", "tax", "now", "post", "tax")] == [
        "A0001", "AS0001", "A0002", "AP0001", "AS0002",
    ]  # fmt: skip


def test_past_9999_a_number_widens_and_never_wraps(play: Play) -> None:
    play.issue()
    first = play.log[-1].event
    assert isinstance(first, e.TicketIssued)
    nine_thousand_later = msgspec.structs.replace(first, number="A9998")
    play._fold(nine_thousand_later, c.Letter("x", "A", KIOSK, play.now, c.IssueTicket("now")))
    assert [play.issue() for _ in range(3)] == ["A9999", "A10000", "A10001"]
    play.serve("A01")
    assert [play.serve("A01") for _ in range(4)] == ["A9998", "A9999", "A10000", "A10001"]


def test_a_wide_number_is_called_by_its_digits(a_play: Begin) -> None:
    play = a_play(a_plan(queues={"large": queue("large", digits=4)}, windows={"A01": window("A01", ("general",), 1)}))
    play.issue(count=12)
    play >> c.CallNumber("A01", "12")
    assert play.stage("A0012") is Stage.CALLED


@pytest.mark.parametrize("typed", ["", "13", "A", "-1", "１２", "9" * 5000, "A001", "1 2", "0x1"])
def test_digits_that_mean_no_ticket_are_refused(play: Play, typed: str) -> None:
    play.issue(count=12)
    play >> c.CallNumber("A01", typed)
    refused = play.answer[0]
    assert isinstance(refused, e.CommandRefused)
    assert refused.why in (Why.UNKNOWN_NUMBER, Why.BAD_VALUE)


def test_digits_find_a_ticket_transferred_here_and_refuse_two_of_one_count(play: Play) -> None:
    play.issue("now", count=2)
    play.issue("post")
    play.as_(SUPERVISOR, c.TransferTicket("A0002", to_queue="post"))
    play >> c.CallNumber("A04", "2")
    assert play.stage("A0002") is Stage.CALLED
    play >> c.HandBack("A04")
    play.as_(SUPERVISOR, c.TransferTicket("A0001", to_queue="post")).at(seconds=9)
    (
        play
        >> c.CallNumber("A04", "1")
        << e.CommandRefused(why=Why.UNKNOWN_NUMBER, command="CallNumber", window="A04", number="1")
    )


# -- refusals ------------------------------------------------------------------------------------------------------


def test_a_closed_hall_gives_no_numbers(play: Play) -> None:
    play.at(minutes=8 * 60).settle() >> c.IssueTicket("now") << no(Why.HALL_CLOSED)


def test_a_full_queue_gives_no_numbers_until_somebody_is_called(a_play: Begin) -> None:
    queues = {"large": queue("large", max_waiting=2)}
    play = a_play(a_plan(queues=queues, windows={"A01": window("A01", ("general",), 1)}))
    play.issue(count=2)
    play >> c.IssueTicket("now") << no(Why.QUEUE_FULL)
    play.call("A01")
    play.issue()


def test_an_unstaffed_queue_gives_numbers_only_where_the_plan_says_so(a_play: Begin) -> None:
    for allowed in (False, True):
        play = a_play(a_plan(issue_unstaffed=allowed))
        play >> c.PauseWindow("A04") >> c.IssueTicket("post")
        if allowed:
            assert issued(play).estimate_s == -1
        else:
            play << no(Why.QUEUE_UNSTAFFED)


def test_issuing_stopped_for_a_queue_or_the_hall(play: Play) -> None:
    play >> c.StopIssuing("tax", "系统故障") << e.IssuingStopped(queue="tax")
    assert play.log[-1].reason == "系统故障"
    play >> c.IssueTicket("tax") << no(Why.ISSUING_STOPPED)
    play.issue("now")
    play >> c.StopIssuing(reason="停电") >> c.IssueTicket("now") << no(Why.ISSUING_STOPPED)
    play >> c.ResumeIssuing() >> c.IssueTicket("tax") << no(Why.ISSUING_STOPPED)
    play >> c.ResumeIssuing("tax")
    play.issue("tax")


def test_an_entry_of_the_other_hall_is_answered_with_its_name(a_play: Begin) -> None:
    plan = a_plan()
    entry = msgspec.structs.replace(plan.halls["A"].entries[0], id="police")
    hall = msgspec.structs.replace(plan.halls["A"], id="B", name="B厅", entries=(entry,))
    play = a_play(msgspec.structs.replace(plan, halls={**plan.halls, "B": hall}))
    before = dict(play.state.prefixes)
    play >> c.IssueTicket("police") << no(Why.OTHER_HALL, detail="B厅")
    play >> c.IssueTicket("moon") << no(Why.UNKNOWN_ENTRY)
    assert play.state.prefixes == before, "a refusal takes no number"


def test_lunch_gives_numbers_where_the_plan_says_so(a_play: Begin) -> None:
    for at_lunch in (True, False):
        lunch = {"lunch_from": 720, "lunch_to": 780, "issue_at_lunch": at_lunch}
        play = a_play(a_plan(hours=lunch))
        play.at(minutes=160).settle() >> c.IssueTicket("now")
        assert play.state.phase == "lunch"
        assert isinstance(play.answer[0], e.TicketIssued if at_lunch else e.CommandRefused)


def test_issuing_may_stop_before_closing(a_play: Begin) -> None:
    play = a_play(a_plan(hours={"stop_issuing_before_close_min": 30}))
    play.issue()
    play.at(minutes=7 * 60 + 1).settle() >> c.IssueTicket("now") << no(Why.HALL_CLOSED)
    assert play.state.phase == "open"
    assert play.call("A01") == "A0001"


# -- priority, origin ----------------------------------------------------------------------------------------------


def test_priority_needs_a_person_with_a_reason(play: Play) -> None:
    ask = c.IssueTicket("now", priority="elderly")
    play >> ask << no(Why.NO_PRIORITY_HERE)
    for by, origin in ((GUIDE, Origin.GUIDE), (SUPERVISOR, Origin.SUPERVISOR)):
        wish = msgspec.structs.replace(ask, origin=origin)
        play.as_(by, wish) << no(Why.REASON_NEEDED)
        play.as_(by, msgspec.structs.replace(wish, reason="  ")) << no(Why.REASON_NEEDED)
        play.as_(by, msgspec.structs.replace(wish, reason="七十五岁"))
        assert issued(play).priority == "elderly"
        assert play.log[-1].reason == "七十五岁"
    window_staff = msgspec.structs.replace(KEYPAD, staff="1001")
    play.as_(window_staff, msgspec.structs.replace(ask, origin=Origin.STAFF, reason="拄拐"))
    assert issued(play).priority == "elderly"


def test_priority_may_be_declared_at_the_kiosk_where_the_plan_allows(a_play: Begin) -> None:
    play = a_play(a_plan(self_declared_priority=True))
    play >> c.IssueTicket("now", priority="pregnant")
    assert issued(play).priority == "pregnant"
    play >> c.IssueTicket("now", priority="royal") << no(Why.BAD_VALUE)


def test_priority_given_to_a_waiting_ticket(play: Play) -> None:
    play.issue(count=3)
    play.as_(GUIDE, c.GivePriority("A0003", "elderly", "八十岁")) << e.PriorityGiven(number="A0003", priority="elderly")
    assert play.call("A01") == "A0003"
    refusals = {
        c.GivePriority("A0002", "elderly", ""): Why.REASON_NEEDED,
        c.GivePriority("A0002", "royal", "x"): Why.BAD_VALUE,
        c.GivePriority("A0003", "disabled", "x"): Why.WRONG_STAGE,
        c.GivePriority("A0002", ORDINARY, "x"): Why.ALREADY_SO,
        c.GivePriority("A0009", "elderly", "x"): Why.UNKNOWN_NUMBER,
    }
    for ask, why in refusals.items():
        play.as_(GUIDE, ask) << no(why, ask.number, command="GivePriority")


ORIGINS = {  # by whom, which origins they may name: written out from the issue, not from the code
    Role.CITIZEN: {Origin.KIOSK},
    Role.WINDOW: {Origin.STAFF, Origin.LINKED},
    Role.GUIDE: {Origin.GUIDE, Origin.LINKED},
    Role.SUPERVISOR: {Origin.GUIDE, Origin.SUPERVISOR, Origin.LINKED},
}


@pytest.mark.parametrize("origin", Origin)
@pytest.mark.parametrize("by", [KIOSK, msgspec.structs.replace(KEYPAD, staff="1001"), GUIDE, SUPERVISOR], ids=str)
def test_origin_and_role_agree(play: Play, by: c.Principal, origin: Origin) -> None:
    linked = "test/B/2026-11-23/B0003" if origin is Origin.LINKED else ""
    play.as_(by, c.IssueTicket("now", origin=origin, linked_to=linked))
    if origin in ORIGINS[by.role]:
        assert (issued(play).origin, issued(play).linked_to) == (origin, linked)
    else:
        play << no(Why.NO_RIGHT)


def test_a_linked_ticket_names_the_case_it_goes_on_with(play: Play) -> None:
    play.as_(GUIDE, c.IssueTicket("now", origin=Origin.LINKED)) << no(Why.BAD_VALUE)
    play.as_(GUIDE, c.IssueTicket("now", origin=Origin.GUIDE, linked_to="test/B/2026-11-23/B0003"))
    assert issued(play).linked_to == "", "only a linked ticket is linked"


def test_a_kiosk_prints_at_itself_only(play: Play) -> None:
    play >> c.IssueTicket("now", kiosk="A-K2") << no(Why.NO_RIGHT)
    play.as_(GUIDE, c.IssueTicket("now", kiosk="A-K9", origin=Origin.GUIDE)) << no(Why.BAD_VALUE)


# -- people ahead, estimates ---------------------------------------------------------------------------------------


def test_people_ahead_are_those_called_before(play: Play) -> None:
    ahead = []
    for _ in range(4):
        play.issue()
        ahead.append(issued(play).ahead)
    assert ahead == [0, 1, 2, 3]
    play.as_(GUIDE, c.IssueTicket("now", priority="elderly", origin=Origin.GUIDE, reason="老"))
    assert issued(play).ahead == 0
    play.as_(GUIDE, c.IssueTicket("now", priority="elderly", origin=Origin.GUIDE, reason="老"))
    assert issued(play).ahead == 1
    play.as_(GUIDE, c.IssueTicket("now", priority="elderly", origin=Origin.GUIDE, reason="老"))
    assert issued(play).ahead == 3, "two of the priority lane, and one ordinary between them: two for one"


def estimate(play: Play, entry: str = "now") -> int:
    play.issue(entry)
    return issued(play).estimate_s


def test_the_first_estimates_use_the_plans_prior(play: Play) -> None:
    assert [estimate(play, "post") for _ in range(3)] == [0, 300, 600]  # one window, free; 300 s each
    assert [estimate(play) for _ in range(3)] == [0, 150, 300]  # two windows


def test_paused_and_closed_windows_do_not_count(play: Play) -> None:
    play.issue(count=4)
    assert estimate(play) == 600
    play >> c.PauseWindow("A02")
    assert estimate(play) == 1500
    play >> c.CloseWindow("A02")
    assert estimate(play) == 1800
    play >> c.OpenWindow("A02")
    assert estimate(play) == 1050


def test_later_the_days_own_times_decide(play: Play) -> None:
    for _ in range(20):
        play.issue("post")
        play.serve("A04", seconds=60)
    play.issue("post")
    assert 60 <= estimate(play, "post") < 100
    queue_state: QueueState = play.state.queues["post"]
    assert len(queue_state.services) == 20
    assert queue_state.services_sum == sum(queue_state.services)


def test_a_window_of_two_queues_divides_itself(a_play: Begin) -> None:
    play = a_play(a_plan(windows={"A01": window("A01", ("general", "post"), 1)}))
    play.issue("now")
    assert estimate(play) == 300
    play.issue("post")
    assert estimate(play) == 1200, "every other turn is the other queue's"


# -- returning -----------------------------------------------------------------------------------------------------


def _parked(play: Play, count: int) -> list[str]:
    """So many no-shows, parked."""
    numbers = []
    for _ in range(count):
        numbers.append(play.call("A01"))
        play >> c.Recall("A01")
        play.at(seconds=30) >> c.MarkNoShow("A01")
    return numbers


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_each_return_waits_behind_exactly_three(play: Play, order: tuple[int, ...]) -> None:
    play.issue(count=10)
    parked = _parked(play, 3)
    for index in order:
        play.as_(SUPERVISOR, c.ReturnTicket(parked[index], "到了"))
        waiting = [number for _, number in play.state.queues["large"].lanes[ORDINARY]]
        assert waiting.index(parked[index]) == 3
        returned = play.answer[0]
        assert isinstance(returned, e.TicketReturned)
        assert returned.behind == 3


def test_a_return_finds_room_behind_the_same_ticket_many_times(a_play: Begin) -> None:
    play = a_play(a_plan(return_limit=60))
    play.issue(count=8)
    [number] = _parked(play, 1)
    for _ in range(50):
        play.as_(SUPERVISOR, c.ReturnTicket(number))
        assert [n for _, n in play.state.queues["large"].lanes[ORDINARY]].index(number) == 3
        play.at(seconds=9) >> c.CallNumber("A01", number) >> c.Recall("A01")
        play.at(seconds=30) >> c.MarkNoShow("A01")


def test_who_returns_nothing_behind_returns_first(a_play: Begin) -> None:
    play = a_play(a_plan(return_after=0))
    play.issue(count=3)
    [number] = _parked(play, 1)
    play.as_(SUPERVISOR, c.ReturnTicket(number))
    assert play.call("A02") == number


@pytest.mark.parametrize("by", [KIOSK, GUIDE, SUPERVISOR, msgspec.structs.replace(KEYPAD, staff="1001")], ids=str)
def test_staff_supervisor_and_kiosk_bring_a_no_show_back(play: Play, by: c.Principal) -> None:
    play.issue()
    [number] = _parked(play, 1)
    play.as_(by, c.ReturnTicket(number))
    assert play.stage(number) is Stage.WAITING


# -- letters -------------------------------------------------------------------------------------------------------


def test_the_first_answer_of_a_letter_is_remembered(play: Play) -> None:
    play.as_(KIOSK, c.IssueTicket("now"), letter_id="touch-1")
    play.as_(KIOSK, c.IssueTicket("moon"), letter_id="touch-2")
    assert {"touch-1", "touch-2"} <= set(play.state.answered)


def test_an_old_letter_is_refused_and_one_from_a_clock_ahead_is_not(play: Play) -> None:
    for at, why in ((play.now - 600_001, Why.LATE), (play.now + 9_000_000, None), (-(10**30), Why.LATE)):
        letter = c.Letter("x", "A", KIOSK, at, c.IssueTicket("now"))
        first = decide(play.state, letter, play.now)[0]
        assert getattr(first, "why", None) is why


def test_texts_have_a_length(play: Play) -> None:
    play.as_(GUIDE, c.IssueTicket("now", origin=Origin.GUIDE, reason="长" * 201))
    play << no(Why.BAD_VALUE)
    play >> c.CallNumber("A01", "\x1b[31m\u202e" + "1" * 100)
    refused = play.answer[0]
    assert isinstance(refused, e.CommandRefused)
    assert refused.number == "[31m" + "1" * 28


def test_a_transfer_first_goes_before_everybody_of_queue_or_window(play: Play) -> None:
    play.issue("post", count=3)
    play.issue("now", count=3)
    play.as_(SUPERVISOR, c.TransferTicket("A0002", to_queue="post", place=Place.FIRST))
    play.as_(SUPERVISOR, c.TransferTicket("A0003", to_window="A04", place=Place.LAST))
    play.as_(SUPERVISOR, c.TransferTicket("A0001", to_window="A04", place=Place.FIRST))
    order = [play.serve("A04") for _ in range(6)]
    assert order == ["A0001", "A0003", "A0002", "AP0001", "AP0002", "AP0003"]
    rules = [r.event.why.rule for r in play.log if isinstance(r.event, e.TicketCalled)]
    assert rules[:2] == [Rule.DIRECTED, Rule.DIRECTED]
