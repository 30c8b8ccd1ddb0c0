"""Who sits where in a replayed day: as many windows as were asked for, most where most is to do."""

from __future__ import annotations

import random

import pytest

from simulators.replay.days import Arrival
from simulators.replay.staffing import ABSENT_S, BETWEEN_S, PEAK_LOAD, Choice, Wish, busiest, shared, staffed

BUSY, MIDDLE, QUIET = (Wish("A", entry, entry) for entry in ("busy", "middle", "quiet"))
LOADS = {BUSY: 6.0, MIDDLE: 2.0, QUIET: 0.1}
ROOM = {BUSY: 8, MIDDLE: 4, QUIET: 2}
HOUR_MS = 3_600_000


@pytest.mark.parametrize("windows", range(3, 15))
def test_as_many_windows_as_asked_for_are_staffed(windows: int) -> None:
    given = shared(LOADS, ROOM, windows)
    assert sum(given.values()) == windows
    assert all(1 <= given[wish] <= ROOM[wish] for wish in LOADS)
    assert given[BUSY] >= given[MIDDLE] >= given[QUIET]


def test_every_queue_has_one_and_no_more_than_there_are() -> None:
    assert shared(LOADS, ROOM, 1) == {BUSY: 1, MIDDLE: 1, QUIET: 1}
    assert shared(LOADS, ROOM, 99) == ROOM


def an_arrival(hour: int, service_s: int, gives_up: bool = False) -> Arrival:
    return Arrival(0, hour * HOUR_MS, "PS", 0, gives_up, service_s)


def test_the_busiest_hour_is_that_of_all_queues_together() -> None:
    served = [an_arrival(1, 1800 - BETWEEN_S), an_arrival(1, 900 - BETWEEN_S), an_arrival(2, 1800 - BETWEEN_S)]
    assert busiest(served, [BUSY, MIDDLE, MIDDLE]) == pytest.approx(0.75)
    absent = an_arrival(1, 3600, gives_up=True)
    assert busiest([absent], [BUSY]) == pytest.approx((ABSENT_S + BETWEEN_S) / 3600)


@pytest.mark.parametrize("seed", range(5))
def test_so_many_are_staffed_that_the_peak_is_nine_tenths_of_them(seed: int) -> None:
    """One window fewer would be more; the halls' order of windows decides who."""
    dice = random.Random(seed)
    arrivals = [an_arrival(dice.randrange(9, 17), dice.randrange(60, 900)) for _ in range(900)]
    wished = dice.choices([BUSY, MIDDLE, QUIET], [6, 3, 1], k=len(arrivals))
    choices = [Choice(wish, tuple(f"{wish.entry}{n}" for n in range(40)), "help") for wish in (BUSY, MIDDLE, QUIET)]
    on_duty = staffed(arrivals, wished, choices, 0)["A"]
    peak = busiest(arrivals, wished)
    assert peak / len(on_duty) <= PEAK_LOAD < peak / (len(on_duty) - 1)
    assert on_duty[0] == "busy0" and len(set(on_duty)) == len(on_duty)
