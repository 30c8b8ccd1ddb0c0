"""The hall screen in a real browser on the real controller: right at once, flashing for what is new, never stale."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from brokers import Mosquitto
from browsers import LANDSCAPE, PORTRAIT, Complaints, a_browser, a_page
from playwright.async_api import Browser, Page, expect
from waiting import PATIENCE, until
from window_halls import SITE, WindowHall, a_hall, small, whole_kaiyang

from displays.screen.board import PAST_MS, STARTED_MS, Board
from displays.screen.door import SCREENS_MAX
from hall import codec, topics
from hall import commands as c
from hall.events import CallReason, Event, Recorded, TicketCalled, WindowRenamed
from hall.names import Role, Rule, Stage, WindowStatus
from hall.plan import Plan
from hall.views import HallView, QueueView, WindowView

LAPTOP = (1366, 768)
SEEN_MS = 1_000 * PATIENCE  # a call is on the screen
BACK_S = 10.0 * PATIENCE  # everything is right again after a restart
EVIL = "<img src=x>'\"𠀀"
SMALLEST_PX = 26  # type of the least important line, on a screen of 1080 lines
CONTRAST = 4.5  # WCAG AA
MEASURE = Path(__file__).with_name("contrasts.js").read_text(encoding="utf-8")
FITS = Path(__file__).with_name("screen_fits.js").read_text(encoding="utf-8")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as browser:
        yield browser


@pytest.fixture
async def hall(a_broker: Mosquitto, tmp_path: Path) -> AsyncIterator[WindowHall]:
    async with a_hall(a_broker, tmp_path, silent(small(guard_s=0, no_show_after_s=0))) as hall:
        await hall.start("controller", "displays")
        yield hall


def silent(plan: Plan) -> Plan:
    """Nobody speaks here: that is another test's business."""
    replace = msgspec.structs.replace
    halls = {name: replace(one, voice=replace(one.voice, output="none")) for name, one in plan.halls.items()}
    return replace(plan, halls=halls)


def address(hall: WindowHall, name: str = "A") -> str:
    screen = hall.plan.halls[name].screen
    return f"http://{screen.host}:{screen.port}/"


async def opened(browser: Browser, hall: WindowHall, size: tuple[int, int] = LANDSCAPE) -> tuple[Page, Complaints]:
    page, wrong = await a_page(browser, address(hall), size)
    await expect(page.locator("#hero > *")).not_to_have_count(0)
    return page, wrong


async def state(hall: WindowHall, name: str = "A") -> dict[str, Any]:
    async with aiohttp.request("GET", address(hall, name) + "state") as answer:
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
    return found


async def at(hall: WindowHall, window: str, command: type[c.Command]) -> list[Event]:
    return await hall.ask(f"soft-{window}", command(window=window), Role.WINDOW)  # type: ignore[call-arg]


async def test_from_called_to_last_called(hall: WindowHall, browser: Browser) -> None:
    page, wrong = await opened(browser, hall)
    await expect(page.locator("#hero .head")).to_have_text("请留意叫号")
    await expect(page.locator("#away")).to_be_hidden()
    await hall.issue(times=3)
    await expect(page.locator("#queues li").first).to_contain_text("3 人")
    await at(hall, "A01", c.CallNext)
    await expect(page.locator("#hero.ring .number")).to_have_text("A0001", timeout=SEEN_MS)
    await expect(page.locator("#hero .where")).to_have_text("请到综合受理窗口A01办理")
    await at(hall, "A02", c.CallNext)
    await expect(page.locator("#hero.ring .number")).to_have_text("A0002", timeout=SEEN_MS)
    await expect(page.locator("#calls li.ring .number")).to_have_text("A0001")
    ring = await page.get_attribute("#hero", "data-ring")
    await at(hall, "A01", c.Recall)
    await expect(page.locator("#hero.ring .number")).to_have_text("A0001", timeout=SEEN_MS)
    assert await page.get_attribute("#hero", "data-ring") != ring
    await at(hall, "A01", c.StartService)
    await expect(page.locator("#recent li .number")).to_have_text("A0001")
    await expect(page.locator("#hero .number")).to_have_text("A0002")
    await expect(page.locator("#queues li").first).to_contain_text("1 人")
    await page.clock.install()
    await at(hall, "A03", c.CallNext)
    await expect(page.locator("#hero.ring .number")).to_have_text("A0003")
    await page.clock.fast_forward(9_000)  # it flashes for a while and then stands
    await expect(page.locator("#hero.ring")).to_have_count(0)
    await expect(page.locator("#hero .number")).to_have_text("A0003")
    assert wrong == []


async def test_right_at_once_after_any_restart(hall: WindowHall, browser: Browser) -> None:
    await hall.issue(times=3)
    for window in ("A01", "A02"):
        await at(hall, window, c.CallNext)
    await at(hall, "A01", c.StartService)
    page, _ = await opened(browser, hall)
    await expect(page.locator("#hero .number")).to_have_text("A0002")
    assert await page.locator(".ring").count() == 0  # who opens the page late sees no flash
    await hall.room("displays").kill()
    await expect(page.locator("#away")).to_contain_text("正在恢复连接")
    await hall.start("displays")
    await expect(page.locator("#away")).to_be_hidden(timeout=BACK_S * 1000)
    told = await state(hall)
    assert [call["number"] for call in told["calling"]] == ["A0002"] and [p["number"] for p in told["past"]] == [
        "A0001"
    ]
    assert all(call["ring"] == "" for call in told["calling"])
    assert await page.locator(".ring").count() == 0
    await hall.room("controller").kill()
    await expect(page.locator("#away")).to_be_visible(timeout=BACK_S * 1000)
    await expect(page.locator("#hero .number")).to_have_text("A0002")
    await hall.start("controller")
    await expect(page.locator("#away")).to_be_hidden(timeout=BACK_S * 1000)
    await at(hall, "A03", c.CallNext)
    await expect(page.locator("#hero.ring .number")).to_have_text("A0003", timeout=SEEN_MS)


async def test_a_broker_away_is_said_and_heals(hall: WindowHall) -> None:
    await until(lambda: hall.here("displays-A"), what="displays here")
    hall.broker.kill()
    await becomes(hall, lambda told: told["away"] == "broker")
    hall.broker.start()
    await becomes(hall, lambda told: told["away"] == "")


async def becomes(hall: WindowHall, holds: Any, name: str = "A") -> dict[str, Any]:
    async with asyncio.timeout(BACK_S):
        while not holds(told := await state(hall, name)):
            pass  # /state answers no faster than twenty times a second
    return told


def call(hall: WindowHall, number: str, epoch: int, seq: int, age_ms: int = 0) -> tuple[str, bytes]:
    """A call as the controller would tell it."""
    now = hall.clock.now() - age_ms
    recorded = Recorded(
        1, f"{SITE}/A/{seq}", SITE, "A", seq, epoch, "2026-11-23", now, now, "x", c.Principal("x"), "",
        TicketCalled(number, "A01", CallReason(Rule.OWN)),
    )  # fmt: skip
    return topics.evt(SITE, "A", "TicketCalled"), codec.encode(recorded)


async def test_never_a_stale_call(hall: WindowHall) -> None:
    await hall.issue()
    await at(hall, "A01", c.CallNext)
    told = await becomes(hall, lambda told: told["calling"] and told["calling"][0]["ring"])
    epoch, seq = map(int, told["calling"][0]["ring"].split("."))
    view = hall.window("A01")
    assert view is not None
    old_view = msgspec.structs.replace(view, number="A0666", revision=view.revision - 1)
    older = msgspec.structs.replace(view, number="A0667", epoch=epoch - 1, revision=view.revision + 9)
    for said in (
        call(hall, "A0661", epoch, seq + 90, age_ms=31_000),  # too old
        call(hall, "A0662", epoch - 1, seq + 91),  # of an older controller
        call(hall, "A0663", epoch, seq),  # heard before
        (topics.now(SITE, "A", "windows/A01"), codec.encode(old_view)),
        (topics.now(SITE, "A", "windows/A01"), codec.encode(older)),
        (topics.evt(SITE, "A", "TicketCalled"), b"{"),
        (topics.now(SITE, "A", "windows/A01"), b"\xff"),
        (topics.now(SITE, "A", "queues/large"), b"[]"),
        (topics.here(SITE, "A", "controller"), b"{}"),
    ):
        await hall.link.say(*said)
    await hall.link.say(*call(hall, "A0002", epoch, seq + 100))  # a good one, so that we know the others were heard
    after = await becomes(hall, lambda told: told["past"])
    assert [call["number"] for call in after["past"]] == ["A0002"]
    assert after["calling"] == told["calling"]


async def test_names_and_notices_are_inert(hall: WindowHall, browser: Browser, tmp_path: Path) -> None:
    page, wrong = await opened(browser, hall, PORTRAIT)
    assert isinstance((await hall.supervise(c.RenameWindow("A01", EVIL)))[0], WindowRenamed)
    await hall.supervise(c.SetNotice("<b>三点检修</b>，" + "请到一楼人工窗口办理。" * 4, reason="检修"))
    await hall.issue()
    await at(hall, "A01", c.CallNext)
    await expect(page.locator("#hero .where")).to_have_text(f"请到{EVIL}办理")
    await expect(page.locator("#notice.long")).to_contain_text("<b>三点检修</b>")
    assert await page.locator("#hero img, #notice b").count() == 0
    await page.screenshot(path=tmp_path / "notice.png")
    assert await page.evaluate(FITS) == []
    assert wrong == []


async def test_a_whole_hall_calling_at_once_fits_both_ways(
    a_broker: Mosquitto, browser: Browser, tmp_path: Path
) -> None:
    plan = silent(whole_kaiyang(guard_s=0))
    async with a_hall(a_broker, tmp_path, plan) as hall:
        await hall.start("controller", "displays-B")
        pages = {size: (await a_page(browser, address(hall, "B"), size))[0] for size in (LANDSCAPE, PORTRAIT, LAPTOP)}
        large = [window.id for window in plan.halls["B"].windows.values() if "large" in window.queues]
        await hall.issue(times=len(large), hall="B")
        entries = [entry.id for entry in plan.halls["B"].entries if entry.id != "now"]
        await asyncio.gather(*(hall.issue(entry, hall="B") for entry in entries))
        served = {window.queues[0]: window.id for window in plan.halls["B"].windows.values()}
        windows = [*large, *(served[queue] for queue in served if queue != "large")]
        await asyncio.gather(*(hall.ask(f"soft-{w}", c.CallNext(w), Role.WINDOW, hall="B") for w in windows))
        came = windows[:3]
        await asyncio.gather(*(hall.ask(f"soft-{w}", c.StartService(w), Role.WINDOW, hall="B") for w in came))
        told = await becomes(hall, lambda told: len(told["calling"]) == len(windows) - len(came), "B")
        assert {call["window"] for call in told["past"]} == set(came)
        assert [call["rang"] for call in told["calling"]] == sorted((c["rang"] for c in told["calling"]), reverse=True)
        for size, page in pages.items():
            await expect(page.locator("#recent li")).to_have_count(len(came))
            await expect(page.locator("#more")).to_contain_text("个号码正在叫号")
            shown = await page.locator("#hero .number, #calls .number").all_text_contents()
            assert len(shown) >= 3 and shown == [call["number"] for call in told["calling"]][: len(shown)]
            assert f"还有 {len(told['calling']) - len(shown)} 个" in await page.locator("#more").inner_text()
            await page.screenshot(path=tmp_path / f"{size[0]}x{size[1]}.png")
            smallest = SMALLEST_PX * min(size) / 1080
            assert await page.evaluate(MEASURE, {"smallest": smallest - 0.1, "target": 0, "contrast": CONTRAST}) == []
            assert await page.evaluate(FITS) == []


async def test_the_door_is_for_this_screen_only(hall: WindowHall) -> None:
    base = address(hall)
    async with aiohttp.ClientSession() as http:
        for path, headers, status in (
            ("", {"Host": "evil.example"}, 403),
            ("state", {"Origin": "http://evil.example"}, 403),
            ("room.py", {}, 404),
            ("..%2froom.py", {}, 404),
            ("", {}, 200),
        ):
            async with http.get(base + path, headers=headers) as answer:
                assert answer.status == status, path
                assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        async with http.post(base + "state", data=b"x") as answer:
            assert answer.status == 405


async def test_too_many_screens_are_told_to_come_back(hall: WindowHall) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        answers = await asyncio.gather(*(http.get(address(hall) + "live") for _ in range(SCREENS_MAX + 2)))
        assert sorted(answer.status for answer in answers) == [200] * SCREENS_MAX + [503] * 2
        await hall.issue()
        for answer in answers:
            if answer.status == 200:
                assert await waiting_of(answer) == 1
            answer.close()


async def waiting_of(answer: aiohttp.ClientResponse) -> int:
    """The first picture of a stream with anybody waiting in it."""
    async with asyncio.timeout(BACK_S):
        async for line in answer.content:
            waiting = sum(queue["waiting"] for queue in json.loads(line[6:])["queues"]) if line.strip() else 0
            if waiting:
                return int(waiting)
    raise AssertionError("the stream ended")


async def test_a_taken_address_stops_no_panel_and_heals(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_hall(a_broker, tmp_path, silent(small())) as hall:
        screen = hall.plan.halls["A"].screen
        squatter = await asyncio.start_server(lambda *_: None, screen.host, screen.port)
        await hall.start("controller", "displays")
        await hall.stands("displays-A", "screen-A", "down", "not_open")
        await hall.lit("A01", "综合受理窗口A01", "欢迎光临")
        squatter.close()
        await hall.stands("displays-A", "screen-A", "up")


# -- the board alone ---------------------------------------------------------------------------------------------------

NOW = 1_795_400_000_000


def window(number: str, stage: Stage | None, since: int = NOW, revision: int = 1, name: str = "A01") -> WindowView:
    return WindowView(
        epoch=2, revision=revision, window=name, name=f"窗口{name}", status=WindowStatus.OPEN, pause="", staff="1001",
        number=number, stage=stage, since=since, held=(), served=0, directed=0, rating_until=0,
    )  # fmt: skip


def test_a_day_begins_without_the_calls_of_the_last() -> None:
    plan = small()
    board = Board(plan, plan.halls["A"])
    view = HallView(
        epoch=2, revision=1, day="2026-11-23", phase="open", issuing=True, plan_hash="", ready=True, why_not=""
    )
    board.show_hall(view)
    board.show_window(window("A0001", Stage.CALLED))
    board.show_window(window("", None, revision=2))
    assert [call.number for call in board.picture(NOW, "", 1, "").past] == ["A0001"]
    assert board.picture(NOW + PAST_MS, "", 1, "").past == ()
    board.show_hall(msgspec.structs.replace(view, day="2026-11-24", revision=3))
    assert board.picture(NOW, "", 1, "").past == ()


def test_where_a_call_starts_service_it_stands_for_a_while() -> None:
    plan = small(start_on_call=True)
    board = Board(plan, plan.halls["A"])
    board.show_window(window("A0001", Stage.SERVING))
    assert [call.number for call in board.picture(NOW + 1, "", 1, "").calling] == ["A0001"]
    assert board.picture(NOW + STARTED_MS, "", 1, "").calling == ()
    assert [call.number for call in board.picture(NOW + STARTED_MS, "", 1, "").past] == ["A0001"]
    assert board.still_called("A0001", "A01", (2, 1)) and not board.still_called("A0002", "A01", (2, 1))


def test_foreign_queues_and_windows_are_not_shown() -> None:
    plan = small()
    board = Board(plan, plan.halls["A"])
    assert not board.show_window(window("A0001", Stage.CALLED, name="Z99"))
    queue = QueueView(
        epoch=1, revision=1, queue="other", name="x", name_en="x", waiting=1, oldest_at=0, estimate_s=1,
        open_windows=1, issuing=True, why_not="",
    )  # fmt: skip
    assert not board.show_queue(queue)
    assert [line.queue for line in board.picture(NOW, "", 1, "").queues] == ["large", "tax"]
