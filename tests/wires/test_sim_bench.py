"""The test bench: its page in a real browser, its doors, and the staff who press keys for it."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from host_side import Host, serial_host
from playwright.async_api import Page, async_playwright
from waiting import until

from hall import plan as plans
from simulators.bench import mount
from simulators.box import CannotStand, Refused
from simulators.citizens.choosing import choose, halls_of
from simulators.citizens.crowd import PER_MINUTE_MAX, Crowd
from simulators.clock import Clock
from simulators.door import open_door
from simulators.far_side import FarSide
from simulators.staff.desk import desks_of
from simulators.staff.shift import Shift

ROOT = Path(__file__).parents[2]
CHROMIUM = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
CHROMIUM += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
SHOW_BOTH = bytes.fromhex(  # 综合受理窗口A01 / 请A0012号, from the maker's protocol
    "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 59 00 A3 06 01 00 00 00 02 2A 00 00 00 00 00 00 10 00"
    "10 00 00 00 00 00 00 00 00 0A 01 01 01 00 00 00 0F 00 00 00 D7 DB BA CF CA DC C0 ED B4 B0 BF DA 41 30 31 24 00 00"
    "00 00 10 00 10 00 10 00 01 00 00 00 00 00 00 0A 01 01 01 00 00 00 09 00 00 00 C7 EB 41 30 30 31 32 BA C5 51 EB 5A"
)
CALL_1 = bytes.fromhex("FF 68 03 03 68 01 01 0C 0E 16")
START_1 = bytes.fromhex("FF 68 03 03 68 01 01 11 13 16")
FINISH_1 = bytes.fromhex("FF 68 03 03 68 01 01 0B 0D 16")
HANG_1 = bytes.fromhex("FF 68 04 04 68 01 01 00 0F 11 16")
WAITING_5 = bytes.fromhex("FF 68 08 08 68 01 02 00 00 05 0A 0A 0A 26 16")
TICKET_12 = bytes.fromhex("FF 68 08 08 68 01 02 0A 0A 0A 00 01 02 24 16")
NOTHING = bytes.fromhex("FF 68 08 08 68 01 02 0A 0A 0A 0A 0A 0A 3F 16")
BEEP_1 = bytes.fromhex("FF 68 02 02 68 01 03 04 16")
INVITE_1 = bytes.fromhex("FF 68 03 03 68 01 01 0B 0D 16")  # the same bytes as its own key: 01 0B either way


def kaiyang() -> dict[str, Any]:
    """The compiled plan as JSON, all its lines on ptys."""
    text = (ROOT / "halls/kaiyang.toml").read_text(encoding="utf-8")
    plan: dict[str, Any] = json.loads(plans.to_json(plans.load(text, "halls/kaiyang.toml", None)))
    for hall in plan["halls"].values():
        for window, about in hall["windows"].items():
            about["panel"]["line"] = f"pty:panel-{window}"
        for kiosk, about in hall["kiosks"].items():
            about["printer_line"] = f"pty:printer-{kiosk}"
    return plan


@asynccontextmanager
async def a_bench(var: Path, clock: Clock | None = None) -> AsyncIterator[tuple[str, FarSide]]:
    """The whole hall's far side with its door; yields the page's address."""
    far_side = FarSide(kaiyang(), var, clock or Clock(), seed=1)
    far_side.open()
    try:
        runner, port = await open_door(far_side, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{port}", far_side
        finally:
            await runner.cleanup()
    finally:
        far_side.close()


def test_a_live_plan_is_refused(tmp_path: Path) -> None:
    far_side = FarSide(kaiyang(), tmp_path, Clock(), seed=1)
    live = kaiyang()
    live["site"]["mode"] = "live"
    far_side.plan = live
    with pytest.raises(CannotStand, match="live"):
        mount(aiohttp.web.Application(), far_side)


async def test_the_page_loads_nothing_from_elsewhere_and_is_framed_by_nobody(tmp_path: Path) -> None:
    async with a_bench(tmp_path) as (url, _), aiohttp.ClientSession(url) as client:
        page = await client.get("/")
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http://127.0.0.1:8711 " in policy.split("frame-src")[1]
        assert "<script>" not in await page.text() and "style=" not in await page.text()
        for name in ("main.js", "bench.css", "mark.svg"):
            assert (await client.get(f"/bench/{name}")).status == 200
        for name in ("nothing.js", "..%2fmounting.py", "../mounting.py"):
            assert (await client.get(f"/bench/{name}")).status == 404


async def test_the_hall_names_devices_that_stand(tmp_path: Path) -> None:
    async with a_bench(tmp_path) as (url, far_side), aiohttp.ClientSession(url) as client:
        halls = (await (await client.get("/hall.json")).json())["halls"]
    windows = [window for hall in halls for window in hall["windows"]]
    assert [len(hall["windows"]) for hall in halls] == [15, 48]
    named = {kiosk["printer"] for hall in halls for kiosk in hall["kiosks"]}
    named |= {window["panel"] for window in windows} | {window["keypad"]["device"] for window in windows}
    assert named == set(far_side.devices)
    assert windows[0]["keypad"]["keys"]["0C"] == "CallNext"
    assert halls[1]["windows"][31]["units"] == ["供水", "供电", "燃气"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/citizens", {"per_minute": -1}),
        ("/citizens", {"per_minute": PER_MINUTE_MAX + 1}),
        ("/citizens", {"per_minute": True}),
        ("/citizens", {"per_minute": "5"}),
        ("/citizens", {}),
        ("/citizens", []),
        ("/staff", {"on": 1}),
        ("/staff", {"on": True, "pace": 0}),
        ("/staff", {"pace": 1e9}),
    ],
)
async def test_people_are_not_commanded_with_nonsense(path: str, body: object, tmp_path: Path) -> None:
    async with a_bench(tmp_path) as (url, _), aiohttp.ClientSession(url) as client:
        before = await (await client.get("/people")).json()
        answer = await client.post(path, json=body)
        assert answer.status == 400 and "error" in await answer.json()
        assert (await client.post(path, data="per_minute=1")).status == 415
        assert (await client.post(path, json=body, headers={"Origin": "http://evil.example"})).status == 403
        after = await (await client.get("/people")).json()
        assert (after["citizens"], after["staff"]) == (before["citizens"], before["staff"])


def test_citizens_choose_by_seed_among_what_their_hall_offers() -> None:
    halls = halls_of(kaiyang())
    offered = {hall.id: {name for name, _ in hall.entries} for hall in halls}
    one, other = random.Random(7), random.Random(7)
    wishes = [choose(halls, one) for _ in range(2000)]
    assert wishes == [choose(halls, other) for _ in range(2000)]
    assert all(wish.entry in offered[wish.hall] and wish.kiosk.startswith(wish.hall) for wish in wishes)
    assert {wish.kiosk for wish in wishes} == {"A-K1", "A-K2", "B-K1", "B-K2", "B-K3"}
    assert 0.35 < sum(wish.entry == "now" for wish in wishes) / 2000 < 0.45
    assert {wish.lang for wish in wishes} == {"zh", "en"}


async def test_nobody_comes_where_there_is_no_machine() -> None:
    crowd = Crowd([], Clock(), random.Random(1))
    crowd.come(60)
    assert crowd.per_minute == 0
    with pytest.raises(Refused):
        crowd.come(float("nan"))


@asynccontextmanager
async def a_shift(var: Path, clock: Clock) -> AsyncIterator[tuple[Shift, Host]]:
    """Staff at every window of the hall, and the host's end of hall A's keypad line."""
    far_side = FarSide(kaiyang(), var, clock, seed=1)
    far_side.open()
    shift = Shift(list(desks_of(far_side)), clock, random.Random)
    life = asyncio.get_running_loop().create_task(shift.run())
    try:
        async with serial_host(var / "lines" / "keypads-A-1") as host:
            yield shift, host
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        far_side.close()


async def test_staff_call_when_people_wait_then_start_and_finish(tmp_path: Path) -> None:
    async with a_shift(tmp_path, Clock(rate=60.0)) as (shift, host):
        host.send(WAITING_5)
        shift.work(on=True, pace=60)
        await host.expect(CALL_1)
        host.send(CALL_1 + TICKET_12)
        await host.expect(START_1)
        host.send(START_1)
        await host.expect(FINISH_1)
        host.send(FINISH_1 + NOTHING + INVITE_1)
        await until(lambda: shift.counts.finished == 1)
        assert (shift.counts.called, shift.counts.refused) == (1, 0)


async def test_staff_try_again_later_after_a_refusal_and_rest_when_told(tmp_path: Path) -> None:
    async with a_shift(tmp_path, Clock(rate=60.0)) as (shift, host):
        host.send(WAITING_5)
        shift.work(on=True, pace=60)
        await host.expect(CALL_1)
        host.send(CALL_1 + BEEP_1)
        await until(lambda: shift.counts.refused == 1)
        await host.expect(CALL_1)
        shift.work(on=False, pace=60)
        host.send(CALL_1 + BEEP_1)
        await until(lambda: shift.counts.refused == 2)
        assert shift.counts.called == 0 and not host.heard


@asynccontextmanager
async def a_page(url: str, folder: Path) -> AsyncIterator[tuple[Page, list[str]]]:
    """The bench in Chromium, and what its console complained of (kiosks that do not run apart)."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch_persistent_context(
            str(folder), executable_path="/usr/bin/chromium", args=CHROMIUM, viewport={"width": 1920, "height": 1080}
        )
        page = await browser.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        await page.goto(url)
        await page.wait_for_selector("#window-X06 canvas[aria-label]")
        try:
            yield page, complaints
        finally:
            await browser.close()


LIT = """() => {
  const canvas = document.querySelector("#window-A01 .led canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let lit = 0;
  for (let at = 0; at < data.length; at += 4) lit += data[at] > 200;
  return lit;
}"""


async def test_the_page_shows_the_lamps_and_its_keys_reach_the_wire(tmp_path: Path) -> None:
    async with a_bench(tmp_path / "var") as (url, far_side), a_page(url, tmp_path / "browser") as (page, complaints):
        assert await page.locator(".window").count() == 63 and await page.locator(".kiosk").count() == 5
        assert await page.evaluate(LIT) == 0
        async with serial_host(tmp_path / "var/lines/panel-A01") as card:
            card.send(SHOW_BOTH)
            await page.wait_for_selector("canvas[aria-label='综合受理窗口A01 请A0012号']")
        assert await page.evaluate(LIT) > 500
        assert "请A0012号" in await page.locator("#calls li").first.inner_text()

        await page.click("#tabs [data-of=A]")
        async with serial_host(tmp_path / "var/lines/keypads-A-1") as host:
            await page.click("#window-A01 .key.call")
            await host.expect(CALL_1)
            host.send(CALL_1 + TICKET_12)
            await page.wait_for_selector("#window-A01 .digits[aria-label$='number 012']")
            await page.click("#window-A01 .key.digit:text-is('0')")
            assert await page.inner_text("#window-A01 .typed") == "0"
            await page.click("#window-A01 .key.ok")
            await host.expect(HANG_1)

        await page.hover("#window-A01")
        await page.click("#window-A01 .led .fault")
        await page.click("#faults .row[data-name=power_off] button")
        await page.wait_for_selector("#window-A01 .led.off.broken")
        assert await page.evaluate(LIT) == 0
        assert "power_off" in far_side.devices["A.panel.A01"].view()["faults"]
        await page.click("#faults .row[data-name=power_off] button")
        await page.wait_for_selector("#window-A01 .led:not(.broken)")
        assert [said for said in complaints if "ERR_CONNECTION_REFUSED" not in said] == []


async def test_the_page_says_when_the_far_side_is_gone(tmp_path: Path) -> None:
    async with a_bench(tmp_path / "var") as (url, _):
        page_of_it = a_page(url, tmp_path / "browser")
        page, _ = await page_of_it.__aenter__()
    try:
        await page.wait_for_selector("#lost:not([hidden])")
    finally:
        await page_of_it.__aexit__(None, None, None)
