"""python -m simulators.replay.look FILE: which days are in it, as JSON, before a hall is started for one.

{"days": {"1999-02-01": arrivals, ...}, "left_out": how many rows make no sense}; the first of them go to stderr.
Exit code 1 and one line when the file is none.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from simulators.box import CannotStand
from simulators.replay.days import dates

NAMED = 3  # rows that make no sense; the table of a day counts them all


def main() -> int:
    try:
        days, left_out = dates(Path(sys.argv[1]))
    except CannotStand as trouble:
        print(trouble, file=sys.stderr)
        return 1
    for row in left_out[:NAMED]:
        print(f"left out: {row}", file=sys.stderr)
    if len(left_out) > NAMED:
        print(f"left out: {len(left_out) - NAMED} more rows", file=sys.stderr)
    print(json.dumps({"days": days, "left_out": len(left_out)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
