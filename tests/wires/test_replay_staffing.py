"""Who sits where in a replayed day: as many windows as were asked for, most where most is to do."""

from __future__ import annotations

import pytest

from simulators.replay.staffing import Wish, shared

BUSY, MIDDLE, QUIET = (Wish("A", entry, entry) for entry in ("busy", "middle", "quiet"))
LOADS = {BUSY: 6.0, MIDDLE: 2.0, QUIET: 0.1}
ROOM = {BUSY: 8, MIDDLE: 4, QUIET: 2}


@pytest.mark.parametrize("windows", range(3, 15))
def test_as_many_windows_as_asked_for_are_staffed(windows: int) -> None:
    given = shared(LOADS, ROOM, windows)
    assert sum(given.values()) == windows
    assert all(1 <= given[wish] <= ROOM[wish] for wish in LOADS)
    assert given[BUSY] >= given[MIDDLE] >= given[QUIET]


def test_every_queue_has_one_and_no_more_than_there_are() -> None:
    assert shared(LOADS, ROOM, 1) == {BUSY: 1, MIDDLE: 1, QUIET: 1}
    assert shared(LOADS, ROOM, 99) == ROOM
