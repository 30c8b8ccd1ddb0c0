"""axe-core on a page as it stands: what would keep somebody from reading or using it. The script is a PyPI package's.

No rule is switched off. What axe cannot decide (type on a gradient) is measured by tests/rooms/contrasts.js.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.async_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
RUN = "(tags) => axe.run(document, { runOnly: tags, resultTypes: ['violations'], iframes: false })"


@cache
def script() -> str:
    return Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")


async def violations(page: Page) -> list[str]:
    """What is wrong with the page as it is now, a line for each rule; frames are judged as pages of their own."""
    await page.evaluate(script())
    found: dict[str, Any] = await page.evaluate(RUN, TAGS)
    assert len(found["passes"]) > 5, "axe has looked at nothing"
    return [_line(rule) for rule in found["violations"]]


def _line(rule: dict[str, Any]) -> str:
    first = rule["nodes"][0]
    return f"{rule['id']} at {len(rule['nodes'])}, first {first['html'][:120]}: {first['failureSummary'][:240]}"
