"""A living hall is wounded: controller, broker, kiosk and displays are killed without a word, and it heals by itself.

What is judged is what people hold: every number a machine showed stands in the journal once, no number was called twice
without a return, and in the end every panel shows what the hall says.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import aiohttp
import pytest
from living import a_running_hall, ask
from playing import check_books
from touching import Citizen, folded, kill, panels_are_right, plan_of, records


@pytest.mark.timeout(600)
async def test_the_hall_heals_from_every_wound(tmp_path: Path) -> None:
    var = tmp_path / "var"
    async with a_running_hall(var) as bench, aiohttp.ClientSession() as browser:
        plan = plan_of(var)
        citizen = Citizen(plan, browser)
        await ask(bench, "/citizens", per_minute=90)
        await ask(bench, "/staff", on=True, pace=60)
        wounds = [
            ("controller",),
            ("transport.embedded_broker",),
            ("controller",),
            ("kiosk", "A-K1"),
            ("displays", "A"),
            ("caller", "A"),
            ("controller",),
        ]
        for wound in wounds:
            touching = asyncio.create_task(citizen.touch(0))
            await asyncio.sleep(0.02)  # somewhere in the middle of it
            kill(var, *wound)
            await touching
            for page in range(5):
                assert await citizen.touch(page), f"no number at machine {page} after {wound} was killed"
        await ask(bench, "/citizens", per_minute=0)
        await ask(bench, "/staff", on=False, pace=1)
        await panels_are_right(bench, plan, var)
    for hall in plan["halls"]:
        _judge(var, hall, [number for where, number in citizen.numbers if where == hall])


def _judge(var: Path, hall: str, shown: list[str]) -> None:
    """Nothing acknowledged is lost, nothing is doubled."""
    kept = records(var, hall)
    assert [record.seq for record in kept] == list(range(1, len(kept) + 1))
    issued = Counter(r.event.number for r in kept if type(r.event).__name__ == "TicketIssued")
    assert not [number for number, times in issued.items() if times > 1]
    assert not Counter(shown) - Counter(dict.fromkeys(issued, 1)), "a machine showed a number the journal does not have"
    calls = Counter(r.event.number for r in kept if type(r.event).__name__ == "TicketCalled")
    again = Counter(r.event.number for r in kept if type(r.event).__name__ in ("TicketReturned", "TicketHandedBack"))
    assert not {n: times for n, times in calls.items() if times > 1 + again[n]}, "called twice"
    assert len({r.epoch for r in kept}) == 4, "one epoch per start of the controller"
    check_books(folded(var, hall))
