"""The one file that knows aiomqtt: the wire of a link (transport/healing.py) through aiomqtt and paho.

aiomqtt leaves TCP_NODELAY off, which costs 44 ms for each answer: SOCKET_OPTIONS turns it on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator

import aiomqtt

from hall.faults import LineDown
from transport import link as words
from transport.healing import Take, tls_of
from transport.link import Broker, LinkRefused, Will
from transport.saying import Said

SOCKET_OPTIONS = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
REFUSALS = frozenset({0x84, 0x85, 0x86, 0x87})  # wrong protocol, client id, password; not authorised: no use to retry

_client_log = logging.getLogger("mqtt")
_client_log.setLevel(logging.CRITICAL)  # what it complains of reaches us as an exception, and is logged once


class AiomqttWire:
    """See transport.healing.Wire."""

    def __init__(self, client: aiomqtt.Client, who: str) -> None:
        self._client, self._who = client, who

    async def subscribe(self, patterns: tuple[str, ...]) -> list[int]:
        with _as_line_down():
            if not patterns:
                # One question at least: aiomqtt forgets a hang-up that comes with the CONNACK, and waits for ever
                await self._client.unsubscribe(self._who)
                return []
            granted = await self._client.subscribe([(pattern, 1) for pattern in patterns])
        return [code if isinstance(code, int) else code.value for code in granted]

    def send(self, said: Said, acknowledged: Callable[[Said], None], tasks: asyncio.TaskGroup) -> None:
        publishing = self._publish(said, acknowledged)
        try:
            tasks.create_task(publishing)
        except RuntimeError:  # the connection is ending at this moment: Saying.stop is about to keep it
            publishing.close()

    async def _publish(self, said: Said, acknowledged: Callable[[Said], None]) -> None:
        """Runs up to the socket at its first step, so tasks made in order speak in order."""
        with _as_line_down():
            await self._client.publish(said.topic, said.payload, qos=1, retain=said.retain, timeout=words.ACK_MAX_S)
        acknowledged(said)

    async def lost(self) -> None:
        with _as_line_down():
            async for _ in self._client.messages:  # nothing comes here, see _inbox; it ends with the connection
                pass


@contextlib.contextmanager
def _as_line_down() -> Iterator[None]:
    try:
        yield
    except aiomqtt.MqttError as gone:
        raise LineDown(str(gone) or "the connection is lost") from None


@contextlib.asynccontextmanager
async def dial(broker: Broker, who: str, will: Will | None, take: Take) -> AsyncIterator[AiomqttWire]:
    """Connect in aiomqtt's thread and never leave it half open: cancelled in between, wait for it and close."""
    client = _client(broker, who, will, take)
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
        raise LineDown(str(refused)) from None
    except aiomqtt.MqttError as gone:
        raise LineDown(str(gone)) from None
    try:
        yield AiomqttWire(client, who)
    finally:
        with contextlib.suppress(aiomqtt.MqttError):
            await client.__aexit__(None, None, None)


def _client(broker: Broker, who: str, will: Will | None, take: Take) -> aiomqtt.Client:
    last = aiomqtt.Will(will.topic, will.payload, qos=1, retain=True) if will else None
    client = aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.user or None,
        password=broker.password or None,
        identifier=who,
        protocol=aiomqtt.ProtocolVersion.V311,
        clean_session=True,
        will=last,
        timeout=words.ACK_MAX_S,
        keepalive=words.KEEPALIVE_S,
        max_inflight_messages=words.INFLIGHT_MAX,
        socket_options=SOCKET_OPTIONS,
        tls_context=tls_of(broker),
        queue_type=_inbox(take),
        logger=_client_log,
    )
    client.pending_calls_threshold = words.INFLIGHT_MAX * 2  # it would warn beyond 10; ours is bounded
    return client


def _inbox(take: Take) -> type[asyncio.Queue[aiomqtt.Message]]:
    """aiomqtt's queue, replaced by a direct call: its own costs a task for each message heard."""

    class Inbox(asyncio.Queue[aiomqtt.Message]):
        def put_nowait(self, item: aiomqtt.Message) -> None:
            take(item.topic.value, item.payload, item.retain)

    return Inbox
