"""python -m benchmarks [CASE ...] [--json FILE]: run the cases, print a table, keep the figures as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import in_process, over_mqtt, whole
from benchmarks.measuring import Figures

CASES = ("disk", "waiting", "history", "restart", "burst", "mqtt", "keys", "idle")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; all when none is named")
    parser.add_argument("--json", type=Path, help="keep the figures here")
    asked = parser.parse_args()
    wanted = asked.cases or list(CASES)
    found: list[Figures] = []
    with tempfile.TemporaryDirectory(prefix="hall-bench-") as folder:
        for case in wanted:
            for figures in _run(case, Path(folder) / case):
                show(figures)
                found.append(figures)
    if asked.json:
        told = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "cpus": _cpus()}
        told["figures"] = {f.case: {k: round(v, 4) for k, v in f.values.items()} for f in found}
        asked.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0


def _cpus() -> int:
    import os

    return len(os.sched_getaffinity(0))


def _run(case: str, folder: Path) -> Iterator[Figures]:
    folder.mkdir(parents=True)
    if case == "disk":
        bare = in_process.baseline(folder)
        yield bare
        yield in_process.one_by_one(folder / "one", bare.values["per_s"])
    elif case == "waiting":
        yield in_process.with_waiting(folder)
    elif case == "history":
        yield in_process.with_history(folder)
    elif case == "restart":
        yield in_process.restart(folder)
    elif case == "burst":
        yield in_process.burst(folder)
    elif case == "mqtt":
        bare = asyncio.run(over_mqtt.bare_publish(folder))
        yield bare
        yield asyncio.run(over_mqtt.tickets_and_calls(folder / "site", bare))
    elif case == "keys":
        yield asyncio.run(over_mqtt.key_to_panel(folder))
    elif case == "idle":
        yield whole.idle(folder / "var")
    else:
        sys.exit(f"no case {case!r}; there are {', '.join(CASES)}")


def show(figures: Figures) -> None:
    """One case as a small table."""
    table = Table(title=figures.case, show_header=False, title_justify="left")
    for name, value in figures.values.items():
        table.add_row(name, f"{value:,.3f}" if abs(value) < 100 else f"{value:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
