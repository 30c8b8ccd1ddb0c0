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
from brokers import WORKERS_MAX, is_free, worker
from waiting import until

ROOT = Path(__file__).parents[2]
BENCH_PORT, BROKER_PORT = 8700, 18883  # of the Kaiyang plan
READY_MAX_S = 60.0  # thirteen processes on two busy cores
STOP_MAX_S = 30.0
SLOTS = WORKERS_MAX + 2


def shifts() -> list[int]:
    """Port shifts to try, this worker's own first: a hall's ports lie within 600, its broker's 10,000 above, so no two
    shifts share a port, and all stay below what free_port gives."""
    slots = [1_000 + 600 * ((worker() + n) % SLOTS) for n in range(SLOTS)]
    return [shift for shift in slots if all(is_free(port + shift) for port in (BENCH_PORT, BROKER_PORT))]


@asynccontextmanager
async def a_running_hall(var: Path, *more: str) -> AsyncIterator[aiohttp.ClientSession]:
    """`hall run` on shifted ports; yields the bench. It must stop by itself when told."""
    log = var.with_suffix(".log")
    hall, shift = await _started(var, log, more)
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{BENCH_PORT + shift}") as bench:
            yield bench
        hall.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(hall.wait(), STOP_MAX_S) == 0, _read(log)[-3000:]
    finally:
        if hall.returncode is None:
            hall.kill()
            await hall.wait()


async def _started(var: Path, log: Path, more: tuple[str, ...]) -> tuple[asyncio.subprocess.Process, int]:
    """A hall that is ready, and its shift; ports that somebody else took meanwhile cost another try."""
    for shift in shifts():
        hall = await _run(var, log, shift, more)
        if hall.returncode is None:
            return hall, shift
        told = _read(log)
        assert "ports are in use" in told, told[-3000:]
    raise AssertionError("no free ports")


async def _run(var: Path, log: Path, shift: int, more: tuple[str, ...]) -> asyncio.subprocess.Process:
    """`hall run`, until it is ready or has ended."""
    command = ["run", "halls/kaiyang.toml", "--var", str(var), "--port-shift", str(shift), *more]
    with log.open("wb") as out:
        hall = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cli", *command, cwd=ROOT, stdout=out, stderr=out
        )
    await until(lambda: "Ctrl-C" in _read(log) or hall.returncode is not None, READY_MAX_S, "ready")
    return hall


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


async def ask(bench: aiohttp.ClientSession, path: str, **body: object) -> Any:
    """A GET, or with a body a POST."""
    async with bench.request("POST" if body else "GET", path, json=body or None) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()
