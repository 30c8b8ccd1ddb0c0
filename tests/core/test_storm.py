"""Storms over the core: the books are checked behind every step, and what was logged folds to the same state."""

from __future__ import annotations

from typing import get_args

import pytest
from storms import Storm

from hall import events as e
from hall.names import Why

SEEDS, STEPS = 12, 1500
BY_THE_SHELL = {Why.TOO_FAST, Why.NOT_READY, Why.LATE}  # a play's letters are never late
RARE = {
    Why.ALREADY_RATED,
    Why.RATING_LATE,
    Why.TOO_MANY_RETURNS,
    Why.TOO_MANY_HELD,
    Why.TARGET_CLOSED,
}  # plays meet them surely


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_storm_breaks_the_books(seed: int) -> None:
    Storm(seed).blow(STEPS)


def test_storms_are_no_storms_in_a_teacup() -> None:
    """Together they meet every kind of event, every stage and nearly every reason to refuse."""
    log = [record.event for seed in range(100, 108) for record in _blown(seed).play.log]
    happened = {type(event) for event in log}
    missing = set(get_args(e.AnyEvent)) - happened
    assert not missing, sorted(kind.__name__ for kind in missing)
    whys = {event.why for event in log if isinstance(event, e.CommandRefused)}
    assert set(Why) - whys <= BY_THE_SHELL | RARE


def _blown(seed: int) -> Storm:
    storm = Storm(seed)
    storm.blow(STEPS)
    return storm
