"""An area's text as the card's character generator reads it: GBK bytes with ASCII inline codes, into coloured cells.

Codes: \\C1 red, \\C2 green, \\C3 yellow; \\F + language (O, E, K) + encoding + face + size; \\n. What is no code is
shown as it stands. A two-byte character may end in 5C, the backslash: hence bytes are read in step, never searched.
"""

from __future__ import annotations

import re
from typing import NamedTuple

RED, GREEN, YELLOW = 1, 2, 3
HALF, FULL = 8, 16  # dots across
COLOUR = re.compile(rb"\\C([123])")
FONT = re.compile(rb"\\F([OEK])([0-9])([0-9])([0-9])")
NEWLINE = b"\\n"
BLANK = "\u3000"


class FontMissing(Exception):
    """The text asks for a font this card does not hold."""


class Cell(NamedTuple):
    """One character on the screen; an empty character is a line's end."""

    character: str
    width: int
    colour: int


def cells(text: bytes) -> list[Cell]:
    """The cells of a text, line ends among them (character "")."""
    found: list[Cell] = []
    colour, at = RED, 0
    while at < len(text):
        if code := COLOUR.match(text, at):
            colour = int(code[1])
            at = code.end()
        elif font := FONT.match(text, at):
            _check_font(font[1], font[2])
            at = font.end()
        elif text.startswith(NEWLINE, at):
            found.append(Cell("", 0, colour))
            at += len(NEWLINE)
        else:
            character, size = _character(text, at)
            if character:
                found.append(Cell(character, FULL if size == 2 else HALF, colour))
            at += size
    return found


def _check_font(language: bytes, encoding: bytes) -> None:
    """Ours is a card with the GBK font only; what a maker's card with fewer fonts says is NACK 0C."""
    if language == b"K" or encoding not in b"01":
        raise FontMissing(f"language {language!r}, encoding {encoding!r}")


def _character(text: bytes, at: int) -> tuple[str, int]:
    """The character here and how many bytes it takes; "" for a control byte, a blank for what the font lacks."""
    if text[at] < 0x80:
        return (chr(text[at]) if 0x20 <= text[at] < 0x7F else "", 1)
    pair = text[at : at + 2]
    if len(pair) < 2 or not 0x81 <= pair[0] <= 0xFE or not 0x40 <= pair[1] <= 0xFE:
        return " ", 1
    return pair.decode("gbk", errors="ignore")[:1] or BLANK, 2


def readable(text: bytes) -> str:
    """The text without its codes, lines parted by a newline, as a person reads it."""
    return "".join(cell.character or "\n" for cell in cells(text))
