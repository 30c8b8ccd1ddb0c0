"""How long a newcomer will wait: from the queue's own last services and the windows now open.

estimate = (people ahead + 1/2 when no window is free) x mean service / open windows, in seconds. The mean blends the
plan's prior (worth PRIOR_WEIGHT services) with the last `estimate_window` services of the day. Paused and closed
windows do not count; with none open the estimate is unknown (-1).
"""

from __future__ import annotations

from controller.core.state import HallState, QueueState
from hall.names import QueueId

PRIOR_WEIGHT = 3  # services the plan's prior is worth: it fades after a quarter of an hour at one window


def mean_service_s(queue: QueueState) -> float:
    """Blended mean service time of a queue."""
    count = len(queue.services)
    return (queue.plan.service_prior_s * PRIOR_WEIGHT + queue.services_sum) / (PRIOR_WEIGHT + count)


def estimate_s(state: HallState, queue_id: QueueId, ahead: int) -> int:
    """Seconds until somebody with `ahead` people before them is called; -1 when nobody serves."""
    queue = state.queues[queue_id]
    windows = [state.windows[w] for w in sorted(queue.serving_windows)]  # a sum of floats needs an order
    if not windows:
        return -1
    share = sum(1 / busy_queues(state, w.own, queue_id) for w in windows)
    free = any(not w.ticket for w in windows)
    before = ahead if free else ahead + 0.5
    return round(before * mean_service_s(queue) / share)


def busy_queues(state: HallState, queues: tuple[QueueId, ...], this: QueueId) -> int:
    """Among how many queues with people a window divides itself, `this` one included."""
    return sum(1 for q in queues if q == this or state.queues[q].waiting)
