"""A living hall is wounded: controller, broker, kiosk and displays are killed without a word, and it heals by itself.

What is judged is what people hold: every number a machine showed stands in the journal once, no number was called twice
without a return, and in the end every panel shows what the hall says.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from living import a_running_hall, ask
from playing import check_books

from controller.core import HallState, evolve
from hall import codec

HEAL_MAX_S = 20.0  # from the kill until a touch gives a number again; the room's restart is part of it
RIGHT_MAX_S = 10.0  # panels after the last wound (acceptance walk, 2)


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


@pytest.mark.timeout(300)
async def test_the_hall_heals_from_every_wound(tmp_path: Path) -> None:
    var = tmp_path / "var"
    async with a_running_hall(var) as bench, aiohttp.ClientSession() as browser:
        plan = json.loads((var / "plan.json").read_text(encoding="utf-8"))
        citizen = Citizen(plan, browser)
        await ask(bench, "/citizens", per_minute=90)
        await ask(bench, "/staff", on=True, pace=60)
        wounds = [
            ("controller",),
            ("transport.embedded_broker",),
            ("controller",),
            ("kiosk", "A-K1"),
            ("displays", "A"),
            ("caller", "A"),
            ("controller",),
        ]
        for wound in wounds:
            touching = asyncio.create_task(citizen.touch(0))
            await asyncio.sleep(0.02)  # somewhere in the middle of it
            kill(var, *wound)
            await touching
            for page in range(5):
                assert await citizen.touch(page), f"no number at machine {page} after {wound} was killed"
        await ask(bench, "/citizens", per_minute=0)
        await ask(bench, "/staff", on=False, pace=1)
        await _panels_are_right(bench, plan, var)
    for hall in plan["halls"]:
        _judge(var, hall, [number for where, number in citizen.numbers if where == hall])


async def _panels_are_right(bench: aiohttp.ClientSession, plan: dict[str, Any], var: Path) -> None:
    """Every panel shows what folding the journal says, within RIGHT_MAX_S of the last wound and the last press."""
    wrong: dict[str, tuple[str, str]] = {}
    try:
        async with asyncio.timeout(RIGHT_MAX_S + 5):
            while True:
                wrong = {}
                for hall in plan["halls"]:
                    state = _folded(var, hall)
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


def _records(var: Path, hall: str) -> list[Any]:
    database = sqlite3.connect(f"file:{var}/journal/kaiyang-{hall}.db?mode=ro", uri=True)
    try:
        rows = database.execute("SELECT body FROM events ORDER BY seq").fetchall()
    finally:
        database.close()
    return [codec.recorded(body) for (body,) in rows]


def _folded(var: Path, hall: str) -> HallState:
    state = HallState("kaiyang", hall)
    for record in _records(var, hall):
        evolve(state, record)
    return state


def _judge(var: Path, hall: str, shown: list[str]) -> None:
    """Nothing acknowledged is lost, nothing is doubled."""
    records = _records(var, hall)
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    issued = Counter(r.event.number for r in records if type(r.event).__name__ == "TicketIssued")
    assert not [number for number, times in issued.items() if times > 1]
    assert not Counter(shown) - Counter(dict.fromkeys(issued, 1)), "a machine showed a number the journal does not have"
    calls = Counter(r.event.number for r in records if type(r.event).__name__ == "TicketCalled")
    again = Counter(r.event.number for r in records if type(r.event).__name__ in ("TicketReturned", "TicketHandedBack"))
    assert not {n: times for n, times in calls.items() if times > 1 + again[n]}, "called twice"
    assert len({r.epoch for r in records}) == 4, "one epoch per start of the controller"
    check_books(_folded(var, hall))
