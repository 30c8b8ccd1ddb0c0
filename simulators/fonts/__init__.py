"""The dot font of the simulated panels and printers: 16 rows a character, 8 dots wide (one byte) or 16 (two bytes).

A font card and a Chinese receipt printer carry such a font in a chip. Where it comes from: README.md.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import NamedTuple

HEIGHT = 16  # dots; the only size the chip holds
FONT = Path(__file__).with_name("unifont-15.0.01-gbk.hex.gz")
MISSING = "\N{REPLACEMENT CHARACTER}"


class Glyph(NamedTuple):
    """One character: `rows` top first, the leftmost dot in the highest of `width` bits."""

    width: int
    rows: tuple[int, ...]


@cache
def _lines() -> dict[int, str]:
    """Code point to its line of hex; unpacked once, read glyph by glyph."""
    text = gzip.decompress(FONT.read_bytes()).decode("ascii")
    return {int(line[:4], 16): line[5:] for line in text.splitlines()}


def has(character: str) -> bool:
    """Whether the chip holds this character."""
    return ord(character) in _lines()


@cache
def glyph(character: str) -> Glyph:
    """The dots of one character; the missing-character sign for one the chip does not hold."""
    lines = _lines()
    digits = lines.get(ord(character)) or lines[ord(MISSING)]
    per_row = len(digits) // HEIGHT  # hex digits: 2 or 4
    rows = tuple(int(digits[at : at + per_row], 16) for at in range(0, len(digits), per_row))
    return Glyph(per_row * 4, rows)


@cache
def in_cell(character: str, width: int) -> tuple[int, ...]:
    """The dots in a cell of a given width: a narrow sign stands in the middle of a two-byte cell, a wide one is cut."""
    found = glyph(character)
    if found.width > width:
        return tuple(row >> (found.width - width) for row in found.rows)
    return tuple(row << ((width - found.width) // 2) for row in found.rows)


def drawing(character: str) -> list[str]:
    """The character as rows of '#' and '.', for tests and people."""
    found = glyph(character)
    return [format(row, f"0{found.width}b").replace("0", ".").replace("1", "#") for row in found.rows]
