"""好差评: five levels, bound to the ticket, the window and whoever served last; once, in its time, never after 过号."""

from __future__ import annotations

from controller.core.deciding.saying import Decision, no
from controller.core.state import HallState, Ticket
from hall import commands as c
from hall import events as e
from hall.names import Instant, Stage, Why


def invite(state: HallState, ask: c.InviteRating, letter: c.Letter, now: Instant) -> Decision:
    """Ask the citizen just served to rate."""
    window = state.windows[ask.window]
    if not window.rating:
        return no(letter, Why.RATING_NOT_DUE)
    if state.tickets[window.rating].rated:
        return no(letter, Why.ALREADY_RATED, number=window.rating)
    return (e.RatingInvited(number=window.rating, window=ask.window, until=window.rating_until),)


def rate(state: HallState, ask: c.RateService, letter: c.Letter, now: Instant) -> Decision:
    """A level for the service just finished at this window, or (phone page) for a given number."""
    ticket = _rated_ticket(state, ask)
    if isinstance(ticket, Why):
        return no(letter, ticket)
    if ticket.rated:
        return no(letter, Why.ALREADY_RATED, number=ticket.number)
    if now > ticket.since + state.rules.options.rating_open_s * 1000:
        return no(letter, Why.RATING_LATE, number=ticket.number)
    return (e.ServiceRated(number=ticket.number, window=ticket.window, staff=ticket.staff, level=ask.level),)


def _rated_ticket(state: HallState, ask: c.RateService) -> Ticket | Why:
    """Whom the rating is about: by number, else whoever this window's evaluator waits for."""
    window = state.windows.get(ask.window)
    if window is None:
        return Why.UNKNOWN_WINDOW
    number = ask.number or window.rating
    ticket = state.tickets.get(number)
    if ticket is None or ticket.stage is not Stage.SERVED or ticket.window != ask.window:
        return Why.RATING_NOT_DUE
    return ticket
