"""The page's live state as server-sent events: a whole Menu on each change, and again as a sign of life.

Whole states, no differences: a page that slept or reloaded is right with the next message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
from aiohttp import web

TOGETHER_S = 0.1  # real: changes of a moment are one message
BEAT_S = 5.0  # real: a page that heard nothing for two of these says so
LOOK_S = 1.0  # real: the page's clock and a plan's minute move without any news
WRITE_MAX_S = 10.0  # real: a page that takes nothing for this long is a hung tab
STREAMS_MAX = 16  # pages looking at one machine: its own, a bench, a few forgotten tabs


class Live:
    """State to streams. `state` makes the newest message."""

    def __init__(self, state: Callable[[], msgspec.Struct], news: asyncio.Event) -> None:
        self._state, self._news = state, news
        self._streams: set[asyncio.Event] = set()
        self._closed = False
        self._message = b""

    def close(self) -> None:
        """End every stream; their pages reconnect."""
        self._closed = True
        self._wake()

    async def run(self) -> None:
        """Look for news until cancelled."""
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._news.wait()
            except TimeoutError:
                pass
            else:
                self._news.clear()
                await asyncio.sleep(TOGETHER_S)
            self._look()

    def _look(self) -> None:
        message = b"data: " + msgspec.json.encode(self._state()) + b"\n\n"
        if message != self._message:
            self._message = message
            self._wake()

    def _wake(self) -> None:
        for stream in self._streams:
            stream.set()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """One page's stream, until it goes or we close."""
        if len(self._streams) >= STREAMS_MAX or self._closed:
            raise web.HTTPServiceUnavailable
        self._look()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        news = asyncio.Event()
        news.set()
        self._streams.add(news)
        try:
            await self._pour(response, news)
        except (ConnectionError, TimeoutError):
            pass  # the page went, or hangs
        finally:
            self._streams.discard(news)
        return response

    async def _pour(self, response: web.StreamResponse, news: asyncio.Event) -> None:
        while not self._closed:
            try:
                async with asyncio.timeout(BEAT_S):
                    await news.wait()
            except TimeoutError:
                pass
            news.clear()
            async with asyncio.timeout(WRITE_MAX_S):
                await response.write(self._message)
