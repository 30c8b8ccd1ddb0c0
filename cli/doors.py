"""What stands behind each subcommand: a plan made ready, then one process (`become`) or all of them (`run`)."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import NamedTuple, NoReturn, TextIO

from cli import clocks, passwords, reading, state
from cli.addresses import busy, taken
from cli.console import both, tell, warn, welcome
from cli.firmware import files
from cli.firmware.writing import write
from cli.replaying import STOPPED, Day, chosen, clock_of, dates_in, next_morning, opening_of, patient, send, staffed
from cli.rooms import FAMILIES, Common, python, rooms_of, surroundings
from cli.running import stand
from hall.faults import HallFault
from hall.names import Instant
from hall.plan import BadPlan, Plan, compile_plan, from_json, load
from hall.plan.tables import tables
from transport.plans import known, text_of

__all__ = ["FAMILIES", "Day", "Wanted", "become", "check", "common", "replay", "run", "write_firmware"]

TRACE_FILE = "trace-{}.jsonl"  # what the devices of a replayed day showed, for `hall verify`
FIGURES = "replay.jsonl"  # of each replayed day, as the far side keeps them
PLAN_FILE = "plan.json"  # in the state directory: the compiled plan of the last run


class CannotRun(HallFault):
    """Something stands in the way of starting; the message names it."""


class Wanted(NamedTuple):
    """What `hall run` was asked."""

    plan: Path
    var: Path
    fresh: bool
    clock: str
    port_shift: int
    log_level: str
    seed: int
    only: tuple[str, ...]
    trace: Path | None = None  # where simulated devices write what people could notice


def check(file: Path, as_json: bool, port_shift: int) -> str:
    """The site as tables, or the compiled plan; PlanError with every problem. Warnings go to the console."""
    found = compile_plan(text_of(file), str(file), known(), port_shift)
    if found.plan is None:
        raise BadPlan(found.problems)
    for problem in found.problems:
        warn(str(problem))
    return reading.indented(found.plan) if as_json else tables(found.plan)


def write_firmware(file: Path, out: Path, also: str) -> str:
    """The installation files of a plan; says what was written."""
    written = files(compiled(file), reading.dot_font(), also)
    write(written, out)
    return f"{len(written)} files in {out}: begin with {out / 'install.md'}"


def compiled(file: Path, port_shift: int = 0) -> Plan:
    return load(text_of(file), str(file), known(), port_shift)


def common(file: Path | None, var: Path, clock: str, log_level: str) -> Common:
    """What one room is told; a plan given here is compiled into the state directory first."""
    compiled_file = var / PLAN_FILE
    if file is not None:
        var.mkdir(parents=True, exist_ok=True)
        reading.write_compiled(compiled(file), compiled_file)
    if not compiled_file.exists():
        raise CannotRun(f"{compiled_file} is not there: give --plan, or run `hall run PLAN` on this state first")
    plan = from_json(compiled_file.read_bytes())
    chosen = clocks.choose(clock, plan, var / clocks.FILE)
    return Common(compiled_file, var, chosen.clock.text(), log_level)


def become(argv: tuple[str, ...]) -> NoReturn:
    """Turn this process into a room: its signals and its exit code are then the room's own."""
    command = python(argv)
    os.execve(command[0], command, surroundings(dict(os.environ)))


def run(wanted: Wanted) -> int:
    """All rooms of a plan; back when stopped."""
    strange = sorted(set(wanted.only) - set(FAMILIES))
    if strange:
        raise CannotRun(f"--only {','.join(strange)}: there are {', '.join(FAMILIES)}")
    plan = compiled(wanted.plan, wanted.port_shift)
    with state.held(wanted.var, wanted.fresh):
        chosen = clocks.choose(wanted.clock, plan, wanted.var / clocks.FILE)
        return _stand(wanted, plan, chosen)


def replay(wanted: Wanted, day: Day) -> int:
    """Recorded days through a fresh hall of their own, one after the other on one state; judged afterwards by its
    journals and what its devices showed."""
    plan = staffed(compiled(wanted.plan, wanted.port_shift))
    there = dates_in(day.file)
    dates = chosen(day.date, there, day.file)
    beside = sys.stderr if day.as_json else sys.stdout  # a program that reads the figures reads nothing else
    with redirect_stdout(beside), state.held(wanted.var, fresh=True):
        if not day.date and len(there) > 1:
            tell(f"{day.file} has {len(there)} days, {there[0]} to {there[-1]}; this is the first. --day all for each")
        codes = list(_days(wanted, plan, day, dates))
    if len(codes) > 1 and (wanted.var / FIGURES).exists():
        _beside(("simulators.replay.days_told", str(wanted.var)), beside)
    judged = [sorted((wanted.var / "journal").glob("*.db")), sorted(wanted.var.glob(TRACE_FILE.format("*")))]
    verdict = _beside(("audit", "verify", *(str(file) for files in judged for file in files)), beside)
    return max(*codes, verdict)


def _days(wanted: Wanted, plan: Plan, day: Day, dates: list[str]) -> Iterator[int]:
    """Exit code of each day; the hall is switched off for the night, which nobody has to wait for."""
    after: Instant = 0
    for on in dates:
        opening = opening_of(plan, on, after)
        after = next_morning(plan, opening)
        traced = wanted._replace(trace=wanted.var / TRACE_FILE.format(on))
        yield (
            code := _stand(traced, plan, clocks.Chosen(clock_of(opening, day.speed), "given"), day._replace(date=on))
        )
        if code == STOPPED:
            break


def _beside(room: tuple[str, ...], out: TextIO) -> int:
    """Run something to its end in this terminal; its exit code."""
    return subprocess.run(python(room), env=surroundings(dict(os.environ)), stdout=out, check=False).returncode


def _stand(wanted: Wanted, plan: Plan, chosen: clocks.Chosen, day: Day | None = None) -> int:
    """Check the ports, then all rooms; until the day is over where there is one, else until told to stop."""
    _free(plan, wanted.only)
    plan = patient(plan, chosen.clock.rate)
    file = reading.write_compiled(plan, wanted.var / PLAN_FILE)
    told = Common(file, wanted.var, chosen.clock.text(), wanted.log_level)
    rooms = rooms_of(plan, told, wanted.seed, wanted.only, wanted.trace)
    tell(both("starting", site=plan.site.name, site_en=plan.site.name_en, rooms=len(rooms)))

    def welcomes() -> None:
        tell(welcome(plan, chosen, wanted.var))
        if day is None and (rows := passwords.shown_once(wanted.var, plan)):  # nobody logs in where a day is replayed
            tell(rows)

    then = partial(send, day, told.argv()) if day else None
    return asyncio.run(stand(rooms, wanted.var, chosen.clock, welcomes, then))


def _free(plan: Plan, only: tuple[str, ...]) -> None:
    """Every port, before anything is started: a half-started hall is worse than none."""
    found = busy(address for address in taken(plan) if not only or address.family in only)
    if found:
        raise CannotRun("\n  ".join([both("busy"), *found, both("busy_mend")]))
