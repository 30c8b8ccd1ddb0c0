"""The judge's own sums, per business day: what a report of the same journal must come to as well."""

from __future__ import annotations

from collections import Counter, defaultdict

Sums = Counter[str]


class Counts:
    """day -> sums of the hall, of each queue, of each window. Seconds are whole; a wait is issue to first call."""

    def __init__(self) -> None:
        self.days: defaultdict[str, Sums] = defaultdict(Counter)
        self.queues: defaultdict[tuple[str, str], Sums] = defaultdict(Counter)
        self.windows: defaultdict[tuple[str, str], Sums] = defaultdict(Counter)

    def add(self, day: str, kind: str, amount: int = 1, queue: str = "", window: str = "") -> None:
        self.days[day][kind] += amount
        if queue:
            self.queues[day, queue][kind] += amount
        if window:
            self.windows[day, window][kind] += amount

    def total(self) -> Sums:
        return sum(self.days.values(), Counter())

    def plain(self) -> dict[str, object]:
        """As JSON: a day's own sums, and under it those of its queues and windows."""
        return {
            day: {
                **dict(sorted(sums.items())),
                "queues": {q: dict(sorted(of.items())) for (d, q), of in sorted(self.queues.items()) if d == day},
                "windows": {w: dict(sorted(of.items())) for (d, w), of in sorted(self.windows.items()) if d == day},
            }
            for day, sums in sorted(self.days.items())
        }
