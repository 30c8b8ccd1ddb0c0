"""Citizens of the recorded day: each touches a page at their time, and waits with the number in the head."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from simulators.clock import Clock
from simulators.replay.days import Arrival
from simulators.replay.staffing import Wish

TRIES = 40  # whose machine is busy or away tries again, for about ten seconds of real time
AGAIN_S = 0.25
NO_MACHINE = ("busy", "no answer", "away")  # no refusal of the hall: the machine did not get to them
TOUCH_S = 4.0  # real: the page gives up a try after this


@dataclass(slots=True)
class Citizen:
    """What became of an arrival. Times are hall time, ms; 0 is "not yet"."""

    arrival: Arrival
    wish: Wish
    number: str = ""
    touched_ms: int = 0
    slip_ms: int = 0
    called_ms: int = 0
    window: str = ""
    started_ms: int = 0
    ended_ms: int = 0
    outcome: str = ""  # served | no_show | refused:<why>


class Crowd:
    """All citizens of the day; `by_number` finds the one a panel calls."""

    def __init__(self, citizens: Sequence[Citizen], kiosks: dict[str, list[str]], clock: Clock, dice: random.Random):
        self.citizens = list(citizens)
        self.by_number: dict[tuple[str, str], Citizen] = {}
        self.doubles: list[str] = []  # one number given to two citizens
        self._kiosks, self._clock, self._dice = kiosks, clock, dice
        self._lines: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._standing: Counter[str] = Counter()  # in the line of each machine
        self.arrived = 0
        self.gone = asyncio.Event()  # set whenever somebody leaves

    async def come(self, browser: aiohttp.ClientSession) -> None:
        """Everybody, each at their time."""
        async with asyncio.TaskGroup() as touching:
            for citizen in self.citizens:
                await asyncio.sleep(self._clock.seconds_until(citizen.arrival.at_ms))
                touching.create_task(self._touch(browser, citizen))

    async def _touch(self, browser: aiohttp.ClientSession, citizen: Citizen) -> None:
        """Stand in the shortest line, then touch: who waits behind others asks the machine nothing."""
        self.arrived += 1
        pages = self._kiosks[citizen.wish.hall]
        self._dice.shuffle(pages)
        page = min(pages, key=lambda one: self._standing[one])
        self._standing[page] += 1
        try:
            async with self._lines[page]:
                await self._at_machine(browser, page, citizen)
        finally:
            self._standing[page] -= 1

    async def _at_machine(self, browser: aiohttp.ClientSession, page: str, citizen: Citizen) -> None:
        asked: dict[str, object] = {"touch": self._new_touch(), "entry": citizen.wish.entry, "lang": "zh"}
        if citizen.arrival.priority:
            asked["priority"] = PRIORITY
        why = "no answer"
        for tried in range(TRIES):
            citizen.touched_ms = self._clock.now_ms()
            answer = await _ask(browser, page, {**asked, "again": tried > 0 and why == "no answer"})
            if answer.get("ok"):
                return self._got(citizen, str(answer["number"]))
            refusal = answer.get("refusal")
            why = str(refusal["why"]) if isinstance(refusal, dict) else "no answer"
            if why not in NO_MACHINE:
                break
            await asyncio.sleep(AGAIN_S)
            if why == "busy":  # the one before is not through: what comes then is another touch
                asked["touch"] = self._new_touch()
        citizen.outcome = f"refused:{why}"
        return None

    def _new_touch(self) -> str:
        return str(uuid.UUID(int=self._dice.getrandbits(128), version=4))

    def _got(self, citizen: Citizen, number: str) -> None:
        citizen.number = number
        key = (citizen.wish.hall, number)
        if key in self.by_number:
            self.doubles.append(f"{citizen.wish.hall} {number}")
        self.by_number[key] = citizen


PRIORITY = "elderly"  # the class priorities 1 and 2 of the file become


async def _ask(browser: aiohttp.ClientSession, page: str, asked: dict[str, object]) -> dict[str, object]:
    """One try of the page; an empty answer when there was none."""
    patience = aiohttp.ClientTimeout(total=TOUCH_S)
    try:
        async with browser.post(f"{page}/touch", json=asked, timeout=patience) as response:
            answer = await response.json() if response.status == 200 else {}
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return {}
    return answer if isinstance(answer, dict) else {}
