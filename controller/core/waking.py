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
    site = state.plan.site
    earliest = _day_behind(state.day, site.day_starts, site.time_zone)
    for at in (state.phase_until, _next_deadline(state), _unanswered(state)):
        if at is not None and at < earliest:
            earliest = at
    return earliest


def overdue(state: HallState, now: Instant) -> bool:
    """Is TimePassed due at this instant?"""
    wake = next_wake(state)
    return wake is not None and (now >= wake or now < max(state.phase_from, state.at) - JUMP_BACK_MS)


@lru_cache(maxsize=16)  # asked at every turn of every hall's loop; it changes once a day
def _day_behind(day: str, day_starts: int, time_zone: str) -> Instant:
    return calendar.instant_of(date.fromisoformat(day) + timedelta(days=1), day_starts, time_zone)


def _unanswered(state: HallState) -> Instant | None:
    """When the first of those who were called often enough has not come for too long."""
    options = state.rules.options
    if not options.unanswered_after_s:
        return None
    first: Instant | None = None
    for window in state.windows.values():
        if window.ticket:
            ticket = state.tickets[window.ticket]
            if ticket.stage is Stage.CALLED and 1 + ticket.recalls >= options.no_show_after_calls:
                first = ticket.last_call_at if first is None else min(first, ticket.last_call_at)
    return None if first is None else first + max(options.unanswered_after_s, options.no_show_after_s) * 1000


def _next_deadline(state: HallState) -> Instant | None:
    """The earliest open print job's deadline; entries of jobs that are over are left behind in the heap."""
    while state.wakes:
        at, number = state.wakes[0]
        job = state.jobs.get(number)
        if job is not None and job.deadline == at:
            return at
        state.pop_wake()
    return None
