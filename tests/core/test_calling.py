"""Plays: calling, recalling, 过号, holding, transferring."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from plans import a_plan, window
from playing import ANY, KEYPAD, SUPERVISOR, Play

from hall import commands as c
from hall import events as e
from hall.names import Back, HoldReason, Place, Rule, Stage, Why
from hall.plan.model import Plan

Begin = Callable[[Plan], Play]


def no(why: Why, command: str, window: str = "", number: str = "", detail: str = "") -> e.CommandRefused:
    return e.CommandRefused(why=why, command=command, window=window, number=number, detail=detail)


def called(number: str, window: str) -> e.TicketCalled:
    return e.TicketCalled(number=number, window=window, why=ANY, staff=ANY)


def test_two_windows_never_call_the_same_ticket(play: Play) -> None:
    play.issue()
    play >> c.CallNext("A01") << called("A0001", "A01")
    play >> c.CallNext("A02") << no(Why.NOBODY_WAITS, "CallNext", "A02")


def test_a_second_press_within_the_guard_calls_nobody(play: Play) -> None:
    play.issue(count=2)
    play >> c.CallNext("A01") << called("A0001", "A01")
    play.at(seconds=7.9) >> c.CallNext("A01") << no(Why.TOO_SOON, "CallNext", "A01")
    assert play.stage("A0002") is Stage.WAITING


def test_next_on_a_called_ticket_is_refused_by_default(play: Play) -> None:
    play.issue(count=2)
    play >> c.CallNext("A01")
    play.at(seconds=9) >> c.CallNext("A01") << no(Why.NOT_STARTED, "CallNext", "A01", "A0001")


def test_next_on_a_serving_ticket_finishes_it_first(play: Play) -> None:
    play.issue(count=2)
    play >> c.CallNext("A01") >> c.StartService("A01")
    play.at(seconds=90) >> c.CallNext("A01")
    play << [
        e.ServiceFinished(number="A0001", window="A01", staff="1001", service_s=90, matters=1),
        e.RatingInvited(number="A0001", window="A01", until=ANY),
        called("A0002", "A01"),
    ]


def test_next_with_nobody_waiting_still_finishes(play: Play) -> None:
    play.issue()
    play >> c.CallNext("A01") >> c.StartService("A01")
    play.at(seconds=30) >> c.CallNext("A01")
    assert [type(x) for x in play.answer] == [e.ServiceFinished, e.RatingInvited, e.CommandRefused]
    assert play.stage("A0001") is Stage.SERVED


@pytest.mark.parametrize(("rule", "stage"), [("finish", Stage.SERVED), ("no_show", Stage.PARKED)])
def test_next_on_called_follows_the_plan(a_play: Begin, rule: str, stage: Stage) -> None:
    play = a_play(a_plan(next_on_called=rule, no_show_after_calls=1, no_show_after_s=0))
    play.issue(count=2)
    play.call("A01")
    assert play.call("A01") == "A0002"
    assert play.stage("A0001") is stage


def test_start_on_call(a_play: Begin) -> None:
    play = a_play(a_plan(start_on_call=True))
    play.issue()
    play >> c.CallNext("A01") << [called("A0001", "A01"), e.ServiceStarted(number="A0001", window="A01")]
    play >> c.Recall("A01") << e.TicketRecalled(number="A0001", window="A01", recalls=1)


def test_recall_has_a_limit(play: Play) -> None:
    play.issue()
    play >> c.CallNext("A01")
    for count in (1, 2, 3):
        play >> c.Recall("A01") << e.TicketRecalled(number="A0001", window="A01", recalls=count)
    play >> c.Recall("A01") << no(Why.TOO_MANY_RECALLS, "Recall", "A01", "A0001")


def test_no_show_only_after_calls_and_seconds(play: Play) -> None:
    play.issue()
    play >> c.CallNext("A01")
    play.at(seconds=60) >> c.MarkNoShow("A01") << no(Why.TOO_FEW_CALLS, "MarkNoShow", "A01", "A0001")
    play >> c.Recall("A01")
    play.at(seconds=19) >> c.MarkNoShow("A01") << no(Why.TOO_SOON, "MarkNoShow", "A01", "A0001")
    play.at(seconds=1) >> c.MarkNoShow("A01") << e.TicketNoShow(number="A0001", window="A01", final=False)


def test_a_returned_no_show_waits_behind_three_and_only_twice(play: Play) -> None:
    play.issue(count=6)
    for _ in range(2):
        play.call("A01")
        play >> c.Recall("A01")
        play.at(seconds=30) >> c.MarkNoShow("A01")
        issued = play.state.tickets["A0001"].issued_at
        play >> c.ReturnTicket("A0001")
        assert play.answer[0].behind == 3  # type: ignore[attr-defined]
        assert play.state.tickets["A0001"].issued_at == issued
        order = [play.serve("A02") for _ in range(3)]
        assert "A0001" not in order
        if len(play.state.queues["large"].ages) < 4:
            play.issue(count=3)
    play.call("A01")
    play >> c.Recall("A01")
    play.at(seconds=30) >> c.MarkNoShow("A01")
    assert play.stage("A0001") is Stage.PARKED
    play >> c.ReturnTicket("A0001") << no(Why.TOO_MANY_RETURNS, "ReturnTicket", number="A0001")


def test_a_return_into_an_empty_queue_is_called_at_once(play: Play) -> None:
    play.issue()
    play >> c.CallNext("A01") >> c.Recall("A01")
    play.at(seconds=30) >> c.MarkNoShow("A01") >> c.ReturnTicket("A0001")
    assert play.call("A02") == "A0001"


def test_hold_several_resume_any(play: Play) -> None:
    play.issue(count=5)
    for number in ("A0001", "A0002", "A0003"):
        assert play.call("A01") == number
        play >> c.HoldTicket("A01", HoldReason.ESCORT_FACE)
        play << e.TicketHeld(number=number, window="A01", why=HoldReason.ESCORT_FACE)
    assert play.call("A01") == "A0004"
    play >> c.HoldTicket("A01") << no(Why.TOO_MANY_HELD, "HoldTicket", "A01", "A0004")
    play >> c.ResumeTicket("A01") << no(Why.HAS_TICKET, "ResumeTicket", "A01", "A0004")
    play >> c.StartService("A01") >> c.FinishService("A01")
    play >> c.ResumeTicket("A01", "A0002") << e.TicketResumed(number="A0002", window="A01")
    play >> c.FinishService("A01") >> c.ResumeTicket("A01") << e.TicketResumed(number="A0001", window="A01")


def test_hand_back_keeps_the_place(play: Play) -> None:
    play.issue(count=3)
    play.call("A01")
    play >> c.HandBack("A01") << e.TicketHandedBack(number="A0001", window="A01", why=Back.HANDED_BACK)
    assert play.call("A02") == "A0001"


@pytest.mark.parametrize(("place", "order"), [
    (Place.FIRST, ["A0001", "AP0001", "AP0002"]),
    (Place.ARRIVAL, ["AP0001", "A0001", "AP0002"]),
    (Place.LAST, ["AP0001", "AP0002", "A0001"]),
])  # fmt: skip
def test_transfer_first_last_or_by_arrival(play: Play, place: Place, order: list[str]) -> None:
    play.issue("post")
    play.issue("now")
    play.issue("post")
    play.call("A01")
    play >> c.TransferTicket(window="A01", to_queue="post", place=place)
    assert [play.serve("A04") for _ in range(3)] == order
    assert play.state.tickets["A0001"].queue == "post"


def test_transfer_to_a_window_goes_before_everything(play: Play) -> None:
    play.issue("post", count=2)
    play.issue("now")
    play.call("A01")
    play >> c.TransferTicket(window="A01", to_window="A04")
    play.at(seconds=9) >> c.CallNext("A04")
    call = play.answer[0]
    assert isinstance(call, e.TicketCalled)
    assert (call.number, call.why.rule) == ("A0001", Rule.DIRECTED)


def test_transfer_to_a_closed_or_unstaffed_target_is_refused(play: Play) -> None:
    play.issue("now")
    play.call("A01")
    play >> c.PauseWindow("A04")
    play >> c.TransferTicket(window="A01", to_queue="post")
    play << no(Why.TARGET_CLOSED, "TransferTicket", "A01", "A0001")
    play >> c.TransferTicket(window="A01", to_window="A04")
    play << no(Why.TARGET_CLOSED, "TransferTicket", "A01", "A0001")
    play >> c.TransferTicket(window="A01", to_queue="mars")
    play << no(Why.UNKNOWN_QUEUE, "TransferTicket", "A01", "A0001")


def test_directed_and_held_go_back_when_the_window_pauses(play: Play) -> None:
    play.issue("now", count=3)
    play.call("A01")
    play >> c.TransferTicket(window="A01", to_window="A02")
    assert play.call("A02") == "A0001"
    play >> c.HoldTicket("A02")
    play.call("A01")
    play >> c.TransferTicket(window="A01", to_window="A02")
    play >> c.PauseWindow("A02")
    play << [
        e.TicketHandedBack(number="A0002", window="A02", why=Back.PAUSED),
        e.TicketHandedBack(number="A0001", window="A02", why=Back.PAUSED),
        e.WindowPaused(window="A02"),
    ]
    assert play.call("A01") == "A0001"


def test_serve_here_relabels_and_counts_but_never_takes_a_restricted_unit(play: Play) -> None:
    play.issue("post")
    play.call("A04")
    play >> c.StartService("A04") >> c.ServeHere("A04", "general")
    play << e.TicketRelabelled(number="AP0001", window="A04", unit="general", was="post")
    play >> c.ServeHere("A04", "tax") << no(Why.RESTRICTED, "ServeHere", "A04", "AP0001")
    play >> c.AddMatter("A04") << e.MatterAdded(number="AP0001", window="A04", matters=2)


def test_a_given_number_by_its_digits(play: Play) -> None:
    play.issue(count=3)
    play >> c.CallNumber("A01", "2") << called("A0002", "A01")
    play.at(seconds=9) >> c.CallNumber("A02", "A0003") << called("A0003", "A02")
    play.at(seconds=9)
    play >> c.CallNumber("A03", "A0001") << no(Why.NOT_YOURS, "CallNumber", "A03", "A0001")


def test_not_even_a_supervisor_gives_a_restricted_ticket_to_another_window(play: Play) -> None:
    number = play.issue("tax")
    play.as_(SUPERVISOR, c.CallNumber("A01", number))
    play << no(Why.RESTRICTED, "CallNumber", "A01", number)
    play.as_(SUPERVISOR, c.SetHelps("A01", ("tax",)))
    play << no(Why.RESTRICTED, "SetHelps", "A01", "", "tax")


def test_a_keypad_speaks_only_for_windows_on_its_line(play: Play) -> None:
    play.issue()
    other = c.Principal("caller-B-1", role=KEYPAD.role)
    play.as_(other, c.CallNext("A01")) << no(Why.NO_RIGHT, "CallNext", "A01")


def test_void_needs_a_reason_and_the_own_ticket(play: Play) -> None:
    play.issue(count=2)
    play.call("A01")
    play >> c.VoidTicket("A0001", "", "A01") << no(Why.REASON_NEEDED, "VoidTicket", "A01", "A0001")
    play >> c.VoidTicket("A0002", "left", "A01") << no(Why.NOT_YOURS, "VoidTicket", "A01", "A0002")
    play >> c.VoidTicket("A0001", "left", "A01") << e.TicketVoided(number="A0001", window="A01")


def test_the_clock_going_back_locks_nobody_out(play: Play) -> None:
    play.issue(count=2)
    play.call("A01")
    play >> c.StartService("A01")
    play.at(minutes=-20).settle() >> c.CallNext("A01")
    assert any(isinstance(event, e.TicketCalled) for event in play.answer)
    finished = play.answer[0]
    assert isinstance(finished, e.ServiceFinished)
    assert finished.service_s == 0


def test_unanswered_calls_become_no_shows_by_themselves(a_play: Begin) -> None:
    play = a_play(a_plan(unanswered_after_s=90, no_show_after_calls=1))
    play.issue()
    play.call("A01")
    play.at(seconds=89).settle()
    assert play.stage("A0001") is Stage.CALLED
    play.at(seconds=1).settle()
    assert play.stage("A0001") is Stage.PARKED


def test_two_windows_of_several_units_take_the_oldest_first(a_play: Begin) -> None:
    play = a_play(a_plan(windows={"A01": window("A01", ("general", "post"), 1), "A03": window("A03", ("tax",), 3)}))
    order = [play.issue("post"), play.issue("now"), play.issue("post")]
    assert [play.serve("A01") for _ in range(3)] == order
