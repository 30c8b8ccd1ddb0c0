"""python -m storm: seeds until the time is over, or one seed again with its trace."""

from __future__ import annotations

import argparse
import gc
import sys
import time

from storm.day import Day
from storm.telling import Tally, failure
from storm.world import Broken

COLLECTED_EACH = 20  # seeds
JUDGED_EACH = 6  # seeds: the judge takes as long as the storm itself


def main() -> int:
    parser = argparse.ArgumentParser("storm", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None, help="this one, with a trace when it breaks")
    parser.add_argument("--first", type=int, default=0, help="the first seed of many")
    parser.add_argument("--judged", action="store_true", help="every journal is judged, and one line says what broke")
    parser.add_argument("--trace", action="store_true", help="print all of the trace of --seed")
    asked = parser.parse_args()
    if asked.seed is not None:
        return again(asked.seed, asked.trace)
    return many(asked.seconds, asked.first, asked.judged)


def many(seconds: float, first: int, judged: bool) -> int:
    """As many seeds as fit; the first that breaks is lived again, with a trace."""
    clock = time.process_time if judged else time.monotonic  # hunters share a machine: a core's seconds count
    tally, seed, began = Tally(), first, clock()
    gc.disable()  # a day's garbage is let go when a few days are over
    gc.freeze()
    while clock() - began < seconds:
        day = Day(seed)
        try:
            tally.add(day, day.live(judged=judged or seed % JUDGED_EACH == 0))
        except Broken as broken:
            if judged:
                print(f"{broken.invariant} {broken.text} (seed {seed})")
                return 1
            return again(seed, False)
        seed += 1
        day.over()
        if seed % COLLECTED_EACH == 0:
            gc.collect()
    print(tally.report())
    return 0


def again(seed: int, all_of_it: bool) -> int:
    day = Day(seed, tracing=True)
    try:
        done = day.live(judged=True)
    except Broken as broken:
        print(failure(seed, day, broken, all_of_it))
        return 1
    if all_of_it:
        print("\n".join(day.world.trace or ()))
    print(f"seed {seed}: {done.days} days, {done.tickets} tickets, {done.judged} facts judged, nothing broken")
    return 0


sys.exit(main())
