"""Windows and staff: sitting down, opening, pausing, closing, leaving. Nobody's ticket is lost by any of it."""

from __future__ import annotations

from collections.abc import Iterable

from controller.core.deciding.saying import Decision, no
from controller.core.lanes import directed_to
from controller.core.state import HallState, WindowState
from hall import commands as c
from hall import events as e
from hall.names import Back, Instant, QueueId, Role, TicketNumber, Why, WindowStatus


def log_in(state: HallState, ask: c.LogIn, letter: c.Letter, now: Instant) -> Decision:
    """One seat per member of staff in the whole site, one member of staff per window."""
    staff = state.rules.staff.get(ask.staff)
    if staff is None:
        return no(letter, Why.NO_STAFF_NUMBER)
    here = state.seats.get(ask.staff, "")
    if ask.elsewhere or here:
        same = bool(here) and here == ask.window
        return no(letter, Why.ALREADY_SO if same else Why.STAFF_ELSEWHERE, ask.elsewhere or here)
    if not ask.window:
        return _at_desk(state, ask, letter)
    window = state.windows.get(ask.window)
    if window is None:
        return no(letter, Why.UNKNOWN_WINDOW)
    if staff.role is not Role.WINDOW:
        return no(letter, Why.NO_RIGHT)
    if window.staff:
        return no(letter, Why.WINDOW_TAKEN)
    return seated(state, window, ask.staff, letter.by.device)


def _at_desk(state: HallState, ask: c.LogIn, letter: c.Letter) -> Decision:
    """A guide's or supervisor's session on one device."""
    staff = state.rules.staff[ask.staff]
    if staff.role not in (Role.GUIDE, Role.SUPERVISOR):
        return no(letter, Why.NO_RIGHT)
    if not ask.proved:
        return no(letter, Why.NOT_PROVED)
    if state.desks.get(ask.staff) == (staff.role, letter.by.device):
        return no(letter, Why.ALREADY_SO)
    return (e.StaffLoggedIn(staff=ask.staff, role=staff.role, kind=staff.kind, device=letter.by.device),)


def seated(state: HallState, window: WindowState, staff: str, device: str) -> Decision:
    """Log-in at a window opens it."""
    kind = state.rules.staff[staff].kind
    sits = e.StaffLoggedIn(staff=staff, role=Role.WINDOW, window=window.plan.id, kind=kind, device=device)
    return (sits, e.WindowOpened(window=window.plan.id), *_eased(state, window))


def log_out(state: HallState, ask: c.LogOut, letter: c.Letter, now: Instant) -> Decision:
    """Refused with a ticket open; directed and held tickets go back to their queues."""
    if not ask.window:
        if letter.by.staff not in state.desks:
            return no(letter, Why.ALREADY_SO)
        return (e.StaffLoggedOut(staff=letter.by.staff),)
    window = state.windows.get(ask.window)
    if window is None:
        return no(letter, Why.UNKNOWN_WINDOW)
    if not window.staff:
        return no(letter, Why.NOT_STAFFED)
    if window.ticket:
        return no(letter, Why.HAS_TICKET, number=window.ticket)
    return (
        *_leaving(state, window, Back.LOGGED_OUT),
        e.StaffLoggedOut(staff=window.staff, window=ask.window),
        *_alarms(state, window),
    )


def open_(state: HallState, ask: c.OpenWindow, letter: c.Letter, now: Instant) -> Decision:
    """Serve (again)."""
    window = state.windows.get(ask.window)
    if window is None:
        return no(letter, Why.UNKNOWN_WINDOW)
    if not window.staff:
        return no(letter, Why.NOT_STAFFED)
    if window.status is WindowStatus.OPEN:
        return no(letter, Why.ALREADY_SO)
    return (e.WindowOpened(window=ask.window), *_eased(state, window))


def pause(state: HallState, ask: c.PauseWindow, letter: c.Letter, now: Instant) -> Decision:
    """No more calls for a while; the ticket in hand is finished or held first."""
    window = _may_stop(state, ask.window)
    if isinstance(window, Why):
        return no(letter, window)
    if window.status is not WindowStatus.OPEN:
        return no(letter, Why.ALREADY_SO if window.status is WindowStatus.PAUSED else Why.NOT_OPEN)
    back = _leaving(state, window, Back.PAUSED)
    return (*back, e.WindowPaused(window=ask.window, why=ask.reason), *_alarms(state, window))


def close(state: HallState, ask: c.CloseWindow, letter: c.Letter, now: Instant) -> Decision:
    """No more calls today; the member of staff stays logged in."""
    window = _may_stop(state, ask.window)
    if isinstance(window, Why):
        return no(letter, window)
    if window.status is WindowStatus.CLOSED:
        return no(letter, Why.ALREADY_SO)
    back = _leaving(state, window, Back.CLOSED)
    return (*back, e.WindowClosed(window=ask.window), *_alarms(state, window))


def _may_stop(state: HallState, window_id: str) -> WindowState | Why:
    window = state.windows.get(window_id)
    if window is None:
        return Why.UNKNOWN_WINDOW
    return Why.HAS_TICKET if window.ticket else window


def _leaving(state: HallState, window: WindowState, why: Back) -> Decision:
    """Directed and held tickets go back to their queue by original time."""
    numbers = (*directed_to(state, window), *window.held)
    return tuple(e.TicketHandedBack(number=n, window=window.plan.id, why=why) for n in numbers)


def _alarms(state: HallState, window: WindowState) -> Decision:
    """The last serving window leaves a queue with people in it, counting those it gives back."""
    return left_alone(state, window, window.own, (*directed_to(state, window), *window.held))


def left_alone(
    state: HallState, window: WindowState, queues: Iterable[QueueId], given_back: tuple[TicketNumber, ...] = ()
) -> Decision:
    """Alarms for those of these queues that have people and no other window."""
    with_people = {state.tickets[n].queue for n in (*given_back, *state.aside)}
    return tuple(
        e.AlarmRaised(alarm=f"last_window:{q}", kind="last_window", subject=q, detail=window.plan.id)
        for q in queues
        if state.queues[q].serving_windows == {window.plan.id}
        and (state.queues[q].ages or q in with_people)
        and f"last_window:{q}" not in state.alarms
    )


def _eased(state: HallState, window: WindowState) -> Decision:
    """A window opens: its queues are served again."""
    return served_again(state, window.own)


def served_again(state: HallState, queues: Iterable[QueueId]) -> Decision:
    """These queues have a window."""
    alarms = (f"last_window:{q}" for q in queues)
    return tuple(e.AlarmCleared(alarm=alarm) for alarm in alarms if alarm in state.alarms)
