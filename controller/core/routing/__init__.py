"""Who is called next. One file per policy in this folder; the plan names it, nothing else lists it.

A policy is a module with `permits(state, window, now)`: which other queues the window may help at this moment, best
first, each with the rule that lets it. The order at every window is the same and stands here: directed to it; past
the "finally by" bound among the queues it may serve now; own queues; help. Why a ticket was chosen is stored with the
call.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from controller.core.routing import order
from controller.core.state import HallState, WindowState
from hall.events import CallReason
from hall.faults import OurFault
from hall.names import Instant, QueueId, Rule, TicketNumber


class Policy(Protocol):
    """What a policy file offers."""

    def permits(self, state: HallState, window: WindowState, now: Instant) -> tuple[tuple[QueueId, Rule], ...]:
        """Queues this window may help right now, best first, each with the rule that lets it."""


class Choice(NamedTuple):
    number: TicketNumber
    why: CallReason


@lru_cache(maxsize=64)
def policy(name: str) -> Policy:
    """The policy file of that name."""
    try:
        return cast(Policy, import_module(f"{__name__}.{name}"))
    except ModuleNotFoundError as fault:
        raise OurFault(f"no routing policy {name!r} in controller/core/routing") from fault


def choose(state: HallState, window: WindowState, now: Instant) -> Choice | None:
    """Whom this window calls next, or None when nobody it may serve waits."""
    directed = order.directed(state, window, now)
    if directed is not None:
        return Choice(*directed)
    helps = policy(window.plan.policy).permits(state, window, now)
    own = tuple((queue, Rule.OWN) for queue in window.own)
    chosen = (
        order.past_bound(state, (*own, *helps), now)
        or order.own_before_help(state, window, helps, now)
        or order.best(state, own, now)
        or order.best(state, helps, now)
    )
    return Choice(*chosen) if chosen else None
