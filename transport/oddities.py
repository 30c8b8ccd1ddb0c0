"""What came and was not what it should be: counted by kind, named in the log so seldom that no flood fills a disk."""

from __future__ import annotations

from collections import Counter

import structlog


class Oddities:
    """One room's count. `note` never raises and never waits."""

    def __init__(self, room: str) -> None:
        self.counts: Counter[str] = Counter()
        self._log = structlog.get_logger(room)

    def note(self, why: str, what: object = "", **more: object) -> None:
        """One more of this kind; the log hears of the first and then of each power of two."""
        self.counts[why] += 1
        count = self.counts[why]
        if count & (count - 1) == 0:
            self._log.warning(why, count=count, what=what, **more)
