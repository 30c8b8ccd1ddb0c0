"""Which processes a plan needs on this machine: one row per room, in the order they are started."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hall.plan.model import Plan

HOUSE = Path(__file__).resolve().parent.parent  # where the rooms lie, beside this one
FAMILIES = ("broker", "simulators", "controller", "displays", "caller", "kiosk")
"""What `--only` may name, in the order of starting; they are stopped in the reverse."""


class Room(NamedTuple):
    """One process: `python -m <argv>`."""

    name: str  # "kiosk-A-K1": names its log and its messages
    family: str  # one of FAMILIES
    argv: tuple[str, ...]


class Common(NamedTuple):
    """What every room is told."""

    plan: Path  # compiled
    var: Path
    clock: str
    log_level: str

    def argv(self) -> tuple[str, ...]:
        told = {"--plan": self.plan, "--var": self.var, "--clock": self.clock, "--log-level": self.log_level}
        return tuple(str(word) for pair in told.items() for word in pair)


def rooms_of(
    plan: Plan, common: Common, seed: int, only: tuple[str, ...] = (), trace: Path | None = None
) -> list[Room]:
    """Every room of the plan, or those of the families in `only`."""
    return [room for room in _all(plan, common.argv(), seed, trace) if not only or room.family in only]


def _all(plan: Plan, told: tuple[str, ...], seed: int, trace: Path | None) -> Iterator[Room]:
    if plan.broker.kind == "embedded":
        yield Room("broker", "broker", ("transport.embedded_broker", *told))
    if plan.site.mode == "simulated":
        traced = ("--trace", str(trace.resolve())) if trace else ()
        yield Room("simulators", "simulators", ("simulators", "--seed", str(seed), *traced, *told))
    yield Room("controller", "controller", ("controller", *told))
    for hall in plan.halls.values():
        yield Room(f"displays-{hall.id}", "displays", ("displays", hall.id, *told))
        for line in hall.keypad_lines:
            yield Room(f"caller-{line}", "caller", ("caller", hall.id, "--line", line, *told))
        yield Room(f"staff-{hall.id}", "caller", ("caller", hall.id, "--pages", *told))
        for kiosk in hall.kiosks:
            yield Room(f"kiosk-{kiosk}", "kiosk", ("kiosk", kiosk, *told))


def python(argv: tuple[str, ...]) -> list[str]:
    """The command line of a room: this very Python, and nothing of the folder it happens to be called in (-P)."""
    return [sys.executable, "-P", "-m", *argv]


def surroundings(environment: dict[str, str]) -> dict[str, str]:
    """The environment of a room: it is found beside this one, speaks UTF-8 and does not hold its lines back."""
    before = environment.get("PYTHONPATH", "")
    path = f"{HOUSE}:{before}" if before else str(HOUSE)
    return environment | {"PYTHONPATH": path, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
