"""Small words the decisions share: refusing, finding the window and its ticket."""

from __future__ import annotations

from controller.core.state import HallState, Ticket, WindowState
from hall import commands as c
from hall import events as e
from hall.names import Instant, Why
from hall.wording import inert

Decision = tuple[e.Event, ...]
ECHO_MAX = 32  # characters of a foreign name that a refusal repeats


def no(letter: c.Letter, why: Why, detail: str = "", number: str = "") -> Decision:
    """The refusal of a letter, naming what was asked, where, and about which ticket."""
    command = letter.command
    return (
        e.CommandRefused(
            why=why,
            command=type(command).__name__,
            window=inert(getattr(command, "window", ""), ECHO_MAX),
            number=inert(number or getattr(command, "number", ""), ECHO_MAX),
            detail=detail,
        ),
    )


def at(state: HallState, window: str) -> WindowState | Why:
    """The window, open and staffed, or why not."""
    known = state.windows.get(window)
    if known is None:
        return Why.UNKNOWN_WINDOW
    if not known.staff:
        return Why.NOT_STAFFED
    return known if known.serves else Why.NOT_OPEN


def ticket_at(state: HallState, window: str) -> Ticket | Why:
    """The ticket called to or served at the window, or why there is none."""
    known = state.windows.get(window)
    if known is None:
        return Why.UNKNOWN_WINDOW
    return state.tickets[known.ticket] if known.ticket else Why.NO_TICKET


def elapsed_s(since: Instant, now: Instant) -> float:
    """Seconds since an instant; a clock that went back counts as "long ago", so nobody is locked out by it."""
    return (now - since) / 1000 if now >= since else float("inf")
