"""From the word of a press to the commands of the hall. Pure: it reads how the window stands and decides nothing.

Words that are no command (keying.WORDS): Finish ends the service and invites the rating, or, when the service has ended
already, invites once more; PauseOrResume pauses an open window and opens any other.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hall import commands as c
from hall import events as e
from hall.names import HoldReason, Level, PauseReason, Role, WindowStatus
from hall.plan.model import Window
from hall.plan.pressing import Meant
from hall.views import WindowView

RATE = "RateService"  # the evaluator's word; no key of a table can say it


class Step(msgspec.Struct, frozen=True):
    """One command, the event that says it is done, and in whose name it is asked."""

    command: c.Command
    done: type[e.Event]
    role: Role = Role.WINDOW


Make = Callable[[str, str], c.Command]  # window, argument


def _transfer(window: str, target: str) -> c.TransferTicket:
    kind, _, name = target.partition(":")
    return c.TransferTicket(
        window=window, to_queue=name if kind == "queue" else "", to_window=name if kind == "window" else ""
    )


PLAIN: dict[str, tuple[Make, type[e.Event]]] = {
    "CallNext": (lambda w, _: c.CallNext(w), e.TicketCalled),
    "CallNumber": (c.CallNumber, e.TicketCalled),
    "Recall": (lambda w, _: c.Recall(w), e.TicketRecalled),
    "StartService": (lambda w, _: c.StartService(w), e.ServiceStarted),
    "FinishService": (lambda w, _: c.FinishService(w), e.ServiceFinished),
    "InviteRating": (lambda w, _: c.InviteRating(w), e.RatingInvited),
    "MarkNoShow": (lambda w, _: c.MarkNoShow(w), e.TicketNoShow),
    "HoldTicket": (lambda w, why: c.HoldTicket(w, HoldReason(why) if why else HoldReason.PAPERS), e.TicketHeld),
    "ResumeTicket": (lambda w, _: c.ResumeTicket(w), e.TicketResumed),
    "HandBack": (lambda w, _: c.HandBack(w), e.TicketHandedBack),
    "TransferTicket": (_transfer, e.TicketTransferred),
    "AddMatter": (c.AddMatter, e.MatterAdded),
    "OpenWindow": (lambda w, _: c.OpenWindow(w), e.WindowOpened),
    "CloseWindow": (lambda w, _: c.CloseWindow(w), e.WindowClosed),
    "PauseWindow": (lambda w, why: c.PauseWindow(w, _pause(why)), e.WindowPaused),
    "LogOut": (lambda w, _: c.LogOut(w), e.StaffLoggedOut),
}


def steps(meant: Meant, window: Window, view: WindowView | None, invites_by_itself: bool) -> tuple[Step, ...]:
    """The commands a press asks for, in order; the next only when the one before it was not refused."""
    word, argument = meant.word, meant.argument
    if word == "LogIn":
        return (Step(c.LogIn(argument, window.id), e.StaffLoggedIn, Role.DEVICE),)
    if word == RATE:
        return (Step(c.RateService(window.id, Level(int(argument))), e.ServiceRated, Role.DEVICE),)
    if word == "ServeHere":
        return (Step(c.ServeHere(window.id, argument or next(iter(window.units), "")), e.TicketRelabelled),)
    if word == "PauseOrResume":
        pauses = view is None or view.status is WindowStatus.OPEN
        return _plain("PauseWindow" if pauses else "OpenWindow", window, argument)
    if word == "Finish":
        return _finish(window, view, invites_by_itself)
    return _plain(word, window, argument)


def _plain(word: str, window: Window, argument: str = "") -> tuple[Step, ...]:
    make, done = PLAIN[word]
    return (Step(make(window.id, argument), done),)


def _finish(window: Window, view: WindowView | None, invites_by_itself: bool) -> tuple[Step, ...]:
    if view is not None and not view.number and view.rating_until:
        return _plain("InviteRating", window)
    finish = _plain("FinishService", window)
    return finish if invites_by_itself else (*finish, *_plain("InviteRating", window))


def _pause(why: str) -> PauseReason:
    return PauseReason(why) if why else PauseReason.BREAK
