"""The panels' font: exactly the characters a plan's panels can show, cut from a dot font in hex and written as BDF.

Hex: `CODEPOINT:ROWS`, 16 rows of 8 or 16 dots. BDF is what ESPHome reads without a renderer of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hall.faults import PlanError
from hall.plan.model import Hall, Plan
from hall.wording import LANGS, say

HEIGHT = 16  # dots
DESCENT = 2  # of them below the line the letters stand on
ASCII = "".join(chr(code) for code in range(0x20, 0x7F))
TEXTS = ("idle", "call", "paused", "closed")


class Font(NamedTuple):
    """The dot font as it was read: hex lines by code point, and the licence that goes with every part of it."""

    lines: dict[int, str]
    licence: str


def font(hex_text: str, licence: str) -> Font:
    """A font from the lines of a .hex file."""
    split = (line.partition(":") for line in hex_text.splitlines())
    return Font({int(code, 16): rows for code, _, rows in split if rows}, licence)


def needed(plan: Plan, also: str = "") -> list[str]:
    """Every character a panel of this plan may have to show, in order: texts, names, and what `also` asks."""
    texts = [ASCII, also, *(say(f"panel.{key}", lang, number="") for key in TEXTS for lang in LANGS)]
    for hall in plan.halls.values():
        texts += _texts(hall)
    return sorted({character for text in texts for character in text if character.isprintable()})


def _texts(hall: Hall) -> Iterator[str]:
    """What stands on line 1 and 2, and the names a window is likely to be given for a day."""
    yield hall.name
    for window in hall.windows.values():
        yield window.name
        yield from window.texts.values()
    yield from (unit.name for unit in hall.units.values())
    yield from (queue.name for queue in hall.queues.values())


def bdf(font: Font, characters: Iterable[str]) -> str:
    """The characters as a BDF file; PlanError names those the font has not."""
    wanted = sorted(set(characters))
    missing = [character for character in wanted if ord(character) not in font.lines]
    if missing:
        raise PlanError(f"the dot font has no {' '.join(missing)}: choose other words for the panels")
    parts = [
        "STARTFONT 2.1",
        "FONT -gnu-Unifont-Medium-R-Normal-Sans-16-160-75-75-c-80-iso10646-1",
        f"SIZE {HEIGHT} 75 75",
        f"FONTBOUNDINGBOX 16 {HEIGHT} 0 -{DESCENT}",
        "COMMENT A part of GNU Unifont 15.0.01, SIL Open Font License 1.1: see OFL-1.1.txt",
        "STARTPROPERTIES 2",
        f"FONT_ASCENT {HEIGHT - DESCENT}",
        f"FONT_DESCENT {DESCENT}",
        "ENDPROPERTIES",
        f"CHARS {len(wanted)}",
        *(line for character in wanted for line in _glyph(ord(character), font.lines[ord(character)])),
        "ENDFONT",
    ]
    return "\n".join(parts) + "\n"


def _glyph(code: int, rows: str) -> list[str]:
    digits = len(rows) // HEIGHT  # of hex in a row: 2 or 4
    width = digits * 4
    return [
        f"STARTCHAR U+{code:04X}",
        f"ENCODING {code}",
        f"SWIDTH {width * 1000 // HEIGHT} 0",
        f"DWIDTH {width} 0",
        f"BBX {width} {HEIGHT} 0 -{DESCENT}",
        "BITMAP",
        *(rows[at : at + digits] for at in range(0, len(rows), digits)),
        "ENDCHAR",
    ]
