"""Which calls may still be acted on: each once, in order, none that is old or another controller's.

A call is told on `evt`, which nobody keeps; but a link that was down says again what it could not be sure of, a broker
that was frozen lets go of what it held, and an older controller may not know yet that it was replaced.
"""

from __future__ import annotations

from collections import Counter

from hall.events import Recorded
from hall.names import Instant

S_MS = 1000


class Fresh:
    """Lets through what is new. `turned_away` counts the rest by kind."""

    def __init__(self, expires_s: int) -> None:
        self._expires_ms = expires_s * S_MS
        self._last = (0, 0)  # epoch and seq of the newest call heard
        self.turned_away: Counter[str] = Counter()

    def epoch(self, epoch: int) -> None:
        """A view says which controller speaks now: calls of an earlier one come too late."""
        if epoch > self._last[0]:
            self._last = (epoch, 0)

    def take(self, recorded: Recorded, now: Instant) -> bool:
        """May this call be acted on?"""
        if recorded.epoch < self._last[0]:
            return self._away("of an older controller")
        if (recorded.epoch, recorded.seq) <= self._last:
            return self._away("heard before")
        self._last = (recorded.epoch, recorded.seq)
        if self.old(recorded.recorded, now):
            return self._away("old")
        return True

    def old(self, at: Instant, now: Instant) -> bool:
        """Is something decided at `at` too old to be acted on?"""
        return now - at > self._expires_ms

    def _away(self, why: str) -> bool:
        self.turned_away[why] += 1
        return False
