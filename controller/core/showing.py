"""Views: how things stand, for whoever joins late. Pure reading; panel texts come from the catalogue or the plan."""

from __future__ import annotations

from controller.core.estimating import estimate_s
from controller.core.lanes import ahead_of
from controller.core.state import HallState, WindowState
from hall import views as v
from hall.names import AT_WINDOW, ORDINARY, Why, WindowStatus
from hall.wording import say

ALARMS_SHOWN = 500  # the newest; more would not fit into a message, and nobody reads more
BRIGHTNESS = 12  # of 0..15: readable in a lit hall without glare


def all_topics(state: HallState) -> list[str]:
    """Every `now` topic this hall has (the part behind `now/`)."""
    hall = state.hall
    return [
        "hall",
        "alarms",
        *(f"queues/{q}" for q in state.queues),
        *(f"windows/{w}" for w in state.windows),
        *(f"panels/{w}" for w in state.windows),
        *(f"jobs/{k}" for k in hall.kiosks),
    ]


def view(state: HallState, topic: str) -> v.View | None:
    """The view of one topic, or None when it is gone (its retained message is to be cleared)."""
    family, _, subject = topic.partition("/")
    if family == "hall":
        return _hall(state)
    if family == "alarms":
        alarms = tuple(sorted(state.alarms.values(), key=lambda a: (a.since, a.alarm)))[-ALARMS_SHOWN:]
        return v.AlarmsView(epoch=state.epoch, revision=state.seq, alarms=alarms)
    if family == "queues":
        return _queue(state, subject) if subject in state.queues else None
    if family == "jobs":
        return _jobs(state, subject)
    window = state.windows.get(subject)
    if window is None:
        return None
    return _window(state, window) if family == "windows" else _panel(state, window)


def _hall(state: HallState) -> v.HallView:
    return v.HallView(
        epoch=state.epoch,
        revision=state.seq,
        day=state.day,
        phase=state.phase,
        issuing=state.issuing and "" not in state.stopped,
        plan_hash=state.plan_hash,
        ready=True,
        why_not=_hall_why_not(state),
        notice=state.notice,
    )


def _hall_why_not(state: HallState) -> str:
    """Why no number can be taken in the whole hall now, "" when one can."""
    if not state.issuing:
        return Why.HALL_CLOSED.value
    return Why.ISSUING_STOPPED.value if "" in state.stopped else ""


def _queue(state: HallState, queue_id: str) -> v.QueueView:
    queue = state.queues[queue_id]
    priority = state.rules.priority
    ahead = ahead_of(queue, ORDINARY, (priority.priority, priority.ordinary))
    why_not = _why_not(state, queue_id)
    return v.QueueView(
        epoch=state.epoch,
        revision=state.seq,
        queue=queue_id,
        name=queue.plan.name,
        name_en=queue.plan.name_en,
        waiting=queue.waiting,
        oldest_at=state.tickets[queue.ages[0][1]].issued_at if queue.ages else 0,
        estimate_s=estimate_s(state, queue_id, ahead),
        open_windows=len(queue.serving_windows),
        issuing=not why_not,
        why_not=why_not,
    )


def _why_not(state: HallState, queue_id: str) -> str:
    """Why no number can be taken for this queue now, "" when one can."""
    queue = state.queues[queue_id]
    why_not = _hall_why_not(state)
    if why_not:
        return why_not
    if queue_id in state.stopped:
        return Why.ISSUING_STOPPED.value
    if queue.waiting >= queue.plan.max_waiting:
        return Why.QUEUE_FULL.value
    if not queue.serving_windows and not state.rules.options.issue_unstaffed:
        return Why.QUEUE_UNSTAFFED.value
    return ""


def _window(state: HallState, window: WindowState) -> v.WindowView:
    ticket = state.tickets[window.ticket] if window.ticket else None
    return v.WindowView(
        epoch=state.epoch,
        revision=window.revision,
        window=window.plan.id,
        name=window.name,
        status=window.status,
        pause=window.pause,
        staff=window.staff,
        number=window.ticket,
        stage=ticket.stage if ticket else None,
        since=ticket.since if ticket else 0,
        held=tuple(window.held),
        served=window.served,
        directed=len(window.directed),
        rating_until=window.rating_until if window.rating else 0,
        helps=window.helps,
        own=window.own,
    )


def _panel(state: HallState, window: WindowState) -> v.PanelView:
    """Window name on line 1, always; on line 2 the number called, or how the window stands."""
    number = window.ticket if window.ticket and state.tickets[window.ticket].stage in AT_WINDOW else ""
    called = bool(number) and not state.tickets[number].started_at
    return v.PanelView(
        epoch=state.epoch,
        revision=window.revision,
        window=window.plan.id,
        name=window.name,
        number=number,
        lines=(window.name, _line_two(window, number)),
        blink=called,
        brightness=BRIGHTNESS,
    )


def _line_two(window: WindowState, number: str) -> str:
    key = {WindowStatus.PAUSED: "paused", WindowStatus.CLOSED: "closed", WindowStatus.OPEN: "idle"}[window.status]
    if number:
        key = "call"
    own = window.plan.texts.get(key)
    return own.replace("{number}", number) if own is not None else say(f"panel.{key}", number=number)


def _jobs(state: HallState, kiosk: str) -> v.JobsView:
    numbers = state.kiosk_jobs.get(kiosk, {})
    return v.JobsView(
        epoch=state.epoch, revision=state.seq, kiosk=kiosk, jobs=tuple(_job(state, number) for number in numbers)
    )


def _job(state: HallState, number: str) -> v.Job:
    """The job as the kiosk needs it; `status` is signed by the shell when it speaks."""
    job, ticket = state.jobs[number], state.tickets[number]
    return v.Job(
        job=job.job,
        number=number,
        entry=ticket.entry,
        queue=ticket.queue,
        copy=job.copy,
        ahead=job.ahead,
        estimate_s=job.estimate_s,
        windows=job.windows,
        issued_at=ticket.issued_at,
        expires=job.expires,
        printing=job.printing,
        day=ticket.day,
        status="",
        lang=ticket.lang,
    )
