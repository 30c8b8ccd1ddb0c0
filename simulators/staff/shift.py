"""A shift: every desk calls when its keypad says that people wait, starts, serves as long as dice say, and finishes.

The citizen walks up, and after the matter perhaps touches the evaluator. `pace` makes all of it that many times faster
than real staff, so that a hall lives under one's eyes. Dice are each desk's own, from one seed.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from simulators.box import Refused
from simulators.clock import Clock
from simulators.device import Device
from simulators.staff.desk import Desk, Reading

PACE_MAX = 60.0
PACE = 10.0  # a matter of eight minutes takes fifty seconds
WALK_S = (5, 25)  # of a called citizen, hall time
BREATH_S = (3, 12)  # between two citizens
NAP_S = (10, 40)  # after a refusal, before trying again
SPREAD = 0.6  # sigma of the lognormal service time
ANSWER_S = 3.0  # real: a keypad shows what became of a press within this
RATES = 0.6  # share of citizens who touch the evaluator
FACES = (80, 12, 5, 3)  # weights of its four keys, the happiest first
TURN_S = (2, 8)  # until they touch it


@dataclass(slots=True)
class Counts:
    called: int = 0
    refused: int = 0
    finished: int = 0
    rated: int = 0


class Shift:
    """All desks; `run` until cancelled. Off until `work`."""

    def __init__(self, desks: Sequence[Desk], clock: Clock, dice_for: Callable[[str], random.Random]) -> None:
        self.counts = Counts()
        self.on, self.pace = False, PACE
        self._clock, self._dice_for = clock, dice_for
        self._news = {desk.window: asyncio.Event() for desk in desks}
        self._desks = list(desks)
        self._read: dict[str, Reading] = {}
        for bus in {desk.bus.device.id: desk.bus for desk in desks}.values():
            bus.device.watchers.append(self._told)

    def work(self, on: bool, pace: float) -> None:
        """Switch the staff on or off; Refused for a pace outside 1..PACE_MAX."""
        if not 1 <= pace <= PACE_MAX:
            raise Refused(f"pace is 1 to {PACE_MAX:g}, not {pace}")
        self.on, self.pace = on, pace
        for news in self._news.values():
            news.set()

    def look(self) -> dict[str, bool | int | float]:
        return {"on": self.on, "pace": self.pace, "desks": len(self._desks), **asdict(self.counts)}

    async def run(self) -> None:
        """The shift, until this is cancelled."""
        async with asyncio.TaskGroup() as windows:
            for desk in self._desks:
                windows.create_task(self._serve(desk, self._dice_for(desk.window)))

    def _told(self, bus: Device) -> None:
        for desk in self._desks:
            if desk.bus.device is bus and desk.read() != self._read.get(desk.window):
                self._read[desk.window] = desk.read()
                self._news[desk.window].set()

    async def _serve(self, desk: Desk, dice: random.Random) -> None:
        while True:
            await self._until(desk, lambda: self.on and bool(desk.read().waiting or desk.read().number))
            if desk.read().number or await self._call(desk):
                await self._matter(desk, dice)
                await self._nap(dice, BREATH_S)
            else:
                await self._nap(dice, NAP_S)

    async def _call(self, desk: Desk) -> bool:
        """Whether a number came up."""
        before = desk.read()
        if not desk.press("CallNext"):
            return False
        await self._until(desk, lambda: desk.read().number != "" or desk.read().beeps > before.beeps, ANSWER_S)
        if not desk.read().number:
            self.counts.refused += 1
            return False
        self.counts.called += 1
        return True

    async def _matter(self, desk: Desk, dice: random.Random) -> None:
        await self._nap(dice, WALK_S)
        desk.press("StartService")
        usual = math.log(desk.service_s) - SPREAD**2 / 2  # so that the mean is the plan's
        await self._sleep(dice.lognormvariate(usual, SPREAD))
        pressed = desk.press("Finish") or desk.press("FinishService")
        if pressed and await self._until(desk, lambda: desk.read().number == "", ANSWER_S):
            self.counts.finished += 1
        if dice.random() < RATES and await self._until(desk, lambda: desk.read().inviting, ANSWER_S):
            await self._nap(dice, TURN_S)
            desk.rate(dice.choices(range(4), FACES)[0])
            self.counts.rated += 1

    async def _until(self, desk: Desk, seen: Callable[[], bool], within_s: float | None = None) -> bool:
        """Until it is seen on the keypad, or not within so many real seconds."""
        news = self._news[desk.window]
        try:
            async with asyncio.timeout(within_s):
                while not seen():
                    news.clear()
                    await news.wait()
        except TimeoutError:
            return False
        return True

    async def _nap(self, dice: random.Random, span_s: tuple[int, int]) -> None:
        await self._sleep(dice.uniform(*span_s))

    async def _sleep(self, hall_s: float) -> None:
        await asyncio.sleep(hall_s / self.pace / self._clock.rate)
