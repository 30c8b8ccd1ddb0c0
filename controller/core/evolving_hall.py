"""Folding what happens to windows, staff, ratings, devices and alarms (the tickets' own life is in evolving.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from controller.core.state import HallState, WindowState
from hall import events as e
from hall.names import Role, WindowStatus
from hall.views import Alarm

# -- windows and staff ---------------------------------------------------------------------------------------------


def _logged_in(state: HallState, event: e.StaffLoggedIn, rec: e.Recorded) -> None:
    if not event.window:
        state.desks[event.staff] = (event.role, event.device)
        return
    window = state.windows[event.window]
    window.staff, window.role, window.kind = event.staff, event.role, event.kind
    state.seats[event.staff] = event.window
    state.touch_window(event.window)


def _logged_out(state: HallState, event: e.StaffLoggedOut, rec: e.Recorded) -> None:
    if not event.window:
        state.desks.pop(event.staff, None)
        return
    window = state.windows[event.window]
    window.staff, window.role = "", Role.WINDOW
    state.seats.pop(event.staff, None)
    _stand(state, window, WindowStatus.CLOSED, "")


def _stand(state: HallState, window: WindowState, status: WindowStatus, pause: str) -> None:
    """A window's status, and with it which queues are served."""
    window.status, window.pause = status, pause
    for queue in window.own:
        members = state.queues[queue].serving_windows
        members.add(window.plan.id) if window.serves else members.discard(window.plan.id)
        state.touch_queue(queue)
    state.touch_window(window.plan.id)


def _opened(state: HallState, event: e.WindowOpened, rec: e.Recorded) -> None:
    _stand(state, state.windows[event.window], WindowStatus.OPEN, "")


def _paused(state: HallState, event: e.WindowPaused, rec: e.Recorded) -> None:
    _stand(state, state.windows[event.window], WindowStatus.PAUSED, event.why.value)


def _closed(state: HallState, event: e.WindowClosed, rec: e.Recorded) -> None:
    _stand(state, state.windows[event.window], WindowStatus.CLOSED, "")


def _renamed(state: HallState, event: e.WindowRenamed, rec: e.Recorded) -> None:
    state.windows[event.window].name = event.name
    state.touch_window(event.window)


def _serves(state: HallState, event: e.ServesSet, rec: e.Recorded) -> None:
    window = state.windows[event.window]
    for queue in window.own:
        state.queues[queue].serving_windows.discard(event.window)
        state.touch_queue(queue)
    window.own = event.serves
    _stand(state, window, window.status, window.pause)


def _helps(state: HallState, event: e.HelpsSet, rec: e.Recorded) -> None:
    state.windows[event.window].helps = event.helps
    state.touch_window(event.window)


def _invited(state: HallState, event: e.RatingInvited, rec: e.Recorded) -> None:
    state.windows[event.window].rating_until = event.until
    state.touch_window(event.window)


def _rated(state: HallState, event: e.ServiceRated, rec: e.Recorded) -> None:
    state.tickets[event.number].rated = True
    window = state.windows[event.window]
    window.rating_until = 0 if window.rating == event.number else window.rating_until
    state.touch_window(event.window)


# -- hall ----------------------------------------------------------------------------------------------------------


def _stopped(state: HallState, event: e.IssuingStopped, rec: e.Recorded) -> None:
    state.stopped[event.queue] = rec.reason
    state.touch_all_queues()


def _issuing_again(state: HallState, event: e.IssuingResumed, rec: e.Recorded) -> None:
    state.stopped.pop(event.queue, None)
    state.touch_all_queues()


def _notice(state: HallState, event: e.NoticeSet, rec: e.Recorded) -> None:
    state.notice = event.text
    state.touch("hall")


def _faulted(state: HallState, event: e.DeviceFaulted, rec: e.Recorded) -> None:
    state.faults[event.device] = event.fault


def _healed(state: HallState, event: e.DeviceHealed, rec: e.Recorded) -> None:
    state.faults.pop(event.device, None)


def _raised(state: HallState, event: e.AlarmRaised, rec: e.Recorded) -> None:
    state.alarms[event.alarm] = Alarm(
        alarm=event.alarm, kind=event.kind, subject=event.subject, detail=event.detail, since=rec.recorded,
        acknowledged=False,
    )  # fmt: skip
    state.touch("alarms")


def _cleared(state: HallState, event: e.AlarmCleared, rec: e.Recorded) -> None:
    state.alarms.pop(event.alarm, None)
    state.touch("alarms")


def _acknowledged(state: HallState, event: e.AlarmAcknowledged, rec: e.Recorded) -> None:
    known = state.alarms[event.alarm]
    state.alarms[event.alarm] = Alarm(
        alarm=known.alarm, kind=known.kind, subject=known.subject, detail=known.detail, since=known.since,
        acknowledged=True,
    )  # fmt: skip
    state.touch("alarms")


TABLE: dict[type[e.Event], Callable[[HallState, Any, e.Recorded], None]] = {
    e.StaffLoggedIn: _logged_in,
    e.StaffLoggedOut: _logged_out,
    e.WindowOpened: _opened,
    e.WindowPaused: _paused,
    e.WindowClosed: _closed,
    e.WindowRenamed: _renamed,
    e.ServesSet: _serves,
    e.HelpsSet: _helps,
    e.RatingInvited: _invited,
    e.ServiceRated: _rated,
    e.IssuingStopped: _stopped,
    e.NoticeSet: _notice,
    e.IssuingResumed: _issuing_again,
    e.DeviceFaulted: _faulted,
    e.DeviceHealed: _healed,
    e.AlarmRaised: _raised,
    e.AlarmCleared: _cleared,
    e.AlarmAcknowledged: _acknowledged,
}
