"""The whole hall living by itself: citizens at machines, staff at keypads, lit panels, ratings."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest
from living import a_running_hall, ask

from audit.verifying.judging import Judged, verify

LIVE_MAX_S = 240.0  # until people have done what is waited for
LOOK_S = 0.25


async def _lit(bench: aiohttp.ClientSession) -> list[str]:
    """The numbers on all panels."""
    devices = await ask(bench, "/devices")
    shown = [line for device in devices if device["kind"] == "panel" for line in device["look"]["lines"][1:]]
    return [found[0] for line in shown if (found := re.search(r"[A-Z]{1,2}\d{4}", line))]


def broken(judged: list[Judged]) -> list[str]:
    """Every counter-example, readable."""
    return [
        f"{each.hall} {name} event {example.seq} {example.number}: {example.text}"
        for each in judged
        for name, verdict in each.verdicts.items()
        for example in verdict.examples
    ]


@pytest.mark.timeout(480)
async def test_citizens_come_staff_call_panels_light_and_ratings_are_given(tmp_path: Path) -> None:
    var, trace = tmp_path / "var", tmp_path / "trace.jsonl"
    async with a_running_hall(var, "--trace", str(trace)) as bench:
        await ask(bench, "/citizens", per_minute=120)
        await ask(bench, "/staff", on=True, pace=60)
        most = 0
        async with asyncio.timeout(LIVE_MAX_S):
            while True:
                people = await ask(bench, "/people")
                lit = await _lit(bench)
                assert len(lit) == len(set(lit)), f"one number at two windows: {sorted(lit)}"
                most = max(most, len(lit))
                if people["staff"]["finished"] >= 15 and people["staff"]["rated"] >= 3:
                    break
                await asyncio.sleep(LOOK_S)
        await ask(bench, "/citizens", per_minute=0)
        citizens = people["citizens"]
        assert citizens["tickets"] >= people["staff"]["called"] >= people["staff"]["finished"]
        assert (citizens["refused"], citizens["no_answer"], citizens["turned_away"]) == (0, 0, 0)
        assert most >= 3
    judged = verify(sorted((var / "journal").glob("*.db")), [trace])
    assert not broken(judged)
    assert all(each.verdicts[name].word == "holds" for each in judged for name in ("I4", "I9", "I19", "I20"))
