"""The one file that knows gmqtt: the wire of a link (transport/healing.py) through an asyncio protocol of its own.

gmqtt costs a third of aiomqtt's CPU for a message (docs/decisions/0010). Its own reconnecting is switched off: the
healing is ours. Its storage of unacknowledged messages is where it tells of a PUBACK, so ours is put in its place.
It writes each packet to the socket by itself; a call is eight of them, so ours go out together (`_Corked`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import gmqtt
from gmqtt.mqtt.constants import MQTTv311
from gmqtt.mqtt.handler import MQTTConnectError

from hall.faults import LineDown
from transport import link as words
from transport.healing import Take, tls_of
from transport.link import Broker, LinkRefused, Will
from transport.saying import Said

REFUSALS = frozenset({1, 2, 4, 5})  # CONNACK of 3.1.1: protocol, client id, password, not authorised: no use to retry
CLOSE_MAX_S = 0.5
LOOKS = 4  # at the oldest unacknowledged message, within the time a broker has for it
NEVER = -2  # gmqtt reconnects while failures (0) <= retries, and -1 is "for ever"

logging.getLogger("gmqtt").setLevel(logging.CRITICAL)  # what it complains of reaches us, and is logged once


class _Unacknowledged:
    """Where gmqtt notes what it has sent, and from where it takes what was acknowledged."""

    def __init__(self) -> None:
        self.sending: tuple[Said, Callable[[Said], None]] | None = None
        self._said: dict[int, tuple[Said, Callable[[Said], None], float]] = {}  # in the order they were sent
        self._time = asyncio.get_running_loop().time

    def push_message(self, mid: int, _: bytes) -> None:
        assert self.sending is not None, "gmqtt sends what nobody said"
        self._said[mid] = (*self.sending, self._time())

    def remove_message_by_mid(self, mid: int) -> None:
        found = self._said.pop(mid, None)
        if found is not None:
            found[1](found[0])

    def oldest_s(self) -> float:
        """How long the oldest has waited for its PUBACK."""
        first = next(iter(self._said.values()), None)
        return self._time() - first[2] if first is not None else 0.0

    @property
    def is_empty(self) -> bool:
        return True  # nothing is ever replayed by gmqtt: transport/saying.py says again what still matters

    async def wait_empty(self) -> None:
        return

    def clear(self) -> None:
        self._said.clear()

    def get_all(self) -> list[tuple[int, bytes]]:
        return []


class _Corked:
    """A transport that writes once for all that is said in one turn of the loop: a third of the CPU of a call."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport, self._held = transport, bytearray()
        self._loop = asyncio.get_running_loop()

    def write(self, data: bytes) -> None:
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held += data

    def _flush(self) -> None:
        held, self._held = self._held, bytearray()
        if held and not self._transport.is_closing():
            self._transport.write(bytes(held))

    def close(self) -> None:
        """The good-bye goes out first: without it the broker says our last will."""
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class GmqttWire:
    """See transport.healing.Wire."""

    def __init__(self, client: gmqtt.Client, notes: _Unacknowledged, who: str) -> None:
        self._client, self._notes, self._who = client, notes, who
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._granted: asyncio.Future[list[int]] | None = None
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._subscribed

    def _disconnected(self, _client: gmqtt.Client, _packet: Any, exc: Exception | None = None) -> None:
        if not self.gone.done():
            self.gone.set_result(str(exc) if exc else "the connection is lost")

    def _subscribed(self, _client: gmqtt.Client, _mid: int, qos: Any, _properties: Any) -> None:
        if self._granted is not None and not self._granted.done():
            self._granted.set_result([int(code) for code in qos])

    async def subscribe(self, patterns: tuple[str, ...]) -> list[int]:
        if not patterns:
            return []
        self._granted = asyncio.get_running_loop().create_future()
        self._client.subscribe([gmqtt.Subscription(pattern, qos=1) for pattern in patterns])
        either: set[asyncio.Future[Any]] = {self._granted, self.gone}
        await asyncio.wait(either, timeout=words.ACK_MAX_S, return_when=asyncio.FIRST_COMPLETED)
        if not self._granted.done():
            raise LineDown(self.gone.result() if self.gone.done() else "the broker does not answer a subscription")
        return self._granted.result()

    def send(self, said: Said, acknowledged: Callable[[Said], None], tasks: asyncio.TaskGroup) -> None:
        if self.gone.done() or not self._client.is_connected:
            return  # Saying.stop is about to keep it
        self._notes.sending = (said, acknowledged)
        self._client.publish(said.topic, said.payload, qos=1, retain=said.retain)

    async def lost(self) -> None:
        while not self.gone.done():
            await asyncio.wait({self.gone}, timeout=words.ACK_MAX_S / LOOKS)
            if self._notes.oldest_s() > words.ACK_MAX_S:
                raise LineDown(f"the broker has not acknowledged for {words.ACK_MAX_S:g} s")
        raise LineDown(self.gone.result())


@contextlib.asynccontextmanager
async def dial(broker: Broker, who: str, will: Will | None, take: Take) -> AsyncIterator[GmqttWire]:
    """One connection; it is closed at the end of the block whatever happened."""
    notes = _Unacknowledged()
    last = gmqtt.Message(will.topic, will.payload, qos=1, retain=True) if will else None
    client = gmqtt.Client(who, clean_session=True, will_message=last, persistent_storage=notes)
    client.set_config({"reconnect_retries": NEVER, "reconnect_delay": 0})
    if broker.user:
        client.set_auth_credentials(broker.user, broker.password)

    def heard(_client: gmqtt.Client, topic: str, payload: bytes, _qos: int, properties: dict[str, Any]) -> int:
        take(topic, payload, bool(properties["retain"]))
        return 0

    client.on_message = heard
    wire = GmqttWire(client, notes, who)
    try:
        await _connect(client, broker)
        yield wire
    finally:
        client.stop_reconnect()
        with contextlib.suppress(OSError, TimeoutError, AttributeError):
            async with asyncio.timeout(CLOSE_MAX_S):
                await client.disconnect()


async def _connect(client: gmqtt.Client, broker: Broker) -> None:
    try:
        async with asyncio.timeout(words.ACK_MAX_S):
            await client.connect(
                broker.host, broker.port, ssl=tls_of(broker) or False, keepalive=words.KEEPALIVE_S, version=MQTTv311
            )
    except MQTTConnectError as refused:
        code = int(getattr(refused, "_code", 0) or 0)
        if code in REFUSALS:
            raise LinkRefused(f"the broker refuses the log-in: {refused}") from None
        raise LineDown(str(refused)) from None
    except TimeoutError:
        raise LineDown("the broker does not answer") from None
    _cork(client)


def _cork(client: gmqtt.Client) -> None:
    """gmqtt has no door for a transport of ours: both places that hold it are given the corked one."""
    connection = client._connection  # noqa: SLF001 - see above; test_last_will_and_good_bye fails if they move
    corked = _Corked(connection._transport)  # noqa: SLF001
    connection._transport = connection._protocol._transport = corked  # noqa: SLF001
