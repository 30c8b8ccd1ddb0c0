"""The touch page in a real browser, on the real controller: fingers, reloads, lost neighbours, eyes that see badly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from brokers import Mosquitto
from browsers import LANDSCAPE, PORTRAIT, a_browser, a_page
from kiosks import TEN, KioskHall, a_kiosk_hall
from playwright.async_api import Browser, Page, expect
from waiting import until

from hall.plan.model import Plan

SMALLEST_PX = 28  # type on the machine's own screen
TARGET_PX = 120  # what a finger presses
CONTRAST = 4.5  # WCAG AA

CONTRASTS = Path(__file__).with_name("contrasts.js").read_text(encoding="utf-8")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as browser:
        yield browser


async def started(hall: KioskHall, *kiosks: str) -> None:
    await hall.start("controller", *kiosks)
    await hall.open_for_touch(*kiosks)


def slips(hall: KioskHall, kiosk: str = "A-K1") -> list[str]:
    return hall.slips(kiosk).split("✂")[:-1]


async def test_one_touch_one_slip(a_broker: Mosquitto, tmp_path: Path, browser: Browser) -> None:
    async with a_kiosk_hall(a_broker, tmp_path, result_s=6) as hall:
        await started(hall, "A-K1")
        page, wrong = await a_page(browser, hall.page("A-K1"))
        await expect(page.locator(".way")).to_have_count(2)
        await expect(page.locator(".way.now")).to_contain_text("马上办")
        await expect(page.locator(".way.help")).to_contain_text("帮助办")
        await page.click(".way.now")
        await expect(page.locator(".number")).to_have_text("A0001")
        await expect(page.locator(".ahead")).to_have_text("前面没有人")
        await expect(page.locator(".windows")).to_have_text("办理窗口：A01–A08")
        await expect(page.locator(".slip")).to_have_text("请取走您的号票")
        await expect(page.locator(".way.now")).to_contain_text("1 人等候")  # by itself, after result_s
        assert len(slips(hall)) == 1 and "A0001" in slips(hall)[0]
        assert wrong == []


async def test_a_double_tap_and_two_fingers_are_one_ticket(
    a_broker: Mosquitto, tmp_path: Path, browser: Browser
) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await started(hall, "A-K1")
        page, wrong = await a_page(browser, hall.page("A-K1"), touch=True)
        await page.dblclick(".way.now", delay=5)
        await expect(page.locator(".number")).to_have_text("A0001")
        await expect(page.locator(".slip.printed")).to_be_visible()
        await page.click(".finish")  # enabled again after the second tap of a double tap
        await expect(page.locator(".way")).to_have_count(2)
        hall.room("controller").freeze()
        await page.evaluate("document.querySelectorAll('.way').forEach((way) => { way.click(); way.click(); })")
        await expect(page.locator("#veil.busy")).to_contain_text("正在取号")
        hall.room("controller").thaw()
        await expect(page.locator(".number")).to_have_text("A0002")
        await until(lambda: len(slips(hall)) == 2, what="two slips")
        assert (await hall.touch("A-K1"))["number"] == "A0003"
        assert wrong == []


async def test_a_reload_under_way_gives_the_same_ticket(a_broker: Mosquitto, tmp_path: Path, browser: Browser) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await started(hall, "A-K1")
        page, wrong = await a_page(browser, hall.page("A-K1"))
        await expect(page.locator(".way")).to_have_count(2)
        hall.room("controller").freeze()
        await page.click(".way.now")
        await expect(page.locator("#veil.busy")).to_contain_text("正在取号")
        await page.reload()
        await expect(page.locator("#veil.busy")).to_contain_text("正在取号")
        hall.room("controller").thaw()
        await expect(page.locator(".number")).to_have_text("A0001")
        await page.reload()
        await expect(page.locator(".number")).to_have_text("A0001")
        await expect(page.locator(".slip.printed")).to_be_visible()
        assert (await hall.touch("A-K1"))["number"] == "A0002"
        assert wrong == []


async def test_a_machine_killed_under_a_finger(a_broker: Mosquitto, tmp_path: Path, browser: Browser) -> None:
    """The page keeps its touch while the machine's process dies and comes back: one ticket."""
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await started(hall, "A-K1")
        page, _ = await a_page(browser, hall.page("A-K1"))
        await expect(page.locator(".way")).to_have_count(2)
        hall.room("controller").freeze()
        await page.click(".way.now")
        await hall.live("A-K1", lambda state: state["last"] and state["last"]["pending"])
        await hall.room("A-K1").kill()
        hall.room("controller").thaw()
        await hall.start("A-K1")
        await expect(page.locator(".number")).to_have_text("A0001", timeout=60_000)
        await hall.open_for_touch("A-K1")
        assert (await hall.touch("A-K1"))["number"] == "A0002"


async def test_the_machine_away_is_said_and_heals(a_broker: Mosquitto, tmp_path: Path, browser: Browser) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await started(hall, "A-K1")
        page, _ = await a_page(browser, hall.page("A-K1"))
        await expect(page.locator(".way")).to_have_count(2)
        await hall.room("A-K1").kill()
        await expect(page.locator("#veil")).to_contain_text("本机正在恢复")
        await hall.start("A-K1")
        await expect(page.locator(".way")).to_have_count(2, timeout=60_000)
        await expect(page.locator("#veil")).to_be_hidden()


async def test_the_controller_away_is_said_and_heals(a_broker: Mosquitto, tmp_path: Path, browser: Browser) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await started(hall, "A-K1")
        page, wrong = await a_page(browser, hall.page("A-K1"))
        await expect(page.locator(".way")).to_have_count(2)
        await hall.room("controller").kill()
        await expect(page.locator(".banner h2")).to_have_text("系统正在恢复，请稍候", timeout=60_000)
        await expect(page.locator(".banner p")).to_contain_text("引导员")
        await expect(page.locator(".way")).to_have_count(0)
        await hall.start("controller")
        await expect(page.locator(".way")).to_have_count(2, timeout=60_000)
        await page.click(".way.now")
        await expect(page.locator(".number")).to_have_text("A0001")
        assert wrong == []


async def test_help_lists_this_hall_and_greys_the_other(a_broker: Mosquitto, tmp_path: Path, browser: Browser) -> None:
    async with a_kiosk_hall(a_broker, tmp_path, ("A-K1", "B-K1")) as hall:
        await started(hall, "A-K1", "B-K1")
        page, wrong = await a_page(browser, hall.page("A-K1"))
        await page.click(".way.help")
        await expect(page.locator(".tile")).to_have_text(_waiting("税务服务", "不动产登记", "公积金", "烟草专卖"))
        await page.click(".turn.next")
        await expect(page.locator(".tile.other")).to_have_count(13)
        await page.click(".tile.other >> text=婚姻登记")
        await expect(page.locator(".note h2")).to_have_text("请到B厅取号")
        await expect(page.locator(".note p")).to_have_text("Please take a number in Hall B")
        await page.click(".ok")
        await expect(page.locator("#veil")).to_be_hidden()
        await page.click(".turn.previous")
        await page.click(".tile >> text=税务服务")
        await expect(page.locator(".number")).to_have_text(hall.plan.halls["A"].queues["tax"].prefix + "0001")

        page, more = await a_page(browser, hall.page("B-K1"))
        await page.click(".way.help")
        await expect(page.locator(".tile")).to_have_count(13)
        for _ in range(2):
            await page.click(".turn.next")
        await expect(page.locator(".tile strong")).to_have_text(["投诉处理", "综合出证", "咨询服务"])
        await expect(page.locator(".turn.next")).to_be_disabled()
        await page.click(".tile >> text=综合出证")
        await expect(page.locator(".slip.printed")).to_be_visible()
        assert "办理事项：综合出证" in slips(hall, "B-K1")[0]
        assert wrong + more == []


def _waiting(*names: str) -> list[str]:
    return [f"{name}无人等候" for name in names]


async def test_paper_out_is_said_and_the_number_stays(a_broker: Mosquitto, tmp_path: Path, browser: Browser) -> None:
    async with a_kiosk_hall(a_broker, tmp_path, result_s=6) as hall:
        await started(hall, "A-K1")
        page, wrong = await a_page(browser, hall.page("A-K1"))
        await expect(page.locator(".way")).to_have_count(2)
        hall.printers["A-K1"].fault("paper_out", {"after_bytes": 120})
        await page.click(".way.now")
        await expect(page.locator(".slip")).to_have_text("号票可能没有打印好，请记住您的号码")
        await expect(page.locator(".number")).to_have_text("A0001")
        await expect(page.locator(".banner h2")).to_have_text("本机缺纸")
        await expect(page.locator(".banner p")).to_have_text("请到A厅2号取号机取号，或询问引导员")
        await page.click("text=English")
        await expect(page.locator(".banner p")).to_have_text("Please use A-K2, or ask a guide")
        hall.printers["A-K1"].act("load_paper")
        await expect(page.locator(".way")).to_have_count(2)
        assert wrong == []


async def test_english_and_large_type_and_back_when_idle(a_broker: Mosquitto, tmp_path: Path, browser: Browser) -> None:
    async with a_kiosk_hall(a_broker, tmp_path, idle_s=8, result_s=30) as hall:
        await started(hall, "A-K1")
        page, wrong = await a_page(browser, hall.page("A-K1"))
        await page.click(".lang-mode")
        await page.click(".elder-mode")
        await expect(page.locator("html.elder[lang=en]")).to_have_count(1)
        await expect(page.locator(".way.now")).to_contain_text("Handle Now")
        await page.click(".way.help")
        await expect(page.locator(".tile").first).to_contain_text("Tax")
        await expect(page.locator(".way.now")).to_contain_text("马上办")  # nobody touched it for idle_s
        await expect(page.locator("html.elder")).to_have_count(0)
        await page.click(".lang-mode")
        await page.click(".way.now")
        await expect(page.locator(".slip")).to_have_text("Please take your slip")
        assert "Ahead of you: 0" in slips(hall)[0]
        assert wrong == []


async def test_nothing_of_the_browser_shows_through(a_broker: Mosquitto, tmp_path: Path, browser: Browser) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await started(hall, "A-K1")
        page, wrong = await a_page(browser, hall.page("A-K1"))
        await expect(page.locator(".way")).to_have_count(2)
        prevented = "(kind) => !document.body.dispatchEvent(new Event(kind, { bubbles: true, cancelable: true }))"
        for kind in ("contextmenu", "selectstart", "dragstart"):
            assert await page.evaluate(prevented, kind), kind
        assert await page.locator("a, input, iframe, form").count() == 0
        assert await page.evaluate("getComputedStyle(document.body).userSelect") == "none"
        assert wrong == []


def _nobody_at_tax(plan: Plan) -> Plan:
    replace = msgspec.structs.replace
    hall = plan.halls["A"]
    windows = {w: replace(one, staff="") if "tax" in one.units else one for w, one in hall.windows.items()}
    return replace(plan, halls={**plan.halls, "A": replace(hall, windows=windows)})


async def test_a_matter_nobody_serves_gives_no_numbers_and_says_so(
    a_broker: Mosquitto, tmp_path: Path, browser: Browser
) -> None:
    async with a_kiosk_hall(a_broker, tmp_path, change=_nobody_at_tax) as hall:
        await started(hall, "A-K1")
        page, wrong = await a_page(browser, hall.page("A-K1"))
        await page.click(".way.help")
        await expect(page.locator('.tile.dim[data-entry="tax"] .waiting')).to_have_text("暂不取号")
        await page.click(".lang-mode")
        await expect(page.locator('.tile.dim[data-entry="tax"] .waiting')).to_have_text("No numbers now")
        assert wrong == []


NASTY = '<img src=x onerror="document.title=1">\u202e[red]\x1b[31m"\'😀'


def _nasty(plan: Plan) -> Plan:
    """Names no plan should have: markup, bidi marks, escapes, quotes, a 4-byte character."""
    replace = msgspec.structs.replace
    hall = plan.halls["A"]
    entries = tuple(replace(e, name=NASTY[:40], name_en=NASTY[:40]) if e.id == "tax" else e for e in hall.entries)
    kiosks = {k: replace(one, name=NASTY) for k, one in hall.kiosks.items()}
    return replace(plan, halls={**plan.halls, "A": replace(hall, name=f"A厅{NASTY}", entries=entries, kiosks=kiosks)})


async def test_foreign_names_are_inert(a_broker: Mosquitto, tmp_path: Path, browser: Browser) -> None:
    async with a_kiosk_hall(a_broker, tmp_path, change=_nasty) as hall:
        await started(hall, "A-K1")
        page, wrong = await a_page(browser, hall.page("A-K1"))
        await page.click(".way.help")
        await expect(page.locator(".tile").first).to_contain_text("<img src=x onerror=")
        assert await page.locator("img").count() == 0
        await page.click(".tile >> nth=0")
        await expect(page.locator(".slip.printed")).to_be_visible()
        body = await page.evaluate("document.body.textContent")
        assert "\u202e" not in body and "\x1b" not in body
        assert await page.title() != "1"
        assert "<img src=x" in slips(hall)[0] and hall.printers["A-K1"].box.look()["unknown"] == {}
        assert wrong == []


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
async def test_every_screen_can_be_read_and_pressed(
    a_broker: Mosquitto, tmp_path: Path, browser: Browser, size: tuple[int, int]
) -> None:
    """Contrast, size of type, size of targets, nothing cut off: measured on every screen in every mode."""
    async with a_kiosk_hall(a_broker, tmp_path, ("B-K1",)) as hall:
        await started(hall, "B-K1")
        page, wrong = await a_page(browser, hall.page("B-K1"), size)
        found: list[str] = []
        for modes in ([], [".lang-mode"], [".elder-mode"], [".lang-mode"]):  # each adds to what was before
            await expect(page.locator(".way")).to_have_count(2)
            for mode in modes:
                await page.click(mode)
            found += await _walked(page, hall)
        assert found == [] and wrong == []


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
async def test_a_crowded_first_page_can_be_read_and_pressed(
    a_broker: Mosquitto, tmp_path: Path, browser: Browser, size: tuple[int, int]
) -> None:
    """A lunch notice above and every priority class below the two buttons."""
    options, noon = {"self_declared_priority": True}, TEN.replace(hour=12, minute=30)
    async with a_kiosk_hall(a_broker, tmp_path, options=options, at=noon) as hall:
        await started(hall, "A-K1")
        page, wrong = await a_page(browser, hall.page("A-K1"), size)
        await expect(page.locator(".chip")).to_have_count(5)
        await expect(page.locator(".notices")).to_contain_text("午间")
        found: list[str] = []
        for mode in ("", ".lang-mode", ".elder-mode", ".lang-mode"):
            if mode:
                await page.click(mode)
            found += await _measured(page, f"home after {mode}")
        await page.click(".chip >> text=孕妇")
        await expect(page.locator(".chip[aria-pressed=true]")).to_have_text("孕妇")
        await page.click(".way.now")
        await expect(page.locator(".slip.printed")).to_be_visible()
        assert found == [] and wrong == []


async def _walked(page: Page, hall: KioskHall) -> list[str]:
    """Every screen there is, one after the other; what is wrong with what is seen."""
    html = await page.evaluate("document.documentElement.className + ' ' + document.documentElement.lang")
    found = await _measured(page, "home")
    await page.click(".way.help")
    for number in range(9):
        found += await _measured(page, f"list {number}")
        if await page.locator(".turn.next").is_disabled():
            break
        await page.click(".turn.next")
    await page.click(".turn.previous")
    await page.click(".tile.other >> nth=0")
    found += await _measured(page, "note")
    await page.click(".ok")
    await page.click(".turn.home")
    await page.click(".way.help")
    await page.click(".tile >> nth=0")  # a number of two letters and four digits
    await expect(page.locator(".slip.printed")).to_be_visible()
    await expect(page.locator(".finish")).to_be_enabled()
    found += await _measured(page, "result")
    hall.printers["B-K1"].fault("paper_out")
    await page.click(".finish")
    await expect(page.locator(".banner")).to_be_visible()
    found += await _measured(page, "banner")
    hall.printers["B-K1"].act("load_paper")
    return [f"{html} {what}" for what in found]


async def _measured(page: Page, screen: str) -> list[str]:
    """What is wrong with what is seen now."""
    bounds = {"smallest": SMALLEST_PX, "target": TARGET_PX, "contrast": CONTRAST}
    found: list[str] = await page.evaluate(CONTRASTS, bounds)
    return [f"{screen}: {what}" for what in found]
