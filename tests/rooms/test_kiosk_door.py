"""What bad input gets at the machine's door and on its topics: nothing happens, it is counted, and it goes on."""

from __future__ import annotations

import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import msgspec
import pytest
from brokers import Mosquitto
from kiosks import KioskHall, a_kiosk_hall
from waiting import until

from hall import topics
from hall.plan.model import Plan
from transport.link import open_link

GOOD = {"touch": "0f8fad5b-d9cb-469f-a165-70867728950e", "entry": "now"}
BAD: tuple[bytes, ...] = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"now"',
    b"\xff\xfe\x00",
    b"[" * 50_000,
    json.dumps(GOOD | {"more": 1}).encode(),
    json.dumps(GOOD | {"touch": "1"}).encode(),
    json.dumps(GOOD | {"touch": GOOD["touch"] + "\n"}).encode(),
    json.dumps(GOOD | {"touch": GOOD["touch"].upper()}).encode(),
    json.dumps(GOOD | {"entry": ""}).encode(),
    json.dumps(GOOD | {"entry": "x" * 41}).encode(),
    json.dumps(GOOD | {"entry": 1}).encode(),
    json.dumps(GOOD | {"lang": "fr"}).encode(),
    json.dumps(GOOD | {"again": "yes"}).encode(),
    json.dumps({"entry": "now"}).encode(),
)


async def post(hall: KioskHall, body: bytes, **headers: str) -> int:
    sent = {"Content-Type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
    async with hall.http.post(hall.page("A-K1") + "touch", data=body, headers=sent) as response:
        assert "Traceback" not in await response.text()
        return response.status


async def test_a_bad_touch_is_refused_and_nothing_happens(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("A-K1")
        for body in BAD:
            assert await post(hall, body) == 400, body[:80]
        good = json.dumps(GOOD).encode()
        assert await post(hall, good + b" " * 70_000) == 413
        assert await post(hall, good, Content_Type="text/plain") == 415
        assert await post(hall, good, Host="evil.example") == 403
        assert await post(hall, good, Host=f"127.0.0.1.evil.example:{hall.kiosk('A-K1').port}") == 403
        assert await post(hall, good, Origin="http://evil.example") == 403
        assert await post(hall, good, Origin="null") == 403
        state = await hall.live("A-K1", lambda state: state)
        assert state["last"] is None
        assert await post(hall, good, Origin=hall.page("A-K1").rstrip("/")) == 200
        assert (await hall.touch("A-K1"))["refusal"]["why"] == "away"


@pytest.mark.parametrize(
    "path",
    [
        "page/../door.py",
        "page/%2e%2e/door.py",
        "page/..%2fdoor.py",
        "page//etc/passwd",
        "page/",
        "door.py",
        ".git/config",
    ],
)
async def test_only_the_page_is_served(a_broker: Mosquitto, tmp_path: Path, path: str) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("A-K1")
        reader, writer = await asyncio.open_connection("127.0.0.1", hall.kiosk("A-K1").port)
        writer.write(
            f"GET /{path} HTTP/1.1\r\nHost: 127.0.0.1:{hall.kiosk('A-K1').port}\r\nConnection: close\r\n\r\n".encode()
        )
        answer = await asyncio.wait_for(reader.read(), 30)
        writer.close()
        assert answer.split(b" ", 2)[1] in (b"403", b"404"), answer[:200]
        assert b"import" not in answer and b"root:" not in answer


async def test_garbage_on_the_port_is_no_end(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("A-K1")
        port = hall.kiosk("A-K1").port
        for data in (
            b"\x00" * 3000,
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST /touch HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"A: " * 40_000,
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(data)
            writer.write_eof()
            answer = await asyncio.wait_for(reader.read(), 30)
            writer.close()
            assert b"Traceback" not in answer
        assert (await hall.touch("A-K1"))["refusal"]["why"] == "away"


def _live_plan(plan: Plan) -> Plan:
    return msgspec.structs.replace(plan, site=msgspec.structs.replace(plan.site, mode="live"))


@pytest.mark.parametrize("mode", ["simulated", "live"])
async def test_headers_of_every_answer(a_broker: Mosquitto, tmp_path: Path, mode: str) -> None:
    """Only the bench of a simulated plan may frame the page; nothing may be loaded from elsewhere."""
    change = _live_plan if mode == "live" else lambda plan: plan
    async with a_kiosk_hall(a_broker, tmp_path, change=change) as hall:
        await hall.start("A-K1")
        for path in ("", "page/main.js", "texts.json", "nothing"):
            async with hall.http.get(hall.page("A-K1") + path) as response:
                headers = response.headers
                assert headers["X-Content-Type-Options"] == "nosniff"
                assert headers["Cache-Control"] == "no-store"
                assert "Server" not in headers
                policy = headers["Content-Security-Policy"]
                assert policy.startswith("default-src 'self'; ") and "unsafe" not in policy
                frames = policy.split("frame-ancestors ")[1]
                bench = f"http://127.0.0.1:{hall.plan.bench.port}"
                assert frames == "'none'" if mode == "live" else bench in frames.split()


async def test_the_page_names_nothing_outside_the_machine() -> None:
    page = Path(__file__).parents[2] / "kiosk/page"
    for file in page.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "//" not in text.replace("// ", "") and "innerHTML" not in text and "eval(" not in text, file.name
        assert "style=" not in text and " on" not in [part[:3] for part in text.split("<")], file.name


async def test_garbage_on_the_topics_changes_nothing(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        await hall.open_for_touch("A-K1")
        at = ("kaiyang", "A")
        named = [
            topics.now(*at, "jobs/A-K1"),
            topics.now(*at, "queues/large"),
            topics.now(*at, "queues/nobody"),
            topics.evt(*at, "TicketIssued"),
            topics.evt(*at, "Nothing"),
        ]
        garbage: list[bytes] = [b"{", b"\xff\xfe", b"null", b"[1]", b'{"epoch":1}', b"[" * 5000, b"x" * 200_000, b""]
        async with open_link(a_broker.at, "stranger") as stranger:
            await stranger.wait_up()
            for topic in named:
                for payload in garbage:
                    await stranger.say(topic, payload)
            await stranger.say(topics.here(*at, "controller"), b"\x00garbage")
        answer = await hall.touch("A-K1")
        assert answer["number"] == "A0001"
        await hall.live("A-K1", lambda state: state["last"]["slip"] == "printed")
        assert "error" not in hall.room("A-K1").log.read_text()


async def test_an_older_controllers_view_is_ignored(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        await hall.open_for_touch("A-K1")
        old: dict[str, Any] = {
            "epoch": 1, "revision": 10**9, "day": "2020-01-01", "phase": "closed", "issuing": False,
            "plan_hash": "", "waiting": 0, "ready": False, "why_not": "not_ready",
        }  # fmt: skip
        async with open_link(a_broker.at, "stranger") as stranger:
            await stranger.wait_up()
            await stranger.say(topics.now("kaiyang", "A", "hall"), json.dumps(old).encode())
        assert (await hall.touch("A-K1"))["number"] == "A0001"


async def test_two_machines_cannot_share_a_port(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("A-K1")
        taken = await asyncio.create_subprocess_exec(
            *hall.room("A-K1").command, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
        )
        _, said = await asyncio.wait_for(taken.communicate(), 60)
        assert taken.returncode == 1
        assert f"cannot listen on 127.0.0.1:{hall.kiosk('A-K1').port}" in said.decode()
        assert "Traceback" not in said.decode()


async def test_the_page_is_served_on_the_loopback_only(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path, host="0.0.0.0") as hall:  # noqa: S104
        with pytest.raises(AssertionError, match=r"0\.0\.0\.0 is no loopback"):
            await hall.start("A-K1")


async def test_too_many_lookers_are_turned_away(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("A-K1")
        seen = [await hall.http.get(hall.page("A-K1") + "live") for _ in range(20)]
        assert [r.status for r in seen].count(200) == 16 and seen[-1].status == 503
        for response in seen:
            response.close()

        async def again() -> int:
            async with hall.http.get(hall.page("A-K1") + "live") as response:
                return response.status

        statuses: list[int] = []

        async def look() -> None:
            while 200 not in statuses:
                statuses.append(await again())

        await asyncio.wait_for(look(), 60)


async def test_it_stops_at_once_and_leaves_nothing(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("A-K1")
        watching = asyncio.create_task(hall.live("A-K1", lambda state: False, 30))
        loop = asyncio.get_running_loop()
        began = loop.time()
        await hall.room("A-K1").stop()
        assert loop.time() - began < 4.5, "it was killed"
        assert "not everything stopped in time" not in hall.room("A-K1").log.read_text()
        await until(watching.done, what="the stream has ended")
        watching.exception()


def test_ids_of_touches_are_uuids() -> None:
    from kiosk.issuing import Touch

    assert msgspec.json.decode(json.dumps(GOOD | {"touch": str(uuid.uuid4())}), type=Touch).lang == "zh"
