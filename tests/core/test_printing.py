"""Plays: paper. Reserved, printing, printed or unprinted; reprints; what becomes of a ticket with no certain slip."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from plans import a_plan
from playing import KIOSK, ROOM, SUPERVISOR, Play

from controller.core import view
from hall import commands as c
from hall import events as e
from hall.names import SlipStage, Stage, Why
from hall.plan.model import Plan
from hall.views import JobsView

Begin = Callable[[Plan], Play]
SLIP_ALARM = e.AlarmRaised(alarm="slip:A0001", kind="slip", subject="A0001", detail="A-K1: paper_out")


def no(why: Why, command: str, number: str = "A0001") -> e.CommandRefused:
    return e.CommandRefused(why=why, command=command, number=number)


def a_job(play: Play) -> str:
    """A ticket with a slip to print at A-K1; its job."""
    play >> c.IssueTicket("now", kiosk="A-K1")
    issued = play.answer[0]
    assert isinstance(issued, e.TicketIssued)
    return issued.job


def slip(play: Play) -> SlipStage:
    return play.state.tickets["A0001"].slip


def jobs(play: Play, kiosk: str = "A-K1") -> tuple[str, ...]:
    shown = view(play.state, f"jobs/{kiosk}")
    assert isinstance(shown, JobsView)
    return tuple(job.number for job in shown.jobs)


def test_reserved_printing_printed(play: Play) -> None:
    job = a_job(play)
    assert (slip(play), jobs(play)) == (SlipStage.RESERVED, ("A0001",))
    play >> c.ReportPrinting("A0001", job) << e.SlipPrinting(number="A0001", job=job)
    assert slip(play) is SlipStage.PRINTING
    play >> c.ReportPrinted("A0001", job) << e.SlipPrinted(number="A0001", job=job)
    assert (slip(play), jobs(play)) == (SlipStage.PRINTED, ())


def test_a_restarted_kiosk_reads_what_it_owes(play: Play) -> None:
    job = a_job(play)
    play >> c.ReportPrinting("A0001", job)
    shown = view(play.state, "jobs/A-K1")
    assert isinstance(shown, JobsView)
    [owed] = shown.jobs
    assert (owed.job, owed.number, owed.printing, owed.copy, owed.ahead) == (job, "A0001", True, 0, 0)
    assert owed.expires > play.now
    assert jobs(play, "A-K2") == ()


def test_an_uncertain_slip_keeps_its_place_and_tells_the_supervisor(play: Play) -> None:
    job = a_job(play)
    play.issue()
    play >> c.ReportUnprinted("A0001", job, "paper_out")
    play << [e.SlipUnprinted(number="A0001", job=job, fault="paper_out"), SLIP_ALARM]
    assert play.call("A01") == "A0001"


@pytest.mark.parametrize("began", [False, True])
def test_sixty_seconds_of_silence(play: Play, began: bool) -> None:
    job = a_job(play)
    play.at(seconds=50)
    if began:
        play >> c.ReportPrinting("A0001", job)
    play.at(seconds=59 if began else 9).settle()
    assert slip(play) is (SlipStage.PRINTING if began else SlipStage.RESERVED)
    play.at(seconds=1).settle()
    assert slip(play) is SlipStage.UNPRINTED
    assert "slip:A0001" in play.state.alarms


def test_a_late_report_of_a_finished_job_is_refused(play: Play) -> None:
    job = a_job(play)
    play >> c.ReportPrinted("A0001", "another.0") << no(Why.ALREADY_SO, "ReportPrinted")
    play >> c.ReportPrinted("A0001", job) >> c.ReportPrinted("A0001", job) << no(Why.ALREADY_SO, "ReportPrinted")
    play >> c.ReportUnprinted("A0001", job, "cover") << no(Why.ALREADY_SO, "ReportUnprinted")
    play >> c.ReportPrinting("A0001", job) << no(Why.ALREADY_SO, "ReportPrinting")
    play >> c.ReportPrinted("A0009", job) << no(Why.UNKNOWN_NUMBER, "ReportPrinted", "A0009")
    assert slip(play) is SlipStage.PRINTED


def test_a_printer_that_comes_back_prints_no_stale_backlog(a_play: Begin) -> None:
    play = a_play(a_plan(unprinted_after_s=600, print_job_expires_s=60))
    job = a_job(play)
    play.at(seconds=61) >> c.ReportPrinting("A0001", job)
    assert play.answer[0] == e.SlipUnprinted(number="A0001", job=job, fault="expired")


def test_a_reprint_is_marked_and_counted(play: Play) -> None:
    job = a_job(play)
    play >> c.ReprintTicket("A0001", "A-K2") << no(Why.ALREADY_SO, "ReprintTicket")
    play >> c.ReportPrinted("A0001", job)
    for copy in (1, 2):
        play >> c.ReprintTicket("A0001", "A-K1", "掉了")
        asked = play.answer[0]
        assert isinstance(asked, e.ReprintAsked)
        assert (asked.number, asked.copy) == ("A0001", copy)
        play >> c.ReportPrinting("A0001", asked.job) >> c.ReportPrinted("A0001", asked.job)
    assert play.state.tickets["A0001"].copies == 2
    play >> c.ReprintTicket("A0001", "A-K9") << no(Why.BAD_VALUE, "ReprintTicket")
    play >> c.ReprintTicket("A0009", "A-K1") << no(Why.UNKNOWN_NUMBER, "ReprintTicket", "A0009")


def test_a_reprint_clears_the_alarm(play: Play) -> None:
    job = a_job(play)
    play >> c.ReportUnprinted("A0001", job, "paper_out") >> c.ReprintTicket("A0001", "A-K1")
    again = play.answer[0]
    assert isinstance(again, e.ReprintAsked)
    play >> c.ReportPrinted("A0001", again.job)
    play << [e.SlipPrinted(number="A0001", job=again.job), e.AlarmCleared(alarm="slip:A0001")]
    assert slip(play) is SlipStage.PRINTED


def test_the_alarm_of_a_slip_goes_with_its_ticket(play: Play) -> None:
    job = a_job(play)
    play >> c.ReportUnprinted("A0001", job, "paper_out")
    play.serve("A01")
    assert e.AlarmCleared(alarm="slip:A0001") in play.answer
    assert not play.state.alarms


def test_a_ticket_that_is_over_needs_no_slip(play: Play) -> None:
    a_job(play)
    play.as_(SUPERVISOR, c.VoidTicket("A0001", "走了"))
    play.at(seconds=61).settle()
    assert slip(play) is SlipStage.UNPRINTED
    assert not play.state.alarms
    play >> c.ReprintTicket("A0001", "A-K1") << no(Why.WRONG_STAGE, "ReprintTicket")


def test_unprinted_tickets_stand_aside_where_the_plan_says_so(a_play: Begin) -> None:
    play = a_play(a_plan(call_unprinted=False))
    job = a_job(play)
    play.issue(count=2)
    play >> c.ReportUnprinted("A0001", job, "paper_out")
    assert play.call("A01") == "A0002"
    play >> c.ReprintTicket("A0001", "A-K2")
    again = play.answer[0]
    assert isinstance(again, e.ReprintAsked)
    play.as_(c.Principal("kiosk-A-K2", role=ROOM.role), c.ReportPrinting("A0001", again.job))
    assert play.state.tickets["A0001"].aside
    play.as_(c.Principal("kiosk-A-K2", role=ROOM.role), c.ReportPrinted("A0001", again.job))
    assert play.call("A02") == "A0001", "its place was kept"


def test_one_who_stands_aside_is_not_left_with_a_window_that_leaves(a_play: Begin) -> None:
    play = a_play(a_plan(call_unprinted=False))
    job = a_job(play)
    play >> c.ReportUnprinted("A0001", job, "paper_out")
    play.as_(SUPERVISOR, c.TransferTicket("A0001", to_window="A02"))
    play >> c.LogOut("A02") >> c.ReprintTicket("A0001", "A-K1")
    again = play.answer[0]
    assert isinstance(again, e.ReprintAsked)
    play >> c.ReportPrinted("A0001", again.job)
    assert play.call("A01") == "A0001"


def test_a_kiosk_reports_its_own_jobs_only(play: Play) -> None:
    job = a_job(play)
    for by in (c.Principal("kiosk-A-K2", role=ROOM.role), c.Principal("caller-A-1", role=ROOM.role), KIOSK):
        play.as_(by, c.ReportPrinted("A0001", job)) << no(Why.NO_RIGHT, "ReportPrinted")
    assert slip(play) is SlipStage.RESERVED


def test_a_transfer_reprints_on_request(play: Play) -> None:
    play.issue()
    play.call("A01")
    play >> c.TransferTicket(window="A01", to_queue="post", reprint_at="A-K2")
    assert [type(event) for event in play.answer] == [e.TicketTransferred, e.ReprintAsked]
    assert jobs(play, "A-K2") == ("A0001",)


def test_a_clock_set_back_does_not_keep_a_job_open_for_hours(play: Play) -> None:
    job = a_job(play)
    play.at(minutes=-25).settle()
    play.at(seconds=61).settle()
    assert slip(play) is SlipStage.UNPRINTED
    play >> c.ReportPrinted("A0001", job) << no(Why.ALREADY_SO, "ReportPrinted")
    assert play.stage("A0001") is Stage.WAITING
