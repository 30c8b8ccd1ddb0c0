"""The staff's pages when something is wrong: the hall away, the door restarted, a log-in ended elsewhere, a guesser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from brokers import Mosquitto
from browsers import a_browser, a_page
from playwright.async_api import Browser, Page, expect
from staffdoors import GUIDE, StaffDesk, a_staffed_hall
from waiting import until

from hall import commands as c
from hall.events import ServiceRated, StaffLoggedIn, TicketCalled, TicketIssued
from hall.names import Level, Role

BACK_MS = 60_000  # a controller's restart, and the page's next look


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as browser:
        yield browser


@pytest.fixture
async def desk(a_broker: Mosquitto, tmp_path: Path) -> AsyncIterator[StaffDesk]:
    async with a_staffed_hall(a_broker, tmp_path) as desk:
        yield desk


async def seated(browser: Browser, desk: StaffDesk) -> Page:
    page, _ = await a_page(browser, f"{desk.base}/window/A01", (1366, 768), home=desk.base)
    await page.fill("#staff", "1001")
    await page.keyboard.press("Enter")
    await expect(page.locator(".key")).to_have_count(10)
    return page


async def test_the_hall_is_away_and_comes_back(desk: StaffDesk, browser: Browser) -> None:
    await desk.hall.issue(times=2)
    page = await seated(browser, desk)
    await desk.hall.room("controller").kill()
    await expect(page.locator("#away")).to_have_text("排队系统暂时没有回应，请稍候……", timeout=BACK_MS)
    await page.keyboard.press("1")
    await expect(page.locator("#said.refused")).to_be_visible()
    await desk.hall.room("controller").start()
    await expect(page.locator("#away")).to_be_hidden(timeout=BACK_MS)
    await page.keyboard.press("1")
    await expect(page.locator("#number")).to_have_text("A0001")
    assert len(desk.hall.of(TicketCalled)) == 1, "the press of before was kept and asked later"
    await desk.hall.room("staff").kill()
    await desk.hall.room("staff").start()
    await expect(page.locator(".login .trouble")).to_have_text("登录已结束，请重新登录", timeout=BACK_MS)
    await page.fill("#staff", "1001")
    await page.keyboard.press("Enter")
    await expect(page.locator("#number")).to_have_text("A0001")


async def test_who_logs_out_at_the_keypad_is_out_here_too(desk: StaffDesk, browser: Browser) -> None:
    page = await seated(browser, desk)
    await desk.hall.ask("caller-A-1", c.LogOut("A01"), Role.WINDOW, "1001")
    await expect(page.locator(".login")).to_be_visible(timeout=BACK_MS)
    await page.fill("#staff", "1009")
    await page.keyboard.press("Enter")
    await expect(page.locator("#who")).to_contain_text("1009")
    sits = [("1009", "A01", "soft-A01")]
    await until(
        lambda: [(e.staff, e.window, e.device) for e in desk.hall.of(StaffLoggedIn) if e.staff == "1009"] == sits
    )


async def test_a_guide_logged_in_elsewhere_asks_here_no_more(desk: StaffDesk) -> None:
    at = await desk.login("guide/A", staff=GUIDE, password=desk.password(GUIDE))
    await desk.post("guide/A/take", at, id="press-0001", entry="now")
    again = await desk.login("guide/A", staff=GUIDE, password=desk.password(GUIDE))
    await desk.post("guide/A/take", again, id="press-0002", entry="consulting")
    await desk.post("guide/A/logout", again)
    await desk.post("guide/A/take", at, id="press-0003", entry="tax")
    await desk.hall.ask("console-A", c.LogIn(GUIDE, secret=desk.password(GUIDE)), Role.DEVICE)
    status, refused, _ = await desk.ask("POST", "guide/A/take", at, id="press-0004", entry="now")
    assert (status, refused["refused"]) == (200, "no_right")
    assert (await desk.ask("POST", "guide/A/take", at, id="press-0005", entry="now"))[0] == 401
    assert [event.entry for event in desk.hall.of(TicketIssued)] == ["now", "consulting", "tax"]


async def test_a_guesser_of_staff_numbers_waits(desk: StaffDesk) -> None:
    for _ in range(12):  # all windows behind one address: who gets in has not guessed
        await desk.login("window/A01", staff="1001")
    found: list[int] = []
    while 429 not in found and len(found) < 60:  # a slow machine guesses hardly faster than a guesser may
        found.append((await desk.ask("POST", "window/A01/login", staff=f"7{len(found):03d}"))[0])
    assert found[:10] == 10 * [409] and found[-1] == 429
    assert {event.window for event in desk.hall.of(StaffLoggedIn) if event.device == "soft-A01"} == set()


async def test_a_bad_face_without_a_reason_counts(desk: StaffDesk, browser: Browser) -> None:
    await desk.hall.issue()
    at = await desk.login("window/A01", staff="1001")
    tablet, wrong = await a_page(browser, f"{desk.base}/{at.evaluator}", (1024, 768), home=desk.base)
    await tablet.click("#language")
    await tablet.clock.install()
    for place, word in enumerate(("CallNext", "StartService", "Finish")):
        await desk.post("window/A01/press", at, id=f"press-000{place}", word=word)
    await tablet.click(".face.l2")
    await expect(tablet.locator("#ask")).to_have_text("What were you dissatisfied with?")
    await tablet.clock.fast_forward(16_000)
    await expect(tablet.locator(".thanks")).to_be_visible()
    [rated] = await desk.hall.happened(ServiceRated)
    assert rated.level is Level.DISSATISFIED
    await expect(tablet.locator(".idle")).to_have_text("欢迎办理业务", timeout=BACK_MS)
    assert wrong == []
