"""What can go wrong with any wire, and when: named faults with a time to begin and a time to heal.

A device's own faults are in its box; these are the cable's. Dice come from one seed, so a run replays.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field

from simulators.box import Fault, Record, Refused

DAY_MS = 86_400_000  # no fault is ordered further ahead than a day

CABLE = (
    Fault("cable_pulled", "线缆拔出", "The cable is out: whoever holds the line sees an error."),
    Fault("cut_cable", "传到中途断线", "The cable is cut after so many more bytes were heard.", {"after_bytes": 40}),
    Fault("half_open", "假连接", "The line stays up, but nothing gets through either way."),
    Fault("slow_line", "线路延迟", "Every byte is late, both ways.", {"ms": 500}),
    Fault("dribble", "逐字节到达", "What the device says comes one byte at a time.", {"gap_ms": 5}),
    Fault("noise", "线路干扰", "Bytes are damaged on the way, both ways.", {"percent": 5}),
)
REFUSE = Fault("refuse", "拒绝连接", "The network port refuses new connections; who is connected stays.")


def dice_for(seed: int, device: str) -> random.Random:
    """Dice of its own for every device: what one does never changes what another throws."""
    return random.Random(f"{seed}/{device}")


def named(name: str, **args: int) -> Fault:
    """A fault to order, for tests: `printer.fault(named("paper_out", after_mm=30))`."""
    return Fault(name, args=args)


def cut(after_bytes: int) -> Fault:
    """The cable is cut after so many more bytes."""
    return named("cut_cable", after_bytes=after_bytes)


@dataclass(frozen=True, slots=True, order=True)
class Turn:
    """At `at_ms` a fault begins or heals."""

    at_ms: int
    order: int
    begins: bool = field(compare=False)
    name: str = field(compare=False)
    args: Record = field(compare=False)


class Agenda:
    """The turns of one device's faults that are still to come."""

    def __init__(self) -> None:
        self._turns: list[Turn] = []
        self._order = 0

    def due(self, now_ms: int) -> list[Turn]:
        """The turns whose time has come, in order, taken off the agenda."""
        turns = []
        while self._turns and self._turns[0].at_ms <= now_ms:
            turns.append(heapq.heappop(self._turns))
        return turns

    def drop(self, name: str) -> None:
        """What was still to come under this name is off."""
        self._turns = [t for t in self._turns if t.name != name]
        heapq.heapify(self._turns)

    def next_wake(self) -> int | None:
        return self._turns[0].at_ms if self._turns else None

    def begins(self, at_ms: int, name: str, args: Record) -> None:
        self._put(at_ms, True, name, args)

    def heals(self, at_ms: int, name: str) -> None:
        self._put(at_ms, False, name, {})

    def _put(self, at_ms: int, begins: bool, name: str, args: Record) -> None:
        self._order += 1
        heapq.heappush(self._turns, Turn(at_ms, self._order, begins, name, args))


def settled(menu: tuple[Fault, ...], name: str, args: Record) -> Record:
    """The arguments of a fault with its usual values filled in; Refused for a fault or a setting it does not have."""
    entry = next((f for f in menu if f.name == name), None)
    if entry is None:
        raise Refused(f"no fault {name!r}; there are: {', '.join(f.name for f in menu)}")
    usual = dict(entry.args or {})
    unknown = sorted(set(args) - set(usual) - {"after_ms", "for_ms"})
    if unknown:
        raise Refused(
            f"fault {name} has no setting {unknown[0]!r}; it has: {', '.join([*usual, 'after_ms', 'for_ms'])}"
        )
    return {**usual, **args}
