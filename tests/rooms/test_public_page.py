"""The status page on a phone, in a real browser on the real controller: every stage seen, rated with a thumb."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from brokers import Mosquitto
from browsers import Complaints, a_browser, a_page
from phones import DAY, Phones
from playwright.async_api import Browser, Page, Response, expect
from waiting import PATIENCE, until
from window_halls import a_hall, small

from hall import commands as c
from hall.events import ServiceRated
from hall.names import Level

PHONE = (360, 740)
SMALLEST_PX = 14  # type of the least important line
TARGET_PX = 44  # what a thumb presses
CONTRAST = 4.5  # WCAG AA
WEIGHT_MAX = 50 * 1024
CALL_SEEN_MS = 2_000 * PATIENCE

MEASURE = Path(__file__).with_name("contrasts.js").read_text(encoding="utf-8")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as browser:
        yield browser


@pytest.fixture
async def phones(a_broker: Mosquitto, tmp_path: Path) -> AsyncIterator[Phones]:
    async with a_hall(a_broker, tmp_path, small(guard_s=0, no_show_after_s=0)) as hall:
        await hall.start("controller")
        yield Phones(hall)


async def opened(browser: Browser, phones: Phones, number: str) -> tuple[Page, Complaints]:
    """The page of a number as its owner sees it, with everything it says aloud."""
    page, wrong = await a_page(browser, phones.link(number), PHONE, touch=True, home=phones.base)
    await expect(page.locator("#number")).to_have_text(number)
    return page, wrong


async def readable(page: Page, picture: Path) -> None:
    """Nothing wider than the phone, nothing too small, nothing pale; and a picture for whoever looks at it."""
    await page.screenshot(path=picture)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    height = await page.evaluate("document.documentElement.scrollHeight")
    await page.set_viewport_size({"width": PHONE[0], "height": max(PHONE[1], height)})
    bounds = {"smallest": SMALLEST_PX, "target": TARGET_PX, "contrast": CONTRAST}
    assert await page.evaluate(MEASURE, bounds) == []
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})


async def test_from_waiting_to_rated(phones: Phones, browser: Browser, tmp_path: Path) -> None:
    await phones.hall.issue(times=3)
    page, wrong = await opened(browser, phones, "A0003")
    await expect(page.locator("#head")).to_have_text("前面还有 2 人")
    await expect(page.locator("#range")).to_contain_text("分钟")
    await expect(page.locator("#lines")).to_contain_text("A01–A03")
    await readable(page, tmp_path / "waiting.png")
    await phones.at("A01", c.CallNext)
    await expect(page.locator("#head")).to_have_text("前面还有 1 人")
    await phones.at("A02", c.CallNext)
    await expect(page.locator("#head")).to_have_text("前面没有人，马上到您")
    await phones.at("A03", c.CallNext)
    await expect(page.locator("#now.turn #where")).to_have_text("A03", timeout=CALL_SEEN_MS)
    assert await page.title() == "A0003 A03"
    await readable(page, tmp_path / "called.png")
    await phones.at("A03", c.StartService)
    await expect(page.locator("#head")).to_have_text("正在窗口办理")
    await phones.at("A03", c.FinishService)
    await expect(page.locator(".face")).to_have_count(5)
    await readable(page, tmp_path / "faces.png")
    assert await page.evaluate("document.documentElement.scrollHeight") <= PHONE[1], "a face below the first screen"
    await page.tap(".face.l1")
    await expect(page.locator(".reason")).to_have_count(6)
    await readable(page, tmp_path / "reasons.png")
    await page.locator(".reason").nth(1).click(delay=600)  # a person reads before the next press
    await expect(page.locator(".thanks")).to_have_text("谢谢您的评价！")
    await readable(page, tmp_path / "thanks.png")
    await page.reload()
    await expect(page.locator(".thanks")).to_be_visible()
    await until(lambda: phones.hall.of(ServiceRated), what="the rating")
    [rated] = {event.level for event in phones.hall.of(ServiceRated)}
    assert rated is Level.VERY_DISSATISFIED
    assert {r.reason for r in phones.hall.events if isinstance(r.event, ServiceRated)} == {"slow"}
    assert wrong == []


async def test_a_long_number_stays_on_one_line(phones: Phones, browser: Browser) -> None:
    await phones.hall.issue("tax")
    page, wrong = await opened(browser, phones, "AS0001")
    lines = "(e) => e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).fontSize)"
    for width in (320, *PHONE[:1], 768):
        await page.set_viewport_size({"width": width, "height": PHONE[1]})
        assert await page.locator("#number").evaluate(lines) < 1.5, width
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert wrong == []


async def test_a_good_face_needs_one_touch_and_two_are_one(phones: Phones, browser: Browser) -> None:
    await phones.hall.issue()
    await phones.serve("A01")
    page, wrong = await opened(browser, phones, "A0001")
    await page.locator(".face.l5").dblclick()
    await expect(page.locator(".thanks")).to_be_visible()
    await phones.hall.happened(ServiceRated)
    assert len({r.id for r in phones.hall.events if isinstance(r.event, ServiceRated)}) == 1
    assert wrong == []


async def test_a_double_tap_on_a_bad_face_still_asks_why(phones: Phones, browser: Browser) -> None:
    await phones.hall.issue()
    await phones.serve("A01")
    page, wrong = await opened(browser, phones, "A0001")
    await page.locator(".face.l1").dblclick()
    await expect(page.locator(".reason")).to_have_count(6)
    await page.locator(".back").click(delay=600)
    await expect(page.locator(".face")).to_have_count(5)
    assert (await phones.state("A0001"))["rating"] == "open"
    assert wrong == []


async def test_who_leaves_without_a_reason_has_rated(phones: Phones, browser: Browser) -> None:
    await phones.hall.issue()
    await phones.serve("A01")
    page, _ = await opened(browser, phones, "A0001")
    await page.tap(".face.l2")
    await expect(page.locator(".reason")).to_have_count(6)
    await page.goto("about:blank")
    [event] = await phones.hall.happened(ServiceRated)
    assert event.level is Level.DISSATISFIED


async def test_a_missed_call_says_what_to_do(phones: Phones, browser: Browser, tmp_path: Path) -> None:
    await phones.hall.issue()
    page, wrong = await opened(browser, phones, "A0001")
    for step in (c.CallNext, c.Recall):
        await phones.at("A01", step)
    await expect(page.locator("#lines")).to_contain_text("第 1 次重呼")
    await phones.at("A01", c.MarkNoShow)
    await expect(page.locator("#now.warn #head")).to_have_text("您已过号")
    await readable(page, tmp_path / "parked.png")
    await phones.hall.supervise(c.ReturnTicket("A0001"))
    await expect(page.locator("#head")).to_have_text("前面没有人，马上到您")
    assert wrong == []


async def test_english_is_one_touch_away_and_stays(phones: Phones, browser: Browser, tmp_path: Path) -> None:
    await phones.hall.issue(times=2)
    page, wrong = await opened(browser, phones, "A0002")
    await page.tap("#language")
    await expect(page.locator("#head")).to_have_text("Before you: 1")
    assert await page.get_attribute("html", "lang") == "en"
    await readable(page, tmp_path / "english.png")
    await page.reload()
    await expect(page.locator("#language")).to_have_text("中文")
    assert wrong == []


async def test_a_refusal_is_kind_and_of_the_same_make(phones: Phones, browser: Browser, tmp_path: Path) -> None:
    await phones.hall.issue()
    for name, link, head in (
        ("forged", phones.link("A0001")[:-1] + "!", "这个链接打不开"),
        ("old", phones.link("A0001", day="2026-11-20"), "这张号票已过期"),
        ("elsewhere", f"{phones.base}/t/kaiyang/A/{DAY}", "这个链接打不开"),
    ):
        page, _ = await a_page(browser, link, PHONE)
        await expect(page.locator("h1")).to_have_text(head)
        assert await page.evaluate("getComputedStyle(document.querySelector('section')).borderRadius") == "18px"
        await readable(page, tmp_path / f"{name}.png")


async def test_a_controller_away_is_said_and_heals(phones: Phones, browser: Browser, tmp_path: Path) -> None:
    await phones.hall.issue(times=2)
    page, _ = await opened(browser, phones, "A0002")
    await expect(page.locator("#head")).to_have_text("前面还有 1 人")
    await phones.hall.room("controller").kill()
    await expect(page.locator("#away")).to_contain_text("正在重新连接")
    await readable(page, tmp_path / "away.png")
    await phones.hall.start("controller")
    await phones.at("A01", c.CallNext)
    await expect(page.locator("#head")).to_have_text("前面没有人，马上到您", timeout=60_000)
    await expect(page.locator("#away")).to_be_hidden()


async def test_without_events_it_asks_by_itself(phones: Phones, browser: Browser) -> None:
    """A phone, or a proxy on the way, that knows no server-sent events."""
    await phones.hall.issue(times=2)
    context = await browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
    page = await context.new_page()
    await page.route("**/live", lambda route: route.abort())
    await page.goto(phones.link("A0002"))
    await expect(page.locator("#head")).to_have_text("前面还有 1 人")
    await phones.at("A01", c.CallNext)
    await expect(page.locator("#head")).to_have_text("前面没有人，马上到您", timeout=50_000)


async def test_everything_a_phone_loads_is_light(phones: Phones, browser: Browser) -> None:
    await phones.hall.issue()
    context = await browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
    page = await context.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - playwright marks the function
    await page.goto(phones.link("A0001"))
    await expect(page.locator("#number")).to_have_text("A0001")
    loaded = [await _weight(answer) for answer in answers if not answer.url.endswith("/live")]
    assert len(loaded) >= 4 and sum(loaded) < WEIGHT_MAX


async def _weight(answer: Response) -> int:
    return len(await answer.body()) + sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
