"""Which clock the hall runs by: the wall's, a demonstration's that is always within opening hours, or one given.

A demonstration goes on where it stopped: `<var>/clock.txt` keeps the clock and the last hall time seen, and no start
on the same state ever begins before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hall.calendar import CLOSED, OPEN, local, phase_at, phases
from hall.faults import PlanError
from hall.names import Instant
from hall.plan.model import Hours, Plan
from transport.clock import Clock, real_ms

FILE = "clock.txt"  # in the state directory
LEFT_MS = 30 * 60_000  # hall time before closing: a demonstration shorter than that is no fun
SEEN_EVERY_S = 5.0  # real seconds between two notes of the hall time
SEEN_MARGIN_MS = 10_000  # hall time added to the last note: a `kill -9` may have lost one
AHEAD_DAYS = 14  # how far the next opening is looked for

_LOCAL = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:x(\d+(?:\.\d+)?))?", re.ASCII)


class Chosen(NamedTuple):
    """A clock and why this one: "real", "resumed", "next" (opening moment) or "given"."""

    clock: Clock
    why: str


def choose(text: str, plan: Plan, file: Path) -> Chosen:
    """The clock for `--clock TEXT`: auto, real, demo, 2026-11-23T09:00[x60], or <hall_ms>@<real_ms>x<rate>."""
    if text == "auto":
        text = "demo" if plan.site.mode == "simulated" else "real"
    if text == "real":
        return Chosen(Clock(), "real")
    if text == "running":
        return Chosen(running(file), "given")
    if text == "demo":
        return demo(plan, seen(file), real_ms())
    written = _LOCAL.fullmatch(text)
    if written is None:
        return Chosen(Clock.from_text(text), "given")
    try:
        at = datetime.fromisoformat(written[1]).replace(tzinfo=ZoneInfo(plan.site.time_zone))
    except ValueError as fault:
        raise PlanError(f"clock: {text!r}: {fault}") from fault
    return Chosen(Clock.starting_at(round(at.timestamp() * 1000), float(written[2] or 1)), "given")


def note(clock: Clock, file: Path) -> None:
    """Write down how late it is in the hall."""
    new = file.with_suffix(".new")
    new.write_text(f"{clock.now()} {clock.text()}\n", encoding="ascii")
    new.replace(file)


def running(file: Path) -> Clock:
    """The clock of the hall that runs (or last ran) on this state; the wall's when none ever did."""
    try:
        return Clock.from_text(file.read_text(encoding="ascii").split()[1])
    except FileNotFoundError:
        return Clock()
    except (ValueError, IndexError) as fault:
        raise PlanError(f"{file} is not a clock's note ({fault}); give --clock") from fault


def seen(file: Path) -> Instant:
    try:
        return int(file.read_text(encoding="ascii").split()[0]) + SEEN_MARGIN_MS
    except FileNotFoundError:
        return 0
    except (ValueError, IndexError) as fault:
        raise PlanError(f"{file} is not a clock's note ({fault}); remove it, or start with --fresh") from fault


def demo(plan: Plan, seen: Instant, wall: Instant) -> Chosen:
    if wall >= seen and opens_by(plan, wall) == wall:
        return Chosen(Clock(), "real")
    if seen and opens_by(plan, seen) == seen:
        return Chosen(Clock.starting_at(seen, 1.0), "resumed")
    return Chosen(Clock.starting_at(opens_by(plan, max(seen, wall)), 1.0), "next")


def opens_by(plan: Plan, after: Instant) -> Instant:
    """`after` itself when every hall is at work then, with LEFT_MS to go, or else the next such moment."""
    for enough in (all, any):  # halls that are never at work together: then one of them will do
        for moment in _moments(plan, after):
            if enough(_at_work(hall.hours, moment, plan.site.time_zone) for hall in plan.halls.values()):
                return moment
    raise PlanError(f"no hall of {plan.site.id} opens within {AHEAD_DAYS} days: the demonstration has no time to be at")


def _moments(plan: Plan, after: Instant) -> Iterator[Instant]:
    """`after`, and every later moment at which a hall begins work, in order."""
    yield after
    zone, today = plan.site.time_zone, local(after, plan.site.time_zone).date()
    for ahead in range(AHEAD_DAYS + 1):
        day = today + timedelta(days=ahead)
        steps = {step for hall in plan.halls.values() for step in phases(day, hall.hours, zone)}
        yield from sorted(at for at, phase, _ in steps if phase == OPEN and at > after)


def _at_work(hours: Hours, at: Instant, zone: str) -> bool:
    return phase_at(at, hours, zone)[0] == OPEN and phase_at(at + LEFT_MS, hours, zone)[0] != CLOSED
