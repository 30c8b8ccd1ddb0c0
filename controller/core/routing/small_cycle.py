"""小循环, 主业+副业: a window serves its own queues first and helps only as its plan allows.

Favours the citizens of the window's own units. Others it may help (`helps`, never a restricted queue): when its own
queues are empty (idle, the default, and always true for the other two); when their wait passed `help_bound_s`
(bound); or after every `help_every` own calls (ratio). Who might starve: people of a helped queue whose own windows
are all closed, while this window's own queue never empties under "idle"; their "finally by" bound does not reach
over the help rule, so the console's wait alarm is their safety.
"""

from __future__ import annotations

from controller.core.lanes import helping
from controller.core.routing.order import Offer
from controller.core.state import HallState, WindowState
from hall.names import Instant, Rule


def permits(state: HallState, window: WindowState, now: Instant) -> tuple[Offer, ...]:
    """Which queues this window may help now."""
    free = helping(state, window)
    if not any(state.queues[q].ages for q in window.own):
        return tuple((q, Rule.HELP) for q in free)
    if window.plan.help_when == "bound":
        return tuple((q, Rule.HELP_BOUND) for q in free if waited_s(state, q, now) >= window.plan.help_bound_s)
    if window.plan.help_when == "ratio" and window.own_calls >= window.plan.help_every:
        return tuple((q, Rule.HELP_RATIO) for q in free)
    return ()


def waited_s(state: HallState, queue_id: str, now: Instant) -> int:
    """How long the oldest of a queue has waited."""
    ages = state.queues[queue_id].ages
    return max(0, now - state.tickets[ages[0][1]].issued_at) // 1000 if ages else 0
