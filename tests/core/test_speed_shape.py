"""What an operation costs must not depend on how many wait, nor on how long the day was: counted, not timed.

Every function call and every line the interpreter runs inside one decide + evolve + views is counted, with few and
with many people waiting. Sorted containers may grow by their logarithm; a scan would multiply the count.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from plans import a_plan, queue, window
from playing import GUIDE, SUPERVISOR, Play

from controller.core import next_wake, view
from hall import commands as c
from hall.names import Origin, Place

FEW, MANY = 40, 4000
GROWTH_MAX = 1.5  # a hundred times the people, at most half as much work again
Ask = Callable[[Play], None]


def steps_of(work: Callable[[], object]) -> int:
    """Lines of Python run by `work`, in whatever function."""
    count = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


class Quiet(Play):
    """A play without its book-keeping, which looks at everybody."""

    def check(self) -> None:
        pass


def a_hall(waiting: int, served: int = 0) -> Quiet:
    queues = {q: queue(q, max_waiting=10 * MANY) for q in ("large", "tax", "post")}
    windows = {
        "A01": window("A01", ("general", "post"), 1, helps=("tax",)),
        "A02": window("A02", ("general",), 2),
        "A03": window("A03", ("tax",), 3),
    }
    play = Quiet(a_plan(guard_s=0, queues=queues, windows=windows, return_limit=10**6, no_show_after_calls=1,
                        no_show_after_s=0))  # fmt: skip
    for _ in range(served):
        play.issue()
        play.serve("A02", seconds=1)
    play.issue("post", count=waiting // 4)
    for kind in ("elderly", "ordinary"):
        for _ in range(waiting // 4):
            play.as_(GUIDE, c.IssueTicket("now", priority=kind, origin=Origin.GUIDE, reason="老"))
    play.issue("now", count=waiting // 4)
    return play


def _later(play: Play) -> str:
    """A ticket in the middle of the large queue."""
    lane = play.state.queues["large"].lanes["ordinary"]
    return lane[len(lane) // 2][1]


def _return(play: Play) -> None:
    play >> c.CallNext("A02") >> c.MarkNoShow("A02") >> c.ReturnTicket(next(iter(play.state.parked)))


def _transfer(play: Play, place: Place) -> None:
    play.send(c.TransferTicket(_later(play), to_queue="post", place=place), SUPERVISOR)


def _views(play: Play, topics: tuple[str, ...]) -> None:
    for topic in topics:
        assert view(play.state, topic) is not None


OPERATIONS: dict[str, Ask] = {
    "issue": lambda play: play.send(c.IssueTicket("now", kiosk="A-K1")),
    "issue with priority": lambda play: play.send(
        c.IssueTicket("now", priority="elderly", origin=Origin.GUIDE, reason="老"), GUIDE
    ),
    "call, start, finish": lambda play: play.send(c.CallNext("A01"))
    or play.send(c.StartService("A01"))
    or play.send(c.FinishService("A01")),
    "call by its digits": lambda play: play.send(c.CallNumber("A02", _later(play)[1:])) or play.send(c.HandBack("A02")),
    "transfer first": lambda play: _transfer(play, Place.FIRST),
    "transfer last": lambda play: _transfer(play, Place.LAST),
    "give priority": lambda play: play.send(c.GivePriority(_later(play), "elderly", "老")),
    "no-show and return": _return,
    "void": lambda play: play.send(c.VoidTicket(_later(play), "走了"), SUPERVISOR),
    "pause and open": lambda play: play.send(c.PauseWindow("A02")) or play.send(c.OpenWindow("A02")),
    "hold and pause": lambda play: play.send(c.CallNext("A02")) or play.send(c.HoldTicket("A02"))
    or play.send(c.PauseWindow("A02")) or play.send(c.OpenWindow("A02")),
    "next wake": lambda play: next_wake(play.state) and None,
    "views": lambda play: _views(play, ("hall", "queues/large", "windows/A01", "panels/A01", "jobs/A-K1", "alarms")),
}  # fmt: skip


@pytest.mark.parametrize("what", OPERATIONS)
def test_no_operation_looks_at_everybody_who_waits(what: str) -> None:
    few, many = a_hall(FEW), a_hall(MANY)
    work = OPERATIONS[what]
    for play in (few, many):
        work(play)  # once outside the count: imports, caches
    cheap, dear = steps_of(lambda: work(few)), steps_of(lambda: work(many))
    assert dear <= cheap * GROWTH_MAX + 50, f"{what}: {cheap} steps with {FEW} waiting, {dear} with {MANY}"


@pytest.mark.parametrize("what", OPERATIONS)
def test_no_operation_costs_more_late_in_the_day(what: str) -> None:
    early, late = a_hall(FEW, served=25), a_hall(FEW, served=600)
    work = OPERATIONS[what]
    for play in (early, late):
        work(play)
    cheap, dear = steps_of(lambda: work(early)), steps_of(lambda: work(late))
    assert dear <= cheap * GROWTH_MAX + 50, f"{what}: {cheap} steps early, {dear} late"
