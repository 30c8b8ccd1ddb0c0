"""A hall that gives numbers on a disk that fails: python -m power.giving FOLDER COUNT; says each number it has told.

Lines on stdout: "told A0001", then "stopped <the fault in words>" with exit code 3, or "done". A process of its own,
because the faults (a full file system, a library that makes calls fail) hit whole processes.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from keeping import a_kept_hall

from hall.faults import HallFault

STOPPED = 3


async def give(var: Path, count: int) -> None:
    async with a_kept_hall(var) as hall:
        for number in (*hall.state.tickets,):
            print("has", number, flush=True)
        for _ in range(count):
            print("told", await hall.issue(), flush=True)


def main() -> int:
    try:
        asyncio.run(give(Path(sys.argv[1]), int(sys.argv[2])))
    except (HallFault, OSError) as fault:
        print("stopped", type(fault).__name__, fault, flush=True)
        return STOPPED
    print("done", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
