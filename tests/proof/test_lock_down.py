"""The ticket machines' files before the real programs: Chromium under the managed policy, systemd's own checkers.

The policy is put where Chromium looks for it (/etc/chromium) in a mount namespace of the test's own, so the machine's
stays as it is. One key is loosened for the look inside: with developer tools off, as it ships, no test can steer the
browser at all, which is a test too.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from browsers import ARGS
from playwright.async_api import BrowserContext, Error, Page, async_playwright
from playwright.async_api import TimeoutError as Late

HOUSE = Path(__file__).resolve().parents[2]
KIOSK, UNITS = HOUSE / "firmware-configs/kiosk", HOUSE / "firmware-configs/systemd"
PAGE = """<!doctype html><title>touch page</title><p id="here">取号</p>
<script>window.shut = window.open('/pop', '_blank') === null</script>"""
SHIPPED = "http://127.0.0.1:8711"
REST_STEPS, REST_STEP_S = 20, 0.05  # one second: for the two addresses that leave an empty page
UNSTEERED_MS = 8000  # a browser that can be steered is there in two seconds
EXPOSURE_MAX = "25"  # of 100, as systemd-analyze counts; 14 to 18 today, an ordinary service has 96

NAMESPACE = """#!/bin/sh
exec unshare -rm sh -c 'mount -t tmpfs policies /etc/chromium && mkdir -p /etc/chromium/policies/managed &&
cp "$0" /etc/chromium/policies/managed/onewindow.json && exec "$@"' {policy} {chromium} "$@"
"""


# -- the browser -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def a_locked_browser(folder: Path, origin: str, steered: bool = True) -> AsyncIterator[BrowserContext]:
    """Chromium as on a ticket machine whose page is at `origin`."""
    text = (KIOSK / "policy-A-K1.json").read_text().replace(SHIPPED, origin)
    assert origin in text
    policy = json.loads(text) | ({"DeveloperToolsAvailability": 1} if steered else {})
    (folder / "policy.json").write_text(json.dumps(policy))
    chromium = shutil.which("chromium")
    assert chromium, "chromium is not installed: make proof says how to get it"
    program = folder / "chromium"
    program.write_text(NAMESPACE.format(policy=folder / "policy.json", chromium=chromium))
    program.chmod(0o700)
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            str(folder / "profile"),
            executable_path=str(program),
            args=[*ARGS, "--headless=new"],
            ignore_default_args=["--disable-popup-blocking"],
            timeout=30_000 if steered else UNSTEERED_MS,
        )
        try:
            yield context
        finally:
            await context.close()


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """A page where a machine's would be, and the same on another port: somebody else's."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    app = web.Application()
    app.router.add_get("/{name:.*}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        for _ in range(2):
            await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield " ".join(f"http://127.0.0.1:{port}" for _, port in runner.addresses)
    finally:
        await runner.cleanup()


async def _shown(page: Page) -> str:
    """The words in a page that has come to rest; "" where none come: about:blank."""
    for _ in range(REST_STEPS):
        try:
            if words := (await page.inner_text("body", timeout=1000)).strip():
                return words
        except Error:  # the browser is still putting its own page there
            pass
        await asyncio.sleep(REST_STEP_S)
    return ""


async def test_the_browser_shows_its_own_page_and_nothing_else(site: str, tmp_path: Path) -> None:
    own, other = site.split()
    refused = [
        f"{other}/", own.replace("127.0.0.1", "localhost"), "file:///etc/passwd", "file:///", "http://example.com/",
        f"view-source:{own}/", "data:text/html,<p>hello</p>", "ftp://127.0.0.1/", "chrome://settings", "chrome://version",
        "chrome://policy", "chrome://downloads", "chrome://extensions", "chrome://flags", "devtools://devtools/bundled/",
    ]  # fmt: skip
    async with a_locked_browser(tmp_path, own) as context:
        page = context.pages[0]
        await page.goto(f"{own}/")
        assert await page.inner_text("#here") == "取号"
        for address in refused:
            fresh = await context.new_page()
            with contextlib.suppress(Error):  # the browser says so, or shows its page in silence
                await fresh.goto(address, timeout=10_000)
            shown = await _shown(fresh)
            assert "blocked" in shown or not shown, f"{address}: {shown[:300]}"
            await fresh.close()
        await page.goto(f"{own}/again")
        assert await page.inner_text("#here") == "取号"


async def test_the_page_itself_opens_and_asks_nothing(site: str, tmp_path: Path) -> None:
    """What a page that was taken over could try: windows, files, cameras, places, printing, the clipboard."""
    own, other = site.split()
    async with a_locked_browser(tmp_path, own) as context:
        page = context.pages[0]
        await page.goto(f"{own}/")
        assert await page.evaluate("window.shut"), "a window nobody touched for"
        for name in ("geolocation", "notifications", "camera", "microphone", "clipboard-read"):
            state = await page.evaluate(f"navigator.permissions.query({{name: '{name}'}}).then(found => found.state)")
            assert state == "denied", name
        denied = await page.evaluate(
            "navigator.mediaDevices.getUserMedia({video: true}).then(() => 'seen', fault => fault.name)"
        )
        assert denied in ("NotAllowedError", "NotFoundError")
        framed = await page.evaluate(
            f"new Promise(done => {{const f = document.createElement('iframe'); f.src = '{other}/';"
            "f.onload = () => { let seen; try { seen = f.contentDocument } catch { seen = null }"
            " done(seen === null ? 'foreign' : seen.title) }; document.body.append(f)})"
        )
        assert framed == "foreign"  # an error page of the browser's own, which no page can read
        assert not ["touch page" for frame in page.frames[1:] if "touch page" in await frame.content()]
        assert len(context.pages) == 1


async def test_as_it_ships_nobody_steers_the_browser(site: str, tmp_path: Path) -> None:
    with pytest.raises(Late):
        async with a_locked_browser(tmp_path, site.split()[0], steered=False):
            pass


def test_the_flags_are_read_by_a_shell() -> None:
    said = subprocess.run(
        ["sh", "-ec", f'CHROMIUM_FLAGS="--before"; . {KIOSK}/chromium-flags; printf %s "$CHROMIUM_FLAGS"'],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    flags = said.split()
    assert flags[0] == "--before"
    assert {"--kiosk", "--disable-pinch", "--overscroll-history-navigation=0", "--noerrdialogs"} <= set(flags)
    assert all(re.fullmatch(r"--[a-z-]+(=\S+)?", flag) for flag in flags)


# -- systemd ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with a program that is there in place of those that will be."""
    for unit in UNITS.glob("onewindow*"):
        text = unit.read_text()
        for program in ("/opt/onewindow/bin/hall", "/etc/onewindow/backup.sh"):
            text = text.replace(f"ExecStart={program}", "ExecStart=/bin/true")
        (tmp_path / unit.name).write_text(text)
    return tmp_path


def _analyze(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", "--no-pager", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_systemd_understands_every_line(units: Path) -> None:
    names = sorted(f"./{unit.name}" for unit in units.iterdir() if unit.name.startswith("onewindow"))
    assert len(names) >= 1 + 2 + 2 + 5 + 5 + 1  # controller, displays, callers, machines, their screens, the target
    said = _analyze(units, "verify", *names)
    ours = [line for line in said.stderr.splitlines() if "onewindow" in line]
    assert said.returncode == 0 and not ours, said.stderr


def test_systemd_would_complain(units: Path) -> None:
    """The same check sees a line that means nothing."""
    unit = units / "onewindow-controller.service"
    unit.write_text(unit.read_text().replace("NoNewPrivileges=yes", "NoNewPrivilege=yes"))
    said = _analyze(units, "verify", f"./{unit.name}")
    assert "NoNewPrivilege" in said.stderr


def test_every_room_is_shut_in(units: Path) -> None:
    for unit in sorted(units.glob("onewindow-*.service")):
        if not unit.name.startswith("onewindow-browser-"):
            said = _analyze(units, "security", "--offline=true", f"--threshold={EXPOSURE_MAX}", f"./{unit.name}")
            assert said.returncode == 0, said.stdout[-1500:]


def test_the_users_can_be_made(tmp_path: Path) -> None:
    """In a root of its own; nobody is made on this machine."""
    program = shutil.which("systemd-sysusers") or "/bin/systemd-sysusers"
    (tmp_path / "etc").mkdir()
    done = subprocess.run(
        ["unshare", "-r", program, f"--root={tmp_path}", str(UNITS / "sysusers.conf")],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    users = {line.split(":")[0]: line.split(":")[-1] for line in (tmp_path / "etc/passwd").read_text().splitlines()}
    wanted = {
        word for unit in UNITS.glob("*.service") for word in re.findall(r"^User=(.+)$", unit.read_text(), re.MULTILINE)
    }
    assert wanted == {"onewindow", "onewindow-a", "onewindow-b", "onewindow-kiosk", "kiosk"}
    assert all(users[name].endswith("nologin") for name in wanted)
