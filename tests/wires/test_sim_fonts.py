"""The dot font of the twins: whole, as wide as a card's, and the same glyphs its maker drew."""

from __future__ import annotations

import pytest

from simulators import fonts


def test_every_two_byte_character_of_gbk_has_its_dots() -> None:
    pairs = (bytes((lead, trail)) for lead in range(0x81, 0xFF) for trail in range(0x40, 0xFF))
    characters = {pair.decode("gbk", errors="ignore") for pair in pairs} - {""}
    characters = {character for character in characters if len(character) == 1 and character.isprintable()}
    assert len(characters) > 21_000
    assert [character for character in characters if not fonts.has(character)] == []


def test_letters_are_half_as_wide_as_characters() -> None:
    for text, width in (("A0~", 8), ("综号一", 16)):
        assert {fonts.glyph(character).width for character in text} == {width}
    assert {len(fonts.glyph(character).rows) for character in "A号"} == {16}


def test_a_glyph_is_what_its_maker_drew() -> None:
    assert fonts.drawing("一") == ["." * 16] * 7 + ["#" * 15 + "."] + ["." * 16] * 8
    assert fonts.drawing("1")[4:8] == ["....#...", "...##...", "..#.#...", "....#..."]


@pytest.mark.parametrize("strange", ["\U0001f600", "\x00", "\ud7a3"])
def test_what_is_missing_is_drawn_as_missing(strange: str) -> None:
    assert not fonts.has(strange)
    assert fonts.glyph(strange) == fonts.glyph(fonts.MISSING)


def test_a_cell_centres_a_narrow_sign_and_cuts_a_wide_one() -> None:
    narrow, wide = fonts.glyph("A"), fonts.glyph("号")
    assert fonts.in_cell("A", 16) == tuple(row << 4 for row in narrow.rows)
    assert fonts.in_cell("号", 8) == tuple(row >> 8 for row in wide.rows)
    assert fonts.in_cell("A", 8) == narrow.rows
