"""The whole hall as a person starts it: `hall run` in processes of its own, and its bench to look and act through."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from brokers import free_port
from waiting import until

ROOT = Path(__file__).parents[2]
BENCH_PORT = 8700  # of the Kaiyang plan
READY_MAX_S = 60.0  # thirteen processes on two busy cores
STOP_MAX_S = 10.0


@asynccontextmanager
async def a_running_hall(var: Path, *more: str) -> AsyncIterator[aiohttp.ClientSession]:
    """`hall run` on shifted ports; yields the bench. It must stop by itself when told."""
    shift = free_port() % 20_000 + 10_000
    command = [sys.executable, "-m", "cli", "run", "halls/kaiyang.toml", "--var", str(var), "--port-shift", str(shift)]
    command += more
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


async def ask(bench: aiohttp.ClientSession, path: str, **body: object) -> Any:
    """A GET, or with a body a POST."""
    async with bench.request("POST" if body else "GET", path, json=body or None) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()
