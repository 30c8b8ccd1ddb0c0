"""Who serves what: queues without windows, windows without queues, helping that the plan must not allow."""

from __future__ import annotations

from hall.plan.draft import Draft
from hall.plan.model import Hall, Window
from hall.plan.problems import nearest


def check(draft: Draft) -> None:
    for hall in draft.plan.halls.values():
        for window in hall.windows.values():
            _check_units(draft, hall, window)
            _check_helps(draft, hall, window)
            _check_policy(draft, hall, window)
        _check_queues(draft, hall)
    _check_unused_units(draft)


def _check_units(draft: Draft, hall: Hall, window: Window) -> None:
    thing = (hall.id, "windows", window.id)
    own = set(window.units)
    for queue in hall.queues.values():
        missing = [unit for unit in queue.units if unit not in own]
        if missing and own & set(queue.units):
            what = f"window {window.id} owns only a part of queue {queue.id}: {', '.join(missing)} is missing"
            draft.report(
                thing, "units", "part-of-queue", what, "give the window all units of the queue, or none", about=queue.id
            )
    queued = {unit for queue in hall.queues.values() for unit in queue.units}
    for unit in window.units:
        if unit not in queued:
            what = f"unit {unit} of window {window.id} has no queue in hall {hall.id}"
            draft.report(thing, "units", "unit-without-queue", what, nearest(unit, queued), about=unit)
    if not window.units and not _blank(draft, hall, window):
        what = f"window {window.id} has nothing to serve"
        draft.report(thing, "units", "window-idle", what, "give it a unit that has a queue")


def _blank(draft: Draft, hall: Hall, window: Window) -> bool:
    """Whether the file names units that were reported already."""
    at = draft.origins[hall.id, "windows", window.id]
    return draft.reading.source.get((*at, "units")) != []


def _check_helps(draft: Draft, hall: Hall, window: Window) -> None:
    thing = (hall.id, "windows", window.id)
    for name in window.helps:
        queue = hall.queues.get(name)
        if queue is None:
            what = f"window {window.id} helps a queue {name!r} that hall {hall.id} has not"
            draft.report(thing, "helps", "unknown-queue", what, nearest(name, hall.queues), about=name)
        elif queue.restricted:
            what = f"queue {name} is restricted: only its own windows serve it, window {window.id} may not help"
            draft.report(thing, "helps", "helps-restricted", what, f"take {name} out", about=name)
        elif name in window.queues:
            what = f"window {window.id} helps {name}, which is its own"
            draft.report(thing, "helps", "helps-own", what, f"take {name} out", about=name)


def _check_policy(draft: Draft, hall: Hall, window: Window) -> None:
    known = draft.known.policies if draft.known else ()
    if draft.known and window.policy and window.policy not in known:
        what = f"there is no routing policy {window.policy!r}"
        draft.report((hall.id, "windows", window.id), "policy", "unknown-policy", what, nearest(window.policy, known))


def _check_queues(draft: Draft, hall: Hall) -> None:
    served = {queue for window in hall.windows.values() for queue in window.queues}
    for queue in hall.queues.values():
        if queue.id not in served and (queue.units or _no_units(draft, hall, queue.id)):
            what = f"nobody serves queue {queue.id} of hall {hall.id}"
            mend = f"give a window all its units ({', '.join(queue.units)}), or take the queue out"
            draft.report((hall.id, "queues", queue.id), "", "queue-unserved", what, mend)
    if not hall.queues:
        what = f"hall {hall.id} has no queue"
        draft.report((hall.id,), "queues", "empty-hall", what, f"add [halls.{hall.id}.queues.large]")


def _no_units(draft: Draft, hall: Hall, queue: str) -> bool:
    return draft.reading.source.get((*draft.origins[hall.id, "queues", queue], "units")) == []


def _check_unused_units(draft: Draft) -> None:
    used = {unit for hall in draft.plan.halls.values() for unit in hall.units}
    for thing in draft.origins:
        if thing[0] == "units" and thing[1] not in used:
            what = f"no hall has a queue for unit {thing[1]}"
            draft.report(thing, "", "unit-unused", what, "take it out, or give it a queue", "warning")
