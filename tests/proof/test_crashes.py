"""kill -9 of the controller, thirty times, under every simulated device and as much load as the hall bears.

CRASHES=50 SEED=7 in the environment: more of them, at other moments.

The other rooms are kept by `hall run`; the controller is started anew here at once, for `hall run` rightly gives up on
a room that dies five times before it is five seconds old (tests/day/test_wounds.py kills that one too, with patience).
People are judged by what they hold: every number a machine showed stands in the journal, once. The journal is judged by
`hall verify` behind each kill, and at the end together with what the devices showed (F1, I1 I4 I7 I8 I24-I27).
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from pathlib import Path

import aiohttp
import psutil
import pytest
from living import ROOT, a_running_hall, ask
from touching import Citizen, panels_are_right, plan_of, records

from audit.verifying.judging import Judged, verify
from hall.events import TicketIssued

KILLS = int(os.environ.get("CRASHES") or 30)
SEED = int(os.environ.get("SEED") or 30)
OTHERS = "broker,simulators,displays,caller,kiosk"
HALLS = ("A", "B")
SITE = "kaiyang"
BUSY = 120  # citizens a minute: twice the rush of the largest hall
PACE = 60  # of the staff, the fastest: a case takes seconds


class Controller:
    """python -m controller, killed and started again."""

    def __init__(self, var: Path) -> None:
        self._var, self.pids = var, list[int]()
        told = {"--plan": var / "plan.json", "--var": var, "--clock": _clock_of(var)}
        self._command = [sys.executable, "-m", "controller", *(str(word) for pair in told.items() for word in pair)]

    def start(self) -> None:
        log = self._var.with_name("controller.log").open("ab")
        with log:
            self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=log, stderr=log)
        self.pids.append(self._process.pid)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def _clock_of(var: Path) -> str:
    """The clock `hall run` gave its rooms."""
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if str(var) in line and "displays" in line:
            return str(line[line.index("--clock") + 1])
    raise AssertionError("no room of this hall runs")


def judged(var: Path, traces: list[Path]) -> list[Judged]:
    return verify([var / "journal" / f"{SITE}-{hall}.db" for hall in HALLS], traces)


def broken(found: list[Judged]) -> list[str]:
    """What does not hold, in words."""
    return [
        f"hall {each.hall}, {name}: {verdict.broken} times, first: {verdict.examples[0]}"
        for each in found
        for name, verdict in each.verdicts.items()
        if verdict.word == "broken"
    ]


@pytest.mark.timeout(240 + 8 * KILLS)
async def test_many_kills_and_nothing_told_is_lost_or_doubled(tmp_path: Path) -> None:
    var, trace, dice = tmp_path / "var", tmp_path / "trace.jsonl", random.Random(SEED)
    async with (
        a_running_hall(var, "--only", OTHERS, "--trace", str(trace)) as bench,
        aiohttp.ClientSession() as browser,
    ):
        plan, controller = plan_of(var), Controller(var)
        controller.start()
        try:
            citizen = Citizen(plan, browser)
            await ask(bench, "/citizens", per_minute=BUSY)
            await ask(bench, "/staff", on=True, pace=PACE)
            for number in range(KILLS):
                await _one_kill(controller, citizen, number, dice)
                assert broken(judged(var, [])) == [], f"behind kill {number + 1}"
            await ask(bench, "/citizens", per_minute=0)
            await ask(bench, "/staff", on=False, pace=1)
            await panels_are_right(bench, plan, var)
        finally:
            controller.kill()
        assert len(set(controller.pids)) == KILLS + 1
    assert len(citizen.numbers) >= 5 * KILLS
    found = judged(var, [trace])
    assert broken(found) == []
    for name in ("I4", "I9", "I19", "I20", "I21"):
        assert {each.verdicts[name].word for each in found} == {"holds"}, name
    for each in found:
        issued = [r.event.number for r in records(var, each.hall) if isinstance(r.event, TicketIssued)]
        shown = [number for hall, number in citizen.numbers if hall == each.hall]
        assert len(issued) == len(set(issued))
        assert len(shown) == len(set(shown)), "a number was shown twice"
        assert set(shown) <= set(issued), "a machine showed a number the journal does not have"


async def _one_kill(controller: Controller, citizen: Citizen, number: int, dice: random.Random) -> None:
    """Somewhere in the middle of a touch; behind it every machine gives numbers again."""
    touching = asyncio.create_task(citizen.touch(number))
    await asyncio.sleep(dice.uniform(0, 0.06))
    controller.kill()
    controller.start()
    await touching
    for page in range(5):
        assert await citizen.touch(page), f"no number at machine {page} behind kill {number + 1}"
