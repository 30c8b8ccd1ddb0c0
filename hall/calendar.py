"""The hall's calendar: business day and opening phases, from an instant and the plan's zone. Daylight saving is safe.

Pure: zone data is looked up by name, nothing reads a clock. All instants are milliseconds UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from hall.names import Instant
from hall.plan.model import Hours

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPEN, LUNCH, CLOSED = "open", "lunch", "closed"


@lru_cache(maxsize=16)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local(instant: Instant, zone_name: str) -> datetime:
    """The instant as local wall time."""
    return (_EPOCH + timedelta(milliseconds=instant)).astimezone(zone(zone_name))


def instant_of(day: date, minutes: int, zone_name: str) -> Instant:
    """The instant of so many minutes of wall clock after local midnight of `day`."""
    wall = datetime.combine(day, time(), tzinfo=zone(zone_name)) + timedelta(minutes=minutes)
    return round((wall.astimezone(UTC) - _EPOCH) / timedelta(milliseconds=1))


def business_day(instant: Instant, zone_name: str, day_starts: int) -> str:
    """The local date the instant counts for: before `day_starts` minutes it is still yesterday."""
    wall = local(instant, zone_name)
    started = wall.hour * 60 + wall.minute >= day_starts
    return (wall.date() if started else wall.date() - timedelta(days=1)).isoformat()


def next_day_at(instant: Instant, zone_name: str, day_starts: int) -> Instant:
    """When the business day after this instant's begins."""
    today = date.fromisoformat(business_day(instant, zone_name, day_starts))
    return instant_of(today + timedelta(days=1), day_starts, zone_name)


def phases(day: date, hours: Hours, zone_name: str) -> list[tuple[Instant, str, bool]]:
    """The changes of one local day in order: (instant, phase, issuing); empty on a day the hall is shut."""
    if day.isoweekday() not in hours.weekdays:
        return []
    stop = hours.closes - hours.stop_issuing_before_close_min
    steps: list[tuple[int, str, bool]] = [(hours.opens, OPEN, True)]
    if hours.lunch_from is not None and hours.lunch_to is not None:
        steps += [(hours.lunch_from, LUNCH, hours.issue_at_lunch), (hours.lunch_to, OPEN, True)]
    if hours.stop_issuing_before_close_min:
        steps.append((stop, OPEN, False))
    steps.append((hours.closes, CLOSED, False))
    steps.sort(key=lambda step: step[0])
    return [(instant_of(day, minutes, zone_name), phase, issuing) for minutes, phase, issuing in steps]


def phase_at(instant: Instant, hours: Hours, zone_name: str) -> tuple[str, bool]:
    """(phase, issuing) in force at an instant."""
    found = (CLOSED, False)
    for at, phase, issuing in phases(local(instant, zone_name).date(), hours, zone_name):
        if at <= instant:
            found = (phase, issuing)
    return found


def next_phase_at(instant: Instant, hours: Hours, zone_name: str) -> Instant | None:
    """The next change of phase, within a fortnight; None when the hall never opens."""
    today = local(instant, zone_name).date()
    for ahead in range(15):
        for at, _, _ in phases(today + timedelta(days=ahead), hours, zone_name):
            if at > instant:
                return at
    return None
