"""Plays: how many people are before a ticket, and how long it will wait, as the page behind its slip says."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from plans import a_plan
from playing import Play

from controller.core.lanes import enter
from controller.core.placing import people_ahead, wait_s
from controller.core.state import Ticket
from hall import commands as c
from hall import events as e
from hall.names import Origin, Stage
from hall.plan.model import Plan

Begin = Callable[[Plan], Play]
LONG = {"issue_unstaffed": True}


def ahead(play: Play, number: str) -> int:
    return people_ahead(play.state, play.state.tickets[number])


def prior(play: Play, entry: str = "now") -> str:
    """A number for somebody with priority, taken by the guide."""
    ask = c.IssueTicket(entry, priority="elderly", origin=Origin.GUIDE, reason="seen")
    play.as_(c.Principal("guide-1", "2001", play.state.desks["2001"][0]), ask)
    issued = play.answer[0]
    assert isinstance(issued, e.TicketIssued), issued
    return issued.number


def test_each_call_brings_everybody_one_place_nearer(play: Play) -> None:
    play.issue(count=4)
    assert [ahead(play, f"A000{n}") for n in (1, 2, 3, 4)] == [0, 1, 2, 3]
    play.call("A01")
    assert [ahead(play, f"A000{n}") for n in (1, 2, 3, 4)] == [0, 0, 1, 2]
    play.call("A02")
    assert [ahead(play, f"A000{n}") for n in (3, 4)] == [0, 1]


def test_a_new_ticket_finds_what_its_slip_says(play: Play) -> None:
    """With no more priority than the ratio brings before it; else fewer, never more."""
    for _ in range(12):
        play.issue()
        issued = play.answer[0]
        assert isinstance(issued, e.TicketIssued)
        assert ahead(play, issued.number) == issued.ahead
    for _ in range(5):
        number = prior(play)
        issued = play.answer[0]
        assert isinstance(issued, e.TicketIssued)
        assert ahead(play, number) == issued.ahead
    play.issue()
    issued = play.answer[0]
    assert isinstance(issued, e.TicketIssued)
    assert ahead(play, issued.number) == issued.ahead == 17


def test_priority_comes_between_only_as_often_as_the_ratio_says(play: Play) -> None:
    first = play.issue()
    for _ in range(6):
        prior(play)
    assert ahead(play, first) == 3, "two for one, and the one the turn may begin with"


@pytest.mark.parametrize("seed", range(6))
def test_nobody_waits_for_more_calls_than_were_said(play: Play, seed: int) -> None:
    """Whoever is told "n ahead" is called at the latest as number n + 1, while nobody new comes."""
    dice = random.Random(seed)
    for _ in range(24):
        prior(play) if dice.random() < 0.4 else play.issue()
    said = {number: ahead(play, number) for number in play.state.tickets}
    for calls in range(len(said)):
        number = play.serve("A01", seconds=9)
        off = calls - said[number]
        assert -2 <= off <= 1, f"{number} was told {said[number]} and called behind {calls}"


def test_directed_tickets_stand_in_their_windows_own_line(play: Play) -> None:
    play.issue(count=6)
    for window in ("A01", "A02"):
        play.call(window)
        play >> c.StartService(window) >> c.TransferTicket(window=window, to_window="A04")
    assert [ahead(play, number) for number in ("A0001", "A0002")] == [0, 1]
    assert wait_s(play.state, play.state.tickets["A0002"]) == 300, "one before, the plan's prior of five minutes"
    play.at(seconds=9) >> c.CloseWindow("A03")
    assert ahead(play, "A0003") == 0


def test_who_does_not_wait_has_nobody_before(play: Play) -> None:
    play.issue(count=3)
    play.call("A01")
    called = play.state.tickets["A0001"]
    assert (people_ahead(play.state, called), wait_s(play.state, called)) == (0, -1)
    play >> c.Recall("A01")
    play.at(seconds=30) >> c.MarkNoShow("A01")
    assert called.stage is Stage.PARKED
    assert (people_ahead(play.state, called), wait_s(play.state, called)) == (0, -1)


def test_a_slip_that_is_not_certain_stands_aside(a_play: Begin) -> None:
    play = a_play(a_plan(call_unprinted=False))
    play.issue(kiosk="A-K1")
    issued = play.answer[0]
    assert isinstance(issued, e.TicketIssued)
    play.issue()
    play >> c.ReportUnprinted(issued.number, issued.job, "paper_out")
    assert play.state.tickets[issued.number].aside
    assert (ahead(play, issued.number), ahead(play, "A0002")) == (0, 0)
    assert wait_s(play.state, play.state.tickets[issued.number]) == -1


def test_nobody_serving_means_no_promise(a_play: Begin) -> None:
    play = a_play(a_plan(**LONG))
    play.issue(count=2)
    assert wait_s(play.state, play.state.tickets["A0002"]) >= 0
    for window in ("A01", "A02"):
        play >> c.PauseWindow(window)
    assert wait_s(play.state, play.state.tickets["A0002"]) == -1
    assert ahead(play, "A0002") == 1


def test_it_costs_the_same_in_a_crowd() -> None:
    """A look at one ticket among 100,000 costs at most a few times what it costs among 100."""
    play = Play(a_plan())
    play.issue()
    pattern = play.state.tickets["A0001"]

    def crowd(upto: int) -> None:
        for n in range(len(play.state.tickets) + 1, upto + 1):
            fields = {name: getattr(pattern, name) for name in Ticket.__slots__}
            ticket = Ticket(**fields | {"number": f"A{n:04d}", "place": (n + 100, 0, n + 100)})
            play.state.tickets[ticket.number] = ticket
            enter(play.state, ticket)

    def cost() -> float:
        tickets = list(play.state.tickets.values())[:: max(1, len(play.state.tickets) // 50)]
        rounds = []
        for _ in range(7):
            begin = time.perf_counter()
            for ticket in tickets:
                people_ahead(play.state, ticket)
            rounds.append((time.perf_counter() - begin) / len(tickets))
        return min(rounds)

    crowd(100)
    small = cost()
    crowd(100_000)
    assert cost() < 12 * small
