"""evolve: make a recorded event so, in place. It never argues: what an event says has happened.

The table is at the end; each handler is a few straight lines and touches the topics whose view it changed.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from typing import Any

from controller.core import evolving_hall, lanes
from controller.core.evolving_days import adopt_plan, change_phase, open_day
from controller.core.moves import after
from controller.core.state import JUMP_BACK_MS, HallState, PrintJob, Ticket
from hall import events as e
from hall.names import (
    ORDINARY,
    Instant,
    Rule,
    SlipStage,
    Stage,
)


def evolve(state: HallState, recorded: e.Recorded) -> None:
    """Fold one recorded event into the state; records must come in order of seq without a gap."""
    assert recorded.seq == state.seq + 1 or state.seq == 0, f"event {recorded.seq} after {state.seq}"
    state.seq, state.epoch = recorded.seq, recorded.epoch
    if recorded.recorded < state.at - JUMP_BACK_MS:
        _clock_set_back(state, recorded.recorded)
    state.at = recorded.recorded
    handler = TABLE.get(type(recorded.event))
    if handler is not None:
        handler(state, recorded.event, recorded)
    state.answered.setdefault(recorded.cause, recorded.seq)


def _clock_set_back(state: HallState, now: Instant) -> None:
    """Print jobs keep their patience, counted anew: none may stay open for the hours the clock has lost."""
    for job in state.jobs.values():
        options = state.rules.options
        job.deadline = min(job.deadline, now + options.unprinted_after_s * 1000)
        job.expires = min(job.expires, now + options.print_job_expires_s * 1000)
        heappush(state.wakes, (job.deadline, job.number))
        state.touch(f"jobs/{job.kiosk}")


# -- shared steps --------------------------------------------------------------------------------------------------


def _step(state: HallState, event: Any, now: Instant) -> Ticket:
    """Move the event's ticket along the table of moves."""
    ticket = state.tickets[event.number]
    ticket.stage, ticket.since = after(ticket.stage, event), now
    return ticket


def _leave_window(state: HallState, ticket: Ticket) -> None:
    """The ticket is neither at, nor held by, its window any more."""
    window = state.windows[ticket.window]
    if window.ticket == ticket.number:
        window.ticket = ""
    if ticket.number in window.held:
        window.held.remove(ticket.number)
    state.touch_window(window.plan.id)


def _wait(state: HallState, ticket: Ticket) -> None:
    lanes.enter(state, ticket)
    state.touch_queue(ticket.queue)
    if ticket.window:
        state.touch_window(ticket.window)


def _stop_waiting(state: HallState, ticket: Ticket) -> None:
    lanes.leave(state, ticket)
    state.touch_queue(ticket.queue)
    if ticket.window:
        state.touch_window(ticket.window)


def _out(state: HallState, ticket: Ticket, was: Stage) -> None:
    """A ticket leaves wherever it stood: the queue, the window, the parking."""
    if was is Stage.WAITING:
        _stop_waiting(state, ticket)
    elif was is Stage.PARKED:
        del state.parked[ticket.number]
    elif ticket.window:
        _leave_window(state, ticket)


# -- tickets -------------------------------------------------------------------------------------------------------


def _issued(state: HallState, event: e.TicketIssued, rec: e.Recorded) -> None:
    ticket = Ticket(
        number=event.number, day=rec.day, queue=event.queue, unit=event.unit, entry=event.entry,
        priority=event.priority, origin=event.origin, kiosk=event.kiosk, issued_at=rec.recorded, due_at=event.due_at,
        place=(rec.seq, 0, rec.seq), since=rec.recorded, slip=event.slip, linked_to=event.linked_to, lang=event.lang,
    )  # fmt: skip
    assert event.number not in state.tickets, f"{event.number} is issued already"
    state.tickets[event.number] = ticket
    prefix = state.queues[event.queue].plan.prefix
    state.prefixes[prefix] = int(event.number.removeprefix(prefix))
    if event.job:
        _open_job(state, event.number, event.job, event.kiosk, 0, event.job_expires, rec.recorded, event)
    _wait(state, ticket)


def _open_job(
    state: HallState,
    number: str,
    job: str,
    kiosk: str,
    copy: int,
    expires: Instant,
    now: Instant,
    issued: e.TicketIssued | None,
) -> None:
    deadline = now + state.rules.options.unprinted_after_s * 1000
    made = PrintJob(job=job, number=number, kiosk=kiosk, copy=copy, expires=expires, deadline=deadline)
    if issued is not None:
        made.ahead, made.estimate_s, made.windows = issued.ahead, issued.estimate_s, issued.windows
    state.jobs[number] = made
    state.kiosk_jobs.setdefault(kiosk, {})[number] = None
    heappush(state.wakes, (deadline, number))
    state.touch(f"jobs/{kiosk}")


def _close_job(state: HallState, number: str, slip: SlipStage) -> None:
    job = state.jobs.pop(number)
    state.kiosk_jobs[job.kiosk].pop(number, None)
    ticket = state.tickets[number]
    ticket.slip = slip
    if ticket.stage is Stage.WAITING and lanes.stands_aside(state, ticket) is not ticket.aside:
        _stop_waiting(state, ticket)
        _wait(state, ticket)
    state.touch(f"jobs/{job.kiosk}")


def _printing(state: HallState, event: e.SlipPrinting, rec: e.Recorded) -> None:
    job = state.jobs[event.number]
    job.printing = True
    job.deadline = rec.recorded + state.rules.options.unprinted_after_s * 1000
    heappush(state.wakes, (job.deadline, event.number))
    state.tickets[event.number].slip = SlipStage.PRINTING
    state.touch(f"jobs/{job.kiosk}")


def _printed(state: HallState, event: e.SlipPrinted, rec: e.Recorded) -> None:
    _close_job(state, event.number, SlipStage.PRINTED)


def _unprinted(state: HallState, event: e.SlipUnprinted, rec: e.Recorded) -> None:
    _close_job(state, event.number, SlipStage.UNPRINTED)


def _reprint(state: HallState, event: e.ReprintAsked, rec: e.Recorded) -> None:
    ticket = state.tickets[event.number]
    ticket.copies = event.copy
    _open_job(state, event.number, event.job, event.kiosk, event.copy, event.job_expires, rec.recorded, None)


def _called(state: HallState, event: e.TicketCalled, rec: e.Recorded) -> None:
    ticket = state.tickets[event.number]
    _count_turn(state, event.why)
    _stop_waiting(state, ticket)
    ticket = _step(state, event, rec.recorded)
    window = state.windows[event.window]
    window.own_calls = window.own_calls + 1 if event.why.queue in window.own else 0
    ticket.window, ticket.staff, ticket.recalls = event.window, event.staff, 0
    ticket.called_at = ticket.last_call_at = window.called_at = rec.recorded
    window.ticket, window.rating = event.number, ""
    state.touch_window(event.window)


def _count_turn(state: HallState, why: e.CallReason) -> None:
    """The lanes' turns count only while both have somebody, and calls by number are not turns."""
    queue = state.queues.get(why.queue)
    if queue is None or why.rule in (Rule.DIRECTED, Rule.NUMBER):
        return
    if not why.contended:
        queue.run = queue.taken_priority = queue.taken_ordinary = 0
    elif why.lane == ORDINARY:
        queue.run, queue.taken_ordinary = 0, queue.taken_ordinary + 1
    else:
        queue.run, queue.taken_priority = queue.run + 1, queue.taken_priority + 1


def _recalled(state: HallState, event: e.TicketRecalled, rec: e.Recorded) -> None:
    ticket = state.tickets[event.number]
    after(ticket.stage, event)
    ticket.recalls, ticket.last_call_at = event.recalls, rec.recorded
    state.windows[event.window].called_at = rec.recorded
    state.touch_window(event.window)


def _started(state: HallState, event: e.ServiceStarted, rec: e.Recorded) -> None:
    _step(state, event, rec.recorded).started_at = rec.recorded
    state.touch_window(event.window)


def _finished(state: HallState, event: e.ServiceFinished, rec: e.Recorded) -> None:
    ticket = _step(state, event, rec.recorded)
    window = state.windows[event.window]
    ticket.staff, window.ticket = event.staff, ""
    window.served += 1
    window.rating, window.rating_staff = event.number, event.staff
    window.rating_until = rec.recorded + state.rules.options.rating_open_s * 1000
    queue = state.queues[ticket.queue]
    queue.services.append(event.service_s)
    queue.services_sum += event.service_s
    if len(queue.services) > state.rules.options.estimate_window:
        queue.services_sum -= queue.services.popleft()
    state.touch_window(event.window)
    state.touch_queue(ticket.queue)


def _no_show(state: HallState, event: e.TicketNoShow, rec: e.Recorded) -> None:
    ticket = state.tickets[event.number]
    _out(state, ticket, ticket.stage)
    if _step(state, event, rec.recorded).stage is Stage.PARKED:
        state.parked[event.number] = None
        ticket.window = ""


def _returned(state: HallState, event: e.TicketReturned, rec: e.Recorded) -> None:
    ticket = _step(state, event, rec.recorded)
    del state.parked[event.number]
    ticket.returns += 1
    ticket.place, ticket.due_at, ticket.window = event.place, event.due_at, ""
    _wait(state, ticket)


def _held(state: HallState, event: e.TicketHeld, rec: e.Recorded) -> None:
    ticket = _step(state, event, rec.recorded)
    window = state.windows[event.window]
    window.ticket = ""
    window.held.append(event.number)
    ticket.holds += 1
    state.touch_window(event.window)


def _resumed(state: HallState, event: e.TicketResumed, rec: e.Recorded) -> None:
    ticket = _step(state, event, rec.recorded)
    window = state.windows[event.window]
    window.held.remove(event.number)
    window.ticket, window.rating = event.number, ""
    ticket.started_at = ticket.started_at or rec.recorded
    state.touch_window(event.window)


def _handed_back(state: HallState, event: e.TicketHandedBack, rec: e.Recorded) -> None:
    ticket = state.tickets[event.number]
    _out(state, ticket, ticket.stage)
    _step(state, event, rec.recorded)
    ticket.window, ticket.started_at = "", 0
    ticket.place = (ticket.place[2], 0, ticket.place[2])
    _wait(state, ticket)


def _transferred(state: HallState, event: e.TicketTransferred, rec: e.Recorded) -> None:
    ticket = state.tickets[event.number]
    _out(state, ticket, ticket.stage)
    _step(state, event, rec.recorded)
    ticket.queue, ticket.unit, ticket.window = event.queue, event.unit, event.to_window
    ticket.place, ticket.due_at, ticket.started_at = event.place, event.due_at, 0
    _wait(state, ticket)
    state.forget_empty_queues()


def _relabelled(state: HallState, event: e.TicketRelabelled, rec: e.Recorded) -> None:
    ticket = state.tickets[event.number]
    after(ticket.stage, event)
    ticket.unit = event.unit


def _matter(state: HallState, event: e.MatterAdded, rec: e.Recorded) -> None:
    ticket = state.tickets[event.number]
    after(ticket.stage, event)
    ticket.matters = event.matters


def _priority(state: HallState, event: e.PriorityGiven, rec: e.Recorded) -> None:
    ticket = state.tickets[event.number]
    after(ticket.stage, event)
    _stop_waiting(state, ticket)
    ticket.priority = event.priority
    _wait(state, ticket)


def _over(state: HallState, event: e.TicketVoided | e.TicketExpired, rec: e.Recorded) -> None:
    ticket = state.tickets[event.number]
    _out(state, ticket, ticket.stage)
    _step(state, event, rec.recorded)


TABLE: dict[type[e.Event], Callable[[HallState, Any, e.Recorded], None]] = {
    e.DayOpened: open_day,
    e.PlanAdopted: adopt_plan,
    e.PhaseChanged: change_phase,
    e.TicketIssued: _issued,
    e.SlipPrinting: _printing,
    e.SlipPrinted: _printed,
    e.SlipUnprinted: _unprinted,
    e.ReprintAsked: _reprint,
    e.TicketCalled: _called,
    e.TicketRecalled: _recalled,
    e.ServiceStarted: _started,
    e.ServiceFinished: _finished,
    e.TicketNoShow: _no_show,
    e.TicketReturned: _returned,
    e.TicketHeld: _held,
    e.TicketResumed: _resumed,
    e.TicketHandedBack: _handed_back,
    e.TicketTransferred: _transferred,
    e.TicketRelabelled: _relabelled,
    e.MatterAdded: _matter,
    e.PriorityGiven: _priority,
    e.TicketVoided: _over,
    e.TicketExpired: _over,
    **evolving_hall.TABLE,
}
