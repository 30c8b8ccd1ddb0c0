"""`hall replay`: a hall of its own, fresh, with a clock of the day to be replayed; the far side sends the citizens."""

from __future__ import annotations

import asyncio
import csv
import os
from datetime import date
from pathlib import Path
from typing import NamedTuple

import msgspec

from cli.clocks import opens_by
from cli.keeping import die_with_us
from cli.rooms import python, surroundings
from hall.calendar import instant_of
from hall.faults import PlanError
from hall.names import Instant
from hall.plan.model import Plan
from transport.clock import Clock, real_ms

HEAD_START_MS = 8_000  # real time between the start of the rooms and the hall's opening: they need about half of it
END_S = 2.0  # for the replay to end when asked to


class Day(NamedTuple):
    """What to replay, and how."""

    file: Path
    date: str  # "" for the first of the file
    speed: float
    windows: int
    stretch: float
    seed: int
    as_json: bool

    def argv(self) -> tuple[str, ...]:
        asked = {"--windows": self.windows, "--stretch": self.stretch, "--day": self.date, "--seed": self.seed}
        words = (str(word) for pair in asked.items() for word in pair)
        return ("simulators.replay", str(self.file), *words, *(("--json",) if self.as_json else ()))


def patient(plan: Plan, rate: float) -> Plan:
    """What waits for machines waits as long as in life, however fast the hall's clock runs."""
    slower = max(1, round(rate))
    limits, options = plan.limits, plan.options
    return msgspec.structs.replace(
        plan,
        limits=msgspec.structs.replace(
            limits,
            letter_age_s=limits.letter_age_s * slower,
            event_expires_s=limits.event_expires_s * slower,
        ),
        options=msgspec.structs.replace(
            options,
            unprinted_after_s=options.unprinted_after_s * slower,
            print_job_expires_s=options.print_job_expires_s * slower,
        ),
    )


def staffed(plan: Plan) -> Plan:
    """The plan of a replayed day: staff sit down by roster, and the file's priorities are declared at the machine, for
    no guide stands there."""
    options = msgspec.structs.replace(plan.options, self_declared_priority=True, roster_logs_in=True)
    return msgspec.structs.replace(plan, options=options)


def first_date(file: Path) -> str:
    """The date of the file's first row; PlanError when there is none."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as rows:
            found = next(csv.DictReader(rows), {}).get("date") or ""
    except (OSError, UnicodeDecodeError) as trouble:
        raise PlanError(f"{file}: {trouble}") from trouble
    if not found:
        raise PlanError(f"{file}: no row with a column 'date'; see `hall replay --help`")
    return found


def check_day(day: Day) -> None:
    """PlanError when nobody arrives on that day of the file: said before a hall is started for it."""
    try:
        with day.file.open(encoding="utf-8-sig", newline="") as rows:
            if any(row.get("date") == day.date for row in csv.DictReader(rows)):
                return
    except (OSError, UnicodeDecodeError) as trouble:
        raise PlanError(f"{day.file}: {trouble}") from trouble
    raise PlanError(f"{day.file}: nobody arrives on {day.date}")


def clock_of(plan: Plan, day: Day) -> Clock:
    """A clock that reaches the opening of that day (or of the next the hall opens on) when the rooms are up."""
    try:
        midnight = instant_of(date.fromisoformat(day.date), 0, plan.site.time_zone)
    except ValueError as fault:
        raise PlanError(f"--day {day.date}: {fault}") from fault
    opening: Instant = opens_by(plan, midnight)
    return Clock(opening, real_ms() + HEAD_START_MS, day.speed)


async def send(day: Day, told: tuple[str, ...], stop: asyncio.Event) -> int:
    """Run the far side's citizens in the foreground until the day is over or somebody stops us; their exit code."""
    process = await asyncio.create_subprocess_exec(
        *python((*day.argv(), *told)),
        env=surroundings(dict(os.environ)),
        start_new_session=True,
        preexec_fn=die_with_us(),
    )
    ended, stopped = asyncio.create_task(process.wait()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            process.terminate()
            await asyncio.wait({ended}, timeout=END_S)
        return ended.result() if ended.done() else 1
    finally:
        stopped.cancel()
        if process.returncode is None:
            process.kill()
            await ended
