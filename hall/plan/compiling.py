"""From the text a person writes to the plan the rooms read: pure, complete, every problem named in one run."""

from __future__ import annotations

import msgspec

from hall.faults import OurFault
from hall.names import ORDINARY
from hall.plan import positions
from hall.plan.checking import check
from hall.plan.compiling_doors import doors
from hall.plan.compiling_hall import HallCompiler
from hall.plan.draft import Draft, Thing
from hall.plan.expanding import NO_IDS, expand
from hall.plan.known import Known
from hall.plan.model import Plan
from hall.plan.problems import Path, Problem
from hall.plan.reading import Reading, Values, texts
from hall.plan.settings import hall as hall_settings
from hall.plan.settings import site as site_settings
from hall.plan.settings.shapes import HALL_ID, STAFF_ID, WORD_ID
from hall.plan.shifting import shift_ports

PLAN_VERSION = 1
TOP = ("site", "broker", "bench", "doors", "limits", "options", "priority", "hours", "units", "staff", "halls")


class Compiled(msgspec.Struct, frozen=True):
    """`plan` is None when any problem is an error."""

    plan: Plan | None
    problems: tuple[Problem, ...]


def compile_plan(text: str, file: str, known: Known | None, port_shift: int = 0) -> Compiled:
    """The plan of this text and all its problems; never raises on any text.

    `port_shift` is added to every loopback TCP port of a simulated plan, so that two can run on one machine.
    """
    reading = Reading(positions.read(text, file))
    if not reading.source.readable:
        return Compiled(None, tuple(sorted(reading.problems)))
    draft = _draft(reading, known)
    check(draft)
    shifted = shift_ports(draft, port_shift)
    problems = tuple(sorted(reading.problems))
    broken = any(problem.weight == "error" for problem in problems)
    return Compiled(None if broken else shifted, problems)


def _draft(reading: Reading, known: Known | None) -> Draft:
    origins: dict[Thing, Path] = {}
    reading.unknown((), reading.source.values, TOP)
    units = _units(reading, origins)
    found = doors(reading)
    raw: Values = {
        "v": PLAN_VERSION,
        "site": _site(reading, found),
        "broker": reading.table(("broker",), site_settings.BROKER),
        "options": reading.table(("options",), site_settings.OPTIONS),
        "priority": _priority(reading),
        "limits": reading.table(("limits",), site_settings.LIMITS),
        "bench": reading.table(("bench",), site_settings.BENCH),
        "doors": found,
        "staff": _staff(reading, origins),
        "halls": _halls(reading, origins, units, known),
    }
    try:
        plan = msgspec.convert(raw, Plan)
    except msgspec.ValidationError as wrong:
        raise OurFault(f"the plan's settings and its model differ: {wrong}") from wrong
    return Draft(plan, known, reading, origins)


def _site(reading: Reading, doors: Values) -> Values:
    """A status address left out is the public door's own."""
    values = _named(reading.table(("site",), site_settings.SITE))
    return values | {"status_url": values["status_url"] or f"http://{doors['public_host']}:{doors['public_port']}"}


def _named(values: Values) -> Values:
    """English names left out are the Chinese ones."""
    return values | {"name_en": values["name_en"] or values["name"]}


def _priority(reading: Reading) -> Values:
    at: Path = ("priority",)
    values = reading.table(at, site_settings.PRIORITY)
    names = reading.names((*at, "classes"), WORD_ID.read)
    classes = {name: _named(reading.table((*at, "classes", name), site_settings.PRIORITY_CLASS)) for name in names}
    if ORDINARY in names:
        what, mend = f"{ORDINARY!r} is everybody without a priority", "give the class another id"
        reading.report((*at, "classes", ORDINARY), "", "duplicate-id", what, mend)
    return values | {
        "classes": names,
        "names": {name: found["name"] for name, found in classes.items()},
        "names_en": {name: found["name_en"] for name, found in classes.items()},
    }


def _units(reading: Reading, origins: dict[Thing, Path]) -> dict[str, Values]:
    units: dict[str, Values] = {}
    for name in reading.names(("units",), WORD_ID.read):
        origins["units", name] = ("units", name)
        units[name] = _named(reading.table(("units", name), site_settings.UNIT)) | {"id": name}
    return units


def _staff(reading: Reading, origins: dict[Thing, Path]) -> dict[str, Values]:
    staff: dict[str, Values] = {}
    for at in reading.items(("staff",)):
        values = reading.table(at, site_settings.STAFF)
        for number in reading.fit(at, "ids", expand, texts(values["ids"]), NO_IDS):
            if not STAFF_ID.fits(number):
                reading.fit(at, "ids", STAFF_ID.read, number, "")
            elif number in staff:
                first = reading.source.line((*origins["staff", number], "ids"))
                what = f"staff number {number} is given twice, first at line {first}"
                reading.report(at, "ids", "duplicate-id", what, "give each member of staff one number")
            else:
                origins["staff", number] = at
                staff[number] = {"id": number, "role": values["role"], "kind": values["kind"]}
    return staff


def _halls(
    reading: Reading, origins: dict[Thing, Path], units: dict[str, Values], known: Known | None
) -> dict[str, Values]:
    if "halls" not in reading.source.values:
        reading.report((), "halls", "missing-table", "the plan has no hall", "add [halls.A]")
    halls = HallCompiler(reading, origins, units, known)
    hours = reading.table(("hours",), hall_settings.HOURS)
    return {name: halls.hall(name, hours) for name in reading.names(("halls",), HALL_ID.read)}
