"""A token bucket: how a flood is kept from the work behind it, per device on the bus and per sender at a door."""

from __future__ import annotations


class Bucket:
    """`rate` a second, `burst` at once; the caller says both, so a changed plan holds at once."""

    __slots__ = ("_at", "_left")

    def __init__(self, burst: float) -> None:
        self._left, self._at = burst, 0.0

    def take(self, now_s: float, rate: float, burst: float) -> bool:
        """One more, if the rate allows it; time going back adds nothing."""
        self._left = min(burst, self._left + max(0.0, now_s - self._at) * rate)
        self._at = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True
