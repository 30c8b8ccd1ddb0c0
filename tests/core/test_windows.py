"""Plays: sitting down, opening, pausing, closing, leaving; and the matrix of who may ask what, every cell of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args, get_type_hints

import msgspec
import pytest
from plans import a_plan
from playing import GUIDE, KEYPAD, KIOSK, LINE, ROOM, SUPERVISOR, SYSTEM, Play

from hall import commands as c
from hall import events as e
from hall.names import Back, Level, Role, Stage, Why, WindowStatus
from hall.plan.model import Plan

Begin = Callable[[Plan], Play]
GUIDES_DESK = c.Principal("guide-1")
CONSOLE = c.Principal("console-1")


def no(why: Why, command: str, window: str = "", number: str = "", detail: str = "") -> e.CommandRefused:
    return e.CommandRefused(why=why, command=command, window=window, number=number, detail=detail)


# -- log-in and log-out --------------------------------------------------------------------------------------------


def test_the_roster_sits_down_at_opening_time(a_play: Begin) -> None:
    play = a_play(a_plan())
    assert {w: s.staff for w, s in play.state.windows.items()} == {
        "A01": "1001", "A02": "1002", "A03": "1003", "A04": "1004",
    }  # fmt: skip
    assert all(w.serves for w in play.state.windows.values())


def test_without_a_roster_windows_begin_closed(a_play: Begin) -> None:
    play = a_play(a_plan(roster_logs_in=False))
    assert not any(w.staff for w in play.state.windows.values())
    play >> c.CallNext("A01") << no(Why.NOT_STAFFED, "CallNext", "A01")


def test_log_in_opens_and_log_out_closes(play: Play) -> None:
    play >> c.LogOut("A01") << e.StaffLoggedOut(staff="1001", window="A01")
    assert play.state.windows["A01"].status is WindowStatus.CLOSED
    play >> c.OpenWindow("A01") << no(Why.NOT_STAFFED, "OpenWindow", "A01")
    play >> c.LogIn("1099", "A01")
    play << [
        e.StaffLoggedIn(staff="1099", role=Role.WINDOW, window="A01", device="caller-A-1"),
        e.WindowOpened(window="A01"),
    ]


def test_one_seat_for_each_and_one_member_of_staff_for_each_window(play: Play) -> None:
    play >> c.LogIn("1001", "A01") << no(Why.ALREADY_SO, "LogIn", "A01", detail="A01")
    play >> c.LogIn("1001", "A02") << no(Why.STAFF_ELSEWHERE, "LogIn", "A02", detail="A01")
    play >> c.LogIn("1099", "A02") << no(Why.WINDOW_TAKEN, "LogIn", "A02")
    play >> c.LogIn("7777", "A02") << no(Why.NO_STAFF_NUMBER, "LogIn", "A02")
    play >> c.LogIn("2001", "A02") << no(Why.NO_RIGHT, "LogIn", "A02")
    play >> c.LogIn("3001", "A02") << no(Why.NO_RIGHT, "LogIn", "A02")
    play >> c.LogIn("1099", "Z99") << no(Why.UNKNOWN_WINDOW, "LogIn", "Z99")


def test_who_sits_in_another_hall_sits_nowhere_here(play: Play) -> None:
    play >> c.LogOut("A01") >> c.LogIn("1001", "A01", elsewhere="B07")
    play << no(Why.STAFF_ELSEWHERE, "LogIn", "A01", detail="B07")


def test_a_desk_is_for_guides_and_supervisors_who_prove_it(a_play: Begin) -> None:
    play = a_play(a_plan())
    play.as_(GUIDES_DESK, c.LogIn("1099", proved=True)) << no(Why.NO_RIGHT, "LogIn")
    play.as_(c.Principal("guide-2"), c.LogIn("2001")) << no(Why.NOT_PROVED, "LogIn")
    play.as_(GUIDES_DESK, c.LogIn("2001", proved=True)) << no(Why.ALREADY_SO, "LogIn")
    play.as_(c.Principal("guide-2"), c.LogIn("2001", proved=True))
    play << e.StaffLoggedIn(staff="2001", role=Role.GUIDE, device="guide-2")
    play.as_(GUIDE, c.ReturnTicket("A0001")) << no(Why.NO_RIGHT, "ReturnTicket", number="A0001")


def test_a_desk_is_left_from_its_own_device_only(play: Play) -> None:
    thief = c.Principal("kiosk-A-K1", "3001")
    play.as_(thief, c.LogOut()) << no(Why.NO_RIGHT, "LogOut")
    play.as_(SUPERVISOR, c.LogOut()) << e.StaffLoggedOut(staff="3001")
    play.as_(SUPERVISOR, c.StopIssuing(reason="x")) << no(Why.NO_RIGHT, "StopIssuing")


def test_a_guide_logs_nobody_out(play: Play) -> None:
    play.as_(GUIDE, c.LogOut("A01")) << no(Why.NO_RIGHT, "LogOut", "A01")
    play.as_(SUPERVISOR, c.LogOut("A01")) << e.StaffLoggedOut(staff="1001", window="A01")


def test_log_out_with_a_ticket_open_is_refused(play: Play) -> None:
    play.issue()
    play.call("A01")
    play >> c.LogOut("A01") << no(Why.HAS_TICKET, "LogOut", "A01", "A0001")
    play >> c.PauseWindow("A01") << no(Why.HAS_TICKET, "PauseWindow", "A01")
    play >> c.CloseWindow("A01") << no(Why.HAS_TICKET, "CloseWindow", "A01")


@pytest.mark.parametrize(("leave", "why"), [
    (c.PauseWindow("A01"), Back.PAUSED), (c.CloseWindow("A01"), Back.CLOSED), (c.LogOut("A01"), Back.LOGGED_OUT),
])  # fmt: skip
def test_held_and_directed_go_back_by_original_time(play: Play, leave: c.Command, why: Back) -> None:
    play.issue(count=4)
    play.call("A01")
    play >> c.HoldTicket("A01")
    play.as_(SUPERVISOR, c.TransferTicket("A0003", to_window="A01"))
    play >> leave
    back = [event for event in play.answer if isinstance(event, e.TicketHandedBack)]
    assert {(event.number, event.why) for event in back} == {("A0001", why), ("A0003", why)}
    assert [play.serve("A02") for _ in range(4)] == ["A0001", "A0002", "A0003", "A0004"]


def test_open_paused_closed(play: Play) -> None:
    steps: list[tuple[c.Command, WindowStatus]] = [
        (c.PauseWindow("A01"), WindowStatus.PAUSED), (c.OpenWindow("A01"), WindowStatus.OPEN),
        (c.CloseWindow("A01"), WindowStatus.CLOSED), (c.OpenWindow("A01"), WindowStatus.OPEN),
    ]  # fmt: skip
    for command, status in steps:
        play >> command
        assert play.state.windows["A01"].status is status
        play >> command << no(Why.ALREADY_SO, type(command).__name__, "A01")
    play >> c.CloseWindow("A01") >> c.PauseWindow("A01") << no(Why.NOT_OPEN, "PauseWindow", "A01")
    play.issue()
    play >> c.CallNext("A01") << no(Why.NOT_OPEN, "CallNext", "A01")


# -- alarms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("leave", [c.PauseWindow("A04"), c.CloseWindow("A04"), c.LogOut("A04")])
def test_the_last_serving_window_raises_an_alarm_cleared_by_the_next(play: Play, leave: c.Command) -> None:
    play.issue("post")
    play >> leave
    alarm = e.AlarmRaised(alarm="last_window:post", kind="last_window", subject="post", detail="A04")
    assert play.answer[-1] == alarm
    play >> (c.LogIn("1004", "A04") if isinstance(leave, c.LogOut) else c.OpenWindow("A04"))
    assert play.answer[-1] == e.AlarmCleared(alarm="last_window:post")
    assert not play.state.alarms


def test_not_the_last_window_or_nobody_waiting_raises_none(play: Play) -> None:
    play >> c.PauseWindow("A04")
    play.issue("now")
    play >> c.PauseWindow("A01")
    assert not play.state.alarms
    play >> c.PauseWindow("A02")
    assert set(play.state.alarms) == {"last_window:large"}


def test_those_given_back_count_as_waiting(play: Play) -> None:
    play.issue("post")
    play.call("A04")
    play >> c.HoldTicket("A04") >> c.PauseWindow("A04")
    assert "last_window:post" in play.state.alarms


def test_an_alarm_is_acknowledged_once(play: Play) -> None:
    play.issue("post")
    play >> c.PauseWindow("A04") >> c.AcknowledgeAlarm("last_window:post")
    play << e.AlarmAcknowledged(alarm="last_window:post")
    play >> c.AcknowledgeAlarm("last_window:post") << no(Why.ALREADY_SO, "AcknowledgeAlarm")
    assert play.state.alarms["last_window:post"].acknowledged


# -- the matrix of rights ------------------------------------------------------------------------------------------

C, D, W, G, S, Y = Role.CITIZEN, Role.DEVICE, Role.WINDOW, Role.GUIDE, Role.SUPERVISOR, Role.SYSTEM
MAY: dict[type[c.Command], set[Role]] = {  # written out from the issue, cell by cell; the code's table is not looked at
    c.IssueTicket: {C, W, G, S},
    c.ReportPrinting: {D},
    c.ReportPrinted: {D},
    c.ReportUnprinted: {D},
    c.ReprintTicket: {W, G, S},
    c.VoidTicket: {W, S},
    c.ReturnTicket: {C, W, G, S},
    c.GivePriority: {W, G, S},
    c.LogIn: {D},
    c.LogOut: {D, W, G, S},
    c.OpenWindow: {W, S},
    c.PauseWindow: {W, S},
    c.CloseWindow: {W, S},
    c.CallNext: {W},
    c.CallNumber: {W, S},
    c.Recall: {W},
    c.StartService: {W},
    c.FinishService: {W},
    c.MarkNoShow: {W},
    c.HoldTicket: {W},
    c.ResumeTicket: {W},
    c.HandBack: {W, S},
    c.TransferTicket: {W, S},
    c.ServeHere: {W},
    c.AddMatter: {W},
    c.InviteRating: {W},
    c.RateService: {D},
    c.RenameWindow: {S},
    c.SetServes: {S},
    c.SetHelps: {S},
    c.StopIssuing: {S},
    c.ResumeIssuing: {S},
    c.SetNotice: {S},
    c.AcknowledgeAlarm: {S},
    c.ReportDevice: {D},
    c.StartController: {Y},
    c.AdoptPlan: {Y},
    c.TimePassed: {Y},
}
ASKED: dict[type[c.Command], c.Command] = {
    c.IssueTicket: c.IssueTicket("now"),
    c.ReportPrinting: c.ReportPrinting("A0001", "j"),
    c.ReportPrinted: c.ReportPrinted("A0001", "j"),
    c.ReportUnprinted: c.ReportUnprinted("A0001", "j"),
    c.ReprintTicket: c.ReprintTicket("A0001", "A-K1"),
    c.VoidTicket: c.VoidTicket("A0001", "x", "A01"),
    c.ReturnTicket: c.ReturnTicket("A0001"),
    c.GivePriority: c.GivePriority("A0001", "elderly", "x"),
    c.LogIn: c.LogIn("1099", "A01"),
    c.CallNumber: c.CallNumber("A01", "1"),
    c.TransferTicket: c.TransferTicket(window="A01", to_queue="post"),
    c.ServeHere: c.ServeHere("A01", "post"),
    c.RateService: c.RateService("A01", Level.SATISFIED),
    c.RenameWindow: c.RenameWindow("A01", "x"),
    c.SetServes: c.SetServes("A01", ("post",), "人多"),
    c.SetHelps: c.SetHelps("A01", ()),
    c.StopIssuing: c.StopIssuing(reason="x"),
    c.ResumeIssuing: c.ResumeIssuing(),
    c.SetNotice: c.SetNotice("暂停"),
    c.AcknowledgeAlarm: c.AcknowledgeAlarm("x"),
    c.ReportDevice: c.ReportDevice("panel-A01", "cold"),
    c.StartController: c.StartController("1"),
    c.AdoptPlan: c.AdoptPlan(msgspec.Raw(b"{}"), "x"),
    c.TimePassed: c.TimePassed(),
}
ORIGIN_OF = {C: "kiosk", W: "staff", G: "guide", S: "supervisor"}


def _principal(role: Role, kind: type[c.Command]) -> c.Principal:
    """Somebody of that role who has the session and sits at the right device."""
    line = kind in (c.LogIn, c.LogOut, c.RateService)
    return {
        C: KIOSK, D: LINE if line else ROOM, W: msgspec.structs.replace(KEYPAD, staff="1001"), G: GUIDE, S: SUPERVISOR,
        Y: SYSTEM,
    }[role]  # fmt: skip


def _asked(kind: type[c.Command], role: Role) -> c.Command:
    if kind is c.LogOut:  # guides and supervisors leave their desk
        return c.LogOut("" if role in (G, S) else "A01")
    if kind is c.IssueTicket and role in ORIGIN_OF:
        return msgspec.json.decode(f'{{"entry":"now","origin":"{ORIGIN_OF[role]}","what":"IssueTicket"}}', type=kind)
    return ASKED[kind] if kind in ASKED else kind("A01")  # type: ignore[call-arg]


def test_the_matrix_has_every_command() -> None:
    commands = set(get_args(get_type_hints(c.Letter)["command"]))
    assert set(MAY) == commands


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("kind", MAY, ids=lambda kind: kind.__name__)
def test_who_may_ask_what(kind: type[c.Command], role: Role) -> None:
    play = Play(a_plan())
    play.issue()
    play.call("A01")
    command = _asked(kind, role)
    if kind in c.INTERNAL and role is Y:
        return  # the shell's own; every play begins with them
    play.as_(_principal(role, kind), command)
    first = play.answer[0]
    allowed = not (isinstance(first, e.CommandRefused) and first.why is Why.NO_RIGHT)
    assert allowed is (role in MAY[kind]), first


@pytest.mark.parametrize("kind", [kind for kind, roles in MAY.items() if S in roles or G in roles])
@pytest.mark.parametrize("by", [
    c.Principal("console-2", "3001", S), c.Principal("console-1", "3002", S), c.Principal("guide-1", "2001", S),
    c.Principal("kiosk-A-K1", "3001", S), c.Principal("guide-2", "2001", G), c.Principal("console-1", "3001", G),
], ids=str)  # fmt: skip
def test_a_desk_right_needs_the_session_on_that_device(play: Play, kind: type[c.Command], by: c.Principal) -> None:
    play.as_(by, _asked(kind, S))
    first = play.answer[0]
    assert isinstance(first, e.CommandRefused) and first.why is Why.NO_RIGHT


@pytest.mark.parametrize("kind", [kind for kind, roles in MAY.items() if W in roles])
@pytest.mark.parametrize("by", [
    c.Principal("caller-B-1", role=W), c.Principal("kiosk-A-K1", role=W), c.Principal("soft-A02", role=W),
    c.Principal("caller-A-1", "1002", W), c.Principal("", role=W),
], ids=str)  # fmt: skip
def test_a_window_right_needs_the_windows_line_and_staff(play: Play, kind: type[c.Command], by: c.Principal) -> None:
    """Window A01 asked for by another line, another window's soft caller, another member of staff."""
    play.issue()
    play.call("A01")
    command = _asked(kind, W)
    if "window" not in command.__struct_fields__:
        by = msgspec.structs.replace(by, staff="1001") if by.staff == "" else by
        if by.staff == "1002":
            return  # A02's own staff, at its own line, for itself: right enough
    play.as_(by, command)
    first = play.answer[0]
    assert isinstance(first, e.CommandRefused)
    assert first.why in (Why.NO_RIGHT, Why.UNKNOWN_WINDOW)


def test_a_soft_caller_speaks_for_its_own_window(play: Play) -> None:
    play.issue()
    play.as_(c.Principal("soft-A01", role=W), c.CallNext("A01"))
    assert play.stage("A0001") is Stage.CALLED


@pytest.mark.parametrize("ask", [
    c.VoidTicket("A0001", "x"), c.TransferTicket("A0001", to_queue="post"), c.VoidTicket("A0001", "x", "A01"),
    c.TransferTicket("A0001", window="A01", to_queue="post"),
])  # fmt: skip
def test_a_window_does_not_reach_into_the_queue(play: Play, ask: c.Command) -> None:
    play.issue()
    play.as_(msgspec.structs.replace(KEYPAD, staff="1001"), ask)
    first = play.answer[0]
    assert isinstance(first, e.CommandRefused) and first.why is Why.NOT_YOURS
    assert play.stage("A0001") is Stage.WAITING


def test_a_restricted_case_leaves_its_queue_only_by_a_window_that_has_seen_it(play: Play) -> None:
    number = play.issue("tax")
    for target in ({"to_window": "A01"}, {"to_queue": "large"}, {"to_queue": "post"}):
        play.as_(SUPERVISOR, c.TransferTicket(number, **target))  # type: ignore[arg-type]
        play << no(Why.RESTRICTED, "TransferTicket", "", number)
    play.call("A03")
    play >> c.TransferTicket(window="A03", to_queue="post")
    moved = play.answer[0]
    assert isinstance(moved, e.TicketTransferred)
    assert (moved.queue, moved.unit) == ("post", "post")


def test_the_phone_page_rates_a_given_number_and_nothing_else(play: Play) -> None:
    phone = c.Principal("phone-1", role=C)
    play.issue()
    play.serve("A01")
    play.as_(phone, c.RateService("A01", Level.SATISFIED)) << no(Why.NO_RIGHT, "RateService", "A01")
    play.as_(phone, c.IssueTicket("now")) << no(Why.NO_RIGHT, "IssueTicket")
    play.as_(KIOSK, c.RateService("A01", Level.SATISFIED, "A0001")) << no(Why.NO_RIGHT, "RateService", "A01", "A0001")
    play.as_(phone, c.RateService("A01", Level.SATISFIED, "A0001"))
    assert isinstance(play.answer[0], e.ServiceRated)
