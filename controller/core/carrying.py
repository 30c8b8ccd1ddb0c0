"""What crosses the turn of the day, and how it is put back: live tickets, windows with a ticket in hand."""

from __future__ import annotations

from controller.core import lanes
from controller.core.state import HallState, Ticket, WindowState
from hall.events import LiveTicket, LiveWindow
from hall.names import TERMINAL, Instant, SlipStage, Stage

_SHARED = (
    "number", "day", "queue", "unit", "entry", "priority", "origin", "kiosk", "issued_at", "due_at", "place", "stage",
    "window", "staff", "called_at", "started_at", "recalls", "slip", "copies", "returns", "matters", "linked_to",
    "holds", "lang",
)  # fmt: skip


def live_tickets(state: HallState) -> tuple[LiveTicket, ...]:
    """Tickets whose life is not over, in order of arrival."""
    live = (t for t in state.tickets.values() if t.stage not in TERMINAL)
    return tuple(_carried(state, t) for t in sorted(live, key=lambda t: t.place[2]))


def _carried(state: HallState, ticket: Ticket) -> LiveTicket:
    """A slip still open at the turn of the day is not certain; its print job does not cross. Who is directed to a
    window that starts the day closed waits in the queue again, at the original place."""
    fields = {name: getattr(ticket, name) for name in _SHARED}
    if ticket.slip in (SlipStage.RESERVED, SlipStage.PRINTING):
        fields["slip"] = SlipStage.UNPRINTED
    if ticket.stage is Stage.WAITING and ticket.window and not _stays(state.windows[ticket.window]):
        fields |= {"window": "", "place": (ticket.place[2], 0, ticket.place[2])}
    return LiveTicket(**fields)


def live_windows(state: HallState) -> tuple[LiveWindow, ...]:
    """Windows with a ticket in hand or held stay as they are; the others start the day closed and empty."""
    kept = (w for w in state.windows.values() if _stays(w))
    return tuple(
        LiveWindow(window=w.plan.id, status=w.status, staff=w.staff, role=w.role, kind=w.kind, pause=w.pause)
        for w in kept
    )


def _stays(window: WindowState) -> bool:
    """Has this window work in hand that goes on over the turn of the day?"""
    return bool(window.ticket or window.held)


def put_back(state: HallState, live: LiveTicket, now: Instant) -> None:
    """A carried ticket takes its place again."""
    ticket = Ticket(**{name: getattr(live, name) for name in _SHARED})
    ticket.since = ticket.started_at or ticket.called_at or ticket.issued_at
    ticket.last_call_at = ticket.called_at
    state.tickets[ticket.number] = ticket
    window = state.windows.get(ticket.window)
    if ticket.stage is Stage.WAITING:
        lanes.enter(state, ticket)
    elif ticket.stage is Stage.PARKED:
        state.parked[ticket.number] = None
    elif window is not None:
        _at_window(window, ticket)


def _at_window(window: WindowState, ticket: Ticket) -> None:
    if ticket.stage is Stage.HELD:
        window.held.append(ticket.number)
    else:
        window.ticket = ticket.number
        window.called_at = ticket.called_at
