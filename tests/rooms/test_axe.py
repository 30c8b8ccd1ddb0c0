"""Every page for people in every state that matters, judged by axe: one whole hall, one browser, no rule left out."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from axe import violations
from browsers import LANDSCAPE, PORTRAIT, a_browser, a_page
from living import a_running_hall, ask
from playwright.async_api import Browser, Page, expect

from controller.shell.signing import Signer

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

PHONE, TABLET, DESK = (360, 640), (1024, 768), (1280, 800)
PATIENCE_MS = 30_000  # a whole hall and a browser on two busy cores; nobody measures speed here


class Hall:
    """The running hall as people meet it: addresses, numbers, log-ins."""

    def __init__(self, bench: aiohttp.ClientSession, browser: Browser, var: Path) -> None:
        self.bench, self.browser, self.var = bench, browser, var
        self.plan: dict[str, Any] = json.loads((var / "plan.json").read_text())

    def door(self, hall: str, what: str) -> str:
        return f"http://127.0.0.1:{self.plan['halls'][hall][what]['port']}/"

    def machine(self, name: str) -> str:
        return f"http://127.0.0.1:{self.plan['halls'][name[0]]['kiosks'][name]['port']}/"

    async def page(self, url: str, size: tuple[int, int], home: str = "") -> Page:
        return (await a_page(self.browser, url, size, home=home))[0]

    async def take(self, name: str, entry: str) -> str:
        """A number, touched without a page; the touch goes on while it is pending."""
        touch: dict[str, object] = {"touch": str(uuid.uuid4()), "entry": entry}
        for _ in range(40):
            async with self.bench.post(f"{self.machine(name)}touch", json=touch) as answer:
                told = await answer.json()
            if told["ok"]:
                return str(told["number"])
            touch["again"] = True
            await asyncio.sleep(0.25)
        raise AssertionError(told)

    async def link(self, number: str, hall: str = "A", day: str = "") -> str:
        """The address on a slip."""
        if not day:
            async with self.bench.get(f"{self.machine('A-K1')}live") as live:
                day = json.loads((await live.content.readline())[6:])["menu"]["date"]
        return Signer.of(self.var, self.plan["site"]["status_url"]).address(self.plan["site"]["id"], hall, day, number)

    def password(self, staff: str) -> str:
        """Told once, where the hall was started."""
        told = re.search(rf"^ +{staff}  (\S+)  ", self.var.with_suffix(".log").read_text("utf-8"), re.MULTILINE)
        assert told is not None
        return told[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("axe")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(folder: Path) -> AsyncIterator[Hall]:
    async with a_running_hall(folder / "var") as bench, a_browser() as browser:
        expect.set_options(timeout=PATIENCE_MS)
        yield Hall(bench, browser, folder / "var")
        expect.set_options(timeout=None)


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def nothing_left_open(hall: Hall) -> AsyncIterator[None]:
    """Pages that nobody looks at any more take no more of the machine."""
    yield
    for context in hall.browser.contexts:
        await context.close()


async def sits(hall: Hall, window: str, staff: str) -> Page:
    """The soft caller of a window, logged in."""
    home = hall.door(window[0], "staff_door")
    page = await hall.page(f"{home}window/{window}", DESK, home)
    await page.fill("#staff", staff)
    await page.keyboard.press("Enter")
    await expect(page.locator(".key")).to_have_count(10)
    return page


async def test_the_ticket_machine(hall: Hall) -> None:
    page = await hall.page(hall.machine("B-K1"), PORTRAIT)
    await expect(page.locator(".way")).to_have_count(2)
    for mode in ([], [".lang-mode"], [".elder-mode"], [".lang-mode"]):  # each adds to what was before
        for touched in mode:
            await page.click(touched)
        assert await violations(page) == [], ("first page", mode)
        await page.click(".way.help")
        assert await violations(page) == [], ("list", mode)
        await page.click(".turn.home")
    await page.click(".way.help")
    while await page.locator(".tile.other").count() == 0:
        await page.click(".turn.next")
    await page.click(".tile.other >> nth=0")
    await expect(page.locator(".note")).to_be_visible()
    assert await violations(page) == [], "a matter of the other hall"
    await page.click(".ok")
    await page.click(".turn.home")
    await page.click(".way.now")
    await expect(page.locator(".slip.printed")).to_be_visible()
    assert await violations(page) == [], "the number, in large type"
    await page.click(".finish")
    await page.click(".elder-mode")
    await page.set_viewport_size({"width": LANDSCAPE[0], "height": LANDSCAPE[1]})
    assert await violations(page) == [], "lying"


async def test_the_ticket_machine_in_trouble(hall: Hall) -> None:
    page = await hall.page(hall.machine("B-K2"), PORTRAIT)
    await expect(page.locator(".way")).to_have_count(2)
    await ask(hall.bench, "/devices/B.printer.B-K2/fault", name="paper_out", args={"after_bytes": 120})
    await page.click(".way.now")
    await expect(page.locator(".slip.unprinted")).to_be_visible()
    assert await violations(page) == [], "a slip that failed"
    await page.click(".finish")
    await expect(page.locator(".banner")).to_be_visible()
    assert await violations(page) == [], "no paper"


async def test_the_hall_screen(hall: Hall) -> None:
    await hall.take("A-K1", "now")
    soft = await sits(hall, "A01", "1001")
    await soft.keyboard.press("1")
    for size in (LANDSCAPE, PORTRAIT):
        page = await hall.page(hall.door("A", "screen"), size)
        await expect(page.locator("#hero .number")).to_have_text(re.compile("^A"))
        assert await violations(page) == [], size
    idle = await hall.page(hall.door("B", "screen"), LANDSCAPE)
    await expect(idle.locator("#hero .head")).to_be_visible()
    assert await violations(idle) == [], "nobody is called"


async def test_the_page_of_a_ticket(hall: Hall) -> None:
    number = await hall.take("A-K1", "tax")
    link, home = await hall.link(number), hall.plan["site"]["status_url"]
    page = await hall.page(link, PHONE, home)
    await expect(page.locator("#head")).to_be_visible()
    assert await violations(page) == [], "waiting"
    await page.click("#language")
    assert await violations(page) == [], "English"
    soft = await sits(hall, "A09", "1009")
    await soft.keyboard.press("1")
    await expect(page.locator("#now.turn")).to_be_visible()
    assert await violations(page) == [], "called"
    await soft.keyboard.press("3")
    await expect(page.locator("#now.turn")).to_have_count(0)
    assert await violations(page) == [], "served"
    await soft.keyboard.press("4")
    await expect(page.locator(".face")).to_have_count(5)
    assert await violations(page) == [], "faces"
    await page.click(".face.l1")
    await expect(page.locator(".reason")).to_have_count(6)
    assert await violations(page) == [], "reasons"
    await page.locator(".reason").first.click(delay=600)
    await expect(page.locator(".thanks")).to_be_visible()
    assert await violations(page) == [], "rated"
    for refused in (link[:-1] + "!", await hall.link(number, day="2026-01-05"), home + "/"):
        page = await hall.page(refused, PHONE, home)
        await expect(page.locator("h1")).to_be_visible()
        assert await violations(page) == [], refused


async def test_the_soft_caller(hall: Hall) -> None:
    await hall.take("B-K1", "now")
    page = await sits(hall, "B01", "2001")
    await page.keyboard.press("1")
    await expect(page.locator("#stage.called")).to_be_visible()
    assert await violations(page) == [], "called"
    await page.keyboard.press("0")
    await expect(page.locator("#said.refused")).to_be_visible()
    await page.keyboard.press("8")
    await expect(page.locator("#targets")).to_be_visible()
    assert await violations(page) == [], "refused, and where to"
    await page.keyboard.press("Escape")
    await page.click("#language")
    assert await violations(page) == [], "English"
    home = hall.door("B", "staff_door")
    for path in ("", "window/none", "window/B02"):
        assert await violations(await hall.page(home + path, DESK, home)) == [], path


async def test_the_evaluator(hall: Hall) -> None:
    await hall.take("B-K1", "fund")
    soft = await sits(hall, "B22", "2022")
    tablet = await hall.page(
        await soft.locator(".tablet a").evaluate("(a) => a.href"), TABLET, hall.door("B", "staff_door")
    )
    await expect(tablet.locator(".idle")).to_be_visible()
    assert await violations(tablet) == [], "idle"
    for key in "134":
        await soft.keyboard.press(key)
    await expect(tablet.locator(".face")).to_have_count(5)
    assert await violations(tablet) == [], "faces"
    await tablet.click(".face.l2")
    await expect(tablet.locator(".reason")).to_have_count(6)
    assert await violations(tablet) == [], "reasons"
    await tablet.locator(".skip").click(delay=600)
    await expect(tablet.locator(".thanks")).to_be_visible()
    assert await violations(tablet) == [], "thanks"


async def test_the_guide(hall: Hall) -> None:
    home = hall.door("B", "staff_door")
    page = await hall.page(f"{home}guide/B", TABLET, home)
    assert await violations(page) == [], "log-in"
    await page.fill("#staff", "9001")  # a supervisor: sees the tablets' addresses too
    await page.fill("#password", hall.password("9001"))
    await page.keyboard.press("Enter")
    await expect(page.locator(".tablets a").first).to_be_visible()
    await page.click('[data-id="elderly"]')
    await page.click('[data-entry="complaint"]')
    await expect(page.locator("#said.refused")).to_be_visible()
    assert await violations(page) == [], "refused"
    await page.fill("#reason", "拄拐杖")
    await page.click('[data-entry="complaint"]')
    await expect(page.locator("#taken")).to_have_text(re.compile("^T"))
    assert await violations(page) == [], "taken"
    await page.locator("[data-entry]").last.scroll_into_view_if_needed()
    await expect(page.locator("#taken")).to_be_in_viewport()


async def test_the_bench_shows_the_machines_pages(hall: Hall) -> None:
    page = await hall.page(str(hall.bench._base_url), DESK, "http://127.0.0.1:")
    for machine in range(5):
        ways = page.frame_locator("#kiosks iframe, .machines iframe").nth(machine).locator(".way, .banner")
        await expect(ways.first).to_be_visible()
    assert await violations(page) == [], "the whole hall"
    await page.click('button[data-of="A"]')
    assert await violations(page) == [], "a hall"
    await page.click("button.fault >> nth=0")
    await expect(page.locator("#faults")).to_be_visible()
    assert await violations(page) == [], "what may break"


async def test_axe_is_at_work(hall: Hall) -> None:
    page = await hall.page(hall.door("A", "screen"), LANDSCAPE)
    await page.evaluate("document.body.append(document.createElement('button'))")
    assert any(line.startswith("button-name") for line in await violations(page))
