"""Hours of the week as a citizen reads them; how long and where (the range, the windows) is hall/waits.py."""

from __future__ import annotations

from collections.abc import Sequence

from hall.plan.model import Hours
from hall.waits import minutes, runs, where
from hall.wording import say

__all__ = ["clock", "lunch", "minutes", "opening", "runs", "where"]


def clock(minute: int) -> str:
    """Minutes after midnight as 08:30."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def lunch(hours: Hours) -> dict[str, str]:
    """The placeholders of a lunch text; empty times where the hall works through."""
    if hours.lunch_from is None or hours.lunch_to is None:
        return {"lunch_from": "", "lunch_to": ""}
    return {"lunch_from": clock(hours.lunch_from), "lunch_to": clock(hours.lunch_to)}


def opening(hours: Hours, lang: str) -> str:
    """The hall's hours as one line; lunch is left out when numbers are given all day."""
    names = {"days": _days(hours.weekdays, lang), "opens": clock(hours.opens), "closes": clock(hours.closes)}
    if hours.lunch_from is None or hours.lunch_to is None or hours.issue_at_lunch:
        return say("kiosk.hours", lang, **names)
    return say("kiosk.hours_lunch", lang, **names, **lunch(hours))


def _days(weekdays: Sequence[int], lang: str) -> str:
    """Weekdays with three or more neighbours joined: 周一至周五、周日."""
    spans: list[list[int]] = []
    for day in sorted(set(weekdays)):
        if spans and day == spans[-1][-1] + 1:
            spans[-1].append(day)
        else:
            spans.append([day])
    named = [_span([say(f"kiosk.weekday_{day}", lang) for day in span], lang) for span in spans]
    return ("、" if lang == "zh" else ", ").join(named)


def _span(names: list[str], lang: str) -> str:
    if len(names) > 2:
        return say("kiosk.through", lang, first=names[0], last=names[-1])
    return ("、" if lang == "zh" else ", ").join(names)
