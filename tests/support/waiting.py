"""Waiting for a condition with a bound, instead of sleeping and hoping.

A bound is what a machine needs that has nothing else to do; a busy one gets PATIENCE times that before we call it a
failure.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

STEP_S = 0.005
PATIENCE = 4


async def until(condition: Callable[[], object], most_s: float = 10.0, what: str = "") -> None:
    """Return once the condition holds; AssertionError after `most_s` and the patience a busy machine needs."""
    end = time.monotonic() + most_s * PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what or condition} did not come true within {most_s * PATIENCE:.0f} s"
        await asyncio.sleep(STEP_S)
