"""What a link has been given to say: one queue, so that order is the order of the calls, whatever the client behind it.

Up to INFLIGHT_MAX messages are on their way at once. When the line goes down, what is unacknowledged and unretained
is kept, to be said again first; retained messages are forgotten (`on_up` says how things stand); and whoever waits in
`say` gets LineDown, and nothing of his is said later.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from hall.faults import LineDown, OurFault
from transport.link import INFLIGHT_MAX, PAYLOAD_MAX, SAY_SOON_MAX

TOPIC_MAX = 0xFFFF  # bytes; MQTT has two for the length

log = structlog.get_logger("link")


class Said:
    """Something to be said, until the broker has it; `told` is the future of whoever waits for that."""

    __slots__ = ("payload", "retain", "told", "topic")

    def __init__(self, topic: str, payload: bytes, retain: bool, told: asyncio.Future[None] | None) -> None:
        if not topic or "+" in topic or "#" in topic or "\0" in topic or len(topic.encode()) > TOPIC_MAX:
            raise OurFault(f"{topic[:100]!r} is no topic to speak on")
        if len(payload) > PAYLOAD_MAX:
            raise OurFault(f"{topic}: {len(payload)} bytes are too many to say, at most {PAYLOAD_MAX}")
        self.topic, self.payload, self.retain, self.told = topic, payload, retain, told

    @property
    def given_up(self) -> bool:
        """Whoever waited for it does so no longer."""
        return self.told is not None and self.told.done()

    def acknowledge(self) -> None:
        if self.told is not None and not self.told.done():
            self.told.set_result(None)

    def fail(self, why: str) -> None:
        if self.told is not None and not self.told.done():
            self.told.set_exception(LineDown(why))


class Saying:
    """The queue of one link. `dropped` counts what gave way because too much waited."""

    def __init__(self, who: str) -> None:
        self.dropped = 0
        self._who = who
        self._waiting: deque[Said] = deque()
        self._inflight: dict[int, Said] = {}
        self._send: Callable[[Said], None] | None = None
        self._quiet = asyncio.Event()
        self._quiet.set()

    def add(self, said: Said) -> None:
        self._waiting.append(said)
        self._quiet.clear()
        if len(self._waiting) > SAY_SOON_MAX:
            self._drop_oldest()
        self._pump()

    def start(self, send: Callable[[Said], None]) -> None:
        """The line is up: `send` begins to publish; `acknowledged` is to follow for each."""
        self._send = send
        self._pump()

    def acknowledged(self, said: Said) -> None:
        if self._inflight.pop(id(said), None) is None:
            return  # of an earlier connection
        said.acknowledge()
        self._pump()

    def stop(self, why: str) -> None:
        """The line is down: keep what still matters, in order."""
        self._send = None
        everything = [*self._inflight.values(), *self._waiting]
        self._inflight.clear()
        self._waiting = deque(said for said in everything if said.told is None and not said.retain)
        for said in everything:
            said.fail(why)
        self._look_quiet()

    async def quiet(self) -> None:
        """Wait until everything is acknowledged or given up."""
        await self._quiet.wait()

    def _pump(self) -> None:
        while self._send is not None and self._waiting and len(self._inflight) < INFLIGHT_MAX:
            said = self._waiting.popleft()
            if not said.given_up:
                self._inflight[id(said)] = said
                self._send(said)
        self._look_quiet()

    def _look_quiet(self) -> None:
        if not self._waiting and not self._inflight:
            self._quiet.set()

    def _drop_oldest(self) -> None:
        self._waiting.popleft().fail("more was said than the broker takes")
        self.dropped += 1
        if self.dropped % 1000 == 1:
            log.warning("said too much, the oldest gives way", who=self._who, dropped=self.dropped)
