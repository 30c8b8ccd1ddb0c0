"""The public door on a real controller: what a slip's link shows, what a stranger's gets, who is turned away."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from brokers import Mosquitto
from kiosks import a_kiosk_hall
from phones import DAY, Phones
from waiting import PATIENCE, until
from window_halls import SITE, a_hall, small

from hall import codec
from hall import commands as c
from hall.events import Recorded, ServiceRated, TicketTransferred
from hall.names import Level, Role
from hall.plan.model import Plan
from hall.views import JobsView
from transport.doors.answering import BODY_MAX
from transport.doors.limiting import CONNECTIONS_PER_SENDER, REQUESTS_BURST, REQUESTS_PER_S

WEIGHT_MAX = 50 * 1024  # bytes of everything a phone loads for the page
QUICK_S = 1.0  # a call is on the phone within this; aimed at a third of it


@pytest.fixture
async def phones(a_broker: Mosquitto, tmp_path: Path) -> AsyncIterator[Phones]:
    async with a_hall(a_broker, tmp_path, small(guard_s=0, no_show_after_s=0)) as hall:
        await hall.start("controller")
        yield Phones(hall)


async def get(url: str, **more: Any) -> tuple[int, str, Any]:
    async with aiohttp.request("GET", url, **more) as answer:
        return answer.status, await answer.text(), answer.headers


# -- what a slip's link shows --------------------------------------------------------------------------------------


async def test_the_code_on_a_slip_leads_to_its_page(phones: Phones) -> None:
    hall = phones.hall
    issued = await hall.ask("kiosk-A-K1", c.IssueTicket("now", kiosk="A-K1"), Role.CITIZEN)
    await until(lambda: hall.views.get("now/jobs/A-K1") and _jobs(phones), what="a job to print")
    [job] = _jobs(phones)
    assert job.number == issued[0].number  # type: ignore[attr-defined]
    assert job.status == phones.link(job.number)
    status, page, headers = await get(job.status)
    assert status == 200 and "排队进度" in page and headers["Content-Type"] == "text/html; charset=utf-8"


def _jobs(phones: Phones) -> tuple[Any, ...]:
    return codec.view(phones.hall.views["now/jobs/A-K1"], JobsView).jobs


async def test_a_ticket_is_told_along_its_whole_road(phones: Phones) -> None:
    await phones.hall.issue(times=4)
    state = await phones.state("A0004")
    assert (state["stage"], state["ahead"], state["windows"]) == ("waiting", 3, "A01–A03")
    assert 0 < state["low_min"] < state["high_min"] and state["matter"]["zh"] == "马上办"
    await phones.at("A01", c.CallNext)
    called = await phones.state("A0001")
    assert (called["stage"], called["window"], called["window_name"]) == ("called", "A01", "综合受理窗口A01")
    assert (await phones.state("A0004"))["ahead"] == 2
    await phones.at("A01", c.Recall)
    assert (await phones.state("A0001"))["recalls"] == 1
    await phones.at("A01", c.StartService)
    assert (await phones.state("A0001"))["stage"] == "serving"
    await phones.at("A01", c.HoldTicket)
    assert (await phones.state("A0001"))["stage"] == "held"
    await phones.at("A02", c.CallNext)
    await phones.at("A02", c.Recall)
    await phones.at("A02", c.MarkNoShow)
    parked = await phones.state("A0002")
    assert (parked["stage"], parked["may_return"], parked["window"]) == ("parked", True, "")
    await phones.at("A03", c.CallNext)
    moved = await phones.at("A03", c.TransferTicket, to_window="A02")
    assert isinstance(moved[0], TicketTransferred)
    directed = await phones.state("A0003")
    assert (directed["stage"], directed["ahead"], directed["windows"]) == ("waiting", 0, "A02")
    await phones.hall.supervise(c.VoidTicket("A0004", reason="left"))
    assert (await phones.state("A0004"))["stage"] == "void"


async def test_nobody_serving_promises_nothing(phones: Phones) -> None:
    await phones.hall.issue(times=2)
    for window in ("A01", "A02", "A03"):
        await phones.at(window, c.PauseWindow)
    state = await phones.state("A0002")
    assert (state["ahead"], state["low_min"], state["windows"]) == (1, -1, "")


async def test_a_call_is_on_the_phone_at_once(phones: Phones) -> None:
    await phones.hall.issue(times=2)
    live = phones.live("A0001")
    assert (await anext(live))["stage"] == "waiting"
    began = time.monotonic()
    await phones.at("A01", c.CallNext)
    state = await asyncio.wait_for(anext(live), 20)
    assert (state["stage"], state["window"]) == ("called", "A01")
    assert time.monotonic() - began < QUICK_S * PATIENCE
    await live.aclose()


async def test_everybody_behind_hears_of_a_call_too(phones: Phones) -> None:
    await phones.hall.issue(times=30)
    lives = [phones.live(f"A{n:04d}") for n in range(1, 31)]
    try:
        assert [(await anext(live))["ahead"] for live in lives] == list(range(30))
        await phones.at("A01", c.CallNext)
        told = await asyncio.wait_for(asyncio.gather(*(anext(live) for live in lives[1:])), 40)
        assert [state["ahead"] for state in told] == list(range(29))
    finally:
        for live in lives:
            await live.aclose()


async def test_a_restart_changes_nothing_on_the_phone(phones: Phones) -> None:
    await phones.hall.issue(times=3)
    await phones.at("A01", c.CallNext)
    before = [await phones.state(f"A000{n}") for n in (1, 2, 3)]
    await phones.hall.room("controller").kill()
    await phones.hall.start("controller")
    assert [await phones.state(f"A000{n}") for n in (1, 2, 3)] == before


# -- rating --------------------------------------------------------------------------------------------------------


def rated(phones: Phones) -> list[Recorded]:
    """Ratings heard on the bus, each record once: a repeated letter is answered again."""
    found = {r.id: r for r in phones.hall.events if isinstance(r.event, ServiceRated)}
    return list(found.values())


async def test_a_rating_counts_once_however_often_it_is_sent(phones: Phones) -> None:
    await phones.hall.issue()
    await phones.serve("A01")
    assert (await phones.state("A0001"))["rating"] == "open"
    answers = await asyncio.gather(*(phones.rate("A0001", level=5) for _ in range(5)))
    assert {status for status, _ in answers} == {200} and {state["rating"] for _, state in answers} == {"done"}
    assert (await phones.rate("A0001", level=1))[1]["rating"] == "done"
    await until(lambda: rated(phones), what="a rating on the bus")
    [recorded] = rated(phones)
    assert recorded.event == ServiceRated(number="A0001", window="A01", staff="1001", level=Level.VERY_SATISFIED)
    assert recorded.by == c.Principal("phone", role=Role.CITIZEN)


async def test_the_reason_of_a_bad_rating_is_kept_as_a_word_of_the_list(phones: Phones) -> None:
    await phones.hall.issue(times=2)
    for number, rating, kept in (
        ("A0001", {"level": 1, "why": "slow"}, "slow"),
        ("A0002", {"level": 4, "why": "slow"}, ""),
    ):
        await phones.serve("A01")
        assert (await phones.rate(number, **rating))[0] == 200
        await until(lambda n=number: [r for r in rated(phones) if r.event.number == n], what=f"the rating of {number}")
        assert rated(phones)[-1].reason == kept


@pytest.mark.parametrize(
    "rating",
    [{}, {"level": 0}, {"level": 6}, {"level": "5"}, {"level": 5.5}, {"level": 1, "why": "<b>"}, {"level": 5, "x": 1}],
)
async def test_what_is_no_rating_is_refused_and_changes_nothing(phones: Phones, rating: dict[str, Any]) -> None:
    await phones.hall.issue()
    await phones.serve("A01")
    status, refusal = await phones.rate("A0001", **rating)
    assert status == 400 and refusal["request"]
    assert (await phones.state("A0001"))["rating"] == "open"


async def test_a_rating_before_its_time_never_reaches_the_journal(phones: Phones) -> None:
    await phones.hall.issue()
    heard = len(phones.hall.events)
    for _ in range(3):
        assert (await phones.rate("A0001", level=5))[0] == 409
    await phones.at("A01", c.CallNext)
    assert (await phones.rate("A0001", level=5))[1]["why"] == "rating_not_due"
    await phones.at("A01", c.StartService)
    assert {r.by.device for r in phones.hall.events[heard:]} == {"caller-A-1"}


async def test_a_rating_too_late_is_refused(a_broker: Mosquitto, tmp_path: Path) -> None:
    plan = small(guard_s=0, rating_open_s=10)
    async with a_hall(a_broker, tmp_path, plan, rate=20.0) as hall:
        await hall.start("controller")
        phones = Phones(hall)
        await hall.issue()
        await phones.serve("A01")
        await hall.clock.sleep_until(hall.clock.now() + 11_000)
        assert (await phones.state("A0001"))["rating"] == "late"
        status, refusal = await phones.rate("A0001", level=5)
        assert (status, refusal["why"]) == (409, "rating_late")


# -- strangers -----------------------------------------------------------------------------------------------------


def forged(phones: Phones) -> dict[str, str]:
    link = phones.link("A0001")
    head, _, seal = link.rpartition("/")
    key, _, mac = seal.partition(".")
    other = phones.signer.address(SITE, "A", DAY, "A0002").rpartition("/")[2]
    return {
        "another ticket's seal": f"{head}/{other}",
        "one sign changed": f"{head}/{key}.{'A' if mac[0] != 'A' else 'B'}{mac[1:]}",
        "cut short": f"{head}/{seal[:-1]}",
        "no seal": f"{head}/",
        "no key": f"{head}/{mac}",
        "another key": f"{head}/ffff.{mac}",
        "longer": f"{link}A",
        "another number": link.replace("A0001", "A0002"),
        "another hall": link.replace("/A/", "/B/"),
        "another site": link.replace("/kaiyang/", "/elsewhere/"),
        "another day": link.replace(DAY, "2026-11-22"),
        "script": f"{phones.base}/t/kaiyang/A/{DAY}/%3Cscript%3Ealert(1)%3C%2Fscript%3E/{seal}",
        "climbing": f"{phones.base}/t/../../../../etc/passwd",
        "climbing for files": f"{phones.base}/page/..%2F..%2Fdoor.py",
        "not utf-8": f"{phones.base}/t/kaiyang/A/{DAY}/%ff%fe/{seal}",
        "nul": f"{phones.base}/t/kaiyang/A/{DAY}/A0001%00/{seal}",
        "chinese": f"{phones.base}/t/kaiyang/A/{DAY}/甲0001/{seal}",
        "nothing": f"{phones.base}/",
    }


async def test_a_forged_link_is_refused_kindly(phones: Phones) -> None:
    await phones.hall.issue(times=2)
    bodies = set()
    for name, url in forged(phones).items():
        status, page, headers = await get(url)
        assert status == 404, name
        assert "这个链接打不开" in page and "This link does not open" in page, name
        assert "<script" not in page and "A0001" not in page, name
        assert headers["Content-Security-Policy"].startswith("default-src 'self'"), name
        if "/t/kaiyang" in url and name != "script":
            bodies.add(page.partition("<footer>")[0])
    assert len(bodies) == 1, "a refusal tells which part was wrong"


async def test_a_genuine_link_of_another_day_says_so(phones: Phones) -> None:
    await phones.hall.issue()
    status, page, _ = await get(phones.link("A0001", day="2026-11-20"))
    assert status == 404 and "这张号票已过期" in page
    status, page, _ = await get(phones.link("A0999"))
    assert status == 404 and "这张号票已过期" in page
    status, text, headers = await get(phones.link("A0001", day="2026-11-20") + "/state")
    assert (status, headers["Content-Type"].split(";")[0]) == (404, "application/json")
    assert '"why":"old"' in text


async def test_another_site_can_do_nothing_with_a_browser(phones: Phones) -> None:
    await phones.hall.issue()
    await phones.serve("A01")
    link = phones.link("A0001")
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        status, page, _ = await get(link, headers=headers)
        assert status == 403 and "不能从这里打开" in page
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        async with aiohttp.request("POST", link + "/rating", data=b'{"level":5}', headers={"Content-Type": kind}) as no:
            assert no.status == 415
    async with aiohttp.request("POST", link + "/rating", json={"level": 5}, headers={"Origin": phones.base}) as yes:
        assert yes.status == 200


async def test_every_answer_is_dressed(phones: Phones) -> None:
    await phones.hall.issue()
    link = phones.link("A0001")
    for url in (link, link + "/state", link + "x", f"{phones.base}/page/ticket.js", f"{phones.base}/page/none.js"):
        _, _, headers = await get(url)
        assert headers["Content-Security-Policy"] == (
            "default-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; "
            "frame-ancestors http://127.0.0.1:8700"
        )
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store" and "Server" not in headers
    async with aiohttp.request("DELETE", link) as answer:
        assert answer.status == 405 and answer.headers["Allow"] == "GET"


async def test_a_live_plan_lets_nobody_frame_its_pages(a_broker: Mosquitto, tmp_path: Path) -> None:
    def live(plan: Plan) -> Plan:
        return msgspec.structs.replace(plan, site=msgspec.structs.replace(plan.site, mode="live"))

    async with a_kiosk_hall(a_broker, tmp_path, (), change=live) as hall:
        await hall.start("controller")
        _, _, headers = await get(f"{hall.plan.site.status_url}/")
        assert headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


# -- weight, floods, garbage ---------------------------------------------------------------------------------------


async def test_the_page_is_light(phones: Phones) -> None:
    await phones.hall.issue()
    link = phones.link("A0001")
    files = ("ticket.css", "ticket.js", "icon.svg", "texts.json")
    loaded = [await get(url) for url in (link, link + "/state", *(f"{phones.base}/page/{name}" for name in files))]
    assert all(status == 200 for status, _, _ in loaded)
    assert sum(len(body.encode()) for _, body, _ in loaded) < WEIGHT_MAX


async def test_a_flood_from_one_address_is_turned_away_and_the_hall_goes_on(phones: Phones) -> None:
    await phones.hall.issue(times=2)
    link = phones.link("A0001")
    statuses: list[int] = []

    async def hammer(http: aiohttp.ClientSession) -> None:
        for _ in range(120):
            with contextlib.suppress(aiohttp.ClientError):
                async with http.get(link + "/state") as answer:
                    statuses.append(answer.status)
                    if answer.status == 429:
                        assert answer.headers["Retry-After"] == "5"

    async with aiohttp.ClientSession() as http:
        flooded = time.monotonic()
        flood = asyncio.gather(*(hammer(http) for _ in range(20)))
        slowest = 0.0
        for window in ("A01", "A02"):
            began = time.monotonic()
            await phones.at(window, c.CallNext)
            slowest = max(slowest, time.monotonic() - began)
        await flood
    took = time.monotonic() - flooded
    assert statuses.count(200) < REQUESTS_BURST + REQUESTS_PER_S * (took + 1)
    assert 429 in statuses or took > 10, "a machine so slow floods nobody"
    assert slowest < 2.0 * PATIENCE, "a flood at the public door held up a call"


async def test_connections_of_one_address_are_bounded(phones: Phones) -> None:
    port = phones.hall.plan.doors.public_port
    streams = []
    try:
        for _ in range(CONNECTIONS_PER_SENDER + 20):
            with contextlib.suppress(ConnectionError):
                streams.append(await asyncio.open_connection("127.0.0.1", port))
        await until(lambda: sum(reader.at_eof() or bool(reader.exception()) for reader, _ in streams) >= 20, 5.0)
        assert await phones.at("A01", c.PauseWindow)
    finally:
        for _, writer in streams:
            writer.close()


GARBAGE = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # somebody speaks TLS
    b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 9000 + b"\r\n\r\n",
    b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"\x00" * 500,
    b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: 1\r\n" % n for n in range(200)) + b"\r\n",
    "GET /t/甲 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode(),
)


async def test_garbage_gets_no_trace_and_changes_nothing(phones: Phones) -> None:
    await phones.hall.issue()
    port = phones.hall.plan.doors.public_port
    for garbage in GARBAGE:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(garbage)
        with contextlib.suppress(ConnectionError):
            writer.write_eof()
            answer = await asyncio.wait_for(reader.read(65536), 60)
            assert b"Traceback" not in answer and b".py" not in answer
            assert not answer or answer.split()[1][:1] in (b"4", b"5"), answer
        writer.close()
    link = phones.link("A0001")
    async with aiohttp.request("POST", link + "/rating", data=b"[" * BODY_MAX + b"[", headers=JSON) as answer:
        assert answer.status == 413
    for body in (b"", b"[" * 5000, b"\xff\xfe", b"null", b'{"level":1e999}', b'{"level":' + b"9" * 400 + b"}"):
        async with aiohttp.request("POST", link + "/rating", data=body, headers=JSON) as answer:
            assert answer.status == 400
    assert (await phones.state("A0001"))["stage"] == "waiting"
    log = phones.hall.room("controller").log.read_text(errors="replace")
    assert "Traceback" not in log and "a request failed" not in log


JSON = {"Content-Type": "application/json"}


async def test_a_taken_address_stops_no_hall(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_hall(a_broker, tmp_path, small()) as hall:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", hall.plan.doors.public_port)
        async with server:
            await hall.start("controller")
            assert await hall.issue() == ["A0001"]
            assert "public door not open" in hall.room("controller").log.read_text()
        await until(lambda: "public door open" in hall.room("controller").log.read_text(), 15.0, "the door opens")
        assert (await Phones(hall).state("A0001"))["stage"] == "waiting"
