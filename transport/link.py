"""The MQTT link as rooms see it, whatever client stands behind it (today: transport/mqtt_aiomqtt.py).

MQTT 3.1.1, QoS 1, clean sessions: correctness never rests on the broker's memory. Each time the link comes up it has
subscribed to everything again (and checked the answer), then calls `on_up`, where a room says its retained topics
anew (with `say_soon`, so that one queue keeps the order). What was said and not acknowledged when a link broke is
said again, so hearers meet duplicates. Retained messages may be heard before `on_up` runs.

    async with open_link(broker, who, hears=[...], on_heard=..., on_up=...) as link:
        await link.say(topic, payload)          # back when the broker has it, LineDown when it has not
        link.say_soon(topic, payload)           # in order, pipelined, never waits
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from hall import codec
from hall.faults import HallFault

if TYPE_CHECKING:
    from transport.healing import Dial

INFLIGHT_MAX = 100  # messages said and not yet acknowledged; mosquitto's max_inflight_messages is set to match
SAY_SOON_MAX = 8192  # messages waiting while the broker is away: ten minutes of the largest hall at its peak
PAYLOAD_MAX = codec.PAYLOAD_MAX  # bytes; more is neither said nor heard
KEEPALIVE_S = 10  # the broker sends our last will after 1.5 times this without a sign of life
ACK_MAX_S = 5.0  # a broker that does not acknowledge within this is gone, whatever TCP says (F16)
BACK_OFF_MIN_S, BACK_OFF_MAX_S = 0.1, 2.0  # between attempts, doubled each time, with jitter; 60 clients are nothing
STEADY_S = 5.0  # a link up this long has earned a fresh back-off (two clients of one name would flap)


class LinkRefused(HallFault):
    """The broker does not let us in, or not hear what we must: a matter of configuration. Stop and say so."""


class Broker(msgspec.Struct, frozen=True):
    """Where the broker is and how to log in; `user` "" is a broker without log-in, `ca_file` "" one without TLS."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    ca_file: str = ""  # who signed the certificate the broker must show; its name is checked too

    def __repr__(self) -> str:  # a password never reaches a log
        return f"{self.user or 'nobody'}@{self.host}:{self.port}"


class Will(msgspec.Struct, frozen=True):
    """What the broker says, retained, when we vanish without a good-bye."""

    topic: str
    payload: bytes


class Heard(msgspec.Struct, frozen=True):
    """A message as it came. `retained`: it stood there before we subscribed."""

    topic: str
    payload: bytes
    retained: bool


Client = Literal["aiomqtt", "gmqtt"]  # docs/decisions/0010 says who speaks through which
OnHeard = Callable[[Heard], None]  # called in the order of arrival, in the loop; must be quick; PUBACK follows it
OnUp = Callable[["Link"], Awaitable[None]]


class Link(Protocol):
    """A link that heals itself."""

    up: bool
    trouble: str  # why it is not up, in words
    ups: int  # how often it came up; changes whenever messages may have been missed

    @property
    def counts(self) -> dict[str, int]:
        """What was lost or turned away: "dropped" (said too much), "refused" (heard and not taken), "strange"."""

    async def say(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Back when the broker has acknowledged; LineDown when it has not (it may still have been heard)."""

    def say_soon(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Say in order without waiting. While the link is down unretained messages wait (the oldest give way,
        counted) and retained ones are forgotten: `on_up` says how things stand then."""

    async def said(self) -> None:
        """Wait until everything given to `say_soon` is acknowledged or dropped."""

    async def wait_up(self) -> None:
        """Wait until the link is up and `on_up` has run."""


def matches(pattern: str, topic: str) -> bool:
    """Whether a subscription filter covers a topic (MQTT 3.1.1, section 4.7)."""
    wanted, given = pattern.split("/"), topic.split("/")
    if topic.startswith("$") and wanted[0] in ("#", "+"):
        return False
    for place, level in enumerate(wanted):
        if level == "#":
            return True
        if place >= len(given) or (level != "+" and level != given[place]):
            return False
    return len(wanted) == len(given)


def open_link(
    broker: Broker,
    who: str,
    *,
    hears: Iterable[str] = (),
    on_heard: OnHeard | None = None,
    on_up: OnUp | None = None,
    on_down: Callable[[str], None] | None = None,
    will: Will | None = None,
    goodbye: Will | None = None,
    client: Client = "aiomqtt",
) -> AbstractAsyncContextManager[Link]:
    """Open the link as client `who`; it comes up by itself, also when the broker is not there yet.

    `hears` are the filters to subscribe to at QoS 1. `goodbye` is said, retained, on a clean close (a will is not
    sent then). A log-in or filter refused before the link was ever up raises LinkRefused out of the `async with`.
    """
    from transport.healing import HealingLink, kept

    dial = _dial(client)
    link = HealingLink(broker, who, tuple(hears), on_heard, on_up, on_down, will, dial)
    return kept(link, who, goodbye)


def _dial(client: str) -> Dial:
    """The client libraries, chosen here and nowhere else."""
    if client == "gmqtt":
        from transport.mqtt_gmqtt import dial as by_gmqtt

        return by_gmqtt
    from transport.mqtt_aiomqtt import dial as by_aiomqtt

    return by_aiomqtt
