"""Hall time from an origin and a rate, so that a day of 1999 can be replayed at 60 times its speed.

As text: "real", or "<hall_ms>@<real_ms>x<rate>": hall = hall_ms + (real - real_ms) * rate. Every process of one hall
is given the same text, so they agree without speaking. Here it runs steadily from the process's start: a paper roll or
a keypad's patience does not jump when somebody sets the machine's clock.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

RATE_MAX = 10_000.0  # a day in 9 s: faster than any wire on this machine

_TEXT = re.compile(r"(-?\d{1,15})@(-?\d{1,15})x(\d{1,6}(?:\.\d{1,6})?)")


@dataclass(frozen=True, slots=True)
class Clock:
    hall_ms: int = 0
    real_ms: int = 0
    rate: float = 1.0
    steady_ns: int = field(default_factory=lambda: time.time_ns() - time.monotonic_ns(), compare=False)

    def now_ms(self) -> int:
        """Hall time now, ms UTC."""
        return self.hall_at((time.monotonic_ns() + self.steady_ns) // 1_000_000)

    def hall_at(self, real_ms: int) -> int:
        return self.hall_ms + round((real_ms - self.real_ms) * self.rate)

    def seconds_until(self, hall_ms: int) -> float:
        """Real seconds until that hall time; never negative."""
        return max(0.0, (hall_ms - self.now_ms()) / self.rate / 1000)


def clock_from(text: str) -> Clock:
    """The clock a `--clock` text means; ValueError names what is wrong with it."""
    if text == "real":
        return Clock()
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f'clock {text!r} is neither "real" nor "<hall_ms>@<real_ms>x<rate>"')
    rate = float(found[3])
    if not 0 < rate <= RATE_MAX:
        raise ValueError(f"clock rate {rate} is not above 0 and at most {RATE_MAX:g}")
    return Clock(int(found[1]), int(found[2]), rate)
