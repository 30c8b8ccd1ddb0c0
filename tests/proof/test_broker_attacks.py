"""The generated broker files under attack, with the real Mosquitto: every row of the table is refused.

Who attacks is always somebody with a log-in of its own (a stolen kiosk, a keypad torn off the wall). "Nothing came" is
never waited for: behind each attack an honest word takes the same road, and what has not come before it does not come.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from attacking import Ears, client, connect, ears, example, hung_up_on, line_to, publishing, say, vanish
from enrolled import Enrolled, an_enrolled_broker
from kiosks import kaiyang

from cli.firmware.principals import principals
from hall.codec import PAYLOAD_MAX
from hall.views import PanelView
from transport.link import matches

PLAN = kaiyang()
ALL = {one.name: one for one in principals(PLAN)}
OF_A = ("controller-A", "displays-A", "caller-A-1", "kiosk-A-K1", "esp-panel-A01", "esp-keypad-A01")
FOREIGN = (
    "kaiyang/B/cmd/caller-B-1/CallNext", "kaiyang/B/cmd/kiosk-B-K1/IssueTicket", "kaiyang/B/evt/TicketCalled",
    "kaiyang/B/now/panels/B01", "kaiyang/B/now/hall", "kaiyang/B/here/kiosk-B-K1", "kaiyang/B/here/controller",
)  # fmt: skip
WITNESS = "console-1"  # may hear evt, now and here of both halls
FENCE = "kaiyang/B/here/console-2"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enrolled]:
    with an_enrolled_broker(PLAN, tmp_path_factory.mktemp("attacked")) as one:
        yield one


def meets(pattern: str, name: str, there: str) -> tuple[str, str]:
    """Somebody else who says what the pattern hears, or hears what it says, and a topic they share."""
    for one in ALL.values():
        for other in getattr(one, there) if one.name != name else ():
            for topic in (example(pattern), example(other)):
                if matches(pattern, topic) and matches(other, topic):
                    return one.name, topic
    return "", ""


async def fence(broker: Enrolled, listening: Ears, word: bytes) -> None:
    """An honest word behind the attack; when it has come, whatever the attack brought has come."""
    async with client(broker, "console-2") as honest:
        await honest.publish(FENCE, word, qos=1)
    await listening.until(FENCE, word)


# -- it works at all --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*OF_A, "controller-B", "kiosk-B-K3", "esp-keypad-X06", "console-2"])
async def test_everybody_can_do_what_it_is_there_for(broker: Enrolled, name: str) -> None:
    """Without this row an access list that lets nobody do anything would pass all the others."""
    async with ears(broker, name, *ALL[name].hears) as listening:
        for at, pattern in enumerate(ALL[name].hears):
            speaker, topic = meets(pattern, name, "says")
            alone = name.startswith("controller-") and "/now/" in pattern  # nobody else says how its hall stands
            assert bool(speaker) is not alone
            if speaker:
                await say(broker, speaker, topic, f"{name} {at}".encode())
                await listening.until(topic, f"{name} {at}".encode())
    for pattern in ALL[name].says:
        hearer, topic = meets(pattern, name, "hears")
        async with ears(broker, hearer, topic) as listening:
            await say(broker, name, topic, f"of {name}".encode())
            await listening.until(topic, f"of {name}".encode())


# -- row: no or bad credentials ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "password"),
    [
        (None, None),
        ("kiosk-A-K1", None),
        ("kiosk-A-K1", ""),
        ("kiosk-A-K1", "wrong"),
        ("nobody", "wrong"),
        ("hall", "a-password"),
        ("kiosk-A-K1", "of kiosk-A-K2"),
    ],
)
@pytest.mark.parametrize("tls", [True, False])
def test_no_or_bad_credentials_are_refused(broker: Enrolled, user: str | None, password: str | None, tls: bool) -> None:
    if password is not None and password.startswith("of "):
        password = broker.passwords[password.removeprefix("of ")]
    refused = (b"\x20\x02\x00\x04", b"\x20\x02\x00\x05")  # bad user name or password; not authorised
    with line_to(broker, tls) as line:
        line.sendall(connect(user, password))
        assert line.recv(4) in refused


def test_the_network_listener_speaks_tls_12_or_newer_and_nothing_else(broker: Enrolled) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(broker.ca_file)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("localhost", broker.tls_port), 10) as line, pytest.raises((ssl.SSLError, OSError)):
        old.wrap_socket(line, server_hostname="localhost")
    with socket.create_connection(("localhost", broker.tls_port), 10) as line:
        line.sendall(b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x0a\x00\x02ab")
        line.settimeout(10)
        answer = b"x"
        try:
            answer = line.recv(64)
        except ConnectionError:
            answer = b""
        assert not answer.startswith(b"\x20"), "a CONNACK without TLS"


# -- row: speaking into another hall, or as somebody else -------------------------------------------------------------


@pytest.mark.parametrize("name", OF_A)
async def test_hall_a_says_nothing_in_hall_b(broker: Enrolled, name: str) -> None:
    filters = ("kaiyang/+/now/#", "kaiyang/+/evt/+", "kaiyang/+/here/+")
    async with ears(broker, WITNESS, *filters) as listening, ears(broker, "controller-B", "kaiyang/B/cmd/+/+") as core:
        async with client(broker, name) as attacker:
            for topic in FOREIGN:
                await attacker.publish(topic, b"forged", qos=1)
        await fence(broker, listening, b"behind")
        await say(broker, "caller-B-1", "kaiyang/B/cmd/caller-B-1/CallNext", b"behind")
        await core.until("kaiyang/B/cmd/caller-B-1/CallNext", b"behind")
        assert b"forged" not in {payload for _, payload, _ in listening.heard + core.heard}


@pytest.mark.parametrize("name", [name for name in OF_A if name != "controller-A"])
async def test_nobody_speaks_as_another_of_its_own_hall(broker: Enrolled, name: str) -> None:
    others = ["kaiyang/A/cmd/caller-A-9/CallNext", "kaiyang/A/cmd/esp-keypad-A02/CallNext", "kaiyang/A/here/controller"]
    others += [
        "kaiyang/A/evt/TicketCalled",
        "kaiyang/A/now/hall",
        "kaiyang/A/now/panels/A01",
        "kaiyang/A/here/kiosk-A-K2",
    ]
    async with (
        ears(broker, WITNESS, "kaiyang/A/now/#", "kaiyang/A/evt/+", FENCE, "kaiyang/A/here/+") as listening,
        ears(broker, "controller-A", "kaiyang/A/cmd/+/+") as core,
    ):
        async with client(broker, name) as attacker:
            for topic in others:
                await attacker.publish(topic, b"forged", qos=1)
        await fence(broker, listening, b"behind")
        await say(broker, "kiosk-A-K2", "kaiyang/A/cmd/kiosk-A-K2/IssueTicket", b"behind")
        await core.until("kaiyang/A/cmd/kiosk-A-K2/IssueTicket", b"behind")
        assert b"forged" not in {payload for _, payload, _ in listening.heard + core.heard}


@pytest.mark.parametrize("name", [*OF_A, "console-2", "kiosk-B-K1"])
async def test_a_forged_retained_panel_does_not_stand(broker: Enrolled, name: str) -> None:
    forged = PanelView(
        epoch=2**40,
        revision=9,
        window="B01",
        name="B01",
        number="B0666",
        lines=("请到一楼", "退费"),
        blink=True,
        brightness=9,
    )
    panel = "kaiyang/B/now/panels/B01"
    async with client(broker, name) as attacker:
        await attacker.publish(panel, repr(forged).encode(), qos=1, retain=True)
        await attacker.publish(panel, b"", qos=1, retain=True)  # nor is what stands there taken away
    async with ears(broker, "esp-panel-B01", panel) as late:
        await say(broker, "controller-B", panel, b"true", retain=True)
        await late.until(panel, b"true")
        assert {payload for _, payload, _ in late.heard} == {b"true"}
    async with client(broker, name) as attacker:
        await attacker.publish(panel, b"", qos=1, retain=True)
    async with ears(broker, "esp-panel-B01", panel) as later:
        await later.until(panel, b"true")
    await say(broker, "controller-B", panel, b"", retain=True)


# -- row: hearing another hall ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OF_A)
async def test_no_wildcard_hears_what_is_not_its_own(broker: Enrolled, name: str) -> None:
    """The broker grants the subscription; what counts is what it delivers."""
    greedy = ("#", "+/#", "+/+/+/#", "kaiyang/#", "kaiyang/B/#", "kaiyang/+/now/#", "kaiyang/+/cmd/+/+", "$SYS/#")
    async with ears(broker, name, *greedy) as listening:
        for one in ("controller-B", "kiosk-B-K1", "caller-B-1", "controller-A", "kiosk-A-K2"):
            if one == name:
                continue
            async with client(broker, one) as honest:
                for pattern in ALL[one].says:
                    await honest.publish(example(pattern), b"not yours", qos=1)
        speaker, own = meets(ALL[name].hears[0], name, "says")
        await say(broker, speaker, own, b"behind")
        await listening.until(own, b"behind")
        strange = {topic for topic in listening.topics() if not any(matches(h, topic) for h in ALL[name].hears)}
        assert not strange
        assert not [topic for topic in listening.topics() if "/B/" in topic or topic.startswith("$SYS")]


async def test_a_retained_word_of_another_hall_is_not_delivered_to_who_comes_late(broker: Enrolled) -> None:
    await say(broker, "controller-B", "kaiyang/B/now/hall", b"standing", retain=True)
    async with ears(broker, "kiosk-A-K1", "#", "kaiyang/B/now/hall") as listening:
        await say(broker, "controller-A", "kaiyang/A/now/hall", b"behind")
        await listening.until("kaiyang/A/now/hall", b"behind")
        assert b"standing" not in {payload for _, payload, _ in listening.heard}
    await say(broker, "controller-B", "kaiyang/B/now/hall", b"", retain=True)


# -- row: a last will in another hall ---------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", ["kaiyang/B/now/hall", "kaiyang/B/here/controller", "kaiyang/A/here/kiosk-A-K2"])
async def test_a_will_on_another_ones_topic_is_not_delivered(broker: Enrolled, topic: str) -> None:
    own = "kaiyang/A/here/kiosk-A-K1"
    async with ears(broker, WITNESS, topic, own) as listening:
        await asyncio.to_thread(vanish, broker, "kiosk-A-K1", topic, b"last words")
        await asyncio.to_thread(vanish, broker, "kiosk-A-K1", own, b"own last words")
        await listening.until(own, b"own last words")
        assert (topic, b"last words") not in {one[:2] for one in listening.heard}
    async with ears(broker, WITNESS, topic, own) as late:
        await say(broker, "kiosk-A-K1", own, b"behind", retain=True)
        await late.until(own, b"behind")
        assert b"last words" not in {payload for _, payload, _ in late.heard}
    await say(broker, "kiosk-A-K1", own, b"", retain=True)


# -- row: taking over another's client id -----------------------------------------------------------------------------


async def test_another_ones_client_id_takes_nothing_over(broker: Enrolled) -> None:
    """Neither is the victim thrown out, nor does the thief hear what was meant for it."""
    panel = "kaiyang/A/now/panels/A01"
    async with ears(broker, "esp-panel-A01", panel) as victim:
        async with client(broker, "kiosk-A-K1", identifier="esp-panel-A01") as thief:
            await thief.subscribe(panel, qos=1)
            stolen = Ears(thief)
            await say(broker, "controller-A", panel, b"for the panel")
            await victim.until(panel, b"for the panel")  # it is still there
            await thief.subscribe("kaiyang/A/now/hall", qos=1)
            await say(broker, "controller-A", "kaiyang/A/now/hall", b"behind")
            await stolen.until("kaiyang/A/now/hall", b"behind")
            assert panel not in stolen.topics()
            stolen.close()
        await say(broker, "controller-A", panel, b"and again")
        await victim.until(panel, b"and again")


# -- row: too much ----------------------------------------------------------------------------------------------------


async def test_more_than_a_payload_may_have_ends_the_connection(broker: Enrolled) -> None:
    own, most = "kaiyang/A/here/kiosk-A-K1", b"x" * PAYLOAD_MAX
    async with ears(broker, WITNESS, own) as listening:
        await say(broker, "kiosk-A-K1", own, most)
        await listening.until(own, most)
        await asyncio.to_thread(
            hung_up_on, broker, "kiosk-A-K1", publishing(own.encode(), b"y" * (PAYLOAD_MAX + 1))
        )  # dropped at the least
        for most_packet in (PAYLOAD_MAX + 2048, PAYLOAD_MAX * 4):
            said = publishing(own.encode(), b"y" * most_packet)
            assert await asyncio.to_thread(hung_up_on, broker, "kiosk-A-K1", said)
        await say(broker, "kiosk-A-K1", own, b"behind")
        await listening.until(own, b"behind")
        assert {payload[:1] for _, payload, _ in listening.heard} == {b"x", b"b"}


async def test_300_connections_of_garbage_leave_it_alive(broker: Enrolled) -> None:
    garbage = [
        bytes(range(256)),
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x10\xff\xff\xff\x7f",
        b"\x30\x00" * 50,
        b"\x10\x00",
        b"",
    ]
    for port in (broker.tls_port, broker.plain_port):
        lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(150)]
        for at, (_, writer) in enumerate(lines):
            writer.write(garbage[at % len(garbage)])
        await test_another_ones_client_id_takes_nothing_over(broker)  # others are served meanwhile
        for _, writer in lines:
            writer.close()
    assert broker.alive


async def test_a_hall_can_be_torn_out_and_the_other_goes_on(broker: Enrolled) -> None:
    """A flood of one principal does not stop another hall's word."""
    own = "kaiyang/A/here/kiosk-A-K1"
    async with client(broker, "kiosk-A-K1") as flood, ears(broker, "controller-B", "kaiyang/B/cmd/+/+") as core:
        flood.pending_calls_threshold = 2000
        pouring = [asyncio.create_task(flood.publish(own, bytes(1000), qos=0)) for _ in range(2000)]
        await say(broker, "caller-B-1", "kaiyang/B/cmd/caller-B-1/CallNext", b"call")
        await core.until("kaiyang/B/cmd/caller-B-1/CallNext", b"call")
        await asyncio.gather(*pouring)


def test_what_was_refused_is_in_the_log(broker: Enrolled, tmp_path: Path) -> None:
    """Who attacks is seen: the broker names the client and the topic."""
    asyncio.run(_attack(broker))
    assert "Denied PUBLISH from kiosk-A-K1" in broker.said()


async def _attack(broker: Enrolled) -> None:
    await say(broker, "kiosk-A-K1", "kaiyang/B/now/hall", b"forged")
