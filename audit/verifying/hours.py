"""When a hall is open and gives numbers, by its plan's hours, worked out a second time from the wall clock."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from audit.verifying.plans import Hours

NEAR_MS = 61_000  # a phase may begin a moment late, and stands until a clock is set back by more than a minute


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def date_at(zone: str, at: int) -> str:
    """The local date of an instant."""
    return datetime.fromtimestamp(at / 1000, _zone(zone)).date().isoformat()


def in_force(hours: Hours, zone: str, at: int) -> tuple[str, bool]:
    """(phase, whether numbers are given) at an instant."""
    wall = datetime.fromtimestamp(at / 1000, _zone(zone))
    minute = wall.hour * 60 + wall.minute
    if wall.isoweekday() not in hours.weekdays or not hours.opens <= minute < hours.closes:
        return ("closed", False)
    if hours.lunch_from is not None and hours.lunch_to is not None and hours.lunch_from <= minute < hours.lunch_to:
        return ("lunch", hours.issue_at_lunch)
    return ("open", minute < hours.closes - hours.stop_issuing_before_close_min)


def may_be(hours: Hours, zone: str, at: int, phase: str, issuing: bool) -> bool:
    """Whether this stands at that instant, or did a moment before or behind it."""
    return any((phase, issuing) == in_force(hours, zone, at + near) for near in (0, NEAR_MS, -NEAR_MS))
