"""python -m simulators.replay.days_told VAR: the days of one replay side by side, from the figures it kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from simulators.replay.telling import KEPT

SUMS = ("arrivals", "tickets", "served", "no_shows", "refused")


def rows(days: list[dict[str, Any]]) -> list[list[str]]:
    """A row for each day, and one of the sums."""
    told = [[day["day"], *(str(day[name]) for name in SUMS), *_measured(day), str(len(day["faults"]))] for day in days]
    faults = sum(len(day["faults"]) for day in days)
    sums = [str(sum(day[name] for day in days)) for name in SUMS]
    return [*told, ["", *sums, "", "", "", "", str(faults)]]


def _measured(day: dict[str, Any]) -> list[str]:
    wait, light = day["waits_s"].get("all", {}), day["press_to_light_ms"]
    busy = f"{day['utilisation_of_the_busiest_half_hour']:.2f}"
    return [busy, str(wait.get("p50", "")), str(wait.get("p90", "")), f"{light['p99']:.0f}"]


def main() -> int:
    kept = (Path(sys.argv[1]) / KEPT).read_text(encoding="utf-8")
    table = Table(title="逐日 / day by day (waits in s, light in ms)")
    for name in ("日期", *SUMS, "busiest ½ h", "wait p50", "p90", "light p99", "faults"):
        table.add_column(name.replace("_", "-"), justify="right")
    for row in rows([json.loads(line) for line in kept.splitlines()]):
        table.add_row(*row)
    Console(width=120).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
