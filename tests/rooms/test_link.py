"""The MQTT link against a real mosquitto: it comes back, asks anew, keeps order, and does not wait for Nagle."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import socket
import time
from pathlib import Path

import pytest
from brokers import PASSWORD, USER, Mosquitto, a_mosquitto, free_port
from waiting import until

from hall.faults import LineDown, OurFault
from transport import link as link_words
from transport import mqtt_aiomqtt
from transport.link import PAYLOAD_MAX, SAY_SOON_MAX, Broker, Client, Heard, Link, LinkRefused, Will, matches, open_link

SLOW_MS = 20.0  # Nagle waits for the delayed acknowledgement: 40 ms, of which a part may have passed


@pytest.fixture(params=["aiomqtt", "gmqtt"], autouse=True)
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every promise of a link is kept by every client library that may stand behind it."""
    chosen: Client = request.param
    dial = link_words._dial
    monkeypatch.setattr(link_words, "_dial", lambda _: dial(chosen))
    monkeypatch.setattr(link_words, "ACK_MAX_S", 30.0)  # a busy machine is no broker that is gone
    return chosen


async def test_what_is_said_is_heard_in_order(a_broker: Mosquitto) -> None:
    heard: list[int] = []
    async with (
        open_link(a_broker.at, "hearer", hears=["t/#"], on_heard=lambda one: heard.append(int(one.payload))) as hearer,
        open_link(a_broker.at, "sayer") as sayer,
    ):
        await hearer.wait_up()
        await sayer.wait_up()
        for number in range(3000):
            sayer.say_soon("t/a", b"%d" % number)
        await sayer.say("t/a", b"3000")
        await until(lambda: len(heard) == 3001)
    assert heard == list(range(3001))


async def test_1500_messages_a_second_and_more(a_broker: Mosquitto) -> None:
    async with open_link(a_broker.at, "sayer") as link:
        await link.wait_up()
        began = time.process_time()  # what others do on the machine is not ours to answer for
        for _ in range(6000):
            link.say_soon("t/a", b"x" * 200)
        await link.said()
        rate = 6000 / (time.process_time() - began)
    assert rate >= 1500, f"{rate:.0f} messages/s"
    assert link.counts["dropped"] == 0


async def test_retained_is_told_apart(a_broker: Mosquitto) -> None:
    heard: list[Heard] = []
    async with open_link(a_broker.at, "sayer") as sayer:
        await sayer.wait_up()
        await sayer.say("t/now", b"before", retain=True)
        async with open_link(a_broker.at, "hearer", hears=["t/now"], on_heard=heard.append) as hearer:
            await hearer.wait_up()
            await sayer.say("t/now", b"after", retain=True)
            await until(lambda: len(heard) == 2)
    assert heard == [Heard("t/now", b"before", True), Heard("t/now", b"after", False)]


async def test_broker_killed_and_started_again(a_broker: Mosquitto) -> None:
    heard: list[bytes] = []
    ups: list[int] = []
    downs: list[str] = []

    async def on_up(link: Link) -> None:
        ups.append(link.ups)
        link.say_soon("t/now", b"state", retain=True)

    async with (
        open_link(
            a_broker.at,
            "a",
            hears=["t/#"],
            on_heard=lambda h: heard.append(h.payload),
            on_up=on_up,
            on_down=downs.append,
        ) as link,
        open_link(a_broker.at, "b") as other,
    ):
        await until(lambda: b"state" in heard)
        a_broker.kill()
        await until(lambda: not link.up and not other.up)
        assert len(downs) == 1
        with pytest.raises(LineDown):
            await other.say("t/evt", b"nobody")
        link.say_soon("t/evt", b"said meanwhile")
        link.say_soon("t/now", b"forgotten, for on_up says it anew", retain=True)
        heard.clear()
        a_broker.start()
        await until(lambda: heard.count(b"state") == 1 and b"said meanwhile" in heard)
        assert ups == [1, 2]
        assert heard.count(b"forgotten, for on_up says it anew") == 0


async def test_what_was_not_acknowledged_is_said_again(a_broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker freezes while 300 events are under way: each is heard, and the hopeless say() is not said later."""
    monkeypatch.setattr(link_words, "ACK_MAX_S", 0.5)
    heard: list[int] = []
    async with (
        open_link(a_broker.at, "hearer", hears=["t/#"], on_heard=lambda one: heard.append(int(one.payload))) as hearer,
        open_link(a_broker.at, "sayer") as sayer,
    ):
        await hearer.wait_up()
        await sayer.wait_up()
        a_broker.freeze()
        for number in range(300):
            sayer.say_soon("t/evt", b"%d" % number)
        sayer.say_soon("t/now", b"998", retain=True)
        with pytest.raises(LineDown):
            await sayer.say("t/cmd", b"999")
        monkeypatch.setattr(link_words, "ACK_MAX_S", 30.0)
        a_broker.thaw()
        await sayer.wait_up()
        await sayer.say("t/evt", b"1000")
        await until(lambda: 1000 in heard)
        assert hearer.ups == 1
    assert set(heard) == {*range(300), 1000}
    once = list(dict.fromkeys(reversed(heard)))[::-1]
    assert once == sorted(once), "in order, but for doubles"


async def test_saying_on_while_the_line_breaks(a_broker: Mosquitto) -> None:
    """Nothing escapes to whoever speaks in the very moment of the break, and the link says on behind it."""
    number = 0
    async with open_link(a_broker.at, "sayer") as sayer:
        await sayer.wait_up()
        a_broker.kill()
        while sayer.up:
            sayer.say_soon("t/evt", b"%d" % number)
            number += 1
            await asyncio.sleep(0)
        a_broker.start()
        await sayer.said()
        await sayer.say("t/evt", b"")
    assert sayer.counts["dropped"] == 0


async def test_a_broker_that_freezes_is_found_out(a_broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_words, "ACK_MAX_S", 0.5)
    async with open_link(a_broker.at, "sayer") as link:
        await link.wait_up()
        a_broker.freeze()
        with pytest.raises(LineDown):
            await link.say("t/a", b"")
        assert not link.up
        monkeypatch.setattr(link_words, "ACK_MAX_S", 30.0)
        a_broker.thaw()
        await link.wait_up()
        await link.say("t/a", b"")


async def test_a_silent_broker_is_found_out_by_a_hearer_too(
    a_broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says nothing itself, so only the keep-alive can tell (F16)."""
    monkeypatch.setattr("transport.link.KEEPALIVE_S", 1)
    async with open_link(a_broker.at, "hearer", hears=["t/#"]) as link:
        await link.wait_up()
        a_broker.freeze()
        await until(lambda: not link.up)
        a_broker.thaw()
        await link.wait_up()


async def test_two_of_one_name_throw_each_other_out_ever_more_slowly(a_broker: Mosquitto) -> None:
    """A mistake in the set-up must not become a storm of connections (F19)."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with open_link(a_broker.at, "same") as one, open_link(a_broker.at, "same") as other:
        await until(lambda: one.ups + other.ups >= 8)
        assert loop.time() - began > 0.7


async def test_the_oldest_gives_way_when_too_much_waits() -> None:
    async with open_link(Broker("127.0.0.1", free_port()), "sayer") as link:
        for number in range(SAY_SOON_MAX + 3):
            link.say_soon("t/evt", b"%d" % number)
        assert link.counts["dropped"] == 3
        assert not link.up


async def test_last_will_and_good_bye(a_broker: Mosquitto) -> None:
    heard: list[bytes] = []
    will, bye = Will("t/here/x", b"gone"), Will("t/here/x", b"bye")
    async with open_link(
        a_broker.at, "hearer", hears=["t/here/+"], on_heard=lambda h: heard.append(h.payload)
    ) as hearer:
        await hearer.wait_up()
        async with open_link(a_broker.at, "x", will=will, goodbye=bye) as link:
            await link.wait_up()
        await until(lambda: heard == [b"bye"])
        async with open_link(a_broker.at, "x", will=will, goodbye=bye) as link:
            await link.wait_up()
            async with open_link(a_broker.at, "x") as usurper:  # same name: the broker throws the first one out
                await until(lambda: b"gone" in heard)
                del usurper


async def test_wrong_password_is_a_clear_error(a_broker: Mosquitto) -> None:
    wrong = Broker(a_broker.at.host, a_broker.at.port, USER, "wrong")
    with pytest.raises(LinkRefused, match="refuses the log-in"):
        async with open_link(wrong, "x") as link:
            await link.wait_up()


async def test_refused_later_is_retried(tmp_path: Path) -> None:
    """Once it has been up, a refusal is a broker being worked on: the link says so and goes on trying."""
    with a_mosquitto(tmp_path) as broker:
        async with open_link(broker.at, "x") as link:
            await link.wait_up()
            broker.kill()
            passwords = (broker.folder / "passwords").read_text()
            (broker.folder / "passwords").write_text("")
            broker.start()
            await until(lambda: "refuses the log-in" in link.trouble)
            broker.kill()
            (broker.folder / "passwords").write_text(passwords)
            broker.start()
            await link.wait_up()


async def test_refused_filter_is_a_clear_error(tmp_path: Path) -> None:
    with a_mosquitto(tmp_path, more=_only_hall_a(tmp_path)) as broker:
        async with open_link(broker.at, "x", hears=["s/A/#"]) as link:
            await link.wait_up()
        with pytest.raises(LinkRefused, match=r"does not let x hear s/B/#$"):
            async with open_link(broker.at, "x", hears=["s/A/#", "s/B/#"]) as link:
                await link.wait_up()


def _only_hall_a(folder: Path) -> str:
    """Configuration of mosquitto's own plugin that refuses filters; its access file would grant them all."""
    salt = b"twelve bytes"  # mosquitto takes no other length
    key = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, 101)
    kept = {"password": base64.b64encode(key).decode(), "salt": base64.b64encode(salt).decode(), "iterations": 101}
    acl = {"acltype": "subscribePattern", "topic": "s/A/#", "allow": True, "priority": 0}
    everything = {
        "defaultACLAccess": dict.fromkeys(("publishClientSend", "publishClientReceive", "unsubscribe"), True)
        | {"subscribe": False},
        "clients": [{"username": USER, "roles": [{"rolename": "a", "priority": 0}]} | kept],
        "roles": [{"rolename": "a", "acls": [acl]}],
    }
    file = folder / "dynamic-security.json"
    file.write_text(json.dumps(everything))
    plugin = next(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"))
    return f"plugin {plugin}\nplugin_opt_config_file {file}\n"


async def test_a_hearer_that_fails_goes_on_hearing(a_broker: Mosquitto) -> None:
    heard: list[bytes] = []

    def hear(one: Heard) -> None:
        heard.append(one.payload)
        if one.payload == b"bad":
            raise ValueError("whatever a payload may do")

    async with open_link(a_broker.at, "x", hears=["t/#"], on_heard=hear) as link:
        await link.wait_up()
        for payload in (b"bad", b"good"):
            await link.say("t/a", payload)
        await until(lambda: heard == [b"bad", b"good"])
        assert link.counts["refused"] == 1
        assert link.ups == 1


async def test_a_room_that_cannot_greet_ends(a_broker: Mosquitto) -> None:
    async def on_up(_: Link) -> None:
        raise OurFault("no state to tell")

    with pytest.raises(OurFault, match="no state"):
        async with open_link(a_broker.at, "x", on_up=on_up) as link:
            await link.wait_up()


async def test_what_cannot_be_said_is_our_fault(a_broker: Mosquitto) -> None:
    async with open_link(a_broker.at, "x") as link:
        await link.wait_up()
        for topic in ("", "t/#", "t/+/a", "t/\0", "ü" * 40000):
            with pytest.raises(OurFault):
                link.say_soon(topic, b"")
        with pytest.raises(OurFault):
            await link.say("t/a", b"x" * (PAYLOAD_MAX + 1))
        await link.say("t/a", b"x" * 200_000)


async def test_leaving_while_the_broker_is_away_takes_no_time() -> None:
    loop = asyncio.get_running_loop()
    async with open_link(Broker("127.0.0.1", free_port()), "x", goodbye=Will("t/here/x", b"bye")) as link:
        link.say_soon("t/a", b"")
        began = loop.time()
    assert loop.time() - began < 3


@pytest.mark.parametrize(
    ("ours", "theirs", "fast"), [(True, True, True), (False, True, False), (True, False, False)], ids=str
)
async def test_answers_do_not_wait_for_nagle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ours: bool, theirs: bool, fast: bool
) -> None:
    """Request and answer on one connection, 88 ms without TCP_NODELAY: the slow rows prove that we would see it."""
    if not ours:
        monkeypatch.setattr(mqtt_aiomqtt, "SOCKET_OPTIONS", ())
        monkeypatch.setattr("asyncio.base_events._set_nodelay", lambda _: None)  # gmqtt's sockets are asyncio's
    with a_mosquitto(tmp_path, nodelay=theirs) as broker:
        took_ms = await _round_trips(broker.at, 60 if fast else 20)
    if fast:
        # a busy machine makes many of them slow; Nagle would make nearly all
        assert took_ms[len(took_ms) // 4] < SLOW_MS, f"slow answers: {took_ms} ms"
    else:
        assert took_ms[len(took_ms) * 3 // 4] > SLOW_MS, "answers are fast without TCP_NODELAY: what do we measure?"


async def _round_trips(broker: Broker, times: int) -> list[float]:
    """Sorted times, in ms, from a question to the answer of a second client."""
    loop = asyncio.get_running_loop()
    answered = asyncio.Event()
    answering: list[Link] = []
    async with (
        open_link(broker, "b", hears=["t/cmd"], on_heard=lambda _: answering[0].say_soon("t/evt", b"{}")) as b,
        open_link(broker, "a", hears=["t/evt"], on_heard=lambda _: answered.set()) as a,
    ):
        answering.append(b)
        await a.wait_up()
        await b.wait_up()
        took = []
        for _ in range(times):
            answered.clear()
            began = loop.time()
            a.say_soon("t/cmd", b"{}")
            await answered.wait()
            took.append((loop.time() - began) * 1000)
            await asyncio.sleep(0.01)  # as a machine does: one question, then nothing for a while
    return sorted(took)


def test_the_socket_option_is_the_one_meant() -> None:
    assert (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) in mqtt_aiomqtt.SOCKET_OPTIONS


@pytest.mark.parametrize(
    ("pattern", "topic", "covered"),
    [
        ("s/A/now/#", "s/A/now/panels/A01", True),
        ("s/A/now/#", "s/A/now", True),
        ("s/A/now/#", "s/B/now/x", False),
        ("s/+/evt/+", "s/A/evt/TicketCalled", True),
        ("s/+/evt/+", "s/A/evt/x/y", False),
        ("s/+", "s", False),
        ("#", "$SYS/broker", False),
        ("+/x", "$SYS/x", False),
        ("s/A", "s/A", True),
        ("s/A", "s/A/b", False),
    ],
)
def test_filters(pattern: str, topic: str, covered: bool) -> None:
    assert matches(pattern, topic) is covered
