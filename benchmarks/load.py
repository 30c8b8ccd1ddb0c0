"""python -m benchmarks.load FOLDER CLOCK WHO PER_S: tickets at their own pace until SIGTERM, then how many a second.

A process of its own, so that what gives them is not in the way of what is measured.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from benchmarks.bus import ask
from benchmarks.halls import KIOSK
from benchmarks.site import Site, asking
from hall import commands as c
from hall.events import TicketIssued
from transport import logs
from transport.clock import Clock
from transport.plans import load_plan

OPEN_MAX = 200  # questions at once: a machine that cannot keep up is not buried


async def main(folder: Path, clock: Clock, who: str, per_s: float) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    given, under_way, by = 0, 0, c.Principal(who, role=KIOSK.role)

    async with asking(Site(load_plan(folder / "plan.json"), folder, clock), who) as one, asyncio.TaskGroup() as tasks:

        async def ticket() -> None:
            nonlocal given, under_way
            under_way += 1
            await ask(one, c.IssueTicket("now"), by, TicketIssued)
            given, under_way = given + 1, under_way - 1

        began, turn = loop.time(), 0
        while not stop.is_set():
            if under_way < OPEN_MAX:
                tasks.create_task(ticket())
            turn += 1
            if turn == per_s:
                print("ready", flush=True)  # a second of it: people wait
            await asyncio.sleep(began + turn / per_s - loop.time())
    print(f"{given / (loop.time() - began):.1f}", flush=True)


if __name__ == "__main__":
    logs.set_up("error", Clock())
    place, time, name, rate = sys.argv[1:]
    asyncio.run(main(Path(place), Clock.from_text(time), name, float(rate)))
