"""The calls that wait to be spoken: few, in order, each at most once. It reads no clock and makes no sound."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable

import msgspec

from hall.names import Instant, TicketNumber, WindowId

WAITING_MAX = 8  # calls of some five seconds each: those behind would be too old when their turn comes


class Announcement(msgspec.Struct, frozen=True):
    """A call or recall to be spoken; `since` is its (epoch, seq), `at` when it was decided."""

    number: TicketNumber
    window: WindowId
    name: str  # of the window
    since: tuple[int, int]
    at: Instant


class Waiting:
    """`dropped` counts the calls that were not spoken, by why."""

    def __init__(self, most: int = WAITING_MAX) -> None:
        self._most = most
        self._calls: deque[Announcement] = deque()
        self.dropped: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._calls)

    def put(self, call: Announcement) -> None:
        """Behind the others. A window calls one number at a time, so what it called before is over, or the same."""
        for place, other in enumerate(self._calls):
            if other.window == call.window and other.number == call.number:
                self._calls[place] = call  # recalled before it was spoken: said once, where it stood
                self.dropped["said once for two"] += 1
                return
        for other in [other for other in self._calls if other.window == call.window or other.number == call.number]:
            self._calls.remove(other)
            self.dropped["called elsewhere"] += 1
        self._calls.append(call)
        if len(self._calls) > self._most:
            self._calls.popleft()
            self.dropped["too many"] += 1

    def take(self, holds: Callable[[Announcement], bool]) -> Announcement | None:
        """The next one that still holds; None when there is none."""
        while self._calls:
            call = self._calls.popleft()
            if holds(call):
                return call
            self.dropped["over"] += 1
        return None
