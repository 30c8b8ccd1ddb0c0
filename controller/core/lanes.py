"""Who stands where: entering and leaving the waiting lists of a queue or a window, and reading them.

Each operation is O(log n) in the people waiting. Reading: `head`, `ahead_of`, `directed_to`, `behind_nth`.
"""

from __future__ import annotations

from heapq import merge
from itertools import islice

from controller.core.state import LANES, HallState, PlaceKey, QueueState, Ticket, WindowState
from hall.names import ORDINARY, QueueId, SlipStage, TicketNumber

GAP = 1 << 50  # between two places behind the same ticket: fifty returns to one spot find room in it
SPOTS = 64  # places looked at when a spot is full


def enter(state: HallState, ticket: Ticket) -> None:
    """A ticket waits: in its queue, directed to `ticket.window` when that is set, or aside."""
    ticket.aside = stands_aside(state, ticket)
    if ticket.aside:
        state.aside[ticket.number] = None
        return
    if ticket.window:
        state.windows[ticket.window].directed.add((ticket.place, ticket.number))
    else:
        queue = state.queues[ticket.queue]
        queue.ages.add((ticket.place[2], ticket.number))
        queue.lanes[ticket.lane].add((ticket.place, ticket.number))
        queue.due.add((ticket.due_at, ticket.place[2], ticket.number))
    state.waiting += 1


def stands_aside(state: HallState, ticket: Ticket) -> bool:
    """Not to be called: its slip is not certain, and the plan does not call such tickets."""
    return ticket.slip is SlipStage.UNPRINTED and not state.rules.options.call_unprinted


def leave(state: HallState, ticket: Ticket) -> None:
    """A ticket no longer waits."""
    if ticket.aside:
        ticket.aside = False
        del state.aside[ticket.number]
        return
    if ticket.window:
        state.windows[ticket.window].directed.remove((ticket.place, ticket.number))
    else:
        queue = state.queues[ticket.queue]
        queue.ages.remove((ticket.place[2], ticket.number))
        queue.lanes[ticket.lane].remove((ticket.place, ticket.number))
        queue.due.remove((ticket.due_at, ticket.place[2], ticket.number))
    state.waiting -= 1


def head(queue: QueueState, lane: str) -> TicketNumber | None:
    """Who stands first in a lane."""
    waiting = queue.lanes[lane]
    return waiting[0][1] if waiting else None


def ahead_of(queue: QueueState, lane: str, per_priority: tuple[int, int]) -> int:
    """People a newcomer to `lane` finds before them; (priority, ordinary) is the ratio of the lanes."""
    prio, ordinary = len(queue.lanes["priority"]), len(queue.lanes[ORDINARY])
    if lane == ORDINARY:
        return prio + ordinary
    return prio + min(ordinary, prio * per_priority[1] // max(1, per_priority[0]))


def in_order(queue: QueueState, most: int) -> list[tuple[PlaceKey, TicketNumber]]:
    """The first `most` of a queue, both lanes merged by place."""
    return list(islice(merge(*(queue.lanes[lane] for lane in LANES)), most))


def behind_nth(queue: QueueState, n: int, arrival: int) -> tuple[PlaceKey, int]:
    """The place just behind the n-th of a queue (behind the last when fewer wait), and how many that leaves before.

    Where fifty returns have used up the room behind the n-th, it is the next spot that still has some.
    """
    waiting = in_order(queue, n + SPOTS)
    if not waiting[:n]:
        place = waiting[0][0][0] - 1 if waiting else arrival
        return (place, 0, arrival), 0
    for before in range(min(n, len(waiting)), len(waiting)):
        room = _room(waiting[before - 1][0], waiting[before][0])
        if room > 1:
            break
    else:
        before, room = len(waiting), 2 * GAP
    place, bump, _ = waiting[before - 1][0]
    return (place, bump + room // 2, arrival), before


def _room(this: PlaceKey, behind: PlaceKey) -> int:
    """Between two neighbours, in bumps of the first one's place."""
    return behind[1] - this[1] if behind[0] == this[0] else 2 * GAP


def before_all(waiting: list[tuple[PlaceKey, TicketNumber]], arrival: int) -> PlaceKey:
    """The place before everybody who waits (the first of them is enough)."""
    return (waiting[0][0][0] - 1, 0, arrival) if waiting else (arrival, 0, arrival)


def directed_to(state: HallState, window: WindowState) -> tuple[TicketNumber, ...]:
    """Everybody directed to a window, those set aside for their slip included."""
    aside = (number for number in state.aside if state.tickets[number].window == window.plan.id)
    return (*(number for _, number in window.directed), *aside)


def helping(state: HallState, window: WindowState) -> tuple[QueueId, ...]:
    """The other queues a window may help; a restricted one never."""
    return tuple(q for q in window.helps if q not in window.own and not state.queues[q].plan.restricted)


def may_serve(state: HallState, window: WindowState, queue: QueueId) -> bool:
    """May this window serve that queue, as its own or helping?"""
    return queue in window.own or queue in helping(state, window)
