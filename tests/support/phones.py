"""A phone in a hall for a test: the link of a slip, its page over HTTP, and the hall driven to every stage.

async with a_hall(a_broker, tmp_path) as hall:
    await hall.start("controller")
    phone = Phones(hall)
    [number] = await hall.issue()
    assert (await phone.state(number))["ahead"] == 0
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from window_halls import SITE, WindowHall

from controller.shell.signing import Signer
from hall import commands as c
from hall.events import Event
from hall.names import Role

DAY = "2026-11-23"  # of kiosks.TEN


class Phones:
    """Everybody who scanned a slip of hall A."""

    def __init__(self, hall: WindowHall) -> None:
        self.hall = hall
        self.base = hall.plan.site.status_url
        self.signer = Signer.of(hall.var, self.base)

    def link(self, number: str, day: str = DAY, hall: str = "A") -> str:
        return self.signer.address(SITE, hall, day, number)

    async def state(self, number: str) -> dict[str, Any]:
        async with aiohttp.request("GET", self.link(number) + "/state") as answer:
            assert answer.status == 200, await answer.text()
            found: dict[str, Any] = await answer.json()
        return found

    async def rate(self, number: str, **rating: Any) -> tuple[int, dict[str, Any]]:
        async with aiohttp.request("POST", self.link(number) + "/rating", json=rating) as answer:
            return answer.status, json.loads(await answer.text())

    async def live(self, number: str) -> AsyncIterator[dict[str, Any]]:
        """Every state the page is told, as it comes."""
        async with aiohttp.ClientSession() as http, http.get(self.link(number) + "/live") as answer:
            assert answer.status == 200, await answer.text()
            async for line in answer.content:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])

    async def at(self, window: str, command: type[c.Command], **more: Any) -> list[Event]:
        """A key pressed at a window."""
        return await self.hall.ask(f"caller-{window[0]}-1", command(window=window, **more), Role.WINDOW)

    async def serve(self, window: str) -> None:
        """Call, start and finish the next ticket."""
        for step in (c.CallNext, c.StartService, c.FinishService):
            await self.at(window, step)
