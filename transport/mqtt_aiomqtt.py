"""The one file that knows aiomqtt: a transport.link.Link that connects, subscribes, speaks in order and heals itself.

One run() task per link: connect, subscribe, then watch until the connection ends; back off; again.
aiomqtt leaves TCP_NODELAY off, which costs 44 ms for each answer: SOCKET_OPTIONS turns it on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterable

import aiomqtt
import structlog

from hall.faults import LineDown
from transport import link as words
from transport.link import Broker, Heard, LinkRefused, OnHeard, OnUp, Will
from transport.saying import Said, Saying

SOCKET_OPTIONS = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
GOODBYE_MAX_S = 0.4  # a clean close says what is queued and good-bye within this, or leaves without
REFUSALS = frozenset({0x84, 0x85, 0x86, 0x87})  # wrong protocol, client id, password; not authorised: no use to retry
WANTED_MAX = 4096  # topics whose match is remembered; a site has about 400

log = structlog.get_logger("link")
_client_log = logging.getLogger("mqtt")
_client_log.setLevel(logging.CRITICAL)  # what it complains of reaches us as an exception, and is logged once


class AiomqttLink:
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
    ) -> None:
        self.up, self.ups, self.trouble = False, 0, "not connected yet"
        self.refused = self.strange = 0
        self._broker, self._who, self._hears, self._will = broker, who, hears, will
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

    def _send(self, client: aiomqtt.Client, tasks: asyncio.TaskGroup, said: Said) -> None:
        publishing = self._publish(client, said)
        try:
            tasks.create_task(publishing)
        except RuntimeError:  # the connection is ending at this moment: Saying.stop is about to keep it
            publishing.close()

    async def _publish(self, client: aiomqtt.Client, said: Said) -> None:
        """Runs up to the socket at its first step, so tasks made in order speak in order."""
        await client.publish(said.topic, said.payload, qos=1, retain=said.retain, timeout=words.ACK_MAX_S)
        self._saying.acknowledged(said)

    # -- hearing -------------------------------------------------------------------------------------------------------

    def _take(self, message: aiomqtt.Message) -> None:
        topic, payload = message.topic.value, message.payload
        if len(payload) > words.PAYLOAD_MAX:
            self.refused += 1
            log.warning("message too large, not heard", topic=topic, bytes=len(payload), most=words.PAYLOAD_MAX)
        elif not self._wants(topic):
            self.strange += 1  # amqtt sends a newcomer the retained topics of other people's filters
        elif self._on_heard is not None:
            try:
                self._on_heard(Heard(topic, payload, message.retain))
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
            async with _connected(self._new_client()) as client:
                await self._subscribe(client)
                async with asyncio.TaskGroup() as tasks:
                    self._come_up(client, tasks)
                    await _until_lost(client)
        except* (aiomqtt.MqttError, OSError, LineDown) as gone:
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
        return why or "the connection ended"

    def _new_client(self) -> aiomqtt.Client:
        will = aiomqtt.Will(self._will.topic, self._will.payload, qos=1, retain=True) if self._will else None
        client = aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.user or None,
            password=self._broker.password or None,
            identifier=self._who,
            protocol=aiomqtt.ProtocolVersion.V311,
            clean_session=True,
            will=will,
            timeout=words.ACK_MAX_S,
            keepalive=words.KEEPALIVE_S,
            max_inflight_messages=words.INFLIGHT_MAX,
            socket_options=SOCKET_OPTIONS,
            tls_context=_tls(self._broker),
            queue_type=_inbox(self._take),
            logger=_client_log,
        )
        client.pending_calls_threshold = words.INFLIGHT_MAX * 2  # it would warn beyond 10; ours is bounded
        return client

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        if not self._hears:
            # One question at least: aiomqtt forgets a hang-up that comes together with the CONNACK, and waits for ever
            await client.unsubscribe(self._who)
            return
        granted = await client.subscribe([(pattern, 1) for pattern in self._hears])
        codes = [code if isinstance(code, int) else code.value for code in granted]
        refused = [pattern for pattern, code in zip(self._hears, codes, strict=False) if code >= 0x80]
        if refused or len(codes) != len(self._hears):
            raise LinkRefused(f"broker {self._broker} does not let {self._who} hear {', '.join(refused) or 'all'}")

    def _come_up(self, client: aiomqtt.Client, tasks: asyncio.TaskGroup) -> None:
        self.up, self.trouble = True, ""
        self.ups += 1
        log.info("link up", who=self._who, broker=repr(self._broker), ups=self.ups)
        self._saying.start(lambda said: self._send(client, tasks, said))
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


def _tls(broker: Broker) -> ssl.SSLContext | None:
    """TLS 1.2 or newer; the broker must be who its certificate says, signed by the authority of the plan."""
    if not broker.ca_file:
        return None
    try:
        context = ssl.create_default_context(cafile=broker.ca_file)
    except OSError as fault:
        raise LinkRefused(f"broker.ca_file {broker.ca_file}: {fault.strerror or fault}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _inbox(take: Callable[[aiomqtt.Message], None]) -> type[asyncio.Queue[aiomqtt.Message]]:
    """aiomqtt's queue, replaced by a direct call: its own costs a task for each message heard."""

    class Inbox(asyncio.Queue[aiomqtt.Message]):
        def put_nowait(self, item: aiomqtt.Message) -> None:
            take(item)

    return Inbox


@contextlib.asynccontextmanager
async def _connected(client: aiomqtt.Client) -> AsyncIterator[aiomqtt.Client]:
    """Connect in aiomqtt's thread and never leave it half open: cancelled in between, wait for it and close."""
    opening = asyncio.create_task(client.__aenter__())
    try:
        await asyncio.shield(opening)
    except asyncio.CancelledError:
        with contextlib.suppress(aiomqtt.MqttError, OSError):
            await opening
            await client.__aexit__(None, None, None)
        raise
    except aiomqtt.MqttCodeError as refused:
        code = getattr(refused.rc, "value", refused.rc)
        if code in REFUSALS:
            raise LinkRefused(f"the broker refuses the log-in: {refused}") from None
        raise
    try:
        yield client
    finally:
        with contextlib.suppress(aiomqtt.MqttError):
            await client.__aexit__(None, None, None)


async def _until_lost(client: aiomqtt.Client) -> None:
    try:
        async for _ in client.messages:  # nothing comes here, see _inbox; it ends with the connection
            pass
    except aiomqtt.MqttError:
        raise LineDown("the connection is lost") from None


def _first_words(group: BaseExceptionGroup[BaseException]) -> str:
    """The first fault of a group, in words."""
    fault: BaseException = group
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return str(fault) or type(fault).__name__


@contextlib.asynccontextmanager
async def open_link(
    broker: Broker,
    who: str,
    *,
    hears: Iterable[str] = (),
    on_heard: OnHeard | None = None,
    on_up: OnUp | None = None,
    on_down: Callable[[str], None] | None = None,
    will: Will | None = None,
    goodbye: Will | None = None,
) -> AsyncIterator[AiomqttLink]:
    """See transport.link.open_link."""
    link = AiomqttLink(broker, who, tuple(hears), on_heard, on_up, on_down, will)
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


async def _close(link: AiomqttLink, running: asyncio.Task[None], goodbye: Will | None) -> None:
    """Say what is still queued and good-bye if the line lets us, then disconnect."""
    with contextlib.suppress(LineDown, TimeoutError):
        async with asyncio.timeout(GOODBYE_MAX_S if link.up else 0):
            if goodbye is not None:
                link.say_soon(goodbye.topic, goodbye.payload, retain=True)
            await link.said()
    running.cancel()
    await asyncio.wait([running])
