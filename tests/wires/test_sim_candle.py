"""The Candle RS-485 board's twin against its manual: mute, unchecked, several boards on one line."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st

from simulators import fonts
from simulators.box import CannotStand, Refused, Spec
from simulators.clock import Clock
from simulators.device import Device
from simulators.ends import end_for
from simulators.for_tests import a_device, path_of, wait_for
from simulators.panel.candle import Twin
from simulators.wire import Wire

A012_AT_01 = bytes.fromhex("01 21 21 41 30 31 32 3E 30 31 07")  # the manual's example: blinking, address 21
STEADY = bytes.fromhex("01 21 20 41 30 31 32 3E 30 31 07")


def a_board(address: int = 1, columns: int = 8) -> Twin:
    record = {"address": address, "lines": 1, "columns": columns, "window": "A01"}
    return Twin(Spec(f"A.panel.{address}", "A", "A01", record, random.Random(1)))


def rows(board: Twin) -> list[str]:
    found = board.look()["rows"]
    assert isinstance(found, list)
    return [str(row) for row in found]


def drawn(text: str, columns: int = 8) -> list[str]:
    lines = (
        "".join(format(row, "08b") for row in parts) for parts in zip(*(fonts.in_cell(c, 8) for c in text), strict=True)
    )
    return [line.replace("0", ".").replace("1", "#").ljust(columns * 8, ".") for line in lines]


DARK = ["." * 64] * 16


def test_the_manuals_example_is_shown_with_an_arrow_and_never_answered() -> None:
    board = a_board()
    assert board.heard(STEADY, 0) == b""
    assert board.text() == "A012>01"
    assert rows(board) == drawn("A012→01")
    board.heard(STEADY.replace(b">", b"<"), 0)
    assert rows(board) == drawn("A012←01")


def test_text_overwrites_from_the_left_and_the_rest_stays() -> None:
    board = a_board()
    board.heard(STEADY + b"\x01\x21\x20B9\x07", 0)
    assert board.text() == "B912>01"
    board.heard(b"\x01\x21\x20" + b"0123456789\x07", 0)
    assert board.text() == "01234567"


def test_it_blinks_always_or_so_many_times() -> None:
    board = a_board()
    board.heard(A012_AT_01, 1_000)
    assert rows(board) == DARK
    assert board.next_wake(1_000) == 1_500
    board.tick(1_500)
    assert rows(board) == drawn("A012→01")
    board.tick(602_000)
    assert rows(board) == DARK
    board.heard(b"\x01\x21\x23A\x07", 700_000)  # 23: twice
    board.tick(701_999)
    assert board.next_wake(701_999) == 702_000
    board.tick(702_000)
    assert (rows(board), board.next_wake(702_000)) == (drawn("A012→01"), None)


def test_a_steady_text_ends_the_blinking() -> None:
    board = a_board()
    board.heard(A012_AT_01 + STEADY, 0)
    assert (rows(board), board.next_wake(0)) == (drawn("A012→01"), None)


def test_brightness_has_four_steps_and_no_fifth() -> None:
    board = a_board()
    assert board.brightness == 15
    board.heard(b"\x02\x21\x23\x07", 0)
    assert board.brightness == 3
    board.heard(b"\x02\x21\x24\x07" + b"\x02\x21\x20\x20\x07", 0)
    assert board.brightness == 3
    board.heard(b"\x02\x21\x20\x07", 0)
    assert board.brightness == 15


def test_the_address_is_changed_by_name_or_by_whoever_hears() -> None:
    board = a_board()
    board.heard(b"\x03\x22\x30\x07", 0)
    assert board.address == 0x21
    board.heard(b"\x03\x21\x30\x07", 0)
    assert board.address == 0x30
    board.heard(b"\x03\xff\x31\x07" + b"\x03\xff\x80\x07", 0)
    assert board.address == 0x31
    board.heard(STEADY, 0)
    assert board.text() == ""


@pytest.mark.parametrize(
    "damaged",
    [
        b"\x01\x21\x20A\x80\x07",  # eight bits
        b"\x01\x21\x20A\x08B\x07",  # a control byte inside
        b"\x01\x21\x07",  # too short
        b"\x01\xff\x20A\x07",  # any address is for 03 only
        b"\x01\x21\x20A\x01",  # a new frame begins
        b"\x01\x21\x20" + b"A" * 200 + b"\x07",
        b"A012\x07",
        b"\x07\x07\x04\x05",
    ],
)
def test_what_is_no_frame_shows_nothing(damaged: bytes) -> None:
    board = a_board()
    board.heard(damaged, 0)
    assert (board.text(), rows(board)) == ("", DARK)
    board.heard(STEADY, 0)
    assert board.text() == "A012>01"


def test_a_power_cut_loses_the_text_and_keeps_the_address() -> None:
    board = a_board()
    board.heard(b"\x03\x21\x30\x07\x01\x30\x20A\x07", 0)
    board.fault("power_off", {}, 1)
    board.heard(b"\x01\x30\x20B\x07", 2)
    assert (board.text(), rows(board)) == ("", DARK)
    board.heal("power_off", 3)
    board.heard(b"\x01\x30\x20C\x07", 4)
    assert board.text() == "C"


def test_a_deaf_board_goes_on_showing() -> None:
    board = a_board()
    board.heard(STEADY, 0)
    board.fault("deaf", {}, 0)
    board.heard(b"\x01\x21\x20B\x07", 0)
    assert board.text() == "A012>01"
    board.heal("deaf", 0)
    board.heard(b"\x01\x21\x20B\x07", 0)
    assert board.text() == "B012>01"


def test_an_address_the_wire_cannot_carry_is_refused_when_it_is_built() -> None:
    assert (a_board(0).address, a_board(95).address) == (0x20, 0x7F)
    for address in (-1, 96, True):
        with pytest.raises(CannotStand, match="address"):
            a_board(address)
    with pytest.raises(Refused):
        a_board().act("press", {}, 0)


@given(st.binary(max_size=200).filter(lambda data: b"\x21" not in data))
def test_bytes_that_do_not_name_it_change_nothing(data: bytes) -> None:
    board = a_board()
    board.heard(STEADY, 0)
    board.heard(data.replace(b"\x03\xff", b""), 0)
    assert (board.text(), rows(board)) == ("A012>01", drawn("A012→01"))
    board.heard(b"\x01\x21\x20Z\x07", 0)
    assert board.text() == "Z012>01"


@given(st.lists(st.one_of(st.binary(max_size=30), st.just(STEADY), st.just(b"\x01\x21\x21")), max_size=8))
def test_no_bytes_crash_it_and_cuts_do_not_matter(chunks: list[bytes]) -> None:
    whole, parted = a_board(), a_board()
    for chunk in chunks:
        parted.heard(chunk, 0)
    whole.heard(b"".join(chunks), 0)
    assert {**whole.look(), "version": 0} == {**parted.look(), "version": 0}
    assert len(rows(whole)) == 16 and {len(row) for row in rows(whole)} == {64}
    whole.tick(10**12)
    whole.picture()


async def test_several_boards_on_one_line_each_take_their_own(tmp_path: Path) -> None:
    clock = Clock()
    wire = Wire(end_for("pty:bus", tmp_path), clock, random.Random(1))
    boards = [Device(a_board(n), wire, clock, driver="candle", hall="A", of=str(n)) for n in (1, 2, 3)]
    wire.open()
    try:
        port = await asyncio.to_thread(serial.Serial, str(path_of(boards[0])), 57600, timeout=20)
        port.write(STEADY[:4])
        await wait_for(boards[0], lambda _: wire.heard_bytes == 4)
        port.write(STEADY[4:] + b"\x01\x22\x20B001\x07\x01\x24\x20C\x07")
        others = {"ok": 3, "bad": 0, "elsewhere": 3}
        await wait_for(boards[2], lambda board: board.box.look()["frames"] == others)
        assert [board.box.text() for board in boards] == ["A012>01", "B001", ""]
        port.close()
    finally:
        for board in boards:
            board.stop()
        wire.close()


async def test_a_blinking_board_wakes_itself() -> None:
    record = {"address": 1, "lines": 1, "columns": 8}
    async with a_device("panel", "candle", record, line="pty:one") as board:
        board.box.heard(A012_AT_01, board.clock.now_ms())
        board.tick()
        await wait_for(board, lambda b: b.box.look()["version"] == 1, within_s=20)
        assert board.box.text() == "A012>01"
