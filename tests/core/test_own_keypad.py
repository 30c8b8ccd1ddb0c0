"""Plays: a keypad with a network of its own (ESPHome firmware) speaks for the window it is named after alone."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from plans import a_plan, window
from playing import ANY, Play

from hall import commands as c
from hall import events as e
from hall.names import Role, Why
from hall.plan.model import Plan

OWN = c.Principal("esp-keypad-A01", role=Role.WINDOW)
OTHER = c.Principal("esp-keypad-A02", role=Role.WINDOW)


def test_a_keypad_calls_for_its_window(play: Play) -> None:
    play.issue()
    play.as_(OWN, c.CallNext("A01"))
    play << e.TicketCalled(number="A0001", window="A01", why=ANY, staff=ANY)


def test_a_keypad_of_another_window_calls_nobody(play: Play) -> None:
    play.issue()
    play.as_(OTHER, c.CallNext("A01"))
    play << e.CommandRefused(why=Why.NO_RIGHT, command="CallNext", window="A01")


@pytest.mark.parametrize("name", ["esp-panel-A01", "esp-keypad-A0", "esp-keypad-A011", "esp-keypad-", "esp-keypad"])
def test_a_name_that_is_only_like_it_calls_nobody(play: Play, name: str) -> None:
    play.issue()
    play.as_(c.Principal(name, role=Role.WINDOW), c.CallNext("A01"))
    play << e.CommandRefused(why=Why.NO_RIGHT, command="CallNext", window="A01")


def test_a_keypad_logs_in_at_its_window_alone(play: Play) -> None:
    play.as_(OWN, c.LogOut("A01"))
    play.as_(c.Principal("esp-keypad-A01"), c.LogIn("1001", "A02"))
    play << e.CommandRefused(why=Why.NO_RIGHT, command="LogIn", window="A02")
    play.as_(c.Principal("esp-keypad-A01"), c.LogIn("1001", "A01"))
    assert isinstance(play.answer[0], e.StaffLoggedIn)


def test_a_keypad_serves_a_window_that_sits_on_no_line(a_play: Callable[[Plan], Play]) -> None:
    off_line = msgspec.structs.replace(window("A01", ("general",), 1), seat=None)
    play = a_play(a_plan(windows={"A01": off_line}))
    play.issue()
    play.as_(OWN, c.CallNext("A01"))
    play << e.TicketCalled(number="A0001", window="A01", why=ANY, staff=ANY)


def test_a_keypad_does_not_supervise(play: Play) -> None:
    for command in (c.StopIssuing(), c.RenameWindow("A01", "另一窗")):
        play.as_(c.Principal("esp-keypad-A01", role=Role.SUPERVISOR, staff="3001"), command)
        assert [type(event) for event in play.answer] == [e.CommandRefused]
