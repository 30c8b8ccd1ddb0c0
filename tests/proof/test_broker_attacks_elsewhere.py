"""Other plans' broker files under attack: a small hall, and three halls of another county. Everybody attacks everybody.

Nobody's part is written down here: who may say and hear what is read from the plan, and all the rest is tried.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import islice
from pathlib import Path

import aiomqtt
import pytest
from attacking import (
    ACCEPTED,
    Ears,
    client,
    connect,
    ears,
    example,
    hung_up_on,
    line_to,
    publishing,
    say,
    vanish,
)  # fmt: skip
from enrolled import Enrolled, an_enrolled_broker
from sample_plans import compiled, sample

from cli.firmware.principals import Principal, principals
from hall.codec import PAYLOAD_MAX
from transport.link import matches

PLANS = ("small", "threetowns")
OF_A_KIND = 2  # of a hall's machines, panels, keypads, lines: two of each stand for all
FORGED, FENCE = b"forged", b"behind"
FLOOD = 5000  # messages


@pytest.fixture(scope="module", params=PLANS)
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enrolled]:
    plan = compiled(sample(request.param)).plan
    assert plan is not None
    with an_enrolled_broker(plan, tmp_path_factory.mktemp(request.param)) as one:
        yield one
        assert one.alive


def everybody(broker: Enrolled) -> list[Principal]:
    """Two of each kind in each hall."""
    kinds: dict[tuple[str, str], list[Principal]] = {}
    for one in principals(broker.plan):
        kind = one.name.rsplit("-", 1)[0].rstrip("-") if one.name.startswith("esp-") else one.name.split("-")[0]
        kinds.setdefault((kind, one.says[0].split("/")[1]), []).append(one)
    return [one for found in kinds.values() for one in islice(found, OF_A_KIND)]


def may_say(one: Principal, topic: str) -> bool:
    return any(matches(own, topic) for own in one.says)


def may_hear(one: Principal, topic: str) -> bool:
    return any(matches(own, topic) for own in one.hears)


def topics_of(people: list[Principal], site: str) -> list[str]:
    """What anybody may say or hear, and what nobody may."""
    patterns = {pattern for one in people for pattern in (*one.hears, *islice(one.says, 4))}
    nobody = {"$SYS/broker/version", "$share/all/x", "elsewhere", f"{site}/Q/now/hall", f"/{site}", f"{site}//now/hall"}
    return sorted({example(pattern) for pattern in patterns} | nobody)


def greedy(site: str) -> list[str]:
    """What somebody asks for who wants all; the broker grants it and delivers what is theirs."""
    wide = [
        "#",
        "+/#",
        "+/+/cmd/#",
        "+/+/evt/#",
        "+/+/now/+",
        f"{site}/+/cmd/#",
        f"{site}/#",
        "$SYS/#",
        "$SYS/broker/+",
    ]
    return wide + [f"$share/all/{wild}" for wild in ("#", "+/+/cmd/#", "+/+/now/#")]


class Here:
    """Somebody connected: what it says goes out by the line on which it hears."""

    def __init__(self, who: Principal, line: aiomqtt.Client) -> None:
        self.who, self.line, self.ears = who, line, Ears(line)

    async def attack(self, topics: list[str]) -> None:
        """Say everything that is not one's own, to stay; the last word is answered behind all of them."""
        for topic in topics:
            if not may_say(self.who, topic) and not topic.startswith("$share"):
                await self.line.publish(topic, FORGED, qos=0, retain=True)
        await self.line.publish(example(self.who.says[0]), b"own", qos=1)


@asynccontextmanager
async def connected(broker: Enrolled, people: list[Principal]) -> AsyncIterator[list[Here]]:
    """Everybody at once, each with its own filters and the greedy ones."""
    async with AsyncExitStack() as stack:
        found = []
        for who in people:
            line = await stack.enter_async_context(client(broker, who.name))
            await line.subscribe([(pattern, 1) for pattern in (*who.hears, *greedy(broker.plan.site.id))])
            found.append(Here(who, line))
            stack.callback(found[-1].ears.close)
        yield found


async def fenced(here: list[Here]) -> None:
    """An honest word to each: what the attacks brought has come before it."""
    for one in here:
        speaker, topic = next(
            (other, topic)
            for pattern in one.who.hears
            for other in here
            for topic in (example(pattern), *map(example, other.who.says))
            if other is not one and may_say(other.who, topic) and may_hear(one.who, topic)
        )
        await speaker.line.publish(topic, FENCE, qos=1)
        await one.ears.until(topic, FENCE)


async def test_everybody_attacks_everybody_and_nobody_hears_of_it(broker: Enrolled) -> None:
    people = everybody(broker)
    topics = topics_of(people, broker.plan.site.id)
    assert len(topics) > len(people) > 5
    async with connected(broker, people) as here:
        for one in here:
            await one.attack(topics)
        await fenced(here)
        for one in here:
            assert FORGED not in {payload for _, payload, _ in one.ears.heard}, one.who.name
            strange = {topic for topic in one.ears.topics() if not may_hear(one.who, topic)}
            assert not strange, (one.who.name, strange)
    async with connected(broker, people) as late:  # nothing stands that was not theirs to say
        await fenced(late)
        for one in late:
            assert FORGED not in {payload for _, payload, _ in one.ears.heard}, one.who.name


# -- one attack after the other; a ticket machine's computer was stolen -----------------------------------------------


class Robbed:
    """The stolen machine, and those it is after: its hall's controller, another hall's where there is one."""

    def __init__(self, broker: Enrolled) -> None:
        self.site, self.halls = broker.plan.site.id, list(broker.plan.halls)
        names = [one.name for one in principals(broker.plan)]
        self.thief = next(name for name in names if name.startswith("kiosk-"))
        self.own = f"{self.site}/{self.halls[0]}/here/{self.thief}"
        self.panel = next(name for name in names if name.startswith("esp-panel-"))
        self.panel_view = f"{self.site}/{self.halls[0]}/now/panels/{self.panel.removeprefix('esp-panel-')}"
        self.controller = f"controller-{self.halls[0]}"
        self.other = f"controller-{self.halls[-1]}"
        self.command = f"{self.site}/{self.halls[0]}/cmd/{self.thief}/IssueTicket"


@pytest.fixture
def robbed(broker: Enrolled) -> Robbed:
    return Robbed(broker)


async def serves(broker: Enrolled, robbed: Robbed, word: bytes = FENCE) -> None:
    """An honest panel is told what stands, and the core what is asked."""
    async with ears(broker, robbed.panel, robbed.panel_view) as panel:
        await say(broker, robbed.controller, robbed.panel_view, word)
        await panel.until(robbed.panel_view, word)


@pytest.mark.parametrize("word", ["", "wrong", "of another"])
def test_no_way_in_without_the_own_password(broker: Enrolled, robbed: Robbed, word: str) -> None:
    password = broker.passwords[robbed.panel] if word == "of another" else word
    for user in (robbed.thief, robbed.controller, robbed.other, "", "#", "+", "\ufffd"):
        with line_to(broker) as line:
            line.sendall(connect(user, password))
            with suppress(OSError):
                assert line.recv(4) != ACCEPTED, user
    with line_to(broker) as line:
        line.sendall(connect(None, None))
        assert line.recv(4) != ACCEPTED


@pytest.mark.parametrize("wild", ["#", "+", "{site}/+/now/hall", "{site}/{hall}/now/#", "{site}/{hall}/evt/+"])
async def test_a_wildcard_as_a_topic_ends_the_connection(broker: Enrolled, robbed: Robbed, wild: str) -> None:
    topic = wild.format(site=robbed.site, hall=robbed.halls[-1])
    async with ears(broker, robbed.controller, *hears_of(broker, robbed.controller)) as core:
        assert await asyncio.to_thread(hung_up_on, broker, robbed.thief, publishing(topic.encode(), FORGED))
        await say(broker, robbed.thief, robbed.command, FENCE)
        await core.until(robbed.command, FENCE)
        assert FORGED not in {payload for _, payload, _ in core.heard}


def hears_of(broker: Enrolled, name: str) -> tuple[str, ...]:
    return next(one.hears for one in principals(broker.plan) if one.name == name)


@pytest.mark.parametrize("topic", [b"x" * 65_535, b"/" * 201, b"x" * 4000, b"\xff\xfe", b"a\0b", b""])
async def test_an_odd_topic_reaches_nobody(broker: Enrolled, robbed: Robbed, topic: bytes) -> None:
    """Too long for a packet, too deep, not UTF-8: the broker hangs up or drops it, and serves the others."""
    async with ears(broker, robbed.controller, *hears_of(broker, robbed.controller), "#") as core:
        await asyncio.to_thread(hung_up_on, broker, robbed.thief, publishing(topic, FORGED))
        await say(broker, robbed.thief, robbed.command, FENCE)
        await core.until(robbed.command, FENCE)
        assert FORGED not in {payload for _, payload, _ in core.heard}


@pytest.mark.parametrize("size", [PAYLOAD_MAX + 2048, 16 * PAYLOAD_MAX])
async def test_a_huge_payload_ends_the_connection(broker: Enrolled, robbed: Robbed, size: int) -> None:
    said = publishing(robbed.own.encode(), b"y" * size)
    assert await asyncio.to_thread(hung_up_on, broker, robbed.thief, said)
    await serves(broker, robbed)


async def test_a_will_for_another_is_not_spoken(broker: Enrolled, robbed: Robbed) -> None:
    async with ears(broker, robbed.panel, robbed.panel_view) as panel:
        for topic in (robbed.panel_view, "#", f"{robbed.site}/{robbed.halls[-1]}/now/hall"):
            with suppress(AssertionError):  # a wildcard is refused at once
                await asyncio.to_thread(vanish, broker, robbed.thief, topic, FORGED)
        await say(broker, robbed.controller, robbed.panel_view, FENCE)
        await panel.until(robbed.panel_view, FENCE)
        assert FORGED not in {payload for _, payload, _ in panel.heard}


async def test_another_ones_name_takes_neither_its_session_nor_its_place(broker: Enrolled, robbed: Robbed) -> None:
    stranger = client(broker, robbed.thief, identifier=robbed.panel, clean=False)
    async with ears(broker, robbed.panel, robbed.panel_view) as victim, stranger as thief:
        stolen = Ears(thief)
        await thief.subscribe(robbed.panel_view, qos=1)
        await say(broker, robbed.controller, robbed.panel_view, b"for the panel")
        await victim.until(robbed.panel_view, b"for the panel")
        hall = f"{robbed.site}/{robbed.halls[0]}/now/hall"
        await thief.subscribe(hall, qos=1)
        await say(broker, robbed.controller, hall, FENCE)
        await stolen.until(hall, FENCE)
        stolen.close()
        assert robbed.panel_view not in stolen.topics()


async def test_a_flood_that_is_never_finished_holds_nobody_up(broker: Enrolled, robbed: Robbed) -> None:
    """QoS 2, each begun and none released; then the queue of a session that sleeps. Memory stays within bounds."""
    before = memory_kb(broker)
    said = b"".join(publishing(robbed.own.encode(), b"z" * 1000, 2, at % 65_000 + 1) for at in range(FLOOD))
    with line_to(broker) as line:
        line.sendall(connect(robbed.thief, broker.passwords[robbed.thief]))
        assert line.recv(4) == ACCEPTED
        line.setblocking(False)
        await asyncio.to_thread(pushed, line, said)
        await serves(broker, robbed)
    assert broker.alive and memory_kb(broker) - before < 64_000
    await serves(broker, robbed)


def pushed(line: socket.socket, said: bytes) -> None:
    """As much as the broker takes within a moment; it may hang up."""
    line.settimeout(3.0)
    with suppress(OSError):
        line.sendall(said)


def memory_kb(broker: Enrolled) -> int:
    text = Path(f"/proc/{broker.pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS"))
