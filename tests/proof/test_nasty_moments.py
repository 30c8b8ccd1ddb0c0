"""kill -9 where it hurts: between commit and anchor, in the midst of a start, at the turn of the day, twice at once.

The controller kills itself (power/dying.py), a real broker and a citizen who asks on and on beside it. Whatever she was
told stands in the journal, once, and `hall verify` finds it whole (F1, F2, I1 I4 I7 I8 I13 I24-I27).
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from brokers import Mosquitto
from controllers import FAST, ROOT, Asker, Controller, an_asker, two_halls
from playing import MORNING
from waiting import until

from audit.verifying.judging import verify
from transport.clock import Clock

SEED = int(os.environ.get("SEED") or 30)
DIES_MAX_S = WAITS_MAX_S = 60.0
HALF_AN_HOUR = 1_800_000  # from the plays' morning to ten o'clock, where this business day begins
PATHS = os.pathsep.join(str(ROOT / path) for path in ("", "tests/support", "tests/proof"))


class Mortal(Controller):
    """A controller that can be started so that it dies at a moment."""

    async def start_dying(self, moment: str, nth: int = 1) -> None:
        command = ["-m", "power.dying", moment, nth, "--plan", self.var / "plan.json", "--var", self.var]
        with (self.var / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *map(str, command), "--clock", self.clock.text(), cwd=ROOT, stderr=log,
                stdout=asyncio.subprocess.DEVNULL, env={**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": PATHS},
            )  # fmt: skip

    async def dies(self) -> None:
        assert await self.ended(DIES_MAX_S) == -signal.SIGKILL, self.log()[-2000:]


class Citizen:
    """Asks on and on; `told` is what she was told."""

    def __init__(self, asker: Asker) -> None:
        self._asker, self.told = asker, list[str]()

    async def run(self) -> None:
        while True:
            self.told.append(await self._asker.issue(within_s=90))


@asynccontextmanager
async def a_mortal(broker: Mosquitto, var: Path) -> AsyncIterator[tuple[Mortal, Citizen]]:
    """A hall that gave a few numbers and was killed; the citizen asks on. At the end it starts again, and is judged."""
    mortal = Mortal(two_halls(broker, **FAST), var, MORNING)
    try:
        await mortal.start()
        async with an_asker(broker, mortal, "kiosk-A-K1") as asker:
            citizen = Citizen(asker)
            citizen.told += [await asker.issue() for _ in range(5)]
            await mortal.kill()
            asking = asyncio.create_task(citizen.run())
            yield mortal, citizen
            if mortal.process.returncode is None:
                await mortal.kill()
            await mortal.start()
            told = len(citizen.told)
            await until(lambda: len(citizen.told) >= told + 3 or asking.done(), WAITS_MAX_S, "numbers again")
            asking.cancel()
            await mortal.stop()
        judged(mortal, citizen.told)
    finally:
        if mortal.process.returncode is None:
            await mortal.kill()


def judged(mortal: Mortal, told: list[str]) -> None:
    given = Counter(mortal.rows("SELECT day, ticket FROM events WHERE what = 'TicketIssued'"))
    assert set(given.values()) == {1}
    numbers = Counter(number for _, number in given)
    assert not Counter(told) - numbers, "a number that was told is not in the journal as often"
    site = mortal.plan.site.id
    for found in verify([mortal.var / "journal" / f"{site}-{hall}.db" for hall in "AB"], []):
        wrong = {name: verdict.examples for name, verdict in found.verdicts.items() if verdict.word == "broken"}
        assert not wrong
        assert found.verdicts["I26"].word == "holds", found.verdicts["I26"]


@pytest.mark.parametrize("moment", ["decided", "committed", "anchored"])
async def test_killed_around_a_commit(moment: str, a_broker: Mosquitto, tmp_path: Path) -> None:
    """At the first write of a start, then among the numbers it gives."""
    async with a_mortal(a_broker, tmp_path / "var") as (mortal, citizen):
        for nth in (1, 3, 8):  # 1 and 2 are the starts of the two halls
            await mortal.start_dying(moment, nth)
            await mortal.dies()
        assert len(citizen.told) > 5


async def test_killed_in_the_midst_of_folding(a_broker: Mosquitto, tmp_path: Path) -> None:
    """Again and again: a start that was cut short leaves no trace."""
    async with a_mortal(a_broker, tmp_path / "var") as (mortal, _):
        before = mortal.rows("SELECT count(*) FROM events")
        for nth in (1, 4):
            await mortal.start_dying("folding", nth)
            await mortal.dies()
        assert mortal.rows("SELECT count(*) FROM events") == before


async def test_killed_twice_in_quick_succession(a_broker: Mosquitto, tmp_path: Path) -> None:
    """The second time wherever its start has come to by then; on a slow disk that is often within a write."""
    dice = random.Random(SEED)
    async with a_mortal(a_broker, tmp_path / "var") as (mortal, _):
        for _ in range(5):
            await mortal.start_dying("slow")
            await asyncio.sleep(dice.uniform(0.3, 1.5))
            await mortal.kill()
    assert "Traceback" not in mortal.log()


async def test_killed_on_a_slow_disk(a_broker: Mosquitto, tmp_path: Path) -> None:
    """Most of its time is spent within a write: that is where it is hit."""
    dice = random.Random(SEED)
    async with a_mortal(a_broker, tmp_path / "var") as (mortal, citizen):
        for _ in range(3):
            told = len(citizen.told)
            await mortal.start_dying("slow")
            await until(lambda told=told: len(citizen.told) > told, WAITS_MAX_S, "a number")  # type: ignore[misc]
            await asyncio.sleep(dice.uniform(0, 0.1))
            await mortal.kill()


@pytest.mark.parametrize("moment", ["day", "day_written"])
async def test_killed_at_the_turn_of_the_day(moment: str, a_broker: Mosquitto, tmp_path: Path) -> None:
    """Before and behind the one transaction that opens it: the day opens once, and nobody is lost over it."""
    plan = two_halls(a_broker, **FAST)
    plan = msgspec.structs.replace(plan, site=msgspec.structs.replace(plan.site, day_starts=10 * 60))
    mortal = Mortal(plan, tmp_path / "var", MORNING)
    try:
        await mortal.start()
        async with an_asker(a_broker, mortal, "kiosk-A-K1") as asker:
            told = [await asker.issue() for _ in range(3)]
        await mortal.kill()
        mortal.clock = Clock.starting_at(MORNING + HALF_AN_HOUR, 1.0)
        await mortal.start_dying(moment)
        await mortal.dies()
        await mortal.start()
        async with an_asker(a_broker, mortal, "kiosk-A-K1") as asker:
            told.append(await asker.issue())
        await mortal.stop()
    finally:
        if mortal.process.returncode is None:
            await mortal.kill()
    days = mortal.rows("SELECT day FROM events WHERE what = 'DayOpened' ORDER BY seq")
    assert days == [("2026-11-22",), ("2026-11-23",)]
    assert told == ["A0001", "A0002", "A0003", "A0004"], "who waits keeps the number; it is not given again"
    judged(mortal, told)
