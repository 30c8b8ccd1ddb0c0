"""How foreign text becomes letters: harmless, in GBK, counted in half-widths, wrapped and cut without halving one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.lettering import LETTERS_MAX, cut, letters, width, wrap


def read(row: list[bytes]) -> str:
    return b"".join(row).decode("gbk")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("综合受理窗口A01", "综合受理窗口A01"),
        ("：（）℃￥①《》—…·", "：（）℃￥①《》—…·"),
        ("𠮷㐀", "？？"),
        ("ñ", "n"),
        ("e\u0301", "é"),  # composed first; GBK has it
        ("a\u0327\u0323", "a"),
        ("한", "？"),
        ("ก", "?"),
        ("张\u202e\u200b\u2066\ufeff三", "张三"),
        ("a\tb\r\nc\x1bd\x7f\x9b", "a b  c d  "),
        ("全\u3000角\u00a0半", "全\u3000角 半"),
        ("\ud800x", "?x"),
        ("", ""),
    ],
)
def test_letters(text, shown):
    assert read(letters(text)) == shown


@given(st.text(max_size=200))
def test_no_letter_holds_a_control_byte_and_every_letter_is_as_wide_as_its_bytes(text):
    row = letters(text)
    assert width(row) == len(b"".join(row))
    for letter in row:
        assert len(letter.decode("gbk")) == 1 and len(letter) in (1, 2)
        assert min(letter) >= 0x20 and 0x7F not in letter


def test_a_flood_is_cut():
    assert len(letters("长" * 100_000)) == LETTERS_MAX


def test_cut_halves_no_letter():
    assert cut(letters("请A0012号"), 8) == "请A0012".encode("gbk")
    assert cut(letters("请"), 1) == b""


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("前面等候12人", 12, ["前面等候12人"]),
        ("前面等候12人", 9, ["前面等候", "12人"]),  # the number stays whole
        ("window A01 is open", 10, ["window A01", "is open"]),
        ("一二三四", 5, ["一二", "三四"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),  # longer than a line: cut
        ("", 10, [""]),
    ],
)
def test_wrap(text, columns, lines):
    assert [line.decode("gbk") for line in wrap(letters(text), columns)] == lines


@given(st.text(max_size=200), st.integers(2, 48))
def test_wrap_loses_nothing_but_blanks(text, columns):
    row = letters(text)
    lines = wrap(row, columns)
    assert all(len(line) <= columns for line in lines)
    assert b"".join(lines).replace(b" ", b"") == b"".join(row).replace(b" ", b"")
