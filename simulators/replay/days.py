"""The file of a day: columns date, arrival, type, priority, waited_s, outcome, service_s, server (others are ignored).

Arrivals are mapped in order into the hall's opening hours, so that the day keeps its shape: the time between the first
and the last arrival becomes the time between opening and the last quarter of an hour. A bad row is named, not guessed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simulators.box import CannotStand

NEEDED = ("date", "arrival", "type", "priority", "outcome", "service_s")
GAVE_UP = ("HANG",)  # left before being served: called in our hall, and not there
SHORTEST_S = 5  # a service of 0 s in the file is one that was not timed
LAST_MS = 15 * 60_000  # before closing: the last arrival


@dataclass(frozen=True, slots=True)
class Arrival:
    """One citizen of the day."""

    no: int
    at_ms: int  # hall time
    kind: str  # the file's type
    priority: int
    gives_up: bool
    service_s: int


@dataclass(frozen=True, slots=True)
class Row:
    second: int  # of the file's day
    kind: str
    priority: int
    gives_up: bool
    service_s: int


def read_day(file: Path, day: str) -> list[Row]:
    """The rows of one date (the file's first when `day` is ""), in order of arrival."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(_rows(file, csv.DictReader(lines), day))
    except (OSError, UnicodeDecodeError, csv.Error) as trouble:
        raise CannotStand(f"{file}: {trouble}") from None
    if not rows:
        raise CannotStand(f"{file}: no arrivals{f' on {day}' if day else ''}")
    return sorted(rows, key=lambda row: row.second)


def _rows(file: Path, table: csv.DictReader[str], day: str) -> Iterator[Row]:
    missing = [name for name in NEEDED if name not in (table.fieldnames or ())]
    if missing:
        raise CannotStand(f"{file}: no column {', '.join(missing)}; needed are {', '.join(NEEDED)}")
    for record in table:
        day = day or record["date"]
        if record["date"] == day:
            yield _row(f"{file}, line {table.line_num}", record)


def _row(where: str, record: dict[str, str]) -> Row:
    try:
        hours, minutes, seconds = (int(part) for part in record["arrival"].split(":"))
        service, priority = int(record["service_s"] or 0), int(record["priority"] or 0)
    except ValueError as trouble:
        raise CannotStand(
            f"{where}: {trouble}; arrival is HH:MM:SS, priority and service_s are whole numbers"
        ) from None
    return Row(
        hours * 3600 + minutes * 60 + seconds, record["type"], priority, record["outcome"] in GAVE_UP, max(0, service)
    )


def into_hours(rows: list[Row], opens_ms: int, closes_ms: int, stretch: float) -> list[Arrival]:
    """The rows as arrivals between opening and shortly before closing; services times `stretch`."""
    first, last = rows[0].second, rows[-1].second
    span = max(1, last - first)
    room = max(1, closes_ms - LAST_MS - opens_ms)
    return [
        Arrival(
            no, opens_ms + (row.second - first) * room // span, row.kind, row.priority, row.gives_up,
            max(SHORTEST_S, round(row.service_s * stretch)),
        )
        for no, row in enumerate(rows)
    ]  # fmt: skip
