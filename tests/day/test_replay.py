"""Two made-up days through all rooms at many times their speed: real queues, nothing lost, the table told."""

from __future__ import annotations

import asyncio
import csv
import json
import random
import sys
from pathlib import Path

import pytest
from living import ROOT, shifts

from hall import wording

CITIZENS = {"1999-03-01": 110, "1999-03-02": 50}
SENSELESS = ["1999-03-01", "soon", "PS", 0, 0, "AGENT", 60, "s01"]
SPEED = 600.0  # eight hours in forty-eight seconds
DAYS_MAX_S = 300.0


def two_days(file: Path, seed: int) -> None:
    """Arrivals with a rush in the first third, six kinds of matter, one citizen in seven gives up."""
    dice = random.Random(seed)
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["date", "arrival", "type", "priority", "waited_s", "outcome", "service_s", "server"])
        rows.writerow(SENSELESS)
        for day, citizens in CITIZENS.items():
            for _ in range(citizens):
                second = round(dice.triangular(8 * 3600, 17 * 3600, 10.5 * 3600))
                kind = dice.choices(["PS", "NW", "NE", "IN", "TT", "PE"], [60, 15, 10, 6, 5, 4])[0]
                outcome = "HANG" if dice.random() < 1 / 7 else "AGENT"
                clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
                rows.writerow([day, clock, kind, dice.choice([0, 0, 1]), 7, outcome, dice.randint(60, 900), "s01"])


@pytest.mark.timeout(DAYS_MAX_S + 60)
async def test_whole_days_go_through_the_rooms(tmp_path: Path) -> None:
    file, var = tmp_path / "days.csv", tmp_path / "var"
    two_days(file, seed=7)
    for shift in shifts():
        code, text = await _replayed(file, var, shift)
        if "ports are in use" not in text:
            break
    assert code == 0, text[-6000:]
    days = {day["day"]: day for day in map(json.loads, (var / "replay.jsonl").read_text().splitlines())}
    assert {name: day["arrivals"] for name, day in days.items()} == CITIZENS
    for day in days.values():
        assert day["tickets"] == day["arrivals"] == day["served"] + day["no_shows"]
        assert day["no_shows"] > 0 and day["refused"] == 0 and day["faults"] == []
        assert day["file_waits_s"]["all"]["p99"] == 7
    assert days["1999-03-01"]["longest_wait_s"] > 60, "no real queue formed"
    assert [len(day["left_out"]) for day in days.values()] == [1, 0]
    assert "line 2: arrival 'soon' is no time; write HH:MM:SS" in text
    assert "到达 arrivals" in text and "逐日 / day by day" in text
    assert "没有发现不成立的 / nothing is broken" in text, "both days are judged"
    assert wording.say("run.first_passwords") not in text, "nobody logs in to a hall that is thrown away"


async def _replayed(file: Path, var: Path, shift: int) -> tuple[int | None, str]:
    """`hall replay` from beginning to end: its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli", "replay", str(file), "--plan", "halls/kaiyang.toml", "--speed", str(SPEED),
        "--day", "all", "--var", str(var), "--port-shift", str(shift), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        told, _ = await asyncio.wait_for(process.communicate(), DAYS_MAX_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, told.decode()
