"""A link that heals itself, whatever client library is behind it: connect, subscribe, speak in order, back off, again.

A library gives a `dial`: an async context manager around one connection (a Wire). Everything a room relies on is here
and is the same for every library: order, what is said again after a break, the back-off, what ends a link for good.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import structlog

from hall.faults import LineDown
from transport import link as words
from transport.link import Broker, Heard, LinkRefused, OnHeard, OnUp, Will
from transport.saying import Said, Saying

GOODBYE_MAX_S = 0.4  # a clean close says what is queued and good-bye within this, or leaves without
WANTED_MAX = 4096  # topics whose match is remembered; a site has about 400
REFUSED_FILTER = 0x80  # and above: a SUBACK that says no

log = structlog.get_logger("link")


class Wire(Protocol):
    """One connection, logged in. Its faults are LineDown; anything else is a bug of the library and ends the wire."""

    async def subscribe(self, patterns: tuple[str, ...]) -> list[int]:
        """Subscribe at QoS 1; the codes of the SUBACK. Called also with no patterns: ask the broker something then."""

    def send(self, said: Said, acknowledged: Callable[[Said], None], tasks: asyncio.TaskGroup) -> None:
        """Publish at QoS 1, in the order of the calls; `acknowledged` follows with the PUBACK."""

    async def lost(self) -> None:
        """Until the connection ends; LineDown says why, if anybody knows."""


Take = Callable[[str, bytes, bool], None]  # topic, payload, retained
Dial = Callable[[Broker, str, Will | None, Take], AbstractAsyncContextManager[Wire]]


class HealingLink:
    """See transport.link.Link."""

    def __init__(
        self,
        broker: Broker,
        who: str,
        hears: tuple[str, ...],
        on_heard: OnHeard | None,
        on_up: OnUp | None,
        on_down: Callable[[str], None] | None,
        will: Will | None,
        dial: Dial,
    ) -> None:
        self.up, self.ups, self.trouble = False, 0, "not connected yet"
        self.refused = self.strange = 0
        self._broker, self._who, self._hears, self._will, self._dial = broker, who, hears, will, dial
        self._on_heard, self._on_up, self._on_down = on_heard, on_up, on_down
        self._saying = Saying(who)
        self._ready = asyncio.Event()
        self._wanted: dict[str, bool] = {}
        self._broken: Exception | None = None  # what ends run() for good

    @property
    def counts(self) -> dict[str, int]:
        return {"dropped": self._saying.dropped, "refused": self.refused, "strange": self.strange}

    # -- speaking ------------------------------------------------------------------------------------------------------

    async def say(self, topic: str, payload: bytes, retain: bool = False) -> None:
        if not self.up:
            raise LineDown(f"broker {self._broker}: {self.trouble}")
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._saying.add(Said(topic, payload, retain, told))
        await told

    def say_soon(self, topic: str, payload: bytes, retain: bool = False) -> None:
        said = Said(topic, payload, retain, None)
        if self.up or not retain:  # on_up says how things stand; what they were in between is nobody's business
            self._saying.add(said)

    async def said(self) -> None:
        await self._saying.quiet()

    async def wait_up(self) -> None:
        await self._ready.wait()

    # -- hearing -------------------------------------------------------------------------------------------------------

    def _take(self, topic: str, payload: bytes, retained: bool) -> None:
        if len(payload) > words.PAYLOAD_MAX:
            self.refused += 1
            log.warning("message too large, not heard", topic=topic, bytes=len(payload), most=words.PAYLOAD_MAX)
        elif not self._wants(topic):
            self.strange += 1  # amqtt sends a newcomer the retained topics of other people's filters
        elif self._on_heard is not None:
            try:
                self._on_heard(Heard(topic, payload, retained))
            except Exception as fault:  # whatever came, the link goes on hearing (I35)
                self.refused += 1
                log.error("hearing failed", topic=topic, fault=f"{type(fault).__name__}: {fault}", exc_info=fault)

    def _wants(self, topic: str) -> bool:
        wanted = self._wanted.get(topic)
        if wanted is None:
            if len(self._wanted) >= WANTED_MAX:
                self._wanted.clear()
            wanted = self._wanted[topic] = any(words.matches(pattern, topic) for pattern in self._hears)
        return wanted

    # -- staying connected ---------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Connect for ever. Ends only by cancellation, LinkRefused at the very start, or a fault in `on_up`."""
        loop = asyncio.get_running_loop()
        pause_s = words.BACK_OFF_MIN_S
        while True:
            began = loop.time()
            why = await self._live()
            if loop.time() - began > words.STEADY_S:
                pause_s = words.BACK_OFF_MIN_S
            self._went_down(why)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
            pause_s = min(pause_s * 2, words.BACK_OFF_MAX_S)

    async def _live(self) -> str:
        """One connection from beginning to end; returns why it ended."""
        why = ""
        try:
            async with self._dial(self._broker, self._who, self._will, self._take) as wire:
                await self._subscribe(wire)
                async with asyncio.TaskGroup() as tasks:
                    self._come_up(wire, tasks)
                    await wire.lost()
                    raise LineDown("the connection ended")
        except* (OSError, LineDown) as gone:
            why = _first_words(gone)
        except* LinkRefused as refused:
            why = _first_words(refused)
            if not self.ups:
                self._broken = LinkRefused(why)
        except* Exception as surprise:  # a bug in the client library must not end the room
            why = f"{type(surprise.exceptions[0]).__name__}: {_first_words(surprise)}"
            log.error("the client library failed", who=self._who, fault=why, exc_info=surprise)
        if self._broken is not None:
            raise self._broken
        return why

    async def _subscribe(self, wire: Wire) -> None:
        codes = await wire.subscribe(self._hears)
        if not self._hears:
            return
        refused = [pattern for pattern, code in zip(self._hears, codes, strict=False) if code >= REFUSED_FILTER]
        if refused or len(codes) != len(self._hears):
            raise LinkRefused(f"broker {self._broker} does not let {self._who} hear {', '.join(refused) or 'all'}")

    def _come_up(self, wire: Wire, tasks: asyncio.TaskGroup) -> None:
        self.up, self.trouble = True, ""
        self.ups += 1
        log.info("link up", who=self._who, broker=repr(self._broker), ups=self.ups)
        self._saying.start(lambda said: wire.send(said, self._saying.acknowledged, tasks))
        tasks.create_task(self._greet())

    async def _greet(self) -> None:
        try:
            if self._on_up is not None:
                await self._on_up(self)
        except LineDown:
            raise
        except Exception as fault:  # a room that cannot say how things stand is a fault of the room: stop
            self._broken = fault
            raise
        self._ready.set()

    def _went_down(self, why: str) -> None:
        self._ready.clear()
        self._saying.stop(f"broker {self._broker}: {why}")
        if self.up or why != self.trouble:
            log.warning("link down", who=self._who, broker=repr(self._broker), why=why)
        was_up, self.up, self.trouble = self.up, False, why
        if was_up and self._on_down is not None:
            self._on_down(why)


def tls_of(broker: Broker) -> ssl.SSLContext | None:
    """TLS 1.2 or newer; the broker must be who its certificate says, signed by the authority of the plan."""
    if not broker.ca_file:
        return None
    try:
        context = ssl.create_default_context(cafile=broker.ca_file)
    except OSError as fault:
        raise LinkRefused(f"broker.ca_file {broker.ca_file}: {fault.strerror or fault}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _first_words(group: BaseExceptionGroup[BaseException]) -> str:
    """The first fault of a group, in words."""
    fault: BaseException = group
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return str(fault) or type(fault).__name__


@contextlib.asynccontextmanager
async def kept(link: HealingLink, who: str, goodbye: Will | None) -> AsyncIterator[HealingLink]:
    """The link, running, for as long as the block; what ends it for good comes out of the block."""
    owner = asyncio.current_task()
    running = asyncio.create_task(link.run(), name=f"link {who}")
    fell = False

    def ended(task: asyncio.Task[None]) -> None:
        nonlocal fell
        if not task.cancelled() and task.exception() is not None and owner is not None:
            fell = owner.cancel()

    running.add_done_callback(ended)
    try:
        yield link
    except asyncio.CancelledError:
        if fell and owner is not None and owner.uncancel() == 0 and (fault := running.exception()) is not None:
            raise fault from None
        raise
    finally:
        running.remove_done_callback(ended)
        await _close(link, running, goodbye)


async def _close(link: HealingLink, running: asyncio.Task[None], goodbye: Will | None) -> None:
    """Say what is still queued and good-bye if the line lets us, then disconnect."""
    with contextlib.suppress(LineDown, TimeoutError):
        async with asyncio.timeout(GOODBYE_MAX_S if link.up else 0):
            if goodbye is not None:
                link.say_soon(goodbye.topic, goodbye.payload, retain=True)
            await link.said()
    running.cancel()
    await asyncio.wait([running])
