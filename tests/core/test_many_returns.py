"""Many no-shows come back to the same spot of one queue: each stands where it is told (found by a storm, seed 5)."""

from __future__ import annotations

from plans import a_plan
from playing import Play

from controller.core import lanes
from hall import commands as c
from hall import events as e


def test_a_hundred_returns_to_one_spot_stand_where_they_are_told() -> None:
    play = Play(a_plan(no_show_after_calls=1, no_show_after_s=0))
    play.issue(count=4)
    for _ in range(100):
        late = play.issue()
        play.at(seconds=10).send(c.CallNumber("A01", late))
        play.send(c.MarkNoShow("A01"))
        play.send(c.ReturnTicket(late, "back"))
        [returned] = play.answer
        assert isinstance(returned, e.TicketReturned)
        order = [number for _, number in lanes.in_order(play.state.queues["large"], 200)]
        assert order.index(late) == returned.behind >= 3
        assert returned.place[1] < 1 << 62, "a place fits a journal's whole number"


def test_while_there_is_room_everybody_stands_behind_as_many_as_the_plan_says() -> None:
    play = Play(a_plan(no_show_after_calls=1, no_show_after_s=0))
    play.issue(count=6)
    for _ in range(45):
        late = play.issue()
        play.at(seconds=10).send(c.CallNumber("A01", late))
        play.send(c.MarkNoShow("A01"))
        play.send(c.ReturnTicket(late, "back"))
        assert play.answer[0].behind == 3  # type: ignore[attr-defined]
