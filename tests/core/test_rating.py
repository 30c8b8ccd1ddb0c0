"""Plays: 好差评. Five levels, bound to ticket, window and whoever served last; once, in its time, never after 过号."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from plans import a_plan
from playing import LINE, Play

from hall import commands as c
from hall import events as e
from hall.names import Level, Role, Why
from hall.plan.model import Plan

Begin = Callable[[Plan], Play]
PHONE = c.Principal("phone-1", role=Role.CITIZEN)


def no(why: Why, command: str = "RateService", number: str = "") -> e.CommandRefused:
    return e.CommandRefused(why=why, command=command, window="A01", number=number)


def served(play: Play, window: str = "A01") -> str:
    play.issue()
    return play.serve(window)


@pytest.mark.parametrize("level", Level)
def test_five_levels_bound_to_ticket_window_and_staff(play: Play, level: Level) -> None:
    number = served(play)
    play >> c.RateService("A01", level)
    play << e.ServiceRated(number=number, window="A01", staff="1001", level=level)


def test_once(play: Play) -> None:
    number = served(play)
    play >> c.RateService("A01", Level.SATISFIED)
    play >> c.RateService("A01", Level.DISSATISFIED) << no(Why.ALREADY_RATED, number=number)
    play.as_(PHONE, c.RateService("A01", Level.DISSATISFIED, number)) << no(Why.ALREADY_RATED, number=number)
    play >> c.InviteRating("A01") << no(Why.ALREADY_RATED, "InviteRating", number)


def test_in_its_time(play: Play) -> None:
    number = served(play)
    play.at(seconds=300) >> c.InviteRating("A01")
    play.at(seconds=0.001) >> c.RateService("A01", Level.SATISFIED) << no(Why.RATING_LATE, number=number)


def test_never_after_a_no_show(play: Play) -> None:
    play.issue()
    play.call("A01")
    play >> c.RateService("A01", Level.SATISFIED) << no(Why.RATING_NOT_DUE)
    play >> c.Recall("A01")
    play.at(seconds=20) >> c.MarkNoShow("A01") >> c.RateService("A01", Level.SATISFIED) << no(Why.RATING_NOT_DUE)
    play.as_(PHONE, c.RateService("A01", Level.SATISFIED, "A0001")) << no(Why.RATING_NOT_DUE, number="A0001")


def test_the_next_call_ends_the_evaluators_turn_but_not_the_pages(play: Play) -> None:
    number = served(play)
    play.issue()
    play.call("A01")
    play >> c.RateService("A01", Level.SATISFIED) << no(Why.RATING_NOT_DUE)
    play.as_(PHONE, c.RateService("A01", Level.SATISFIED, number))
    assert isinstance(play.answer[0], e.ServiceRated)


def test_the_last_who_served_is_rated(play: Play) -> None:
    play.issue()
    play.call("A01")
    play >> c.StartService("A01") >> c.TransferTicket(window="A01", to_window="A02")
    play.serve("A02")
    play >> c.RateService("A02", Level.BASICALLY_SATISFIED)
    play << e.ServiceRated(number="A0001", window="A02", staff="1002", level=Level.BASICALLY_SATISFIED)
    play.as_(PHONE, c.RateService("A01", Level.SATISFIED, "A0001")) << no(Why.RATING_NOT_DUE, number="A0001")


def test_only_from_the_windows_own_evaluator(play: Play) -> None:
    served(play)
    other = c.Principal("caller-B-1", role=Role.DEVICE)
    play.as_(other, c.RateService("A01", Level.SATISFIED)) << no(Why.NO_RIGHT)
    play.as_(LINE, c.RateService("A02", Level.SATISFIED))
    assert isinstance(play.answer[0], e.CommandRefused)


def test_staff_who_leave_are_still_the_ones_rated(play: Play) -> None:
    number = served(play)
    play >> c.LogOut("A01") >> c.LogIn("1099", "A01") >> c.RateService("A01", Level.SATISFIED)
    play << e.ServiceRated(number=number, window="A01", staff="1001", level=Level.SATISFIED)


def test_finishing_invites_by_itself_or_on_request(a_play: Begin) -> None:
    play = a_play(a_plan(evaluate_on_finish=False))
    number = served(play)
    assert not any(isinstance(r.event, e.RatingInvited) for r in play.log)
    play >> c.InviteRating("A01") << e.RatingInvited(number=number, window="A01", until=play.now + 300_000)


def test_nobody_served_nobody_invited(play: Play) -> None:
    play >> c.InviteRating("A01") << no(Why.RATING_NOT_DUE, "InviteRating")
