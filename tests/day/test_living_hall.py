"""The whole hall as a person starts it, living by itself: citizens at machines, staff at keypads, lit panels."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from brokers import free_port
from waiting import until

ROOT = Path(__file__).parents[2]
BENCH_PORT = 8700  # of the Kaiyang plan
READY_MAX_S = 60.0  # thirteen processes on two busy cores
STOP_MAX_S = 10.0
LIVE_MAX_S = 90.0  # until people have done what is waited for
LOOK_S = 0.25


@asynccontextmanager
async def a_running_hall(var: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """`hall run` on shifted ports; yields the bench. It must stop by itself when told."""
    shift = free_port() % 20_000 + 10_000
    command = [sys.executable, "-m", "cli", "run", "halls/kaiyang.toml", "--var", str(var), "--port-shift", str(shift)]
    log = var.with_suffix(".log")
    with log.open("wb") as out:
        hall = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=out, stderr=out)
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{BENCH_PORT + shift}") as bench:
            await until(lambda: "Ctrl-C" in log.read_text() or hall.returncode is not None, READY_MAX_S, "ready")
            assert hall.returncode is None, log.read_text()[-3000:]
            yield bench
        hall.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(hall.wait(), STOP_MAX_S) == 0, log.read_text()[-3000:]
    finally:
        if hall.returncode is None:
            hall.kill()
            await hall.wait()


async def _json(bench: aiohttp.ClientSession, path: str, **body: object) -> Any:
    """A GET, or with a body a POST."""
    async with bench.request("POST" if body else "GET", path, json=body or None) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def _lit(bench: aiohttp.ClientSession) -> list[str]:
    """The numbers on all panels."""
    devices = await _json(bench, "/devices")
    shown = [line for device in devices if device["kind"] == "panel" for line in device["look"]["lines"][1:]]
    return [found[0] for line in shown if (found := re.search(r"[A-Z]{1,2}\d{4}", line))]


@pytest.mark.timeout(240)
async def test_citizens_come_staff_call_panels_light_and_ratings_are_given(tmp_path: Path) -> None:
    async with a_running_hall(tmp_path / "var") as bench:
        await _json(bench, "/citizens", per_minute=120)
        await _json(bench, "/staff", on=True, pace=60)
        most = 0
        async with asyncio.timeout(LIVE_MAX_S):
            while True:
                people = await _json(bench, "/people")
                lit = await _lit(bench)
                assert len(lit) == len(set(lit)), f"one number at two windows: {sorted(lit)}"
                most = max(most, len(lit))
                if people["staff"]["finished"] >= 15 and people["staff"]["rated"] >= 3:
                    break
                await asyncio.sleep(LOOK_S)
        await _json(bench, "/citizens", per_minute=0)
        citizens = people["citizens"]
        assert citizens["tickets"] >= people["staff"]["called"] >= people["staff"]["finished"]
        assert (citizens["refused"], citizens["no_answer"], citizens["turned_away"]) == (0, 0, 0)
        assert most >= 3
