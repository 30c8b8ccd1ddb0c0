"""Texts a panel cannot show: too wide for its columns, or with words in braces that nothing fills."""

from __future__ import annotations

import re
import unicodedata

from hall.plan.draft import Draft, Thing
from hall.plan.model import Hall, Panel, Queue, Window
from hall.wording import say

STATES = ("call", "idle", "paused", "closed")


def width(text: str, chinese: bool = True) -> int:
    """How many half-width columns the text takes; on a board without Chinese only ASCII is shown."""
    if not chinese:
        return sum(sign.isascii() for sign in text)
    marks = ("Mn", "Me", "Cf")  # drawn over the character before
    wide = {sign: 2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text}
    return sum(wide[sign] for sign in text if unicodedata.category(sign) not in marks)


def fits_panel(text: str, panel: Panel) -> bool:
    """Whether the whole text is seen on one line of the panel (a rename asks this too)."""
    return width(text) <= panel.columns


def check(draft: Draft) -> None:
    for hall in draft.plan.halls.values():
        widest = max((_widest(queue) for queue in hall.queues.values()), key=len, default="")
        for window in hall.windows.values():
            if window.panel is not None:
                _check_texts(draft, hall, window, window.panel, widest)


def _widest(queue: Queue) -> str:
    return f"{queue.prefix}{'0' * queue.digits}"


def _check_texts(draft: Draft, hall: Hall, window: Window, panel: Panel, widest: str) -> None:
    thing = (hall.id, "windows", window.id)
    card = draft.known.drivers.get("panels", {}).get(panel.driver) if draft.known else None
    chinese = card.plan.chinese if card else True
    if panel.lines > 1 and width(window.name, chinese) > panel.columns:
        own = draft.reading.source.get((*draft.origins[thing], "name"))
        place, key = (thing, "name") if own else ((hall.id,), "windows_named")
        _report(draft, place, key, window.name, panel)
    for state in STATES:
        text = window.texts.get(state, "") or say(f"panel.{state}", number="{number}")
        words = set(re.findall(r"\{([^{}]*)\}", text))
        if words - ({"number"} if state == "call" else set()):
            what = f"{{{min(words)}}} means nothing in the text {state}"
            draft.report(thing, f"texts.{state}", "bad-template", what, "only call knows {number}")
        shown = text.replace("{number}", widest)
        if width(shown, chinese) > panel.columns:
            _report(draft, thing, f"texts.{state}" if state in window.texts else "panel.columns", shown, panel)


def _report(draft: Draft, thing: Thing, key: str, text: str, panel: Panel) -> None:
    what = f"{text!r} is {width(text)} columns wide, the panel has {panel.columns}"
    draft.report(thing, key, "text-too-wide", what, "write a shorter text, or give the panel's real columns")
