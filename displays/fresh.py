"""Which calls may still be acted on: each once, in order, none that is old or another controller's.

A call is told on `evt`, which nobody keeps; but a link that was down says again what it could not be sure of, a broker
that was frozen lets go of what it held, and an older controller may not know yet that it was replaced.
"""

from __future__ import annotations

from hall.events import Recorded
from hall.names import Instant

S_MS = 1000


class Fresh:
    """Lets through what is new."""

    def __init__(self, expires_s: int) -> None:
        self._expires_ms = expires_s * S_MS
        self._last = (0, 0)  # epoch and seq of the newest call heard

    def epoch(self, epoch: int) -> None:
        """A view says which controller speaks now: calls of an earlier one come too late."""
        if epoch > self._last[0]:
            self._last = (epoch, 0)

    def take(self, recorded: Recorded, now: Instant) -> str:
        """Why this call may not be acted on; "" when it may."""
        if recorded.epoch < self._last[0]:
            return "of an older controller"
        if (recorded.epoch, recorded.seq) <= self._last:
            return "heard before"
        if self.old(recorded.recorded, now):
            return "old"
        self._last = (recorded.epoch, recorded.seq)
        return ""

    def old(self, at: Instant, now: Instant) -> bool:
        """Is something decided at `at` too old to be acted on?"""
        return now - at > self._expires_ms
