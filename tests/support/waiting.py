"""Waiting for a condition with a bound, instead of sleeping and hoping."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

STEP_S = 0.005


async def until(condition: Callable[[], object], most_s: float = 10.0, what: str = "") -> None:
    """Return once the condition holds; AssertionError after `most_s`."""
    end = time.monotonic() + most_s
    while not condition():
        assert time.monotonic() < end, f"{what or condition} did not come true within {most_s} s"
        await asyncio.sleep(STEP_S)
