"""大循环: any window of the cycle takes the oldest of its queues, after ageing and the priority ratio.

Favours whoever has waited longest. Nobody starves: arrival decides, the priority lane has a limit in a row, and past
the bound a ticket goes first. It helps other queues only when its own are empty.
"""

from __future__ import annotations

from controller.core.lanes import helping
from controller.core.routing.order import Offer
from controller.core.state import HallState, WindowState
from hall.names import Instant, Rule


def permits(state: HallState, window: WindowState, now: Instant) -> tuple[Offer, ...]:
    """Help when idle."""
    if any(state.queues[q].ages for q in window.own):
        return ()
    return tuple((q, Rule.HELP) for q in helping(state, window))
