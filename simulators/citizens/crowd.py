"""The crowd: citizens arrive at so many a minute of hall time, by chance, from one seed, and each makes one touch.

They stand in line before a machine. A touch is asked again with the same id while the machine says it is pending, as
its page does; who cannot reach the machine goes home and is counted.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import aiohttp

from simulators.box import Refused
from simulators.citizens.choosing import Choice, Hall, choose
from simulators.clock import Clock

PER_MINUTE_MAX = 600  # ten a second: sixty times a county hall's peak
LINE_MAX = 64  # citizens standing before the machines; who finds more goes away
TRY_S = 3.0  # real: one request; the page waits as long
TRIES = 4
AGAIN_S = 0.5  # real: between two of them
BUSY = "busy"  # a machine's word for: somebody else's touch is under way


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
        self._standing = 0
        self._machines: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

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
        if self._standing >= LINE_MAX:
            self.counts.turned_away += 1
            return
        self._standing += 1
        touch = uuid.UUID(int=self._dice.getrandbits(128), version=4)
        inside.create_task(self._touch(browser, choose(self._halls, self._dice), str(touch)))

    async def _touch(self, browser: aiohttp.ClientSession, wish: Choice, touch: str) -> None:
        outcome = ""
        async with self._machines[wish.kiosk]:
            for tried in range(TRIES):
                outcome = await self._ask(browser, wish, touch, again=tried > 0)
                if outcome:
                    break
                await asyncio.sleep(AGAIN_S)
        self._standing -= 1
        name = outcome or "no_answer"
        setattr(self.counts, name, getattr(self.counts, name) + 1)

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
        if answer.get("ok"):
            return "tickets"
        refusal = answer.get("refusal")
        return "" if isinstance(refusal, dict) and refusal.get("why") == BUSY else "refused"
