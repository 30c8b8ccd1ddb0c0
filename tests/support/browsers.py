"""A real browser for a test: the machine's chromium, headless, with every background talk switched off."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, async_playwright, expect
from waiting import PATIENCE

ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PORTRAIT, LANDSCAPE = (1080, 1920), (1920, 1080)

expect.set_options(timeout=5_000 * PATIENCE)


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "chromium is not installed: run `make test`, which says how to get it"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGS))
        try:
            yield browser
        finally:
            await browser.close()


class Complaints(list[str]):
    """What the page complained about: errors, blocked content, requests that left the machine."""


async def a_page(
    browser: Browser, url: str, size: tuple[int, int] = PORTRAIT, touch: bool = False, home: str = ""
) -> tuple[Page, Complaints]:
    """A page of its own session at `url`, and a list that fills with whatever goes wrong in it.

    It may load what lies under `home`, by default under `url`.
    """
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, has_touch=touch)
    page = await context.new_page()
    wrong = Complaints()
    page.on("pageerror", lambda fault: wrong.append(f"error: {fault}"))
    page.on("console", lambda said: wrong.append(f"console: {said.text}") if said.type == "error" else None)
    page.on(
        "request", lambda asked: wrong.append(f"left: {asked.url}") if not asked.url.startswith(home or url) else None
    )
    await page.goto(url)
    return page, wrong
