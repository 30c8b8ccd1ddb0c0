"""A made-up day through all rooms at sixty times its speed: real queues, nothing lost, the table told."""

from __future__ import annotations

import asyncio
import csv
import random
import sys
from pathlib import Path

import pytest
from living import ROOT, shifts

CITIZENS = 150
SPEED = 480.0  # ten hours in seventy-five seconds
DAY_MAX_S = 240.0


def a_day(file: Path, seed: int) -> None:
    """Arrivals with a rush in the first third, six kinds of matter, one citizen in seven gives up."""
    dice = random.Random(seed)
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["date", "arrival", "type", "priority", "waited_s", "outcome", "service_s", "server"])
        for _ in range(CITIZENS):
            second = round(dice.triangular(8 * 3600, 17 * 3600, 10.5 * 3600))
            kind = dice.choices(["PS", "NW", "NE", "IN", "TT", "PE"], [60, 15, 10, 6, 5, 4])[0]
            outcome = "HANG" if dice.random() < 1 / 7 else "AGENT"
            clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
            rows.writerow(["1999-03-01", clock, kind, dice.choice([0, 0, 1]), 0, outcome, dice.randint(60, 900), "s01"])


@pytest.mark.timeout(DAY_MAX_S + 60)
async def test_a_whole_day_goes_through_the_rooms(tmp_path: Path) -> None:
    file = tmp_path / "day.csv"
    a_day(file, seed=7)
    for shift in shifts():
        code, text = await _replayed(file, tmp_path / "var", shift)
        if "ports are in use" not in text:
            break
    assert code == 0, text[-3000:]
    figures = dict(_cells(line) for line in text.splitlines() if line.startswith("│") and _cells(line)[0])
    assert figures["arrivals"] == figures["tickets"] == str(CITIZENS), text[-3000:]
    assert int(figures["served"]) + int(figures["no_shows"]) == CITIZENS
    assert int(figures["no_shows"]) > 0
    assert figures["faults"] == "0"
    assert int(figures["longest_wait_s"]) > 60, "no real queue formed"


async def _replayed(file: Path, var: Path, shift: int) -> tuple[int | None, str]:
    """`hall replay` from beginning to end: its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli", "replay", str(file), "--plan", "halls/kaiyang.toml", "--speed", str(SPEED),
        "--var", str(var), "--port-shift", str(shift), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        told, _ = await asyncio.wait_for(process.communicate(), DAY_MAX_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, told.decode()


def _cells(line: str) -> tuple[str, str]:
    parts = [cell.strip() for cell in line.strip("│").split("│")]
    return parts[0], parts[1]
