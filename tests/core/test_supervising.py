"""Plays: what a supervisor changes while the hall runs, and what rooms report about their devices."""

from __future__ import annotations

import pytest
from playing import ROOM, Play

from controller.core import view
from controller.core.deciding.supervising import FAULTS_MAX
from controller.core.lanes import helping
from controller.core.showing import ALARMS_SHOWN
from hall import codec
from hall import commands as c
from hall import events as e
from hall.names import Why
from hall.views import AlarmsView, HallView, PanelView, QueueView, WindowView


def refused(play: Play) -> Why:
    [event] = play.answer
    assert isinstance(event, e.CommandRefused)
    return event.why


def panel(play: Play, window: str = "A01") -> PanelView:
    shown = view(play.state, f"panels/{window}")
    assert isinstance(shown, PanelView)
    return shown


def queue(play: Play, name: str) -> QueueView:
    shown = view(play.state, f"queues/{name}")
    assert isinstance(shown, QueueView)
    return shown


def test_a_rename_lights_the_new_name_and_an_empty_one_gives_the_plans_back(play: Play) -> None:
    before = panel(play).revision
    play >> c.RenameWindow("A01", "退税专窗", "退税季") << e.WindowRenamed(window="A01", name="退税专窗")
    assert panel(play).lines[0] == "退税专窗"
    assert panel(play).revision > before
    assert {"panels/A01", "windows/A01"} <= set(play.state.touched)
    play >> c.RenameWindow("A01", "退税专窗")
    assert refused(play) is Why.ALREADY_SO
    play >> c.RenameWindow("A01", "") << e.WindowRenamed(window="A01", name="综合受理窗口A01")


@pytest.mark.parametrize("name", ["字" * 25, "a\x1b[31m", "a\u202eb", "a\nb", "a\x00"])
def test_a_name_a_panel_could_choke_on_is_refused(play: Play, name: str) -> None:
    play >> c.RenameWindow("A01", name)
    assert refused(play) is Why.BAD_VALUE


def test_helps_are_set_but_never_a_restricted_queue(play: Play) -> None:
    play >> c.SetHelps("A01", ("post", "large", "post")) << e.HelpsSet(window="A01", helps=("post",))
    number = play.issue("post")
    assert play.call("A01") == number
    for helps, why in ((("tax",), Why.RESTRICTED), (("mars",), Why.UNKNOWN_QUEUE), (("post",), Why.ALREADY_SO)):
        play >> c.SetHelps("A01", helps)
        assert refused(play) is why
    play >> c.SetHelps("Z01", ())
    assert refused(play) is Why.UNKNOWN_WINDOW


def test_what_a_window_serves_is_changed_for_everything_that_follows(play: Play) -> None:
    post, general = play.issue("post"), play.issue("now")
    play >> c.SetServes("A01", ("post",), "邮政人多") << e.ServesSet(window="A01", serves=("post",))
    shown = view(play.state, "windows/A01")
    assert isinstance(shown, WindowView) and shown.own == ("post",)
    assert queue(play, "post").open_windows == 2 and queue(play, "large").open_windows == 1
    assert play.call("A01") == post, "its own people now"
    assert play.call("A02") == general
    play >> c.SetServes("A01", ("post", "large"), "两样都办")
    play << e.ServesSet(window="A01", serves=("large", "post"))
    play >> c.SetServes("A01", ("post", "large"), "又一次")
    assert refused(play) is Why.ALREADY_SO


def test_a_restricted_queue_stays_with_the_windows_the_plan_gives_it_to(play: Play) -> None:
    play >> c.SetServes("A01", ("large", "tax"), "报税高峰")
    assert refused(play) is Why.RESTRICTED
    play >> c.SetServes("A03", ("post",), "税务停办") << e.ServesSet(window="A03", serves=("post",))
    play >> c.SetServes("A03", ("post", "tax"), "税务恢复") << e.ServesSet(window="A03", serves=("tax", "post"))


@pytest.mark.parametrize(
    ("window", "serves", "reason", "why"),
    [
        ("Z01", ("large",), "x", Why.UNKNOWN_WINDOW),
        ("A01", ("mars",), "x", Why.UNKNOWN_QUEUE),
        ("A01", (), "x", Why.BAD_VALUE),
        ("A01", ("post",), " ", Why.REASON_NEEDED),
        ("A01", ("large",), "x", Why.ALREADY_SO),
    ],
)
def test_what_cannot_be_served_is_refused(
    play: Play, window: str, serves: tuple[str, ...], reason: str, why: Why
) -> None:
    play >> c.SetServes(window, serves, reason)
    assert refused(play) is why


def test_a_window_given_elsewhere_may_be_the_last_of_its_people_and_taken_back_it_serves_them_again(play: Play) -> None:
    play.issue("post")
    play >> c.SetServes("A04", ("large",), "调去综合")
    raised = e.AlarmRaised(alarm="last_window:post", kind="last_window", subject="post", detail="A04")
    play << [e.ServesSet(window="A04", serves=("large",)), raised]
    play >> c.SetServes("A04", ("post",), "回来")
    play << [e.ServesSet(window="A04", serves=("post",)), e.AlarmCleared(alarm="last_window:post")]


def test_help_for_what_has_become_its_own_sleeps_until_it_is_not(play: Play) -> None:
    play >> c.SetHelps("A01", ("post",)) >> c.SetServes("A01", ("large", "post"), "人多")
    assert helping(play.state, play.state.windows["A01"]) == ()
    play >> c.SetServes("A01", ("large",), "人少")
    assert helping(play.state, play.state.windows["A01"]) == ("post",)


def test_stopping_needs_a_reason_and_is_seen(play: Play) -> None:
    play >> c.StopIssuing()
    assert refused(play) is Why.REASON_NEEDED
    play >> c.StopIssuing(reason="停电")
    hall, large = view(play.state, "hall"), view(play.state, "queues/large")
    assert isinstance(hall, HallView)
    assert isinstance(large, QueueView)
    assert (hall.issuing, hall.why_not) == (False, "issuing_stopped")
    assert (large.issuing, large.why_not) == (False, "issuing_stopped")
    play >> c.StopIssuing(reason="停电")
    assert refused(play) is Why.ALREADY_SO
    play >> c.ResumeIssuing() >> c.ResumeIssuing()
    assert refused(play) is Why.ALREADY_SO
    play >> c.StopIssuing("mars", "x")
    assert refused(play) is Why.UNKNOWN_QUEUE


def test_a_device_falls_ill_changes_its_fault_and_gets_well(play: Play) -> None:
    play >> c.ReportDevice("panel-A01", "no_answer")
    ill = e.AlarmRaised(alarm="device:panel-A01", kind="device", subject="panel-A01", detail="no_answer")
    play << [e.DeviceFaulted(device="panel-A01", fault="no_answer"), ill]
    play >> c.ReportDevice("panel-A01", "no_answer")
    assert refused(play) is Why.ALREADY_SO
    play >> c.ReportDevice("panel-A01", "nack")
    assert [type(event) for event in play.answer] == [e.DeviceFaulted, e.AlarmCleared, e.AlarmRaised]
    play >> c.ReportDevice("panel-A01")
    play << [e.DeviceHealed(device="panel-A01"), e.AlarmCleared(alarm="device:panel-A01")]
    play >> c.ReportDevice("panel-A01")
    assert refused(play) is Why.ALREADY_SO


@pytest.mark.parametrize("device", ["", "x" * 65, "a\x1b[1m", "a\u202e"])
def test_a_device_without_a_proper_name_is_refused(play: Play, device: str) -> None:
    play >> c.ReportDevice(device, "ill")
    assert refused(play) is Why.BAD_VALUE


def test_a_room_that_invents_devices_fills_nothing(play: Play) -> None:
    for number in range(FAULTS_MAX):
        play.as_(ROOM, c.ReportDevice(f"ghost-{number}-{'x' * 40}", "y" * 200))
    play.as_(ROOM, c.ReportDevice("one-too-many", "ill"))
    assert refused(play) is Why.TOO_FAST
    alarms = view(play.state, "alarms")
    assert isinstance(alarms, AlarmsView)
    assert len(alarms.alarms) == ALARMS_SHOWN
    assert len(codec.encode(alarms)) < codec.PAYLOAD_MAX
