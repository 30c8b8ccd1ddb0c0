"""Where one ticket stands: how many people are before it, and for how long. O(log n) in the people waiting.

The counting is the slip's own (lanes.ahead_of), for a ticket inside its lane instead of a newcomer behind it. Before
the i-th of the ordinary lane come those before it and the priority tickets whose turn the ratio brings by then; before
one of the priority lane the ordinary ones its ratio lets pass. A later arrival with priority may still come between,
so the number may rise; it is never below nothing.
"""

from __future__ import annotations

from controller.core.estimating import estimate_s, mean_service_s
from controller.core.state import HallState, Ticket
from hall.names import ORDINARY, Stage


def people_ahead(state: HallState, ticket: Ticket) -> int:
    """People who will be called before a waiting ticket, as things stand; 0 for one that does not wait for a call."""
    if ticket.stage is not Stage.WAITING or ticket.aside:
        return 0
    if ticket.window:
        return state.windows[ticket.window].directed.bisect_left((ticket.place, ticket.number))
    queue, ratio = state.queues[ticket.queue], state.rules.priority
    at = queue.lanes[ticket.lane].bisect_left((ticket.place, ticket.number))
    if ticket.lane == ORDINARY:
        turns = (at + 1) * ratio.priority // max(1, ratio.ordinary) + 1
        return at + min(len(queue.lanes["priority"]), turns)
    return at + min(len(queue.lanes[ORDINARY]), at * ratio.ordinary // max(1, ratio.priority))


def wait_s(state: HallState, ticket: Ticket) -> int:
    """Seconds until a waiting ticket is called; -1 when nobody serves, or it does not wait for a call."""
    if ticket.stage is not Stage.WAITING or ticket.aside:
        return -1
    ahead = people_ahead(state, ticket)
    if not ticket.window:
        return estimate_s(state, ticket.queue, ahead)
    window = state.windows[ticket.window]
    if not window.serves:
        return -1
    return round((ahead + (0.5 if window.ticket else 0)) * mean_service_s(state.queues[ticket.queue]))
