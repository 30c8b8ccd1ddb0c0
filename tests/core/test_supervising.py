"""Plays: what a supervisor changes while the hall runs, and what rooms report about their devices."""

from __future__ import annotations

import pytest
from playing import ROOM, Play

from controller.core import view
from controller.core.deciding.supervising import FAULTS_MAX
from controller.core.showing import ALARMS_SHOWN
from hall import codec
from hall import commands as c
from hall import events as e
from hall.names import Why
from hall.views import AlarmsView, HallView, PanelView, QueueView


def refused(play: Play) -> Why:
    [event] = play.answer
    assert isinstance(event, e.CommandRefused)
    return event.why


def panel(play: Play, window: str = "A01") -> PanelView:
    shown = view(play.state, f"panels/{window}")
    assert isinstance(shown, PanelView)
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
