"""The steps every policy shares: directed, past the bound, the turn of a lane, the oldest queue after ageing.

Ties are broken by arrival (the seq of the issue), never by a clock.
"""

from __future__ import annotations

from controller.core.lanes import head
from controller.core.state import HallState, QueueState, WindowState
from hall.events import CallReason
from hall.names import ORDINARY, Instant, QueueId, Rule, TicketNumber
from hall.plan.model import Priority

Found = tuple[TicketNumber, CallReason]
Offer = tuple[QueueId, Rule]


def directed(state: HallState, window: WindowState, now: Instant) -> Found | None:
    """Whoever was transferred to this very window."""
    if not window.directed:
        return None
    number = window.directed[0][1]
    return number, reason(state, number, Rule.DIRECTED, now)


def past_bound(state: HallState, offers: tuple[Offer, ...], now: Instant) -> Found | None:
    """Among the queues offered, the one who passed the "finally by" bound first."""
    late = [state.queues[q].due[0] for q, _ in offers if state.queues[q].due and state.queues[q].due[0][0] <= now]
    if not late:
        return None
    number = min(late)[2]
    return number, reason(state, number, Rule.FINALLY, now)


def own_before_help(state: HallState, window: WindowState, helps: tuple[Offer, ...], now: Instant) -> Found | None:
    """A help rule that goes before the own queues (bound, ratio) takes its turn here."""
    urgent = tuple(offer for offer in helps if offer[1] in (Rule.HELP_BOUND, Rule.HELP_RATIO))
    return best(state, urgent, now)


def best(state: HallState, offers: tuple[Offer, ...], now: Instant) -> Found | None:
    """The queue whose oldest has waited longest after ageing; inside it, the lane whose turn it is."""
    filled = [(q, rule) for q, rule in offers if state.queues[q].ages]
    if not filled:
        return None
    even = len({state.queues[q].plan.ageing_percent for q, _ in filled}) == 1  # then arrival alone decides
    queue_id, rule = min(filled, key=lambda o: (0 if even else -weighted_wait(state, o[0], now), oldest(state, o[0])))
    queue = state.queues[queue_id]
    lane = lane_in_turn(queue, state.rules.priority)
    number = head(queue, lane)
    assert number is not None
    if rule is Rule.OWN and lane != ORDINARY:
        rule = Rule.PRIORITY
    return number, reason(state, number, rule, now)


def oldest(state: HallState, queue_id: QueueId) -> int:
    """Arrival of the one who has been longest in a queue."""
    return state.queues[queue_id].ages[0][0]


def weighted_wait(state: HallState, queue_id: QueueId, now: Instant) -> int:
    """Waiting time of a queue's oldest times its ageing."""
    queue = state.queues[queue_id]
    first = state.tickets[queue.ages[0][1]]
    return max(0, now - first.issued_at) * queue.plan.ageing_percent


def lane_in_turn(queue: QueueState, priority: Priority) -> str:
    """Priority by ratio with a limit in a row, never strict; a lane alone is always in turn."""
    if not queue.lanes["priority"]:
        return ORDINARY
    if not queue.lanes[ORDINARY]:
        return "priority"
    if queue.run >= priority.in_a_row:
        return ORDINARY
    even = queue.taken_priority * priority.ordinary <= queue.taken_ordinary * priority.priority
    return "priority" if even else ORDINARY


def reason(state: HallState, number: TicketNumber, rule: Rule, now: Instant) -> CallReason:
    """The record of why: how the queue stood at this moment."""
    ticket = state.tickets[number]
    queue = state.queues[ticket.queue]
    return CallReason(
        rule=rule,
        queue=ticket.queue,
        lane=ticket.lane,
        contended=all(queue.lanes.values()),
        waited_s=max(0, now - ticket.issued_at) // 1000,
        waiting=queue.waiting,
    )
