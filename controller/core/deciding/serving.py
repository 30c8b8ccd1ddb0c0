"""What a window does with the ticket it has: start, finish, hold, resume, hand back, transfer, serve here."""

from __future__ import annotations

from controller.core import lanes
from controller.core.deciding.printing import reprint_event
from controller.core.deciding.saying import Decision, at, no, ticket_at
from controller.core.moves import allows
from controller.core.state import HallState, PlaceKey, Ticket, WindowState
from hall import commands as c
from hall import events as e
from hall.names import Instant, Place, QueueId, Role, Stage, Why


def start(state: HallState, ask: c.StartService, letter: c.Letter, now: Instant) -> Decision:
    """The citizen has come."""
    ticket = ticket_at(state, ask.window)
    if isinstance(ticket, Why):
        return no(letter, ticket)
    if ticket.stage is not Stage.CALLED:
        return no(letter, Why.ALREADY_SO, number=ticket.number)
    return (e.ServiceStarted(number=ticket.number, window=ask.window),)


def finish(state: HallState, ask: c.FinishService, letter: c.Letter, now: Instant) -> Decision:
    """The case is done; a called ticket that never started has not been served."""
    ticket = ticket_at(state, ask.window)
    if isinstance(ticket, Why):
        return no(letter, ticket)
    if ticket.stage is not Stage.SERVING:
        return no(letter, Why.NOT_STARTED, number=ticket.number)
    return finished(state, state.windows[ask.window], ticket, now)


def finished(state: HallState, window: WindowState, ticket: Ticket, now: Instant) -> Decision:
    """Service ends; the evaluator invites by itself where the plan says so."""
    began = ticket.started_at or ticket.called_at
    done = e.ServiceFinished(
        number=ticket.number,
        window=window.plan.id,
        staff=window.staff,
        service_s=max(0, now - began) // 1000,
        matters=ticket.matters,
    )
    if not state.rules.options.evaluate_on_finish:
        return (done,)
    until = now + state.rules.options.rating_open_s * 1000
    return (done, e.RatingInvited(number=ticket.number, window=window.plan.id, until=until))


def hold(state: HallState, ask: c.HoldTicket, letter: c.Letter, now: Instant) -> Decision:
    """Set the ticket aside at this window."""
    ticket = ticket_at(state, ask.window)
    if isinstance(ticket, Why):
        return no(letter, ticket)
    if len(state.windows[ask.window].held) >= state.rules.options.hold_limit:
        return no(letter, Why.TOO_MANY_HELD, number=ticket.number)
    return (e.TicketHeld(number=ticket.number, window=ask.window, why=ask.reason),)


def resume(state: HallState, ask: c.ResumeTicket, letter: c.Letter, now: Instant) -> Decision:
    """Go on with the given held ticket, or with the one held longest."""
    window = at(state, ask.window)
    if isinstance(window, Why):
        return no(letter, window)
    if window.ticket:
        return no(letter, Why.HAS_TICKET, number=window.ticket)
    number = ask.number or (window.held[0] if window.held else "")
    if not number:
        return no(letter, Why.NO_TICKET)
    if number not in window.held:
        return no(letter, Why.NOT_YOURS if number in state.tickets else Why.UNKNOWN_NUMBER)
    return (e.TicketResumed(number=number, window=ask.window),)


def hand_back(state: HallState, ask: c.HandBack, letter: c.Letter, now: Instant) -> Decision:
    """Back to its queue at its original place."""
    ticket = ticket_at(state, ask.window)
    if isinstance(ticket, Why):
        return no(letter, ticket)
    return (e.TicketHandedBack(number=ticket.number, window=ask.window),)


def transfer(state: HallState, ask: c.TransferTicket, letter: c.Letter, now: Instant) -> Decision:
    """To a queue, or to one window, of the same hall; somebody must serve there."""
    ticket = _asked(state, ask, letter)
    if isinstance(ticket, Why):
        return no(letter, ticket)
    if not allows(ticket.stage, e.TicketTransferred):
        return no(letter, Why.WRONG_STAGE, number=ticket.number)
    queue = _target(state, ask, ticket)
    if isinstance(queue, Why):
        return no(letter, queue, number=ticket.number)
    if _keeps_away(state, ask, letter, ticket, queue):
        return no(letter, Why.RESTRICTED, number=ticket.number)
    if ask.reprint_at and ask.reprint_at not in state.hall.kiosks:
        return no(letter, Why.BAD_VALUE, number=ticket.number)
    moved = _moved(state, ask, ticket, queue, now)
    if ask.reprint_at and ticket.number not in state.jobs:
        return (moved, reprint_event(state, ticket.number, ask.reprint_at, letter, now))
    return (moved,)


def _asked(state: HallState, ask: c.TransferTicket, letter: c.Letter) -> Ticket | Why:
    """The ticket at the asking window, or (supervisor) any number."""
    if not ask.number:
        return ticket_at(state, ask.window)
    ticket = state.tickets.get(ask.number)
    if ticket is None:
        return Why.UNKNOWN_NUMBER
    if letter.by.role is Role.WINDOW and not owns(ticket, ask.window):
        return Why.NOT_YOURS
    return ticket


def owns(ticket: Ticket, window: str) -> bool:
    """Is the ticket at, held by or directed to this very window?"""
    return bool(window) and ticket.window == window


def _keeps_away(state: HallState, ask: c.TransferTicket, letter: c.Letter, ticket: Ticket, queue: QueueId) -> bool:
    """Only the window that has seen the papers may send a restricted case to others as something else."""
    unit = state.hall.units.get(ticket.unit)
    if unit is None or not unit.restricted or letter.by.role is Role.WINDOW:
        return False
    return ticket.unit not in state.queues[queue].plan.units


def _target(state: HallState, ask: c.TransferTicket, ticket: Ticket) -> QueueId | Why:
    """The queue the ticket will belong to; refused when nobody serves there."""
    if bool(ask.to_queue) == bool(ask.to_window):
        return Why.BAD_VALUE
    if ask.to_queue:
        queue = state.queues.get(ask.to_queue)
        if queue is None:
            return Why.UNKNOWN_QUEUE
        return ask.to_queue if queue.serving_windows else Why.TARGET_CLOSED
    window = state.windows.get(ask.to_window)
    if window is None:
        return Why.UNKNOWN_WINDOW
    if not window.serves or ask.to_window == ticket.window:
        return Why.TARGET_CLOSED if not window.serves else Why.ALREADY_SO
    return ticket.queue if ticket.queue in window.own else window.own[0]


def _moved(state: HallState, ask: c.TransferTicket, ticket: Ticket, queue_id: QueueId, now: Instant) -> e.Event:
    queue = state.queues[queue_id]
    same = ticket.queue == queue_id
    return e.TicketTransferred(
        number=ticket.number,
        queue=queue_id,
        unit=ticket.unit if same else queue.plan.units[0],
        place=_place(state, ask, ticket, queue_id),
        how=ask.place,
        to_window=ask.to_window,
        window=ticket.window,
        due_at=ticket.due_at if same else now + queue.plan.finally_by_s * 1000,
    )


def _place(state: HallState, ask: c.TransferTicket, ticket: Ticket, queue_id: QueueId) -> PlaceKey:
    """First, last, or by original arrival; arrival itself never changes."""
    arrival = ticket.place[2]
    if ask.place is Place.FIRST:
        directed = state.windows[ask.to_window].directed if ask.to_window else None
        waiting = lanes.in_order(state.queues[queue_id], 1) if directed is None else list(directed[:1])
        return lanes.before_all(waiting, arrival)
    if ask.place is Place.LAST:
        return (state.seq + 1, 0, arrival)
    return (arrival, 0, arrival)


def serve_here(state: HallState, ask: c.ServeHere, letter: c.Letter, now: Instant) -> Decision:
    """The wrong-number citizen: relabelled to the true unit, served here, papers passed on; no second wait."""
    ticket = ticket_at(state, ask.window)
    if isinstance(ticket, Why):
        return no(letter, ticket)
    unit = state.hall.units.get(ask.unit)
    if unit is None:
        return no(letter, Why.BAD_VALUE, number=ticket.number)
    if unit.restricted and ask.unit not in state.windows[ask.window].plan.units:
        return no(letter, Why.RESTRICTED, number=ticket.number)
    if ask.unit == ticket.unit:
        return no(letter, Why.ALREADY_SO, number=ticket.number)
    return (e.TicketRelabelled(number=ticket.number, window=ask.window, unit=ask.unit, was=ticket.unit),)


def add_matter(state: HallState, ask: c.AddMatter, letter: c.Letter, now: Instant) -> Decision:
    """One more matter on the same visit."""
    ticket = ticket_at(state, ask.window)
    if isinstance(ticket, Why):
        return no(letter, ticket)
    if not allows(ticket.stage, e.MatterAdded):
        return no(letter, Why.NOT_STARTED, number=ticket.number)
    if ask.unit and ask.unit not in state.hall.units:
        return no(letter, Why.BAD_VALUE, number=ticket.number)
    matters = ticket.matters + 1
    return (e.MatterAdded(number=ticket.number, window=ask.window, matters=matters, unit=ask.unit),)
