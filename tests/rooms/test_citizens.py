"""Simulated citizens at real machines: each touch ends in a ticket and a slip, or is counted for what became of it."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from brokers import Mosquitto
from kiosks import KioskHall, a_kiosk_hall
from waiting import until

from hall import plan as plans
from simulators.citizens.choosing import halls_of
from simulators.citizens.crowd import Crowd
from simulators.clock import Clock


@asynccontextmanager
async def a_crowd(hall: KioskHall, seed: int = 1) -> AsyncIterator[Crowd]:
    """Citizens of hall A who know its first machine only."""
    halls = [one for one in halls_of(json.loads(plans.to_json(hall.plan))) if one.id == "A"]
    crowd = Crowd([replace(one, kiosks=one.kiosks[:1]) for one in halls], Clock(), random.Random(seed))
    life = asyncio.get_running_loop().create_task(crowd.run())
    try:
        yield crowd
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


async def test_citizens_take_tickets_and_each_has_a_slip(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        await hall.open_for_touch("A-K1")
        async with a_crowd(hall) as crowd:
            crowd.come(240)
            await until(lambda: crowd.counts.tickets >= 8, what="eight tickets")
            crowd.come(0)
            await until(lambda: crowd.counts.tickets == crowd.counts.came, what="an answer for everybody")
        assert (crowd.counts.refused, crowd.counts.no_answer, crowd.counts.turned_away) == (0, 0, 0)
        slips = "printed", crowd.counts.tickets
        await until(lambda: ("printed", hall.printers["A-K1"].box.look()["printed"]) == slips, what="a slip for each")


async def test_citizens_before_a_dead_machine_go_home_and_are_counted(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall, a_crowd(hall) as crowd:
        crowd.come(600)
        await until(lambda: crowd.counts.came >= 2, what="two citizens")
        crowd.come(0)
        await until(lambda: crowd.counts.no_answer == crowd.counts.came, 20, "everybody gone home")
        assert crowd.counts.tickets == 0
