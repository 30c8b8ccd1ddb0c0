"""One press is one press: the same frame from the same keypad again within a moment is the same press still.

Contacts bounce, keys stick, a device repeats a frame whose echo it did not hear; each repeat makes the moment last.
Two different keys of one keypad do not disturb each other. Times are milliseconds of a clock that only grows.
"""

from __future__ import annotations

STUCK_MS = 3000  # a key that repeats without a pause for so long is stuck, or somebody leans on it
DIGITS_FOLD_MS = 150  # the same digits again, in an entry, may be meant (1, 1): only a bounce (30 ms) is folded
FRAMES_MAX = 4096  # frames remembered; a line has 61 keypads of about 15 keys
KEY_MIN = 0x0A  # function keys begin here; below are digits

Frame = tuple[int, tuple[int, ...]]  # address, keys


class Folding:
    """The frames of one line, lately."""

    def __init__(self, fold_ms: int) -> None:
        self._fold_ms = fold_ms
        self._last: dict[Frame, int] = {}
        self._first: dict[Frame, int] = {}  # when the run of repeats began

    def is_again(self, address: int, keys: tuple[int, ...], now_ms: int) -> bool:
        """Whether this frame is only the press before it, once more."""
        frame = (address, keys)
        if len(self._last) >= FRAMES_MAX:
            self._forget(now_ms)
        again = frame in self._last and now_ms - self._last[frame] < self._within_ms(keys)
        self._last[frame] = now_ms
        if not again:
            self._first[frame] = now_ms
        return again

    def stuck(self, now_ms: int) -> dict[int, int]:
        """Keypads with a key that has not been let go for STUCK_MS: address to key."""
        return {
            address: keys[-1]
            for (address, keys), last in self._last.items()
            if keys and now_ms - last < self._within_ms(keys) and last - self._first[address, keys] >= STUCK_MS
        }

    def _within_ms(self, keys: tuple[int, ...]) -> int:
        digits_only = bool(keys) and keys[-1] < KEY_MIN
        return min(self._fold_ms, DIGITS_FOLD_MS) if digits_only else self._fold_ms

    def _forget(self, now_ms: int) -> None:
        """A flood of strange frames must not fill the memory; what is in its moment still stays if it can."""
        lately = {f: at for f, at in self._last.items() if now_ms - at < self._fold_ms}
        self._last = lately if len(lately) < FRAMES_MAX else {}
        self._first = {f: at for f, at in self._first.items() if f in self._last}
