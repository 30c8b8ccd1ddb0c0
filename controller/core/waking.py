"""When time alone will matter next, and whether something is overdue now. A clock set back is a matter of time too."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from controller.core.state import JUMP_BACK_MS, HallState
from hall import calendar
from hall.names import Instant, Stage


def next_wake(state: HallState) -> Instant | None:
    """The earliest instant at which something happens by itself; None before there is a plan."""
    if state.plan is None:
        return None
    times = [_day_turn(state), *_unanswered(state)]
    if state.phase_until is not None:
        times.append(state.phase_until)
    job = _next_deadline(state)
    if job is not None:
        times.append(job)
    return min(times)


def overdue(state: HallState, now: Instant) -> bool:
    """Is TimePassed due at this instant?"""
    wake = next_wake(state)
    return wake is not None and (now >= wake or now < max(state.phase_from, state.at) - JUMP_BACK_MS)


def _day_turn(state: HallState) -> Instant:
    site = state.rules.site
    return _day_behind(state.day, site.day_starts, site.time_zone)


@lru_cache(maxsize=16)  # asked at every turn of every hall's loop; it changes once a day
def _day_behind(day: str, day_starts: int, time_zone: str) -> Instant:
    return calendar.instant_of(date.fromisoformat(day) + timedelta(days=1), day_starts, time_zone)


def _unanswered(state: HallState) -> list[Instant]:
    options = state.rules.options
    if not options.unanswered_after_s:
        return []
    patience_ms = max(options.unanswered_after_s, options.no_show_after_s) * 1000
    called = (state.tickets[w.ticket] for w in state.windows.values() if w.ticket)
    return [
        t.last_call_at + patience_ms
        for t in called
        if t.stage is Stage.CALLED and 1 + t.recalls >= options.no_show_after_calls
    ]


def _next_deadline(state: HallState) -> Instant | None:
    """The earliest open print job's deadline; entries of jobs that are over are left behind in the heap."""
    while state.wakes:
        at, number = state.wakes[0]
        job = state.jobs.get(number)
        if job is not None and job.deadline == at:
            return at
        state.pop_wake()
    return None
