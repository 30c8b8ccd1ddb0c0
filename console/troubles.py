"""What a supervisor must see, most urgent first: the controller's alarms, and what the console finds by itself.

Found here: a wait over its bound, people without a window, a window idle while people it may serve wait, a full or
stopped queue, a room or device that is not there. One trouble is one line: fifty panels on one dead line are one too.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from console.board import Board
from hall.names import Instant, WindowStatus
from hall.views import DeviceHere, QueueView

NOW, SOON, LOOK, KNOW = 0, 1, 2, 3  # levels: people are stuck; people will be stuck; have a look; good to know
IDLE_MS = 120_000  # a window between two citizens is not idle
TOGETHER = 3  # devices with the same fault, or idle windows, are one line from here on
SAMPLE = 5  # of them are named
MILD_FAULTS = frozenset({"paper_low", "garbled"})  # works, for now
PERSONAL = ("console-", "phone", "soft-", "guide-", "desk-", "page-")  # come and go with the person in front of them


class Trouble(msgspec.Struct, frozen=True):
    """One line. `alarms` are the controller's own behind it; without any it is acknowledged here alone."""

    key: str
    kind: str  # of the catalogue: console.trouble.<kind>
    level: int
    subject: str
    since: Instant
    detail: str = ""
    count: int = 0  # people, or devices
    minutes: int = 0
    bound: int = 0  # minutes
    alarms: tuple[str, ...] = ()
    acknowledged: bool = False

    @property
    def urgency(self) -> tuple[bool, int, Instant, str]:
        return (self.acknowledged, self.level, self.since, self.key)


def troubles(board: Board, now: Instant) -> list[Trouble]:
    """All that stands, most urgent first. Forgets what was acknowledged and is over."""
    found = {trouble.key: trouble for trouble in _all(board, now)}
    for gone in [key for key in board.acknowledged if key not in found]:
        del board.acknowledged[gone]
    return sorted((_marked(board, trouble) for trouble in found.values()), key=lambda trouble: trouble.urgency)


def _marked(board: Board, trouble: Trouble) -> Trouble:
    """Acknowledged here; a trouble that has grown a level since is news again (the key says its level)."""
    seen = trouble.acknowledged or trouble.key in board.acknowledged
    return msgspec.structs.replace(trouble, acknowledged=seen)


def _all(board: Board, now: Instant) -> Iterator[Trouble]:
    yield from _controller(board, now)
    yield from _rooms(board, now)
    for queue in board.queues.values():
        yield from _queue(board, queue, now)
    yield from _stopped(board)
    yield from _idle(board, now)
    yield from _devices(board)
    yield from _alarms(board)


def _controller(board: Board, now: Instant) -> Iterator[Trouble]:
    if not board.linked:
        return  # the screen says so in large letters; who else is away cannot be known
    state = board.room_state("controller", now)
    if state in ("down", "silent", "missing"):
        since = _at(board, "controller")
        yield Trouble(key="controller", kind="controller", level=NOW, subject="controller", since=since)
    elif board.hall is not None and not board.hall.ready:
        yield Trouble(
            key="not_ready", kind="not_ready", level=NOW, subject=board.hall_id, since=0, detail=board.hall.why_not
        )  # fmt: skip


def _rooms(board: Board, now: Instant) -> Iterator[Trouble]:
    expected = board.expected()[1:]
    if not board.linked:
        return
    for who in (*expected, *(w for w in board.rooms if w not in expected and w != "controller")):
        state = board.room_state(who, now)
        if state in ("up", "unknown") or (who.startswith(PERSONAL) and who not in expected):
            continue
        level = SOON if who in expected else LOOK
        yield Trouble(key=f"room:{who}", kind=f"room_{state}", level=level, subject=who, since=_at(board, who))


def _at(board: Board, who: str) -> Instant:
    """When a room was last known to live."""
    seen = board.rooms.get(who)
    return seen.here.at if seen is not None else board.linked_at


# -- queues --------------------------------------------------------------------------------------------------------


def _queue(board: Board, queue: QueueView, now: Instant) -> Iterator[Trouble]:
    if queue.waiting and not queue.open_windows:
        yield _unserved(board, queue)
    yield from _over_bound(board, queue, now)
    if queue.why_not == "queue_full":
        yield Trouble(
            key=f"full:{queue.queue}", kind="full", level=SOON, subject=queue.queue, since=0, count=queue.waiting
        )  # fmt: skip


def _unserved(board: Board, queue: QueueView) -> Trouble:
    """People wait and no window is open for them; the controller's "last window left" is the same news."""
    alarm = next((a for a in board.alarms if a.alarm == f"last_window:{queue.queue}"), None)
    return Trouble(
        key=f"last_window:{queue.queue}",
        kind="unserved",
        level=NOW,
        subject=queue.queue,
        since=alarm.since if alarm else queue.oldest_at,
        detail=alarm.detail if alarm else "",
        count=queue.waiting,
        alarms=(alarm.alarm,) if alarm else (),
        acknowledged=alarm.acknowledged if alarm else False,
    )


def bound_ms(board: Board, queue: str) -> int:
    """How long the plan lets somebody of this queue wait; 0 when it does not know the queue."""
    planned = board.site_hall.queues.get(queue)
    return planned.finally_by_s * 1000 if planned is not None else 0


def _over_bound(board: Board, queue: QueueView, now: Instant) -> Iterator[Trouble]:
    bound = bound_ms(board, queue.queue)
    waited = now - queue.oldest_at
    if not queue.waiting or not queue.oldest_at or not bound or waited <= bound:
        return
    level = NOW if waited > 2 * bound else SOON
    yield Trouble(
        key=f"wait:{queue.queue}:{level}",
        kind="wait",
        level=level,
        subject=queue.queue,
        since=queue.oldest_at + bound,
        count=queue.waiting,
        minutes=waited // 60_000,
        bound=bound // 60_000,
    )


def _stopped(board: Board) -> Iterator[Trouble]:
    """Stopping is somebody's decision; it is easily forgotten."""
    stopped = [queue.queue for queue in board.queues.values() if queue.why_not == "issuing_stopped"]
    if stopped and len(stopped) == len(board.queues):
        yield Trouble(key="stopped:", kind="stopped_hall", level=KNOW, subject=board.hall_id, since=0)
        return
    for queue in stopped:
        yield Trouble(key=f"stopped:{queue}", kind="stopped", level=KNOW, subject=queue, since=0)


def _idle(board: Board, now: Instant) -> Iterator[Trouble]:
    """Windows that could call somebody and do not; those idle for the same people in one line when they are many."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for window in sorted(board.idle):
        if is_idle(board, window, now):
            groups.setdefault(board.serves(window), []).append(window)
    for windows in groups.values():
        for together in [windows] if len(windows) >= TOGETHER else [[window] for window in windows]:
            yield _idle_windows(board, together, now)


def _idle_windows(board: Board, windows: list[str], now: Instant) -> Trouble:
    since = min(board.idle[window] for window in windows)
    return Trouble(
        key=f"idle:{' '.join(windows)}",
        kind="idle",
        level=LOOK,
        subject=_some(windows),
        since=since,
        count=max(board.people_for(board.windows[window]) for window in windows),
        minutes=(now - since) // 60_000,
    )


def _some(names: list[str]) -> str:
    """The first few of many names, and how many more there are."""
    return " ".join(names[:SAMPLE]) + (f" +{len(names) - SAMPLE}" if len(names) > SAMPLE else "")


def is_idle(board: Board, window: str, now: Instant) -> bool:
    """Is this window one of the idle ones above?"""
    return window in board.idle and now - board.idle[window] >= IDLE_MS


def waits_for_window(board: Board, window: str) -> bool:
    """Is the window paused or closed, with somebody at it, while people it may serve wait?"""
    view = board.windows[window]
    return view.status is WindowStatus.PAUSED and board.people_for(view) > 0


# -- devices -------------------------------------------------------------------------------------------------------


def _devices(board: Board) -> Iterator[Trouble]:
    """Devices by what ails them, in one line when they are many."""
    known = {alarm.alarm: alarm for alarm in board.alarms if alarm.kind == "device"}
    groups: dict[tuple[str, str], list[tuple[str, DeviceHere]]] = {}
    for device, (room, state) in board.devices().items():
        if state.state == "down" or state.fault:
            groups.setdefault((room, state.fault or state.state), []).append((device, state))
    told = {f"device:{device}" for ill in groups.values() for device, _ in ill}
    for alarm in known.values():
        if alarm.alarm not in told:  # its room is silent, or has already seen it well: the controller's word stands
            state = DeviceHere(state="down", fault=alarm.detail, since=alarm.since)
            groups.setdefault(("", alarm.detail), []).append((alarm.subject, state))
    for (room, fault), ill in groups.items():
        many = [ill] if len(ill) >= TOGETHER else [[one] for one in ill]
        for together in many:
            alarms = [known[f"device:{device}"] for device, _ in together if f"device:{device}" in known]
            yield _ill(room, fault, together, tuple(a.alarm for a in alarms), all(a.acknowledged for a in alarms))


def _ill(
    room: str, fault: str, ill: list[tuple[str, DeviceHere]], alarms: tuple[str, ...], acknowledged: bool
) -> Trouble:
    names = sorted(device for device, _ in ill)
    level = LOOK if fault in MILD_FAULTS else SOON
    several = len(names) > 1
    return Trouble(
        key=f"devices:{room}:{fault}:{len(names)}" if several else f"device:{names[0]}:{fault}",
        kind="devices" if several else "device",
        level=level,
        subject=_some(names),
        since=min(state.since for _, state in ill),
        detail=fault,
        count=len(names),
        alarms=alarms,
        acknowledged=bool(alarms) and acknowledged,
    )


def _alarms(board: Board) -> Iterator[Trouble]:
    """The controller's alarms that are not told above."""
    served = {q.queue for q in board.queues.values() if not q.waiting or q.open_windows}
    for alarm in board.alarms:
        if alarm.kind == "device" or (alarm.kind == "last_window" and alarm.subject not in served):
            continue
        kind = alarm.kind if alarm.kind in ("slip", "last_window") else "other"
        yield Trouble(
            key=alarm.alarm,
            kind=kind,
            level=LOOK if kind in ("slip", "last_window") else SOON,
            subject=alarm.subject,
            since=alarm.since,
            detail=alarm.detail,
            alarms=(alarm.alarm,),
            acknowledged=alarm.acknowledged,
        )
