"""The crowd: citizens arrive at so many a minute of hall time, by chance, from one seed, and each makes one touch.

A touch is asked again with the same id while the machine says it is pending, as its page does; a machine that cannot be
reached costs the citizen the way home and is counted.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import aiohttp

from simulators.box import Refused
from simulators.citizens.choosing import Choice, Hall, choose
from simulators.clock import Clock

PER_MINUTE_MAX = 600  # ten a second: sixty times a county hall's peak
AT_ONCE_MAX = 64  # citizens touching at the same moment; more find no free machine and go
TRY_S = 3.0  # real: one request; the page waits as long
TRIES = 4
AGAIN_S = 0.5  # real: between two of them


@dataclass(slots=True)
class Counts:
    """What became of the touches so far."""

    came: int = 0
    tickets: int = 0
    refused: int = 0
    no_answer: int = 0
    turned_away: int = 0


class Crowd:
    """Arrivals and touches; `run` until cancelled."""

    def __init__(self, halls: Sequence[Hall], clock: Clock, dice: random.Random) -> None:
        self.counts = Counts()
        self._halls, self._clock, self._dice = list(halls), clock, dice
        self._per_minute = 0.0
        self._turned = asyncio.Event()  # the rate was changed
        self._touching = 0

    @property
    def per_minute(self) -> float:
        return self._per_minute

    def come(self, per_minute: float) -> None:
        """So many a minute from now on; Refused outside 0..PER_MINUTE_MAX."""
        if not 0 <= per_minute <= PER_MINUTE_MAX:
            raise Refused(f"per_minute is 0 to {PER_MINUTE_MAX}, not {per_minute}")
        self._per_minute = per_minute if self._halls else 0.0
        self._turned.set()

    def look(self) -> dict[str, int | float]:
        return {"per_minute": self._per_minute, **asdict(self.counts)}

    async def run(self) -> None:
        """Citizens come until this is cancelled."""
        patience = aiohttp.ClientTimeout(total=TRY_S)
        async with aiohttp.ClientSession(timeout=patience) as browser, asyncio.TaskGroup() as inside:
            while True:
                if await self._gap():
                    self._enter(browser, inside)

    async def _gap(self) -> bool:
        """Wait for the next citizen; False when the rate changed meanwhile."""
        self._turned.clear()
        gap_s = self._dice.expovariate(self._per_minute / 60) / self._clock.rate if self._per_minute else None
        try:
            async with asyncio.timeout(gap_s):
                await self._turned.wait()
        except TimeoutError:
            return True
        return False

    def _enter(self, browser: aiohttp.ClientSession, inside: asyncio.TaskGroup) -> None:
        self.counts.came += 1
        if self._touching >= AT_ONCE_MAX:
            self.counts.turned_away += 1
            return
        self._touching += 1
        touch = uuid.UUID(int=self._dice.getrandbits(128), version=4)
        inside.create_task(self._touch(browser, choose(self._halls, self._dice), str(touch)))

    async def _touch(self, browser: aiohttp.ClientSession, wish: Choice, touch: str) -> None:
        try:
            for tried in range(TRIES):
                outcome = await self._ask(browser, wish, touch, again=tried > 0)
                if outcome:
                    setattr(self.counts, outcome, getattr(self.counts, outcome) + 1)
                    return
                await asyncio.sleep(AGAIN_S)
            self.counts.no_answer += 1
        finally:
            self._touching -= 1

    async def _ask(self, browser: aiohttp.ClientSession, wish: Choice, touch: str, *, again: bool) -> str:
        """One request: the count its outcome belongs to, "" for none yet."""
        asked = {"touch": touch, "entry": wish.entry, "lang": wish.lang, "again": again}
        try:
            async with browser.post(f"{wish.url}/touch", json=asked) as response:
                answer = await response.json() if response.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return ""
        if not isinstance(answer, dict) or answer.get("pending"):
            return ""
        return "tickets" if answer.get("ok") else "refused"
