"""The back door from outside: looks of all devices as they change (server-sent events), and keys to be pressed."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import aiohttp

from simulators.box import CannotStand

CONNECT_S = 20.0  # real: the rooms are starting beside us
LINE_MAX = 4 * 1024 * 1024  # bytes of one event: a printer's look with its slips

Look = dict[str, Any]  # as the device shows itself: JSON of its own shape


class Far:
    """All devices by id; `changed` handlers run at each news of a device."""

    def __init__(self, browser: aiohttp.ClientSession, address: str) -> None:
        self._browser, self._address = browser, address
        self.looks: dict[str, Look] = {}
        self.changed: dict[str, list[Callable[[Look], None]]] = defaultdict(list)
        self.first = asyncio.Event()

    async def watch(self) -> None:
        """Follow the devices until cancelled; CannotStand when the bench never answers."""
        end = asyncio.get_running_loop().time() + CONNECT_S
        while True:
            try:
                await self._follow()
            except aiohttp.ClientError as trouble:
                if not self.first.is_set() and asyncio.get_running_loop().time() > end:
                    raise CannotStand(f"no test bench at {self._address}: {trouble}") from None
            await asyncio.sleep(0.1)

    async def _follow(self) -> None:
        patience = aiohttp.ClientTimeout(total=None, sock_connect=2)
        async with self._browser.get(f"{self._address}/live", timeout=patience, read_bufsize=LINE_MAX) as stream:
            stream.raise_for_status()
            async for line in stream.content:
                if line.startswith(b"data: "):
                    self._heard(json.loads(line[6:]))
                    self.first.set()

    def _heard(self, view: Look) -> None:
        look = view["look"]
        self.looks[view["id"]] = look
        for handler in self.changed[view["id"]]:
            handler(look)

    async def act(self, device: str, what: str, args: Look) -> None:
        """A person does something to a device."""
        async with self._browser.post(
            f"{self._address}/devices/{device}/act", json={"what": what, "args": args}
        ) as answer:
            if answer.status != 200:
                raise CannotStand(f"{device}: {what} {args}: {await answer.text()}")
