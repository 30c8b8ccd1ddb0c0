"""Hours that make no sense: closing before opening, lunch outside, a business day that begins while people wait."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from hall.plan.draft import Draft
from hall.plan.model import Hall, Hours
from hall.plan.problems import nearest


def check(draft: Draft) -> None:
    _check_zone(draft)
    for hall in draft.plan.halls.values():
        for key, what, mend in _faults(hall.hours):
            _report(draft, hall, key, what, mend)
        if hall.hours.opens < hall.hours.closes and draft.plan.site.day_starts > hall.hours.opens:
            what = f"the business day begins after hall {hall.id} has opened"
            draft.report(("site",), "day_starts", "hours", what, "let it begin before the first hall opens")


def _check_zone(draft: Draft) -> None:
    name = draft.plan.site.time_zone
    if not name:
        return
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; no name of a zone at all; a folder of zones
        mend = nearest(name, available_timezones())
        draft.report(("site",), "time_zone", "unknown-zone", f"there is no time zone {name!r}", mend)


def _faults(hours: Hours) -> list[tuple[str, str, str]]:
    """Key, what, how to mend."""
    if hours.closes <= hours.opens:
        return [("closes", "the hall closes before it opens", "write the opening hours of one day")]
    faults: list[tuple[str, str, str]] = []
    if hours.stop_issuing_before_close_min >= hours.closes - hours.opens:
        what = "issuing would stop before the hall opens"
        faults.append(("stop_issuing_before_close_min", what, "give fewer minutes than the hall is open"))
    if (hours.lunch_from is None) != (hours.lunch_to is None):
        missing, key = ("lunch_from", "lunch_to") if hours.lunch_from is None else ("lunch_to", "lunch_from")
        faults.append((key, f"lunch has no {missing}", "give both, or none where the hall works through"))
    elif hours.lunch_from is not None and hours.lunch_to is not None:
        if hours.lunch_to <= hours.lunch_from:
            faults.append(("lunch_to", "lunch ends before it begins", "let it end later"))
        elif not hours.opens < hours.lunch_from or not hours.lunch_to < hours.closes:
            key = "lunch_from" if not hours.opens < hours.lunch_from else "lunch_to"
            faults.append((key, "lunch lies outside the opening hours", "move it between opening and closing"))
    return faults


def _report(draft: Draft, hall: Hall, key: str, what: str, mend: str) -> None:
    """At the hall's own hours where it writes the key or the site does not, else at the site's."""
    own, site = ("halls", hall.id, "hours"), ("hours",)
    lines = draft.reading.source.lines
    at = own if (*own, key) in lines or (own in lines and (*site, key) not in lines) else site
    draft.reading.report(at, key, "hours", f"hall {hall.id}: {what}" if at == own else what, mend)
