"""What a report is of: which days of which halls, and the names its rows are shown under."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import NamedTuple

from audit import journals
from audit.reporting.happening import Fact, Happening, Span, facts_of, last_day
from audit.reporting.summing import Sums
from hall.calendar import CLOSED, local
from hall.plan.model import Hall


class Standing(NamedTuple):
    """How a hall stood when its journal was read, its day not over yet."""

    time: str  # of the hall's clock
    waiting: int


class Report(NamedTuple):
    """Sums, and what is needed to show them."""

    site: str
    span: Span
    sums: Sums
    halls: dict[str, Hall]  # as the last plan of these days has them
    still_open: dict[str, Standing]  # halls whose last day is not over

    def name(self, hall: str, by: str, key: str) -> tuple[str, str]:
        """What a row is called, in Chinese and English; "" where the key says it all."""
        plan = self.halls.get(hall)
        if plan is not None and by == "queue" and key in plan.queues:
            return plan.queues[key].name, plan.queues[key].name_en
        if plan is not None and by == "window" and key in plan.windows:
            return plan.windows[key].name, ""
        return "", ""


def asked_days(day: str, first: str, last: str) -> Span | None:
    """The days asked for; None for "the last one there is". NotTold for a date that is none."""
    for text in filter(None, (day, first, last)):
        try:
            if date.fromisoformat(text).isoformat() != text:
                raise ValueError(text)
        except ValueError:
            raise journals.NotTold(journals.both("no_date", date=text)) from None
    if first and last and first > last:
        raise journals.NotTold(journals.both("no_span", first=first, last=last))
    return Span(day, day) if day else Span(first, last) if first or last else None


def gathered(var: Path, hall: str, asked: Span | None) -> Report:
    """The report of a state directory's journals, of one hall or all."""
    with ExitStack() as files:
        opened = [files.enter_context(journals.opened(path)) for path in journals.of(var, hall)]
        newest = max(map(last_day, opened), default="")
        span = asked or Span(newest, newest)
        happenings = {each.hall: Happening(each.hall) for each in opened}
        sums = Sums(_all(opened, span, happenings))
    if not sums.days():
        raise journals.NotTold(journals.both("no_days", var=var, first=span.first, last=span.last or "…"))
    plans = {name: on.plan for name, on in happenings.items() if on.plan is not None}
    named = {name: plan.halls[name] for name, plan in plans.items()}
    site = next((plan.site.name for plan in plans.values()), opened[0].site)
    return Report(site, Span(sums.days()[0], sums.days()[-1]), sums, named, _still_open(happenings))


def _still_open(happenings: dict[str, Happening]) -> dict[str, Standing]:
    return {
        name: Standing(local(on.now, on.zone.key).strftime("%H:%M"), on.waiting)
        for name, on in happenings.items()
        if on.phase != CLOSED
    }


def _all(opened: list[journals.Opened], span: Span, happenings: dict[str, Happening]) -> Iterator[Fact]:
    for journal in opened:
        yield from facts_of(journal, span, happenings[journal.hall])
