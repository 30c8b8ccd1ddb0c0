"""Calling: the next one, a given number, once more, and 过号."""

from __future__ import annotations

from controller.core import routing
from controller.core.deciding.saying import Decision, at, elapsed_s, no, ticket_at
from controller.core.deciding.serving import finished
from controller.core.lanes import may_serve
from controller.core.moves import allows
from controller.core.routing.order import reason
from controller.core.state import HallState, Ticket, WindowState
from hall import commands as c
from hall import events as e
from hall.names import Instant, Role, Rule, Stage, Why

DIGITS_MAX = 9  # typed digits read as a number; a keypad shows six


def call_next(state: HallState, ask: c.CallNext, letter: c.Letter, now: Instant) -> Decision:
    """Close what is open by the plan's rules, then call whom the policy chooses."""
    window = at(state, ask.window)
    if isinstance(window, Why):
        return no(letter, window)
    if elapsed_s(window.called_at, now) < state.rules.options.guard_s:
        return no(letter, Why.TOO_SOON)
    closing = _close_open_ticket(state, window, now)
    if isinstance(closing, Why):
        return no(letter, closing, number=window.ticket)
    choice = routing.choose(state, window, now)
    if choice is None:
        return (*closing, *no(letter, Why.NOBODY_WAITS))
    return (*closing, *_called(state, window, choice.number, choice.why))


def _close_open_ticket(state: HallState, window: WindowState, now: Instant) -> Decision | Why:
    """What "next" does to the ticket the window still has: finish it, mark it, or refuse."""
    if not window.ticket:
        return ()
    ticket, options = state.tickets[window.ticket], state.rules.options
    if ticket.stage is Stage.SERVING:
        return finished(state, window, ticket, now) if options.next_finishes else Why.HAS_TICKET
    if options.next_on_called == "finish":
        return finished(state, window, ticket, now)
    if options.next_on_called == "no_show":
        return no_show_refused(state, ticket, now) or (e.TicketNoShow(number=ticket.number, window=ticket.window),)
    return Why.NOT_STARTED


def _called(state: HallState, window: WindowState, number: str, why: e.CallReason) -> Decision:
    call = e.TicketCalled(number=number, window=window.plan.id, why=why, staff=window.staff)
    if state.rules.options.start_on_call:
        return (call, e.ServiceStarted(number=number, window=window.plan.id))
    return (call,)


def call_number(state: HallState, ask: c.CallNumber, letter: c.Letter, now: Instant) -> Decision:
    """Call this very number: the window's staff within its own right, a supervisor for any window that may serve it."""
    window = at(state, ask.window)
    if isinstance(window, Why):
        return no(letter, window)
    if window.ticket:
        return no(letter, Why.HAS_TICKET)
    if elapsed_s(window.called_at, now) < state.rules.options.guard_s and letter.by.role is not Role.SUPERVISOR:
        return no(letter, Why.TOO_SOON)
    ticket = find_number(state, window, ask.number)
    if isinstance(ticket, Why):
        return no(letter, ticket)
    if not allows(ticket.stage, e.TicketCalled):
        return no(letter, Why.WRONG_STAGE, number=ticket.number)
    refused = _not_its_own(state, window, ticket)
    if refused:
        return no(letter, refused, number=ticket.number)
    return _called(state, window, ticket.number, reason(state, ticket.number, Rule.NUMBER, now))


def _not_its_own(state: HallState, window: WindowState, ticket: Ticket) -> Why | None:
    """A restricted unit is its own windows' alone; a ticket directed elsewhere belongs there."""
    if ticket.window and ticket.window != window.plan.id:
        return Why.NOT_YOURS
    if ticket.window or may_serve(state, window, ticket.queue):
        return None
    return Why.RESTRICTED if state.queues[ticket.queue].plan.restricted else Why.NOT_YOURS


def find_number(state: HallState, window: WindowState, typed: str) -> Ticket | Why:
    """A whole number, or digits that end exactly one number waiting in the window's own queues or directed to it."""
    whole = state.tickets.get(typed)
    if whole is not None:
        return whole
    if not typed.isascii() or not typed.isdigit() or len(typed) > DIGITS_MAX:
        return Why.UNKNOWN_NUMBER
    shapes = {(queue.plan.prefix, queue.plan.digits) for queue in state.queues.values()}  # a transfer keeps the number
    found = [state.tickets.get(f"{prefix}{int(typed):0{digits}d}") for prefix, digits in sorted(shapes)]
    mine = [ticket for ticket in found if ticket is not None and _waits_here(ticket, window)]
    return mine[0] if len(mine) == 1 else Why.UNKNOWN_NUMBER


def _waits_here(ticket: Ticket, window: WindowState) -> bool:
    """Waiting in one of the window's own queues, or directed to it."""
    here = ticket.window == window.plan.id if ticket.window else ticket.queue in window.own
    return here and ticket.stage is Stage.WAITING


def recall(state: HallState, ask: c.Recall, letter: c.Letter, now: Instant) -> Decision:
    """Call the window's ticket once more, up to the plan's limit."""
    ticket = ticket_at(state, ask.window)
    if isinstance(ticket, Why):
        return no(letter, ticket)
    if ticket.stage is Stage.SERVING and not state.rules.options.start_on_call:
        return no(letter, Why.WRONG_STAGE, number=ticket.number)
    if ticket.recalls >= state.rules.options.recall_limit:
        return no(letter, Why.TOO_MANY_RECALLS, number=ticket.number)
    return (e.TicketRecalled(number=ticket.number, window=ask.window, recalls=ticket.recalls + 1),)


def no_show(state: HallState, ask: c.MarkNoShow, letter: c.Letter, now: Instant) -> Decision:
    """过号, only after the set calls and seconds."""
    ticket = ticket_at(state, ask.window)
    if isinstance(ticket, Why):
        return no(letter, ticket)
    if ticket.stage is Stage.SERVING and not state.rules.options.start_on_call:
        return no(letter, Why.WRONG_STAGE, number=ticket.number)
    why = no_show_refused(state, ticket, now)
    if why:
        return no(letter, why, number=ticket.number)
    return (e.TicketNoShow(number=ticket.number, window=ask.window),)


def no_show_refused(state: HallState, ticket: Ticket, now: Instant) -> Why | None:
    """Too few calls or too soon after the last one."""
    options = state.rules.options
    if 1 + ticket.recalls < options.no_show_after_calls:
        return Why.TOO_FEW_CALLS
    return Why.TOO_SOON if elapsed_s(ticket.last_call_at, now) < options.no_show_after_s else None
