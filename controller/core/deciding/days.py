"""Time and plans: starting, opening a day, phases of the day, deadlines, adopting another plan.

One TimePassed settles one kind of thing; the shell sends the next while something is still overdue.
"""

from __future__ import annotations

from datetime import date

import msgspec

from controller.core.carrying import live_tickets, live_windows
from controller.core.deciding.calling import no_show_refused
from controller.core.deciding.printing import unprinted_events
from controller.core.deciding.saying import Decision
from controller.core.deciding.windows import seated
from controller.core.lanes import directed_to
from controller.core.state import HallState
from hall import calendar
from hall import commands as c
from hall import events as e
from hall.names import Back, Instant, Stage
from hall.plan.model import Hall, Plan


def start(state: HallState, ask: c.StartController, letter: c.Letter, now: Instant) -> Decision:
    """A controller begins to speak; the shell has raised the epoch."""
    return (e.ControllerStarted(version=ask.version),)


def adopt(state: HallState, ask: c.AdoptPlan, letter: c.Letter, now: Instant) -> Decision:
    """The first plan opens the first day; another one is taken with its consequences in the same transaction."""
    plan = msgspec.json.decode(ask.plan, type=Plan)
    if state.plan is None:
        day = calendar.business_day(now, plan.site.time_zone, plan.site.day_starts)
        return (_opened(state, day, ask.plan, ask.hash),)
    hall = plan.halls[state.hall_id]
    taken = e.PlanAdopted(plan=ask.plan, hash=ask.hash)
    return (*_left_windows(state, plan, hall), taken, *_vanished_queues(state, hall, now))


def _left_windows(state: HallState, plan: Plan, hall: Hall) -> Decision:
    """A window the new plan does not have, or whose staff it does not have, gives everything back and is left."""
    events: list[e.Event] = []
    for window in state.windows.values():
        if window.plan.id in hall.windows and (not window.staff or window.staff in plan.staff):
            continue
        mine = [window.ticket] if window.ticket else []
        numbers = (*mine, *window.held, *directed_to(state, window))
        why = Back.LOGGED_OUT if window.plan.id in hall.windows else Back.WINDOW_VANISHED
        events += [e.TicketHandedBack(number=number, window=window.plan.id, why=why) for number in numbers]
        if window.staff:
            events.append(e.StaffLoggedOut(staff=window.staff, window=window.plan.id))
    return tuple(events)


def _vanished_queues(state: HallState, hall: Hall, now: Instant) -> Decision:
    """Live tickets of a queue the new plan does not have go to the queue of their unit, else to 马上办's."""
    by_unit = {unit: queue.id for queue in hall.queues.values() for unit in queue.units}
    general = next((entry.queue for entry in hall.entries if entry.button == "now"), next(iter(hall.queues)))
    vanished = (t for t in state.tickets.values() if t.queue not in hall.queues and t.stage is not Stage.SERVED)
    moves: list[e.Event] = []
    for ticket in vanished:
        if ticket.stage in (Stage.WAITING, Stage.CALLED, Stage.SERVING, Stage.HELD):
            queue = hall.queues[by_unit.get(ticket.unit, general)]
            unit = ticket.unit if ticket.unit in queue.units else queue.units[0]
            kept = ticket.window if ticket.window in hall.windows and ticket.stage is Stage.WAITING else ""
            moves.append(
                e.TicketTransferred(
                    number=ticket.number, queue=queue.id, unit=unit, place=ticket.place, to_window=kept,
                    window=ticket.window, due_at=ticket.due_at,
                )
            )  # fmt: skip
    return tuple(moves)


def time_passed(state: HallState, ask: c.TimePassed, letter: c.Letter, now: Instant) -> Decision:
    """Whatever is overdue, most urgent kind first; at least one event, or the shell asked too early."""
    return (
        _silent_jobs(state, now)
        or _unanswered_calls(state, now)
        or _day_turn(state, now)
        or _phase_turn(state, ask, now)
    )


def _silent_jobs(state: HallState, now: Instant) -> Decision:
    """A kiosk that reports nothing in time: the slip is not certain."""
    silent = [job for job in state.jobs.values() if job.deadline <= now]
    return tuple(event for job in silent for event in unprinted_events(state, job, "kiosk_silent"))


def _unanswered_calls(state: HallState, now: Instant) -> Decision:
    """A call nobody answers becomes a no-show by itself, where the plan says after how long."""
    patience_s = state.rules.options.unanswered_after_s
    if not patience_s:
        return ()
    called = [state.tickets[w.ticket] for w in state.windows.values() if w.ticket]
    return tuple(
        e.TicketNoShow(number=t.number, window=t.window)
        for t in called
        if t.stage is Stage.CALLED
        and now - t.last_call_at >= patience_s * 1000  # a clock set back makes nobody a no-show
        and no_show_refused(state, t, now) is None
    )


def _day_turn(state: HallState, now: Instant) -> Decision:
    """The business day rolls over once, forward only; a hall still open is closed by its rule first."""
    site = state.rules.site
    day = calendar.business_day(now, site.time_zone, site.day_starts)
    if date.fromisoformat(day) <= date.fromisoformat(state.day):
        return ()
    if state.phase != calendar.CLOSED:
        return _phase(state, calendar.CLOSED, False, (), now)
    after_closing = _closing(state)  # parked, or waiting where that ends, since the hall closed
    return after_closing or (_opened(state, day, msgspec.Raw(state.plan_raw), state.plan_hash),)


def _phase_turn(state: HallState, ask: c.TimePassed, now: Instant) -> Decision:
    phase, issuing = calendar.phase_at(now, state.hall.hours, state.rules.site.time_zone)
    return _phase(state, phase, issuing, ask.elsewhere, now)


def _phase(state: HallState, phase: str, issuing: bool, elsewhere: tuple[str, ...], now: Instant) -> Decision:
    """Opening seats the roster; closing ends the waiting, but not when only the clock went back to before opening."""
    turn: Decision = (e.PhaseChanged(phase=phase, issuing=issuing),)
    if state.phase == calendar.CLOSED and phase != calendar.CLOSED:
        return (*turn, *_roster(state, elsewhere))
    if phase == calendar.CLOSED and state.phase != calendar.CLOSED and now >= state.phase_from:
        return (*turn, *_closing(state))
    return turn


def _roster(state: HallState, elsewhere: tuple[str, ...]) -> Decision:
    """At opening, rostered staff sit down at their windows, where the plan says so."""
    if not state.rules.options.roster_logs_in:
        return ()
    seated_already = {*state.seats, *elsewhere}
    free = (w for w in state.windows.values() if w.plan.staff and not w.staff and w.plan.staff not in seated_already)
    return tuple(event for w in free for event in seated(state, w, w.plan.staff, "roster"))


def _closing(state: HallState) -> Decision:
    """No-shows are final; those who wait are served, or expire by the plan's rule."""
    final = tuple(e.TicketNoShow(number=number, final=True) for number in state.parked)
    if state.rules.options.at_close == "serve":
        return final
    waiting = (t.number for t in state.tickets.values() if t.stage is Stage.WAITING)
    return (*final, *(e.TicketExpired(number=number) for number in waiting))


def _opened(state: HallState, day: str, plan: msgspec.Raw, plan_hash: str) -> e.DayOpened:
    """The day's first event, with everything older that still matters."""
    tickets = live_tickets(state)
    return e.DayOpened(
        day=day,
        plan=plan,
        plan_hash=plan_hash,
        names={w.plan.id: w.name for w in state.windows.values() if w.name != w.plan.name},
        helps={w.plan.id: w.helps for w in state.windows.values() if w.helps != w.plan.helps},
        stopped=dict(state.stopped),
        tickets=tickets,
        windows=live_windows(state),
        reserved=tuple(t.number for t in tickets),
        faults=dict(state.faults),
        notice=state.notice,
        serves={w.plan.id: w.own for w in state.windows.values() if w.own != w.plan.queues},
    )
