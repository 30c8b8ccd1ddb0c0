"""The Candle driver, the proof that a new panel is one folder: a mute board that knows ASCII."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from displays.panels.candle.wire import Candle
from hall.ports import Garbled, Showing

LINES = ("综合受理窗口A01", "请A0012号")


def texts(*lines: str, **options: str | int | bool) -> bytes:
    return Candle(options=options).show(Showing(lines=lines))[0]


def test_it_shows_of_a_text_what_it_can():
    assert texts(*LINES) == b"\x01\x21\x20A0012   \x07"
    assert texts("窗口", "暂停服务") == b"\x01\x21\x20        \x07"
    assert texts("窗口") == b"\x01\x21\x20        \x07"
    assert texts() == b"\x01\x21\x20        \x07"


@pytest.mark.parametrize(("arrow", "text"), [("left", b"A0012<A01"), ("right", b"A0012>A01"), ("dash", b"A0012-A01")])
def test_an_arrow_points_from_the_number_to_the_window(arrow, text):
    assert texts(*LINES, arrow=arrow, columns=10) == b"\x01\x21\x20" + text + b" \x07"
    assert texts("综合受理窗口A01", "", arrow=arrow, columns=4) == b"\x01\x21\x20    \x07"


def test_a_called_number_flashes():
    assert Candle(options={}).show(Showing(lines=LINES, blink=True))[0][2] == 0x21


@pytest.mark.parametrize(("level", "byte"), [(15, 0x20), (12, 0x20), (11, 0x21), (7, 0x22), (3, 0x23), (0, 0x23)])
def test_sixteen_levels_are_four(level, byte):
    assert Candle(options={}).show(Showing(lines=LINES, brightness=level))[1] == bytes([2, 0x21, byte, 7])


@pytest.mark.parametrize(("address", "byte"), [(0, 0x20), (1, 0x21), (95, 0x7F)])
def test_addresses(address, byte):
    assert [frame[1] for frame in Candle(options={}).show(Showing(lines=LINES, address=address))] == [byte, byte]


def test_an_address_no_board_can_have_is_our_mistake():
    with pytest.raises(AssertionError):
        Candle(options={}).show(Showing(lines=LINES, address=96))


def test_it_is_mute():
    driver = Candle(options={})
    assert not driver.answers and driver.ask(1) == b"" and driver.heard(b"") == []
    assert driver.heard(b"\x07" * 50) == [Garbled(why="the board is mute", data=b"\x07" * 32)]


@given(st.lists(st.text(max_size=30), max_size=3), st.integers(1, 20))
def test_no_foreign_text_breaks_out_of_its_frame(lines, columns):
    data = Candle(options={"columns": columns, "brightness": False}).show(Showing(lines=tuple(lines)))
    assert len(data) == 1 and len(data[0]) == columns + 4 and data[0].endswith(b"\x07")
    assert all(0x20 <= byte < 0x7F for byte in data[0][3:-1])
