"""Server-sent events with bounds: whole states, no differences, so a page that slept is right with the next message.

streams = Streams()
tasks.create_task(streams.run())
await streams.pour(request, sender, "A0012", state)   # state() -> the newest message, None when it is over
streams.stir("A0012")                                 # look at this subject's pages now
streams.stir_all()                                    # look at all of them, soon, a few at a time
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from aiohttp import web

STREAMS_MAX = 500  # pages that look at one door at once; beyond it they ask every few seconds instead
STREAMS_PER_SENDER = 250  # half of them
SWEEP_S = 1.0  # real: the least time between two looks at everybody
SWEEP_BATCH = 16  # pages woken together, so that nobody behind the door waits for them: about a millisecond of work
SWEEP_NAP_S = 0.002  # real, between two batches
BEAT_S = 15.0  # real: a page that heard nothing for two of these asks by itself
WRITE_MAX_S = 20.0  # real: a page that takes nothing for so long has gone

State = Callable[[], Awaitable[bytes | None]]


class Streams:
    """The open streams of one door, by what they are about."""

    def __init__(self, most: int = STREAMS_MAX, per_sender: int = STREAMS_PER_SENDER) -> None:
        self._most, self._per_sender = most, per_sender
        self._ears: dict[str, set[asyncio.Event]] = {}
        self._senders: Counter[str] = Counter()
        self._news = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return self._senders.total()

    def stir(self, subject: str) -> None:
        """Something has happened to this subject."""
        for ear in self._ears.get(subject, ()):
            ear.set()

    def stir_all(self) -> None:
        """Something has happened that may matter to everybody."""
        if self._ears:
            self._news.set()

    def close(self) -> None:
        """End every stream; their pages come back by themselves."""
        self._closed = True
        for subject in self._ears:
            self.stir(subject)

    async def run(self) -> None:
        """Look at everybody behind news, until cancelled."""
        while True:
            await self._news.wait()
            began = time.monotonic()
            self._news.clear()
            ears = [ear for about in self._ears.values() for ear in about]
            for first in range(0, len(ears), SWEEP_BATCH):
                for ear in ears[first : first + SWEEP_BATCH]:
                    ear.set()
                await asyncio.sleep(SWEEP_NAP_S)
            await asyncio.sleep(max(0.0, SWEEP_S - (time.monotonic() - began)))

    async def pour(self, request: web.Request, sender: str, subject: str, state: State) -> web.StreamResponse:
        """One page's stream, until it goes, its subject is over or we close. 503 where there are too many."""
        if self._closed or len(self) >= self._most or self._senders[sender] >= self._per_sender:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"})
        ear = asyncio.Event()
        self._senders[sender] += 1
        self._ears.setdefault(subject, set()).add(ear)
        try:
            return await self._pour(request, ear, state)
        finally:
            self._leave(sender, subject, ear)

    def _leave(self, sender: str, subject: str, ear: asyncio.Event) -> None:
        self._senders[sender] -= 1
        if not self._senders[sender]:
            del self._senders[sender]
        self._ears[subject].discard(ear)
        if not self._ears[subject]:
            del self._ears[subject]

    async def _pour(self, request: web.Request, ear: asyncio.Event, state: State) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            said = b""
            while not self._closed and (message := await state()) is not None:
                async with asyncio.timeout(WRITE_MAX_S):
                    await response.write(b"data: %s\n\n" % message if message != said else b": beat\n\n")
                said = message
                await _heard(ear)
        except (ConnectionError, TimeoutError):
            pass  # the page went
        return response


async def _heard(ear: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(BEAT_S):
            await ear.wait()
    except TimeoutError:
        pass
    ear.clear()
