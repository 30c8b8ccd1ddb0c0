"""A finger, a knife and an eye for a living hall: numbers taken and remembered, rooms killed, panels compared."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import uuid
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from living import ask
from waiting import PATIENCE

from controller.core import HallState, evolve
from hall import codec

HEAL_MAX_S = 60.0  # from the kill until a touch gives a number again; the room's restart is part of it
RIGHT_MAX_S = 10.0  # panels after the last wound (acceptance walk, 2)


def plan_of(var: Path) -> dict[str, Any]:
    """The compiled plan of a running hall."""
    return dict(json.loads((var / "plan.json").read_text(encoding="utf-8")))


class Citizen:
    """Touches machine after machine and remembers every number a machine showed."""

    def __init__(self, plan: dict[str, Any], browser: aiohttp.ClientSession) -> None:
        self._pages = [
            (hall, f"http://{kiosk['host']}:{kiosk['port']}")
            for hall, record in plan["halls"].items()
            for kiosk in record["kiosks"].values()
        ]
        self._browser, self.numbers = browser, []  # type: ignore[var-annotated]

    async def touch(self, page: int) -> str:
        """One finger, repeated under the same id while its outcome is unknown; "" when it is a refusal."""
        hall, address = self._pages[page % len(self._pages)]
        asked = {"touch": str(uuid.uuid4()), "entry": "now", "lang": "zh"}
        async with asyncio.timeout(HEAL_MAX_S):
            while True:
                answer = await self._try(address, asked)
                if answer.get("ok"):
                    self.numbers.append((hall, answer["number"]))
                    return str(answer["number"])
                if answer.get("refusal") and answer["refusal"]["why"] not in ("busy", "away", "not_ready"):
                    return ""
                if answer.get("refusal"):
                    asked["touch"] = str(uuid.uuid4())  # refused before it was asked: another finger
                else:
                    asked = {**asked, "again": True}  # type: ignore[dict-item]
                await asyncio.sleep(0.1)

    async def _try(self, address: str, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            async with self._browser.post(f"{address}/touch", json=asked, timeout=aiohttp.ClientTimeout(4)) as answer:
                return dict(await answer.json()) if answer.status == 200 else {}
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return {}


def kill(var: Path, *words: str) -> int:
    """kill -9 the room of this hall whose command line has all the words."""
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if str(var) in line and all(word in line for word in words):
            process.kill()
            return int(process.pid)
    raise AssertionError(f"no process {words} of {var}")


async def panels_are_right(bench: aiohttp.ClientSession, plan: dict[str, Any], var: Path) -> None:
    """Every panel shows what folding the journal says, within RIGHT_MAX_S of the last wound and the last press."""
    wrong: dict[str, tuple[str, str]] = {}
    try:
        async with asyncio.timeout(RIGHT_MAX_S * PATIENCE):
            while True:
                wrong = {}
                for hall in plan["halls"]:
                    state = folded(var, hall)
                    lit = {d["of"]: d["look"]["lines"] for d in await ask(bench, "/devices")
                           if d["kind"] == "panel" and d["hall"] == hall}  # fmt: skip
                    for window, lines in lit.items():
                        number = state.windows[window].ticket
                        shown = " ".join(lines[1:])
                        found = re.search(r"[A-Z]{1,2}\d{4,}", shown)
                        if (found[0] if found else "") != number:
                            wrong[window] = (shown, number)
                if not wrong:
                    return
                await asyncio.sleep(0.3)
    except TimeoutError:
        raise AssertionError(f"panels that do not show what stands: {wrong}") from None


def records(var: Path, hall: str) -> list[Any]:
    database = sqlite3.connect(f"file:{var}/journal/kaiyang-{hall}.db?mode=ro", uri=True)
    try:
        rows = database.execute("SELECT body FROM events ORDER BY seq").fetchall()
    finally:
        database.close()
    return [codec.recorded(body) for (body,) in rows]


def folded(var: Path, hall: str) -> HallState:
    state = HallState("kaiyang", hall)
    for record in records(var, hall):
        evolve(state, record)
    return state
