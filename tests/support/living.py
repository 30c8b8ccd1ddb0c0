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


def shifts(tries: int = 5) -> list[int]:
    """Port shifts to try: every port of the plan stays below those the kernel gives to outgoing connections."""
    return [(free_port() * 37 + n * 331) % 12_000 + 1_000 for n in range(tries)]


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
    raise AssertionError("no free ports in five tries")


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
