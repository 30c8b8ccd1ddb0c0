"""Plays: what a supervisor says to everybody in the hall, and what stands when the day turns."""

from __future__ import annotations

from playing import GUIDE, KEYPAD, SUPERVISOR, Play

from controller.core import view
from hall import commands as c
from hall import events as e
from hall.names import Why
from hall.views import HallView, WindowView


def no(why: Why, command: str) -> e.CommandRefused:
    return e.CommandRefused(why=why, command=command)


FIRE = c.SetNotice("请从东门离开", "消防演练")


def said(play: Play) -> str:
    shown = view(play.state, "hall")
    assert isinstance(shown, HallView)
    return shown.notice


def test_a_notice_is_shown_until_it_is_taken_down(play: Play) -> None:
    play.as_(SUPERVISOR, FIRE) << e.NoticeSet("请从东门离开")
    assert said(play) == "请从东门离开"
    assert play.log[-1].reason == "消防演练"
    play.as_(SUPERVISOR, FIRE) << no(Why.ALREADY_SO, "SetNotice")
    play.as_(SUPERVISOR, c.SetNotice("", "演练结束")) << e.NoticeSet("")
    assert said(play) == ""


def test_a_notice_needs_a_supervisor_a_reason_and_plain_words(play: Play) -> None:
    play.as_(GUIDE, FIRE) << no(Why.NO_RIGHT, "SetNotice")
    play.as_(KEYPAD, FIRE) << no(Why.NO_RIGHT, "SetNotice")
    play.as_(SUPERVISOR, c.SetNotice("请离开", " ")) << no(Why.REASON_NEEDED, "SetNotice")
    play.as_(SUPERVISOR, c.SetNotice("\x1b[2J", "x")) << no(Why.BAD_VALUE, "SetNotice")
    play.as_(SUPERVISOR, c.SetNotice("长" * 61, "x")) << no(Why.BAD_VALUE, "SetNotice")
    assert said(play) == ""


def test_a_notice_and_helps_cross_the_turn_of_the_day(play: Play) -> None:
    play.as_(SUPERVISOR, FIRE)
    play.as_(SUPERVISOR, c.SetHelps("A01", ("post",), "排队长")) << e.HelpsSet("A01", ("post",))
    play.at(minutes=24 * 60).settle()
    opened = [r.event for r in play.log if isinstance(r.event, e.DayOpened)][-1]
    assert opened.notice == "请从东门离开"
    assert said(play) == "请从东门离开"
    shown = view(play.state, "windows/A01")
    assert isinstance(shown, WindowView) and shown.helps == ("post",)


def test_what_a_supervisor_opens_calls_and_resumes_is_kept_with_its_reason(play: Play) -> None:
    number = play.issue()
    play.as_(SUPERVISOR, c.CallNumber("A01", number, "老人久等"))
    assert play.log[-1].reason == "老人久等"
    play.as_(SUPERVISOR, c.StopIssuing("", "停电"))
    play.as_(SUPERVISOR, c.ResumeIssuing("", "来电")) << e.IssuingResumed("")
    assert play.log[-1].reason == "来电"
