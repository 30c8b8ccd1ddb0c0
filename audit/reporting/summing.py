"""Facts in a table, and a report's rows out of it: sums, means, percentiles (nearest rank) by any of its columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlite_utils import Database

from audit.reporting.happening import Fact

BATCH = 5000  # facts written at a time
BY = ("day", "queue", "window", "staff", "hour")  # the tables of a report, in this order
PERCENTS = (50, 90, 99)
SATISFIED = 3  # levels from "basically satisfied" up count as satisfied (GB/T 39735-2020)
_KEYS = {"day": "day", "queue": "queue", "window": "window", "staff": "staff", "hour": "hour"}


class Line(NamedTuple):
    """One row of a report: what fell on one queue, window, person, hour or day of a hall; by "" the whole hall.

    Seconds are whole; None where nothing of the kind happened. Idle is seconds idle while others waited.
    """

    hall: str
    by: str
    key: str
    tickets: int
    calls: int
    waits: int  # first calls: how many waits the mean and the percentiles are of
    wait_mean: int | None
    wait_p50: int | None
    wait_p90: int | None
    wait_p99: int | None
    served: int
    service_mean: int | None
    service_p50: int | None
    service_p90: int | None
    no_shows: int
    transfers: int
    wrong_numbers: int
    ratings: int
    satisfied: int  # of the ratings
    idle_s: int


class Sums:
    """The facts of one report."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._db = sqlite3.connect("")  # a file of its own that vanishes: a year of facts is too much for the memory
        table = Database(self._db).table("facts")
        table.create(_TYPES)
        table.insert_all((fact._asdict() for fact in facts), batch_size=BATCH)
        table.create_index(["hall", "kind"])

    def halls(self) -> list[str]:
        return [str(hall) for (hall,) in self._db.execute("SELECT DISTINCT hall FROM facts ORDER BY hall")]

    def days(self) -> list[str]:
        return [str(day) for (day,) in self._db.execute("SELECT DISTINCT day FROM facts ORDER BY day")]

    def levels(self, hall: str) -> dict[int, int]:
        """How often each of the five levels was given."""
        asked = "SELECT value, count(*) FROM facts WHERE hall = ? AND kind = 'rating' GROUP BY value"
        given = {int(level): int(count) for level, count in self._db.execute(asked, (hall,))}
        return {level: given.get(level, 0) for level in range(5, 0, -1)}

    def whole(self, hall: str) -> Line:
        """The hall in all these days."""
        return next(iter(self._lines(hall, "", "''")), _empty(hall))

    def lines(self, hall: str, by: str) -> list[Line]:
        """The rows of one table; what has no such column (a ticket has no window yet) is in none of them."""
        return [line for line in self._lines(hall, by, _KEYS[by]) if line.key]

    def _lines(self, hall: str, by: str, key: str) -> Iterator[Line]:
        ranks = {(k, kind, p): v for p in PERCENTS for k, kind, v in self._ranked(hall, key, p)}
        for each in self._db.execute(_SUMS.format(key=key), {"hall": hall, "good": SATISFIED}):
            (
                name,
                tickets,
                calls,
                waits,
                waited,
                served,
                mean,
                no_shows,
                transfers,
                wrong,
                ratings,
                satisfied,
                idle_ms,
            ) = each
            wait, service = ([ranks.get((name, kind, p)) for p in PERCENTS] for kind in ("wait", "service"))
            shown = f"{name:02d}" if by == "hour" else str(name)
            took = (_rounded(mean), service[0], service[1])
            rest = (no_shows, transfers, wrong, ratings, satisfied, idle_ms // 1000)
            yield Line._make((hall, by, shown, tickets, calls, waits, _rounded(waited), *wait, served, *took, *rest))

    def _ranked(self, hall: str, key: str, percent: int) -> Iterator[tuple[str | int, str, int]]:
        yield from self._db.execute(_RANK.format(key=key), (hall, percent))


_TYPES = {"hall": str, "day": str, "kind": str, "value": int, "hour": int, "queue": str, "window": str, "staff": str}
# `{key}` below is one of _KEYS, never a word from outside
_SUMS = """
SELECT {key} AS k, sum(kind = 'ticket'), sum(kind = 'call'), sum(kind = 'wait'),
  avg(CASE kind WHEN 'wait' THEN value END), sum(kind = 'service'),
  avg(CASE kind WHEN 'service' THEN value END), sum(kind = 'no_show'), sum(kind = 'transfer'),
  sum(kind = 'wrong_number'), sum(kind = 'rating'), sum(kind = 'rating' AND value >= :good),
  sum(CASE kind WHEN 'idle' THEN value ELSE 0 END)
FROM facts WHERE hall = :hall GROUP BY k ORDER BY k
"""
_RANK = """
SELECT k, kind, min(value) FROM (
  SELECT {key} AS k, kind, value, row_number() OVER ranked AS place, count(*) OVER (PARTITION BY {key}, kind) AS many
  FROM facts WHERE hall = ? AND kind IN ('wait', 'service')
  WINDOW ranked AS (PARTITION BY {key}, kind ORDER BY value)
) WHERE place * 100 >= many * ? GROUP BY k, kind
"""


def _rounded(mean: float | None) -> int | None:
    return None if mean is None else round(mean)


def _empty(hall: str) -> Line:
    return Line(hall, "", "", 0, 0, 0, None, None, None, None, 0, None, None, None, 0, 0, 0, 0, 0, 0)
