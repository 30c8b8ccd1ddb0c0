"""The world's time: one heap of (time, turn, action), one dice, one list of what was done to it. Milliseconds."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

WEEK = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")  # days since 1970
TRACE_MAX = 200_000  # lines; a day in full has half of that


class Broken(Exception):
    """A promise of docs/invariants.md that did not hold, where somebody could see it."""

    def __init__(self, invariant: str, text: str, number: str = "", at: int = 0) -> None:
        super().__init__(f"{invariant}: {text}")
        self.invariant, self.text, self.number, self.at = invariant, text, number, at


class World:
    """Time and chance. Actions never return anything; what is over is left in the heap and looks before it acts."""

    __slots__ = ("_heap", "_turn", "calm", "coverage", "dice", "faults", "offset", "stages", "t", "trace")

    def __init__(self, seed: int, now: int, tracing: bool = False) -> None:
        self.t = now
        self.dice = random.Random(seed)
        self.offset = 0  # of every machine's wall clock
        self.calm = False  # the quiet evening: no more faults
        self.trace: list[str] | None = [] if tracing else None
        self.faults: Counter[str] = Counter()
        self.coverage: Counter[tuple[str, str]] = Counter()  # (stage of the ticket it hit, fault)
        self.stages: Callable[[], tuple[str, ...]] = tuple  # of the tickets there are now
        self._heap: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._turn = 0

    def at(self, when: int, action: Callable[..., None], *args: Any) -> None:
        self._turn = turn = self._turn + 1
        heappush(self._heap, (when, turn, action, args))

    def after(self, ms: int, action: Callable[..., None], *args: Any) -> None:
        self._turn = turn = self._turn + 1
        heappush(self._heap, (self.t + ms, turn, action, args))

    def between(self, least: int, most: int) -> int:
        """A whole number of this span, both ends included; at a fifth of what randint costs."""
        return least + int(self.dice.random() * (most - least + 1))

    def clock(self) -> int:
        """What the wall clocks say."""
        return self.t + self.offset

    def run(self, until: int) -> None:
        heap, pop = self._heap, heappop
        while heap and heap[0][0] <= until:
            self.t, _, action, args = pop(heap)
            action(*args)
        self.t = until

    def forget(self) -> None:
        """What is still to come will not."""
        self._heap.clear()

    def chance(self, share: float) -> bool:
        return share > 0 and self.dice.random() < share

    def fault(self, kind: str, stage: str = "", text: str = "") -> None:
        """A fault is done: counted by kind, and by the stage of the ticket it hit ("": all stages there are)."""
        self.faults[kind] += 1
        for each in (stage,) if stage else self.stages():
            self.coverage[each, kind] += 1
        if self.trace is not None:
            self.note(f"!! {kind} {text}")

    def note(self, text: str) -> None:
        if self.trace is not None and len(self.trace) < TRACE_MAX:
            s = self.t // 1000 + 8 * 3600
            when = f"{WEEK[s // 86_400 % 7]} {s // 3600 % 24:02d}:{s // 60 % 60:02d}:{s % 60:02d}.{self.t % 1000:03d}"
            self.trace.append(f"{when} {text}")
