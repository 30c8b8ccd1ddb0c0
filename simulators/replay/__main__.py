"""python -m simulators.replay FILE --plan plan.json --var DIR --clock TEXT: send a recorded day, print how it went.

The rooms and the simulated devices run already (`hall replay` starts them). Exit code 1 when anything was at fault.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import sys
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from simulators.box import CannotStand, Record
from simulators.clock import Clock, clock_from
from simulators.far_side import refuse_live, table, text
from simulators.replay import scene
from simulators.replay.days import into_hours, read_day
from simulators.replay.desks import Desk, Tally
from simulators.replay.far import Far
from simulators.replay.people import Citizen, Crowd
from simulators.replay.staffing import busiest, choices_of, staffed, wishes
from simulators.replay.telling import KEPT, LABELS, show, summary

OPEN_S = 90.0  # real: the hall opens within this of our start, or something is wrong
TIDY_S = 120.0  # real: the last citizens are served within this of the last arrival, beyond their own services
SETTLE_S = 1.0  # real: between the last service and the table, for the last lights to go out


def main() -> int:
    asked = _asked()
    try:
        return asyncio.run(_replay(asked))
    except CannotStand as trouble:
        print(f"replay: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulators.replay", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--var", type=Path, required=True)
    parser.add_argument("--clock", type=clock_from, default="real")
    parser.add_argument("--day", required=True, help="YYYY-MM-DD")
    parser.add_argument("--windows", type=int, default=0)
    parser.add_argument("--stretch", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log-level", default="warning")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args()


async def _replay(asked: argparse.Namespace) -> int:
    plan: Record = json.loads(asked.plan.read_text(encoding="utf-8"))
    refuse_live(plan)
    clock: Clock = asked.clock
    opens_ms, closes_ms = scene.hours(plan, clock)
    dice = random.Random(f"{asked.seed} {asked.day}")  # no touch of one day is that of another
    day = read_day(asked.file, asked.day)
    arrivals = into_hours(day.rows, opens_ms, closes_ms, asked.stretch)
    choices = choices_of(plan)
    wished = wishes(arrivals, choices, dice)
    on_duty = staffed(arrivals, wished, choices, asked.windows)
    crowd = Crowd([Citizen(a, w) for a, w in zip(arrivals, wished, strict=True)], scene.pages(plan), clock, dice)
    console = Console(stderr=asked.json)
    async with aiohttp.ClientSession() as browser:
        bench = table(plan, "bench")
        far = Far(browser, f"http://{text(bench, 'host')}:{bench['port']}")
        tally = Tally()
        watching = asyncio.create_task(far.watch())
        try:
            scene.watch_slips(plan, far, crowd)
            await _wait(far.first, watching)
            await _live(plan, crowd, far, clock, tally, on_duty, browser, console)
        finally:
            watching.cancel()
            await asyncio.wait([watching])
    faults = scene.device_faults(far)
    figures = {
        "day": asked.day,
        **summary(crowd, tally, max(1, clock.now_ms() - opens_ms), clock.rate, faults),
        "load_asked": round(busiest(arrivals, wished) / max(1, len(tally.busy)), 3),
        "left_out": day.left_out,
    }
    figures = {name: figures[name] for name in LABELS if name in figures}
    _keep(asked.var / KEPT, figures)
    print(json.dumps(figures, ensure_ascii=False)) if asked.json else show(console, figures)
    return 1 if figures["faults"] else 0


def _keep(file: Path, figures: dict[str, object]) -> None:
    """A line for each day of one replay, for the table of all of them."""
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(figures, ensure_ascii=False) + "\n")


async def _wait(event: asyncio.Event, watching: asyncio.Task[None]) -> None:
    """Until the event, or until the watch failed."""
    first = asyncio.create_task(event.wait())
    await asyncio.wait([first, watching], return_when=asyncio.FIRST_COMPLETED)
    if watching.done():
        first.cancel()
        watching.result()


async def _live(
    plan: Record,
    crowd: Crowd,
    far: Far,
    clock: Clock,
    tally: Tally,
    on_duty: dict[str, list[str]],
    browser: aiohttp.ClientSession,
    console: Console,
) -> None:
    """The day: windows nobody sits at are left, then citizens come and staff work until everybody has gone."""
    every = scene.desks(plan, far, clock, tally)
    await _until_open(every, clock)
    working = [d for d in every if d.window in on_duty.get(d.hall, ())]
    for desk in every:
        if desk not in working:
            del tally.busy[desk.window]
            await desk.leave()
    over = asyncio.Event()
    async with asyncio.TaskGroup() as day:
        bar = day.create_task(_progress(crowd, console))
        for desk in working:
            day.create_task(desk.work(crowd, over))
        await crowd.come(browser)
        await _all_gone(crowd, clock)
        over.set()
        bar.cancel()
    await asyncio.sleep(SETTLE_S)


async def _until_open(desks: list[Desk], clock: Clock) -> None:
    """Staff sit down by roster at opening: their panels stop saying "closed"."""
    end = asyncio.get_running_loop().time() + OPEN_S
    while not all(desk.open() for desk in desks):
        if asyncio.get_running_loop().time() > end:
            shut = [desk.window for desk in desks if not desk.open()]
            raise CannotStand(f"the hall did not open within {OPEN_S:g} s: {len(shut)} windows are shut, {shut[:5]}")
        await asyncio.sleep(0.1)


async def _all_gone(crowd: Crowd, clock: Clock) -> None:
    """Until every number has an outcome; as long as the services still to come take, and a while."""
    left = [c.arrival.service_s for c in crowd.citizens if c.number and not c.outcome]
    patience_s = TIDY_S + sum(left) / clock.rate
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            while any(c.number and not c.outcome for c in crowd.citizens):
                crowd.gone.clear()
                await crowd.gone.wait()


async def _progress(crowd: Crowd, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("取号 / served", total=len(crowd.citizens), told="")
        while True:
            gone = sum(1 for c in crowd.citizens if c.outcome)
            progress.update(bar, completed=gone, told=f"{crowd.arrived} 到 / {gone} 离 of {len(crowd.citizens)}")
            await asyncio.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
