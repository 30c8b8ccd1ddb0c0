"""The storm, for a minute: no promise breaks, and it was a storm: many stages met many faults. `make storm` goes on."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from storm.day import Day
from storm.telling import STAGES, Tally, failure
from storm.world import Broken

SECONDS = 60.0
SEEDS_MIN, SEEDS_MAX = 20, 130  # the same days for everybody, as many as a minute holds; others: make storm
JUDGED_EACH = 5  # seeds whose journal the offline judge reads too
FAULTS_MIN, PAIRS_MIN = 20, 130  # kinds of faults, pairs of (stage, fault); a minute on a slow machine meets them


@contextmanager
def no_garbage_collected() -> Iterator[None]:
    """A day's garbage goes with its day."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.timeout(300)
def test_a_minute_of_storm_breaks_no_promise(record_property: Callable[[str, object], None]) -> None:
    tally, seed, began = Tally(), 0, time.monotonic()
    with no_garbage_collected():
        while seed < SEEDS_MIN or (time.monotonic() - began < SECONDS and seed < SEEDS_MAX):
            day = Day(seed)
            try:
                tally.add(day, day.live(judged=seed % JUDGED_EACH == 0))
            except Broken:
                pytest.fail(told_again(seed))
            seed += 1
            day.over()
    record_property("told", tally.report())
    assert len(tally.faults) >= FAULTS_MIN
    assert sum(1 for stage, _ in tally.coverage if stage in STAGES) >= PAIRS_MIN
    assert tally.tickets / tally.days > 600
    assert len(tally.never_asked) <= 1 and len(tally.never_happened) <= 4, "kinds of words that never came about"
    assert tally.happened["PlanAdopted"] and tally.spoken > 100
    assert tally.called > 0.9 * tally.tickets, "people are called, not only counted"


def told_again(seed: int) -> str:
    """The same seed with a trace: it breaks the same way, or the storm itself is broken."""
    day = Day(seed, tracing=True)
    try:
        day.live(judged=True)
    except Broken as broken:
        return failure(seed, day, broken)
    return f"seed {seed} broke, and does not break again: the storm is not a function of its seed"


def test_a_seed_is_a_day_and_nothing_else_is() -> None:
    """The same seed twice, also beside another and with a trace, is the same day to the last byte."""

    def bytes_of(day: Day) -> list[bytes]:
        day.live()
        return [row.body for row in day.controller.disk.rows]

    first = bytes_of(Day(2))
    Day(6).live()
    assert bytes_of(Day(2, tracing=True)) == first
    assert bytes_of(Day(3)) != first
