"""Folding the large events: a day that opens, a plan that is adopted, a phase that changes.

`open_day` leaves the state as it would be had nothing older ever been folded, so a restart may begin there.
"""

from __future__ import annotations

import msgspec

from controller.core.carrying import put_back
from controller.core.state import HallState, QueueState, WindowState
from hall import calendar
from hall import events as e
from hall.names import Instant, QueueId, Role, SlipStage
from hall.plan.model import Hall, Plan, Window
from hall.views import Alarm


def open_day(state: HallState, event: e.DayOpened, rec: e.Recorded) -> None:
    """Begin a business day from this event alone."""
    _forget(state)
    state.day, state.day_opened_at = event.day, rec.recorded
    _take_plan(state, event.plan, event.plan_hash)
    hall = state.hall
    state.queues = {q: QueueState(plan=plan) for q, plan in hall.queues.items()}
    state.windows = {
        w: WindowState(
            plan=plan,
            name=event.names.get(w, plan.name),
            own=event.serves.get(w, plan.queues),
            helps=event.helps.get(w, plan.helps),
        )
        for w, plan in hall.windows.items()
    }
    state.reserved, state.stopped, state.faults = set(event.reserved), dict(event.stopped), dict(event.faults)
    state.notice = event.notice
    for live in event.windows:
        _keep(state, live)
    for ticket in event.tickets:
        put_back(state, ticket, rec.recorded)
        if ticket.slip is SlipStage.UNPRINTED:
            _still_standing(state, "slip", ticket.number, ticket.kiosk, rec.recorded)
    for device, fault in event.faults.items():
        _still_standing(state, "device", device, fault, rec.recorded)
    serve_again(state)
    state.phase, state.issuing = calendar.CLOSED, False
    _look_up_phase_now(state, rec.recorded)
    touch_all(state)


def _forget(state: HallState) -> None:
    for index in (
        state.tickets, state.parked, state.aside, state.prefixes, state.desks, state.seats, state.jobs,
        state.kiosk_jobs, state.alarms, state.answered,
    ):  # fmt: skip
        index.clear()
    state.wakes.clear()
    state.waiting = 0


def _take_plan(state: HallState, raw: msgspec.Raw, plan_hash: str) -> None:
    state.plan_raw = bytes(raw)
    state.plan = msgspec.json.decode(state.plan_raw, type=Plan)
    state.plan_hash = plan_hash
    state.entries = {entry.id: entry for entry in state.hall.entries}


def _keep(state: HallState, live: e.LiveWindow) -> None:
    """A window with a ticket in hand goes on as it was."""
    window = state.windows.get(live.window)
    if window is None:
        return
    window.status, window.staff, window.role = live.status, live.staff, live.role
    window.kind, window.pause = live.kind, live.pause
    if live.staff:
        state.seats[live.staff] = live.window


def _still_standing(state: HallState, kind: str, subject: str, detail: str, now: Instant) -> None:
    """Trouble of yesterday that today's supervisor must see too."""
    alarm = f"{kind}:{subject}"
    state.alarms[alarm] = Alarm(
        alarm=alarm, kind=kind, subject=subject, detail=detail, since=now, acknowledged=False
    )  # fmt: skip


def adopt_plan(state: HallState, event: e.PlanAdopted, rec: e.Recorded) -> None:
    """Another plan: windows and queues it keeps go on, new ones begin, those it lost are already empty or emptying."""
    before = state.hall
    touch_all(state)  # what the new plan no longer has is to be cleared from the bus
    _take_plan(state, event.plan, event.hash)
    hall = state.hall
    for queue, plan in hall.queues.items():
        if queue in state.queues:
            state.queues[queue].plan = plan
        else:
            state.queues[queue] = QueueState(plan=plan)
    state.windows = {w: _replanned(state, w, hall, before) for w in hall.windows}
    for staff in [s for s, (role, _) in state.desks.items() if not _still_has(state, s, role)]:
        del state.desks[staff]
    serve_again(state)
    state.forget_empty_queues()
    _look_up_phase_now(state, rec.recorded)
    touch_all(state)


def _still_has(state: HallState, staff: str, role: Role) -> bool:
    known = state.rules.staff.get(staff)
    return known is not None and known.role is role


def _replanned(state: HallState, window: str, hall: Hall, before: Hall) -> WindowState:
    """A window under the new plan; what a supervisor set stands, the old plan's own do not."""
    plan = hall.windows[window]
    known = state.windows.get(window)
    if known is None:
        return WindowState(plan=plan, name=plan.name, own=plan.queues, helps=plan.helps)
    old = before.windows[window]
    known.name = plan.name if known.name == old.name else known.name
    known.helps = plan.helps if known.helps == old.helps else tuple(q for q in known.helps if q in hall.queues)
    known.own = plan.queues if known.own == old.queues else _still_its_own(known, plan, hall)
    known.plan = plan
    return known


def _still_its_own(known: WindowState, plan: Window, hall: Hall) -> tuple[QueueId, ...]:
    """What a supervisor gave a window, as far as the plan has it and lets it; the plan's own when all is gone."""
    kept = (q for q in known.own if q in hall.queues and (q in plan.queues or not hall.queues[q].restricted))
    return tuple(kept) or plan.queues


def serve_again(state: HallState) -> None:
    """Work out anew which windows serve which queues."""
    for queue in state.queues.values():
        queue.serving_windows = set()
    for window in state.windows.values():
        if window.serves:
            for queue_id in window.own:
                state.queues[queue_id].serving_windows.add(window.plan.id)


def _look_up_phase_now(state: HallState, now: Instant) -> None:
    state.phase_from = state.phase_until = now


def change_phase(state: HallState, event: e.PhaseChanged, rec: e.Recorded) -> None:
    """The hall opens, breaks for lunch, closes."""
    state.phase, state.issuing = event.phase, event.issuing
    state.phase_from = rec.recorded
    state.phase_until = calendar.next_phase_at(rec.recorded, state.hall.hours, state.rules.site.time_zone)
    state.touch_all_queues()


def touch_all(state: HallState) -> None:
    """Every view may have changed."""
    for window in state.windows:
        state.touch_window(window)
    state.touch_all_queues()
    state.touch("alarms")
    for kiosk in state.hall.kiosks:
        state.touch(f"jobs/{kiosk}")
