"""The file of days: columns date, arrival, type, priority, outcome, service_s; waited_s if it is there; others ignored.

    date       1999-02-01, 1999/2/1, 19990201 or 990201
    arrival    7:02, 07:02:47; 24:10:05 is ten past midnight of that business day
    type       any word; empty is a kind of its own
    priority   a whole number; 0 or empty is ordinary
    outcome    HANG left before being served; whatever else was served
    service_s  seconds; nothing, 0 or less is a service that was not timed, and becomes SHORTEST_S
    waited_s   seconds; told beside our waits, and nothing else

Commas, semicolons or tabs. The published call-centre files' names (vru_entry, q_time, ser_time) are understood too.
A row whose date or time makes no sense is left out and named, never guessed. Two rows that are alike are two citizens.
"""

from __future__ import annotations

import csv
import functools
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from simulators.box import CannotStand
from simulators.replay.files import text_of

NEEDED = ("date", "arrival", "type", "priority", "outcome", "service_s")
ALSO_CALLED = {"vru_entry": "arrival", "q_time": "waited_s", "ser_time": "service_s"}
GAVE_UP = ("HANG",)
SHORTEST_S = 5
LONGEST_S = 86_400  # of a service or a wait: more is no number of seconds of one day
LAST_MS = 15 * 60_000  # before closing: the last arrival
ARRIVALS_MAX = 20_000  # a day: ten times the busiest county hall's
BAD_SHARE_MAX = 0.1  # of the rows: with more that make no sense it is another kind of file

_DATE = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4}|\d{2})(\d\d)(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?", re.ASCII)
_LAST_HOUR = 29  # 29:59 is six in the morning: by then another business day has begun


@dataclass(frozen=True, slots=True)
class Arrival:
    """One citizen of the day."""

    no: int
    at_ms: int  # hall time
    kind: str  # the file's type
    priority: int
    gives_up: bool
    service_s: int
    file_waited_s: int | None = None  # how long they waited in the file; None: it does not say


@dataclass(frozen=True, slots=True)
class Row:
    second: int  # of the file's day
    kind: str
    priority: int
    gives_up: bool
    service_s: int
    waited_s: int | None


@dataclass(slots=True)
class Day:
    """One date of the file, its rows in order of arrival."""

    rows: list[Row] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # rows that make no sense: file, line, what, remedy


def read_day(file: Path, wanted: str) -> Day:
    """The rows of one date (YYYY-MM-DD)."""
    day = Day()
    for on, row in _records(file):
        if on == wanted:
            day.rows.append(row) if isinstance(row, Row) else day.left_out.append(row)
    if not day.rows:
        raise CannotStand(f"{file}: nobody arrives on {wanted}; see what dates are in the file")
    day.rows.sort(key=lambda row: row.second)
    return day


def dates(file: Path) -> tuple[dict[str, int], list[str]]:
    """Arrivals of each date, in order of dates, and what is left out; CannotStand for what is no such file."""
    found: Counter[str] = Counter()
    bad: list[str] = []
    for on, row in _records(file):
        if isinstance(row, Row):
            found[on] += 1
        else:
            bad.append(row)
    if len(bad) > BAD_SHARE_MAX * (total := found.total() + len(bad)):
        raise CannotStand(f"{bad[0]}; {len(bad)} of {total} rows are like that: this is no file of arrivals")
    crowded = [on for on, arrivals in found.items() if arrivals > ARRIVALS_MAX]
    most = f"more than {ARRIVALS_MAX}, a day's most; cut it down"
    bad += [f"{file}: {found.pop(on)} arrivals on {on}, {most}" for on in crowded]
    if not found:
        raise CannotStand(bad[0] if bad else f"{file}: no row follows the names of the columns; give one with arrivals")
    return dict(sorted(found.items())), bad


def _records(file: Path) -> Iterator[tuple[str, Row | str]]:
    """(date, row) of every line; where a line makes no sense, (date or "", what is wrong with it)."""
    text = text_of(file)
    heading, _, _ = text.partition("\n")
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=heading.count))
    try:
        table.fieldnames = [_column(name) for name in table.fieldnames or ()]
        missing = [name for name in NEEDED if name not in table.fieldnames]
        if missing:
            raise CannotStand(
                f"{file}, line 1: no column {', '.join(missing)}; needed are {', '.join(NEEDED)},"
                f" found are {', '.join(table.fieldnames)[:200]}"
            )
        for record in table:
            yield _row(f"{file}, line {table.line_num}", record)
    except csv.Error as trouble:
        raise CannotStand(
            f"{file}, line {table.reader.line_num}: {trouble}; save it as plain CSV, with quotes closed"
        ) from None


def _column(name: str) -> str:
    plain = name.strip().lower()
    return ALSO_CALLED.get(plain, plain)


def _row(where: str, record: dict[str, str | None]) -> tuple[str, Row | str]:
    said = {name: (record[name] or "").strip() for name in NEEDED}
    on, second = _date(said["date"]), _second(said["arrival"])
    if not on:
        return "", f"{where}: date {said['date'][:30]!r} is none; write YYYY-MM-DD"
    if second is None:
        return on, f"{where}: arrival {said['arrival'][:30]!r} is no time; write HH:MM:SS"
    try:
        priority, service = _whole(said["priority"]) or 0, _whole(said["service_s"]) or 0
        waited = _whole((record.get("waited_s") or "").strip())
    except ValueError as wrong:
        return on, f"{where}: {wrong} is no number; priority, waited_s and service_s are whole numbers"
    kind, gives_up = sys.intern(said["type"]), said["outcome"].upper() in GAVE_UP
    waited = None if waited is None else max(0, waited)
    return on, Row(second, kind, priority, gives_up, max(0, service), waited)


@functools.lru_cache(maxsize=4096)
def _date(said: str) -> str:
    """YYYY-MM-DD, or "" when it is no date."""
    found = _DATE.fullmatch(said)
    if found is None:
        return ""
    year, month, day = (int(part) for part in (found[1] or found[5], found[3] or found[6], found[4] or found[7]))
    try:
        return date(year if year > 99 else year + (1900 if year >= 70 else 2000), month, day).isoformat()
    except ValueError:
        return ""


def _second(said: str) -> int | None:
    found = _TIME.fullmatch(said)
    if found is None:
        return None
    hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3] or 0)
    return hours * 3600 + minutes * 60 + seconds if hours <= _LAST_HOUR and minutes < 60 and seconds < 60 else None


def _whole(said: str) -> int | None:
    """A number of the file without its fraction; None for nothing; ValueError for what is none, or no day's worth."""
    if not said:
        return None
    try:
        value = float(said)
        if abs(value) <= LONGEST_S:
            return int(value)
    except ValueError:
        pass
    raise ValueError(repr(said[:30]))


def into_hours(rows: list[Row], opens_ms: int, closes_ms: int, stretch: float) -> list[Arrival]:
    """The rows as arrivals between opening and shortly before closing; services times `stretch`.

    In order, so that the day keeps its shape: the time between the first and the last arrival becomes the time between
    opening and the last quarter of an hour.
    """
    first, last = rows[0].second, rows[-1].second
    span = max(1, last - first)
    room = max(1, closes_ms - LAST_MS - opens_ms)
    return [
        Arrival(
            no, opens_ms + (row.second - first) * room // span, row.kind, row.priority, row.gives_up,
            max(SHORTEST_S, round(row.service_s * stretch)), row.waited_s,
        )
        for no, row in enumerate(rows)
    ]  # fmt: skip
