"""People who attack a broker that was installed from a plan: clients with a log-in of their own, ears, raw bytes."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiomqtt
from enrolled import Enrolled
from waiting import until

ACCEPTED = b"\x20\x02\x00\x00"  # a CONNACK


def example(pattern: str) -> str:
    """A topic the pattern covers."""
    return pattern.replace("+", "x").replace("#", "x")


@asynccontextmanager
async def client(
    broker: Enrolled, name: str, identifier: str = "", will: aiomqtt.Will | None = None, clean: bool = True
) -> AsyncIterator[aiomqtt.Client]:
    at = broker.login(name)
    async with aiomqtt.Client(
        at.host, at.port, username=at.user, password=at.password, identifier=identifier or name, will=will,
        clean_session=clean, protocol=aiomqtt.ProtocolVersion.V311, timeout=10,
        tls_context=ssl.create_default_context(cafile=at.ca_file),
    ) as one:  # fmt: skip
        yield one


class Ears:
    """What a client hears, in order."""

    def __init__(self, hears: aiomqtt.Client) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self._task = asyncio.create_task(self._hear(hears))

    async def _hear(self, hears: aiomqtt.Client) -> None:
        async for message in hears.messages:
            assert isinstance(message.payload, bytes)
            self.heard.append((message.topic.value, message.payload, message.retain))

    def topics(self) -> set[str]:
        return {topic for topic, _, _ in self.heard}

    async def until(self, topic: str, payload: bytes) -> None:
        await until(lambda: any(one[:2] == (topic, payload) for one in self.heard), 10, f"{payload!r} on {topic}")

    def close(self) -> None:
        self._task.cancel()


@asynccontextmanager
async def ears(broker: Enrolled, name: str, *filters: str) -> AsyncIterator[Ears]:
    async with client(broker, name) as one:
        for pattern in filters:
            await one.subscribe(pattern, qos=1)
        listening = Ears(one)
        try:
            yield listening
        finally:
            listening.close()


def connect(user: str | None, password: str | None, will: tuple[str, bytes] | None = None) -> bytes:
    """The bytes of a CONNECT, which no client library would let us choose freely."""
    flags, parts = 0x02, [(user or "anybody").encode()]
    if will is not None:
        flags |= 0x04 | 0x08 | 0x20  # a will, QoS 1, retained
        parts += [will[0].encode(), will[1]]
    for bit, word in ((0x80, user), (0x40, password)):
        if word is not None:
            flags |= bit
            parts.append(word.encode())
    body = b"\x00\x04MQTT\x04" + bytes([flags]) + b"\x00\x0a"
    body += b"".join(len(part).to_bytes(2, "big") + part for part in parts)
    return b"\x10" + length(len(body)) + body


def line_to(broker: Enrolled, tls: bool = True) -> socket.socket:
    line = socket.create_connection(("localhost", broker.tls_port if tls else broker.plain_port), 10)
    return (
        ssl.create_default_context(cafile=broker.ca_file).wrap_socket(line, server_hostname="localhost")
        if tls
        else line
    )


async def say(broker: Enrolled, name: str, topic: str, payload: bytes, retain: bool = False) -> None:
    async with client(broker, name) as one:
        await one.publish(topic, payload, qos=1, retain=retain)


def length(rest: int) -> bytes:
    """A packet's length as MQTT writes it."""
    found = b""
    while True:
        found += bytes([rest % 128 | (0x80 if rest > 127 else 0)])
        rest //= 128
        if not rest:
            return found


def publishing(topic: bytes, payload: bytes, qos: int = 1, number: int = 1) -> bytes:
    """The bytes of a PUBLISH, whatever the topic."""
    body = len(topic).to_bytes(2, "big") + topic + (number.to_bytes(2, "big") if qos else b"") + payload
    return bytes([0x30 | qos << 1]) + length(len(body)) + body


def hung_up_on(broker: Enrolled, name: str, said: bytes) -> bool:
    """Log in and say these bytes; does the broker end the connection?"""
    with line_to(broker) as line:
        line.sendall(connect(name, broker.passwords[name]))
        assert line.recv(4) == ACCEPTED
        try:
            line.sendall(said)
            return line.recv(4) == b""
        except OSError:  # reset while we were still speaking
            return True


def vanish(broker: Enrolled, name: str, topic: str, payload: bytes) -> None:
    """Connect with a will and break the line without a good-bye."""
    with line_to(broker) as line:
        line.sendall(connect(name, broker.passwords[name], (topic, payload)))
        assert line.recv(4) == ACCEPTED
