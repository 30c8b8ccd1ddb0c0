"""How foreign text becomes the letters a font card or a printer holds: harmless, GBK, counted in half-widths.

A letter is one or two bytes and takes as many half-widths, so the width of a text is the number of its bytes.
Everything a device could mistake for a command is gone before a driver sees it: controls become a blank, marks that
turn or hide text vanish, and what GBK lacks is shown as a question mark of the same width.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

LETTERS_MAX = 2000  # characters looked at; more than any slip or panel can show, less than a flood
SUBSTITUTE = "?".encode("gbk")
WIDE_SUBSTITUTE = "？".encode("gbk")
BLANK = b" "
_BLANKED = frozenset({"Cc", "Zs", "Zl", "Zp"})  # line ends and odd spaces still part two words
_DROPPED = frozenset({"Cf", "Mn", "Me", "Mc"})  # bidi and zero-width marks, accents that stand on another letter

Letters = list[bytes]


def letters(text: str) -> Letters:
    """`text` letter by letter in GBK, one byte or two each; never a byte below 0x20 and never 0x7F."""
    composed = unicodedata.normalize("NFC", text[:LETTERS_MAX])
    return [letter for letter in map(_letter, composed) if letter]


def _letter(char: str) -> bytes:
    if char == "\u3000":  # the blank of full width, a letter of GBK
        return char.encode("gbk")
    category = unicodedata.category(char)
    if category in _BLANKED:
        return BLANK
    if category in _DROPPED:
        return b""
    for known in (char, unicodedata.normalize("NFD", char)[0]):  # without its accents, rather than not at all
        try:
            return known.encode("gbk")
        except UnicodeEncodeError:
            continue
    return WIDE_SUBSTITUTE if unicodedata.east_asian_width(char) in "WF" else SUBSTITUTE


def width(row: Iterable[bytes]) -> int:
    """Half-widths a row of letters takes."""
    return sum(map(len, row))


def cut(row: Letters, columns: int) -> bytes:
    """The letters that fit into `columns` half-widths; a wide one is never halved."""
    kept = b""
    for letter in row:
        if len(kept) + len(letter) > columns:
            break
        kept += letter
    return kept


def wrap(row: Letters, columns: int) -> list[bytes]:
    """`row` on as many lines as it needs, none wider than `columns` (at least 2); a word or number stays whole."""
    assert columns >= 2, columns
    lines = [b""]
    for word in _words(row, columns):
        if len(lines[-1]) + len(word) <= columns:
            lines[-1] += word
        elif word != BLANK:  # a line begins with no blank
            lines.append(word)
    return [line.rstrip(BLANK) for line in lines]


def _words(row: Letters, columns: int) -> list[bytes]:
    """Runs of narrow letters, cut where one is longer than a line; every wide letter and every blank for itself."""
    words: list[bytes] = []
    narrow_before = False
    for letter in row:
        narrow = len(letter) == 1 and letter != BLANK
        if narrow and narrow_before and len(words[-1]) < columns:
            words[-1] += letter
        else:
            words.append(letter)
        narrow_before = narrow
    return words
