"""What a storm says of itself: days, tickets, faults by kind, which stage met which fault; and how a seed broke."""

from __future__ import annotations

import time
from collections import Counter

from hall import commands as c
from hall import events as e
from hall.names import Stage
from storm.day import Day, Done
from storm.world import Broken

LAST = 60  # lines of a trace that are printed: the last minute or so
AT_KEYS = ("called", "serving", "none")
POSSIBLE: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    # a keypad and a panel know whom the window calls or serves, and nobody else
    (("key ", "pressed ", "panel ", "view "), AT_KEYS),
    (("call ",), ("called", "serving")),  # on its way the moment the ticket is called
)
ABOUT_ONE = ("key ", "pressed ", "panel ", "view ", "call ", "letter ", "answer ", "stranger", "slip ")
"""Faults that hit one ticket; all the others hit everybody there is, and by then there is somebody."""
STAGES = (*(stage.value for stage in Stage), "none")


class Tally:
    """All seeds of a run."""

    def __init__(self) -> None:
        self.seeds = self.days = self.tickets = self.events = self.called = self.judged = self.spoken = 0
        self.faults: Counter[str] = Counter()
        self.coverage: Counter[tuple[str, str]] = Counter()
        self.asked: Counter[str] = Counter()
        self.happened: Counter[str] = Counter()
        self._cpu, self._wall = time.process_time(), time.monotonic()

    def add(self, day: Day, done: Done) -> None:
        self.seeds += 1
        self.days += done.days
        self.tickets += done.tickets
        self.events += done.events
        self.called += done.called
        self.judged += bool(done.judged)
        self.spoken += day.edge.said
        self.faults.update(day.world.faults)
        self.coverage.update(day.world.coverage)
        self.asked.update(day.asks.asked)
        self.happened.update(row.what for row in day.controller.disk.rows)

    @property
    def never_asked(self) -> list[str]:
        """Commands nobody gave."""
        return _without(self.asked, c.Command, c.INTERNAL)

    @property
    def never_happened(self) -> list[str]:
        """Events that never came about."""
        return _without(self.happened, e.Event)

    @property
    def days_a_second(self) -> float:
        """Of processor time: others may use the machine meanwhile."""
        return self.days / max(1e-9, time.process_time() - self._cpu)

    def report(self) -> str:
        wall = time.monotonic() - self._wall
        lines = [
            f"{self.seeds} seeds, {self.days} hall-days, {self.tickets} tickets, {self.called} calls,"
            f" {self.spoken} spoken,"
            f" {self.events} events, {self.judged} journals judged; nothing broken",
            f"{self.days_a_second:.2f} hall-days a second of processor time"
            f" ({self.days / wall:.2f} by the clock), {self.tickets / max(1, self.days):.0f} tickets a day",
            f"{sum(self.faults.values())} faults:",
            *(f"  {count:8d}  {kind}" for kind, count in self.faults.most_common()),
            *_kinds("asked", self.asked, self.never_asked),
            *_kinds("happened", self.happened, self.never_happened),
            "",
            *self._matrix(),
        ]
        return "\n".join(lines)

    def _matrix(self) -> list[str]:
        """Stage x fault, as a table."""
        kinds = sorted({kind for _, kind in self.coverage})
        met = sum(1 for stage in STAGES for kind in kinds if self.coverage[stage, kind])
        can = sum(1 for stage in STAGES for kind in kinds if possible(stage, kind))
        lines = [
            f"{met} of {can} pairs of stage and fault were met; - cannot be (none: no ticket there):",
        ]
        lines.append(" " * 32 + " ".join(f"{stage[:8]:>8}" for stage in STAGES))
        for kind in kinds:
            cells = " ".join(f"{self._cell(stage, kind):>8}" for stage in STAGES)
            lines.append(f"  {kind[:29]:29} {cells}")
        return lines

    def _cell(self, stage: str, kind: str) -> str:
        return str(self.coverage[stage, kind] or ("." if possible(stage, kind) else "-"))


def possible(stage: str, kind: str) -> bool:
    """Can this fault hit a ticket in this stage?"""
    for kinds, stages in POSSIBLE:
        if kind.startswith(kinds):
            return stage in stages
    return stage != "none" or kind.startswith(ABOUT_ONE)


def _kinds(what: str, counted: Counter[str], never: list[str]) -> list[str]:
    """How often each kind of word, and which never."""
    often = ", ".join(f"{name} {count}" for name, count in counted.most_common())
    return [f"{what}: {often}", f"  never {what}: {', '.join(never) or 'none'}"]


def _without(counted: Counter[str], root: type, but: tuple[type, ...] = ()) -> list[str]:
    return sorted({kind.__name__ for kind in root.__subclasses__() if kind not in but} - set(counted))


def failure(seed: int, day: Day, broken: Broken, all_of_it: bool = False) -> str:
    """How a seed broke: the promise, the life of the number, the last lines before it."""
    trace = day.world.trace or []
    own = [line for line in trace if broken.number and broken.number in line]
    last = trace if all_of_it else trace[-LAST:]
    return "\n".join([
        f"seed {seed} broke {broken.invariant}: {broken.text}",
        f"replay: make storm SEED={seed}   (all of it: ARGS=--trace); {broken.invariant} stands in docs/invariants.md",
        "weather: " + ", ".join(f"{n}={getattr(day.weather, n)}" for n in day.weather.__slots__ if n != "plan"),
        f"options: {day.weather.plan.options}",
        *([f"-- {broken.number}, its life", *own[-40:]] if own else []),
        ("-- all of it" if all_of_it else "-- the last lines before it") + " (!! a fault; a number is an event's)",
        *last,
    ])  # fmt: skip
