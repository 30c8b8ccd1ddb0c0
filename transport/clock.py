"""The only place that reads the time of day. Every process takes its time from a Clock, simulators have their own.

A hall's time runs from an origin at a rate, so that a day of 1999 can be lived through at 60x: the text
`<hall_ms>@<real_ms>x<rate>` means "it was hall_ms when the machine said real_ms, and runs rate times as fast".
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

from hall.faults import PlanError
from hall.names import Instant

RECHECK_S = 1.0  # real seconds: the longest a sleeper trusts the wall clock not to have been set (F29)
NAP_MIN_S = 0.001  # real seconds: the shortest nap, so that rounding never turns a wait into a spin
RATE_MAX = 100_000.0  # a year in five minutes; beyond it milliseconds lose their meaning

_TEXT = re.compile(r"(-?\d{1,15})@(-?\d{1,15})x(\d{1,6}(?:\.\d{1,6})?)", re.ASCII)


def real_ms() -> Instant:
    """What the machine's wall clock says, milliseconds UTC; it may be set back or forth at any moment."""
    return time.time_ns() // 1_000_000


class Clock:
    """Hall time. `now()` may step back when the machine's clock is set back: never rely on it to grow."""

    def __init__(
        self, hall_ms: Instant = 0, real_at: Instant = 0, rate: float = 1.0, *, read_ms: Callable[[], Instant] = real_ms
    ) -> None:
        if not 0 < rate <= RATE_MAX:
            raise PlanError(f"clock: a rate of {rate:g} is not within 0 < rate <= {RATE_MAX:g}")
        self._hall_ms, self._real_at, self.rate = hall_ms, real_at, rate
        self._read_ms = read_ms

    @classmethod
    def from_text(cls, text: str) -> Clock:
        """Read `real` or `<hall_ms>@<real_ms>x<rate>`."""
        if text == "real":
            return cls()
        found = _TEXT.fullmatch(text)
        if found is None:
            raise PlanError(f"clock: {text[:60]!r} is neither 'real' nor '<hall_ms>@<real_ms>x<rate>'")
        return cls(int(found[1]), int(found[2]), float(found[3]))

    @classmethod
    def starting_at(cls, hall_ms: Instant, rate: float) -> Clock:
        """A clock that says `hall_ms` at this moment and runs at `rate`; hand its text to the other processes."""
        return cls(hall_ms, real_ms(), rate)

    def text(self) -> str:
        if self._hall_ms == self._real_at and self.rate == 1.0:
            return "real"
        return f"{self._hall_ms}@{self._real_at}x{self.rate:.6f}".rstrip("0").rstrip(".")

    def now(self) -> Instant:
        return self._hall_ms + round((self._read_ms() - self._real_at) * self.rate)

    def stamp(self) -> str:
        """Now as ISO text in UTC, for log lines."""
        now = self.now()
        try:
            return datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        except (ValueError, OverflowError, OSError):  # a clock set outside the calendar still has to log
            return str(now)

    async def sleep_until(self, instant: Instant) -> None:
        """Return once `now()` has reached `instant`, looking again at least each second of real time."""
        while (left_ms := instant - self.now()) > 0:  # noqa: ASYNC110 - no event tells when a clock has moved
            await asyncio.sleep(min(max(left_ms / self.rate / 1000, NAP_MIN_S), RECHECK_S))

    async def sleep_ms(self, hall_ms: float) -> None:
        """Sleep a span of hall time, by the loop's monotonic clock: setting the wall clock changes nothing."""
        await asyncio.sleep(max(hall_ms, 0) / self.rate / 1000)
