"""python -m benchmarks [CASE ...] [--rounds N] [--json FILE]: run the cases, print a table, keep the figures as JSON.

Every case is run N times; the table shows the median, the smallest and the largest of the runs, the ratio to the bare
thing (an append with fsync, a publish) measured in the same run, and our aim with whether the median meets it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks import bus, days, in_process, rooms, whole
from benchmarks.measuring import Figures, Rounds
from transport import logs
from transport.clock import Clock

Case = Callable[[Path], list[Figures]]
CASES: dict[str, Case] = {
    "disk": in_process.disk,
    "waiting": in_process.waiting,
    "burst": in_process.burst,
    "history": days.history,
    "restart": days.restart,
    "memory": days.memory,
    "bus": bus.bus,
    "rooms": rooms.mosquitto,
    "embedded": rooms.embedded,
    "idle": whole.idle,
}
ONCE = {"memory"}  # takes a minute, and is the same each time


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; all when none is named")
    parser.add_argument("--rounds", type=int, default=3, help="how often each case is run (3)")
    parser.add_argument("--json", type=Path, help="keep the figures here")
    asked = parser.parse_args()
    if unknown := set(asked.cases) - set(CASES):
        parser.error(f"no case {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    logs.set_up("error", Clock())
    found: list[Rounds] = []
    for name in asked.cases or CASES:
        several = run(CASES[name], 1 if name in ONCE else max(1, asked.rounds))
        for rounds in several:
            show(rounds)
        found += several
    if asked.json:
        asked.json.write_text(json.dumps(told(found), indent=1) + "\n", encoding="utf-8")
    return 0


def run(case: Case, rounds: int) -> list[Rounds]:
    """The case in a new folder each time."""
    runs: list[list[Figures]] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="hall-bench-") as folder:
            runs.append(case(Path(folder)))
    return [Rounds(several[0].case, list(several)) for several in zip(*runs, strict=True)]


def show(rounds: Rounds) -> None:
    """One case as a table."""
    table = Table(title=rounds.case, title_justify="left", title_style="bold")
    for heading in ("", "median", "least", "most", "to bare", "aim"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name in rounds.runs[0].values:
        ratio, (least, most) = rounds.ratio(name), rounds.span(name)
        table.add_row(
            name, _short(rounds.median(name)), _short(least), _short(most),
            f"{ratio:.2f}x" if ratio is not None else "", _aim(rounds, name),
        )  # fmt: skip
    Console(width=100).print(table)


def _short(value: float) -> str:
    return f"{value:,.3f}" if abs(value) < 100 else f"{value:,.0f}"


def _aim(rounds: Rounds, name: str) -> Text:
    aim, met = rounds.runs[0].aims.get(name), rounds.met(name)
    if aim is None:
        return Text("")
    words = f"{'<=' if aim > 0 else '>='} {abs(aim):g} {'met' if met else 'MISSED'}"
    return Text(words, style="green" if met else "red")


def told(found: list[Rounds]) -> dict[str, object]:
    """All figures, and what they were measured on."""
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "cpus": len(os.sched_getaffinity(0)),
        "figures": {
            rounds.case: {
                name: {
                    "median": round(rounds.median(name), 4),
                    "runs": [round(run.values[name], 4) for run in rounds.runs],
                    "to_bare": rounds.ratio(name),
                    "aim": rounds.runs[0].aims.get(name),
                    "met": rounds.met(name),
                }
                for name in rounds.runs[0].values
            }
            for rounds in found
        },
    }


if __name__ == "__main__":
    sys.exit(main())
