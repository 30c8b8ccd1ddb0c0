"""`hall replay`: a hall of its own, fresh, with a clock of the day to be replayed; the far side sends the citizens."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from cli.clocks import opens_by
from cli.console import warn
from cli.keeping import die_with_us
from cli.rooms import python, surroundings
from hall.calendar import instant_of, local
from hall.faults import PlanError
from hall.names import Instant
from hall.plan.model import Plan
from transport.clock import Clock, real_ms

HEAD_START_MS = 8_000  # real time between the start of the rooms and the hall's opening: they need about half of it
END_S = 2.0  # for the replay to end when asked to
STOPPED = 130  # exit code: somebody stopped it, as a shell tells of Ctrl-C
SPAN = ".."  # 1999-02-01..1999-02-14


class Day(NamedTuple):
    """What to replay, and how."""

    file: Path
    date: str  # "" for the first of the file; "all", or a span, before it is known which days there are
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


def dates_in(file: Path) -> list[str]:
    """The days of a file, in order; PlanError where it is no file of arrivals: said before a hall is started for it."""
    command = python(("simulators.replay.look", str(file)))
    looked = subprocess.run(
        command, env=surroundings(dict(os.environ)), capture_output=True, text=True, encoding="utf-8", check=False
    )
    if looked.returncode:
        raise PlanError(looked.stderr.strip())
    if looked.stderr:
        warn(looked.stderr.strip())
    return list(json.loads(looked.stdout)["days"])


def chosen(asked: str, there: list[str], file: Path) -> list[str]:
    """The days `--day` asks for: one, "all", a span FROM..TO (either may be left out), or the first.

    PlanError when nobody arrives on them.
    """
    first, span, last = asked.partition(SPAN)
    last = last or (there[-1] if span else first)
    if not asked:
        found = there[:1]
    elif asked == "all":
        found = there
    else:
        found = [day for day in there if first <= day <= last]
    if not found:
        raise PlanError(f"{file}: nobody arrives on {asked}; its days are {there[0]} to {there[-1]} ({len(there)})")
    return found


def opening_of(plan: Plan, on: str, after: Instant) -> Instant:
    """When the hall opens on that date, or next after it; not before `after`."""
    midnight = instant_of(date.fromisoformat(on), 0, plan.site.time_zone)
    return opens_by(plan, max(midnight, after))


def clock_of(opening: Instant, speed: float) -> Clock:
    """A clock that reaches the opening when the rooms are up."""
    return Clock(opening, real_ms() + HEAD_START_MS, speed)


def next_morning(plan: Plan, opening: Instant) -> Instant:
    """When the next day of a replay may begin at the earliest: at the first midnight after an opening."""
    today = local(opening, plan.site.time_zone).date()
    return instant_of(today + timedelta(days=1), 0, plan.site.time_zone)


async def send(day: Day, told: tuple[str, ...], stop: asyncio.Event) -> int:
    """Run the far side's citizens in the foreground until the day is over; their exit code, or STOPPED."""
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
        return STOPPED if stop.is_set() else abs(ended.result())  # negative: killed by that signal
    finally:
        stopped.cancel()
        if process.returncode is None:
            process.kill()
            await ended
