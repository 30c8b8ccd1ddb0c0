"""The last hour of a queue as a row of little bars: how many waited, minute by minute."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

from hall.names import Instant

MINUTE_MS = 60_000
MINUTES = 60  # of history: what a supervisor compares "now" with
BARS = "▁▂▃▄▅▆▇█"
FULL_AT_LEAST = 8  # people: a queue of two is no mountain


class History:
    """People waiting, the most of each minute. `note` may be told the same minute often."""

    def __init__(self) -> None:
        self._minutes: deque[tuple[int, int]] = deque(maxlen=MINUTES + 1)

    def note(self, waiting: int, now: Instant) -> None:
        minute = now // MINUTE_MS
        if self._minutes and minute < self._minutes[-1][0]:
            self._minutes.clear()  # the clock was set back: what was later never happened
        if self._minutes and self._minutes[-1][0] == minute:
            waiting = max(waiting, self._minutes.pop()[1])
        self._minutes.append((minute, waiting))

    def bars(self, width: int, now: Instant) -> str:
        """The hour up to now in `width` letters, oldest first: the most of each stretch, and at the end how it is now.

        Blank where nothing was heard yet.
        """
        minute = now // MINUTE_MS
        values = self._filled(minute)
        top = max([FULL_AT_LEAST, *(v for v in values if v is not None)])
        edges = [round(column * MINUTES / width) for column in range(width + 1)]
        *before, _ = pairwise(edges)
        return "".join(_bar(values[a:b], top) for a, b in before) + _bar(values[-1:], top)

    def _filled(self, minute: int) -> list[int | None]:
        """A value for each of the last MINUTES minutes; a minute without news is like the one before."""
        values: list[int | None] = [None] * MINUTES
        first = minute - MINUTES + 1
        for (at, waiting), (until, _) in pairwise([*self._minutes, (minute + 1, 0)]):
            for place in range(max(at, first), min(until, minute + 1)):
                values[place - first] = waiting
        return values


def _bar(values: list[int | None], top: int) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return " "
    return BARS[min(len(BARS) - 1, max(known) * len(BARS) // (top + 1))]
