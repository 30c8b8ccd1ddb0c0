"""The staff's pages in a real browser on a real hall: log-in, calls, ratings, a guide's numbers; and who is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from brokers import Mosquitto
from browsers import Complaints, a_browser, a_page
from playwright.async_api import Browser, Page, expect
from staffdoors import GUIDE, StaffDesk, a_staffed_hall
from waiting import until

from hall.events import (
    PriorityGiven,
    RatingInvited,
    ReprintAsked,
    ServiceRated,
    TicketCalled,
    TicketHeld,
    TicketIssued,
    TicketReturned,
    TicketTransferred,
)
from hall.names import Level, Origin

DESKTOP, TABLET, PHONE = (1366, 768), (1024, 768), (360, 740)
BOUNDS = {"smallest": 14, "target": 44, "contrast": 4.5}  # px, px, WCAG AA
MEASURE = Path(__file__).with_name("contrasts.js").read_text(encoding="utf-8")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as browser:
        yield browser


@pytest.fixture
async def desk(a_broker: Mosquitto, tmp_path: Path) -> AsyncIterator[StaffDesk]:
    async with a_staffed_hall(a_broker, tmp_path) as desk:
        yield desk


async def opened(browser: Browser, desk: StaffDesk, path: str, size: tuple[int, int]) -> tuple[Page, Complaints]:
    return await a_page(browser, f"{desk.base}/{path}", size, home=desk.base)


async def seated(browser: Browser, desk: StaffDesk) -> tuple[Page, Complaints]:
    """The soft caller of A01, logged in."""
    page, wrong = await opened(browser, desk, "window/A01", DESKTOP)
    await page.fill("#staff", "1001")
    await page.keyboard.press("Enter")
    await expect(page.locator(".key")).to_have_count(10)
    return page, wrong


async def looked_at(page: Page, folder: Path, name: str, *sizes: tuple[int, int]) -> None:
    """A picture at each size for whoever looks; nothing wider than the screen, nothing too small or pale."""
    for size in sizes:
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.screenshot(path=folder / f"{name}-{size[0]}.png")
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0], (name, size)
        height = await page.evaluate("document.documentElement.scrollHeight")
        await page.set_viewport_size({"width": size[0], "height": max(size[1], height)})
        assert await page.evaluate(MEASURE, BOUNDS) == [], (name, size)


async def test_a_day_at_a_soft_caller(desk: StaffDesk, browser: Browser, tmp_path: Path) -> None:
    await desk.hall.issue(times=4)
    page, wrong = await seated(browser, desk)
    await looked_at(page, tmp_path, "idle", DESKTOP, TABLET, PHONE)
    await expect(page.locator(".rows b").first).to_have_text("4 人")
    await page.locator('[data-word="CallNext"]').dblclick()
    await expect(page.locator("#number")).to_have_text("A0001")
    await desk.hall.lit("A01", "综合受理窗口A01", "请A0001号")
    await page.keyboard.press("3")
    await expect(page.locator("#stage.serving")).to_be_visible()
    await looked_at(page, tmp_path, "serving", DESKTOP, TABLET, PHONE)
    await page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    await page.keyboard.press("6")
    await expect(page.locator(".heldkey")).to_have_text("A0001")
    await page.keyboard.press("1")
    await expect(page.locator("#number")).to_have_text("A0002")
    assert [event.number for event in desk.hall.of(TicketCalled)] == ["A0001", "A0002"]
    await page.keyboard.press("8")
    await looked_at(page, tmp_path, "targets", DESKTOP, PHONE)
    await page.click('[data-target="window:A02"]')
    await desk.hall.happened(TicketTransferred)
    await expect(page.locator("#number")).to_have_text("无人")
    await page.click(".heldkey")
    await expect(page.locator("#number")).to_have_text("A0001")
    await page.keyboard.press("0")
    await expect(page.locator("#said.refused")).to_contain_text("请先办结或挂起")
    await page.keyboard.press("4")
    await desk.hall.happened(RatingInvited)
    await page.keyboard.press("0")
    await expect(page.locator("#who")).to_contain_text("暂停服务")
    assert len(desk.hall.of(TicketHeld)) == 1
    await page.click("#logout")
    await expect(page.locator("#staff")).to_be_visible()
    assert wrong == []


async def test_the_tablet_asks_whom_the_hall_invites(desk: StaffDesk, browser: Browser, tmp_path: Path) -> None:
    await desk.hall.issue(times=3)
    at = await desk.login("window/A01", staff="1001")
    tablet, wrong = await opened(browser, desk, at.evaluator, TABLET)
    await expect(tablet.locator(".idle")).to_be_visible()
    await desk.post("window/A01/press", at, id="press-0001", word="CallNext")
    await expect(tablet.locator(".idle")).to_contain_text("A0001")
    await desk.post("window/A01/press", at, id="press-0002", word="StartService")
    await desk.post("window/A01/press", at, id="press-0003", word="Finish")
    await expect(tablet.locator(".face")).to_have_count(5)
    await looked_at(tablet, tmp_path, "faces", TABLET, DESKTOP, PHONE)
    await tablet.click(".face.l1")
    await looked_at(tablet, tmp_path, "why", TABLET, PHONE)
    called = await desk.post("window/A01/press", at, id="press-0004", word="CallNext")
    assert called["number"] == "A0002", "a citizen who thinks of a reason held up the next call"
    await tablet.locator(".reason").nth(1).click(delay=600)
    await expect(tablet.locator(".thanks")).to_be_visible()
    [rated] = await desk.hall.happened(ServiceRated)
    assert (rated.number, rated.level) == ("A0001", Level.VERY_DISSATISFIED)
    assert {r.reason for r in desk.hall.events if isinstance(r.event, ServiceRated)} == {"slow"}
    await desk.post("window/A01/press", at, id="press-0005", word="StartService")
    await desk.post("window/A01/press", at, id="press-0006", word="Finish")
    await expect(tablet.locator(".face")).to_have_count(5)
    await tablet.locator(".face.l5").dblclick()
    await expect(tablet.locator(".thanks")).to_be_visible()
    await until(lambda: len(desk.hall.of(ServiceRated)) == 2, what="the second rating")
    assert wrong == []


async def test_a_guide_takes_numbers_for_others(desk: StaffDesk, browser: Browser, tmp_path: Path) -> None:
    page, wrong = await opened(browser, desk, "guide/A", TABLET)
    await page.fill("#staff", GUIDE)
    await page.fill("#password", "not it")
    await page.keyboard.press("Enter")
    await expect(page.locator(".trouble")).to_contain_text("工号或密码不对")
    await page.fill("#password", desk.password(GUIDE))
    await page.keyboard.press("Enter")
    await expect(page.locator(".entry")).to_have_count(3)
    assert all("409" in words for words in wrong), wrong
    wrong.clear()  # the browser names the refused log-in too
    await page.click('[data-id="elderly"]')
    await page.click('[data-entry="now"]')
    await expect(page.locator("#said.refused")).to_have_text("请先填写原因")
    await page.fill("#reason", "拄拐杖")
    await page.click('[data-entry="now"]')
    await expect(page.locator("#taken")).to_have_text("A0001")
    await expect(page.locator('[data-id="ordinary"]')).to_have_attribute("aria-pressed", "true")
    await looked_at(page, tmp_path, "guide", TABLET, DESKTOP, PHONE)
    await page.click('[data-entry="consulting"]')
    await expect(page.locator("#taken")).to_have_text("AZ0001")
    first, second = desk.hall.of(TicketIssued)
    assert (first.priority, first.origin, second.entry) == ("elderly", Origin.GUIDE, "consulting")
    assert next(r for r in desk.hall.events if isinstance(r.event, TicketIssued)).reason == "拄拐杖"
    at = await desk.login("window/A01", staff="1001")
    await desk.post("window/A01/press", at, id="press-0001", word="CallNext")
    await desk.post("window/A01/press", at, id="press-0002", word="MarkNoShow")
    await page.fill("#number", "a0001")
    await page.click(".act.back")
    await expect(page.locator("#said")).to_have_text("A0001 已恢复排队")
    await desk.hall.happened(TicketReturned)
    await page.click('[data-id="A-K1"]')
    await page.click(".act.reprint")
    [again] = await desk.hall.happened(ReprintAsked)
    assert (again.number, again.kiosk) == ("A0001", "A-K1")
    await expect(page.locator("#said")).to_have_text("A0001 正在补打")
    await page.fill("#reason", "同行家属")
    await page.click(".act.give")
    await desk.hall.happened(PriorityGiven)
    await page.click("#logout")
    await expect(page.locator("#password")).to_be_visible()
    assert wrong == []


async def test_one_press_is_one_call_however_often_it_comes(desk: StaffDesk) -> None:
    await desk.hall.issue(times=3)
    at = await desk.login("window/A01", staff="1001")
    presses = ("press-0001", "press-0001", "press-0002")
    one, again, beside = await asyncio.gather(
        *(desk.post("window/A01/press", at, id=press, word="CallNext") for press in presses)
    )
    later = await desk.post("window/A01/press", at, id="press-0001", word="CallNext")
    assert one == again == beside == later and one["number"] == "A0001"
    await desk.post("window/A01/press", at, id="press-0003", word="Recall")
    assert len(desk.hall.of(TicketCalled)) == 1


async def test_strangers_and_other_sites_are_refused(desk: StaffDesk) -> None:
    await desk.hall.issue()
    at = await desk.login("window/A01", staff="1001")
    path, call = "window/A01/press", {"id": "press-0001", "word": "CallNext"}
    assert (await desk.ask("POST", path, None, **call))[0] == 401
    assert (await desk.ask("POST", path, at._replace(token=""), **call))[0] == 403
    assert (await desk.ask("POST", path, at, {"Origin": "http://evil.example"}, **call))[0] == 403
    assert (await desk.ask("POST", path, at, {"Host": "evil.example"}, **call))[0] == 403
    assert (await desk.ask("POST", "window/A02/press", at, **call))[0] == 401, "a session of A01 spoke for A02"
    assert (await desk.ask("POST", "guide/A/take", at, id="press-0002", entry="now"))[0] == 401
    assert (await desk.ask("GET", "window/A01/live"))[0] == 401
    assert (await desk.ask("GET", "evaluator/A01/" + 22 * "A"))[0] == 404
    assert (await desk.ask("POST", at.evaluator.replace("A01", "A02") + "/rating", number="A0001", level=5))[0] == 404
    assert (await desk.ask("POST", f"{at.evaluator}/rating", number="A0001", level=5))[0] == 409
    assert (await desk.ask("POST", path, at, id="press-0001", word="LogOut"))[0] == 400
    assert (await desk.ask("POST", "window/A01/login", staff="1002"))[0] == 409, "two sit at one window"
    assert (await desk.ask("POST", "guide/A/login", staff="9001", password="guess"))[0] == 409
    assert desk.hall.of(TicketCalled) == []
