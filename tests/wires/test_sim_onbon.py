"""The Onbon card's twin against the maker's published frames, and against bytes nobody published.

The frames below are literal; what the card draws is compared with the dot font itself.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
import serial
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators import fonts
from simulators.box import Json, Refused, Spec
from simulators.for_tests import a_panel, named, path_of, wait_for
from simulators.panel.onbon_bx import Twin
from simulators.panel.onbon_bx.wire import reply

A58 = "A5 " * 8
ACK = bytes.fromhex(A58 + "00 80 01 00 00 00 00 00 00 00 FE 02 05 00 A0 00 00 00 00 64 DC 5A")
NACK_CHECKSUM = bytes.fromhex(A58 + "00 80 01 00 00 00 00 00 00 00 FE 02 05 00 A0 01 05 00 00 75 21 5A")
PING = bytes.fromhex(A58 + "01 00 00 80 00 00 00 00 00 00 FE 02 05 00 A2 00 01 00 00 68 F8 5A")
STATUS = bytes.fromhex(A58 + "01 00 00 80 00 00 00 00 00 00 FE 02 05 00 A1 02 01 00 00 2D 40 5A")
CLEAR = bytes.fromhex(A58 + "01 00 00 80 00 00 00 00 00 00 FE 02 05 00 A3 10 01 00 00 51 F8 5A")
PING_3 = bytes.fromhex(A58 + "03 00 00 80 00 00 00 00 00 00 FE 02 05 00 A2 00 01 00 00 11 40 5A")
POWER_ON = bytes.fromhex(A58 + "01 00 00 80 00 00 00 00 00 00 FE 02 06 00 A3 00 01 00 00 01 79 EA 5A")
POWER_OFF = bytes.fromhex(A58 + "01 00 00 80 00 00 00 00 00 00 FE 02 06 00 A3 00 01 00 00 02 39 EB 5A")
SET_CLOCK = bytes.fromhex(
    A58 + "01 00 00 80 00 00 00 00 00 00 FE 02 0D 00 A2 03 01 00 00 26 20 11 21 09 30 00 06 ED 64 5A"
)
VENDOR_TEXT = bytes.fromhex(
    A58 + "01 00 00 80 00 00 00 00 00 00 FE 02 32 00 A3 06 01 2D 00 00 01 29 00 00 00 00 00 00 18 00"
    "20 00 00 00 00 02 00 00 00 00 02 02 03 00 04 05 0E 00 00 00 30 31 32 33 34 35 51 52 53 54 54 56 27 42 A8 7D 5A"
)
CAPTURED = bytes.fromhex(
    A58 + "01 00 00 80 00 00 00 00 00 00 FE 02 33 00 A3 06 02 00 00 00 01 2A 00 00 00 00 18 00 40 00"
    "0C 00 01 0A 01 02 00 00 00 00 01 01 01 00 17 02 0F 00 00 00 5C 46 4F 30 30 30 48 55 4D 3A 36 36 25 52 48 36 7A 5A"
)
BOTH_LINES = bytes.fromhex(
    A58 + "01 00 00 80 00 00 00 00 00 00 FE 02 59 00 A3 06 01 00 00 00 02 2A 00 00 00 00 00 00 10 00 10 00"
    "00 00 00 00 00 00 00 0A 01 01 01 00 00 00 0F 00 00 00 D7 DB BA CF CA DC C0 ED B4 B0 BF DA 41 30 31"
    "24 00 00 00 00 10 00 10 00 10 00 01 00 00 00 00 00 00 0A 01 01 01 00 00 00 09 00 00 00 C7 EB 41 30 30 31 32 BA C5"
    "51 EB 5A"
)
LINE_2 = bytes.fromhex(
    A58 + "01 00 00 80 00 00 00 00 00 00 FE 02 2D 00 A3 06 01 00 00 00 01 24 00 00 00 00 10 00 10 00 10 00"
    "01 00 00 00 00 00 00 0A 01 01 01 00 00 00 09 00 00 00 C7 EB 41 30 30 31 32 BA C5 B6 53 5A"
)
STATUS_REPLY = bytes.fromhex(
    A58 + "00 80 01 00 00 00 00 00 00 00 FE 02 35 00 A1 02 00 00 00 01 0F 26 20 11 21 09 30 00 06 00"
    "00 00 00 00 00 00 02 00 01 42 58 35 4B 30 30 30 30 30 30 30 30 30 30 30 31 4E 45 54 49 44 30 30 30 30 30 30 31"
    "E9 5B 02 5A"
)
NAME, CALL = "综合受理窗口A01", "请A0012号"


def a_card(**options: Json) -> Twin:
    record: dict[str, Json] = {"address": 1, "lines": 2, "columns": 16, "window": "A01", "options": options}
    return Twin(Spec("A.panel.A01", "A", "A01", record, random.Random(1)))


def ask(data: str | bytes, to: int = 1, source: int = 0x8000) -> bytes:
    """A frame to the card; the header of a reply is the header of a request with its addresses in place."""
    return reply(to, source, data if isinstance(data, bytes) else bytes.fromhex(data))


def area(text: bytes, *, number: int = 0, x: str = "00 00", width: str = "10 00", **run: int) -> bytes:
    """One area as high as the screen; `run`: mode, timeout, align, single, wrap, hold."""
    body = b"\0" + bytes.fromhex(f"{x} 00 00 {width} 20 00") + bytes((number, 0, run.get("mode", 0)))
    body += run.get("timeout", 0).to_bytes(2, "little") + bytes((0, 0, run.get("align", 0), run.get("single", 2)))
    body += bytes((run.get("wrap", 2), 1, 0, 0, run.get("hold", 0))) + len(text).to_bytes(4, "little") + text
    return len(body).to_bytes(2, "little") + body


def update(*areas: bytes, process: int = 0, delete: bytes = b"\0") -> bytes:
    """A whole A3 06 frame."""
    return ask(bytes((0xA3, 0x06, 1, process, 0)) + delete + bytes((len(areas),)) + b"".join(areas))


def rows(card: Twin) -> list[str]:
    found = card.look()["rows"]
    assert isinstance(found, list)
    return [str(row) for row in found]


def drawn(text: str, width: int = 128) -> list[str]:
    """Sixteen rows with the text in the middle, straight from the font."""
    lines = ["".join(parts) for parts in zip(*(fonts.drawing(c) for c in text), strict=True)]
    left = (width - len(lines[0])) // 2
    return [("." * left + line).ljust(width, ".") for line in lines]


DARK = ["." * 128] * 32


@pytest.mark.parametrize("frame", [PING, POWER_ON, CLEAR, SET_CLOCK, VENDOR_TEXT, BOTH_LINES, LINE_2])
def test_published_frames_are_acknowledged_with_thirty_bytes(frame: bytes) -> None:
    answer = a_card().heard(frame, 0)
    assert answer == ACK
    assert len(answer) == 30


def test_both_lines_stand_in_the_frame_buffer_dot_by_dot() -> None:
    card = a_card()
    card.heard(BOTH_LINES, 0)
    assert rows(card) == drawn(NAME) + drawn(CALL)
    assert card.text() == f"{NAME}\n{CALL}"


def test_an_update_leaves_the_other_area_alone() -> None:
    card = a_card()
    card.heard(BOTH_LINES, 0)
    card.heard(LINE_2.replace(b"0012", b"0999").replace(b"\xb6\x53\x5a", b"\xff\xff\x5a"), 0)  # FFFF: not checked
    assert rows(card) == drawn(NAME) + drawn("请A0999号")


def test_a_captured_frame_that_wants_no_reply_gets_none_and_is_shown() -> None:
    card = a_card()
    assert card.heard(CAPTURED, 0) == b""
    assert card.text() == "HUM:66%RH"
    top = [row.ljust(128, ".") for row in drawn("HUM:66%RH", 72)]
    assert rows(card) == DARK[:24] + top[:8]  # the area lies at y = 24, the screen ends at 32


def test_the_makers_example_runs_at_the_left_top() -> None:
    card = a_card()
    card.heard(VENDOR_TEXT, 0)
    assert card.text() == "012345QRSTTV'B"
    assert rows(card)[:16] == [row.ljust(128, ".") for row in drawn("012345QRSTTV'B", 112)]


def test_the_status_reply_escapes_an_end_byte_inside_its_crc() -> None:
    card = a_card()
    card.heard(BOTH_LINES + SET_CLOCK, 1_000)
    assert card.heard(STATUS, 1_000) == STATUS_REPLY


def test_the_clock_runs_on() -> None:
    card = a_card()
    card.heard(SET_CLOCK, 1_000)
    card.tick(1_000 + 86_400_000)
    assert card.look()["clock"] == "2026-11-22 09:30:00"


def test_escaped_text_is_read_as_it_was_meant() -> None:
    frame = update(area(b"\xa5\xa6\x5a\x5b"))
    assert bytes.fromhex("A6 02 A6 01 5B 02 5B 01") in frame
    card = a_card()
    assert card.heard(frame, 0) == ACK
    assert card.text() == b"\xa5\xa6".decode("gbk") + "Z["


def test_a_damaged_frame_is_refused_and_changes_nothing() -> None:
    card = a_card()
    card.heard(BOTH_LINES, 0)
    assert card.heard(LINE_2.replace(b"0012", b"0013"), 0) == NACK_CHECKSUM
    assert rows(card) == drawn(NAME) + drawn(CALL)
    assert card.look()["frames"] == {"ok": 1, "bad": 1, "refused": 0, "elsewhere": 0, "strange": 0, "noise_bytes": 0}


def test_a_length_that_lies_is_a_damaged_frame() -> None:
    lying = bytearray(ask("A2 00 01 00 00"))
    lying[8 + 12] = 4
    lying[-3:-1] = b"\xff\xff"
    assert a_card().heard(bytes(lying), 0) == NACK_CHECKSUM


@pytest.mark.parametrize(("check", "tail"), [(1, "sum"), (2, "none")], ids=["sixteen-bit sum", "no check at all"])
def test_other_check_modes_are_understood(check: int, tail: str) -> None:
    plain = bytearray(PING[8:-3])
    plain[8] = check
    total = sum(plain) & 0xFFFF if tail == "sum" else 0x1234
    assert a_card().heard(b"\xa5" + bytes(plain) + total.to_bytes(2, "little") + b"\x5a", 0) == ACK
    if tail == "sum":
        wrong = (total + 1).to_bytes(2, "little")
        assert a_card().heard(b"\xa5" + bytes(plain) + wrong + b"\x5a", 0) == NACK_CHECKSUM


def test_a_frame_with_a_barcode_has_a_longer_header() -> None:
    plain = bytearray(PING[8:-3])
    plain[7] = 1
    plain[12:12] = b"BX5K000000000001"
    assert a_card().heard(b"\xa5" + bytes(plain) + b"\xff\xff\x5a", 0) == ACK


def test_only_its_own_address_and_anybody_are_answered() -> None:
    card = a_card()
    assert card.heard(PING_3, 0) == b""
    assert card.heard(ask("A2 00 01 00 00", to=0xFFFE), 0) == ACK
    assert card.heard(ask("A3 10 01 00 00", to=0xFFFF), 0) == b""
    frames = card.look()["frames"]
    assert isinstance(frames, dict) and frames["elsewhere"] == 2


def test_everybody_takes_the_time_and_nobody_answers() -> None:
    card = a_card()
    assert card.heard(ask("A2 03 01 00 00 26 20 11 21 09 30 00 06", to=0xFFFF), 0) == b""
    assert card.look()["clock"] == "2026-11-21 09:30:00"


def test_another_client_address_is_answered_back() -> None:
    assert a_card().heard(ask("A2 00 01 00 00", source=0x8001), 0)[8:12] == bytes.fromhex("01 80 01 00")


def test_a_frame_of_another_family_is_not_answered() -> None:
    card = a_card()
    assert card.heard(PING.replace(b"\xfe\x02", b"\xfe\x01"), 0) == b""
    frames = card.look()["frames"]
    assert isinstance(frames, dict) and frames["strange"] == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("B0 00 01 00 00", 0x01),
        ("A2", 0x01),
        ("A2 77 01 00 00", 0x02),
        ("A4 05 01 00 00", 0x02),
        ("A3 00 01 00 00 03", 0x02),
        ("A3 02 01 00 00 02 08", 0x02),
        ("A3 06 01 00 00 00 01 24 00 00", 0x02),
        ("A2 03 01 00 00 26 20 13 21 09 30 00 06", 0x0E),
        ("A2 03 01 00 00 26 20 11 21 09 30 00 08", 0x0E),
        ("A2 03 01 00 00 26 2A 11 21 09 30 00 06", 0x0E),
        ("A2 03 01 00 00 99 99 12 31 23 59 59 05", 0x0E),
        ("A2 03 01 00 00", 0x0E),
    ],
)
def test_what_it_cannot_do_is_refused_by_code(data: str, code: int) -> None:
    assert a_card().heard(ask(data), 0)[22:27] == bytes((0xA0, 0x01, code, 0, 0))


@pytest.mark.parametrize(
    ("text", "code"),
    [(rb"\FO020text", 0x00), (rb"\FO200text", 0x0C), (rb"\FK000text", 0x0C), (b"x" * 2049, 0x04)],
    ids=["other face", "unicode", "korean", "too long"],
)
def test_text_it_has_no_font_or_room_for_changes_nothing(text: bytes, code: int) -> None:
    card = a_card()
    card.heard(BOTH_LINES, 0)
    assert card.heard(update(area(text)), 0)[24] == code
    assert (card.text() == f"{NAME}\n{CALL}") == (code != 0)


def test_more_areas_than_it_has_memory_for_are_refused() -> None:
    card = a_card()
    assert card.heard(update(*(area(b"x", number=n) for n in range(33))), 0)[24] == 0x04
    assert card.heard(update(*(area(b"x", number=n) for n in range(32))), 0) == ACK


def test_areas_are_deleted_by_id_all_at_once_or_before_a_fresh_start() -> None:
    card = a_card()
    for frame, text in (
        (BOTH_LINES, f"{NAME}\n{CALL}"),
        (update(delete=b"\1\0"), CALL),
        (BOTH_LINES, f"{NAME}\n{CALL}"),
        (update(delete=b"\xff"), ""),
        (BOTH_LINES, f"{NAME}\n{CALL}"),
        (update(area(b"new", number=7), process=1), "new"),
        (CLEAR, ""),
    ):
        assert card.heard(frame, 0) == ACK
        assert card.text() == text
    assert rows(card) == DARK


def test_width_counts_eight_dots_on_a_5k_card_and_one_on_a_6k() -> None:
    wide, dots = area(b"ab", width="10 00", align=1), area(b"ab", x="08 80", width="10 80")
    for card, frame, left in (
        (a_card(), update(wide), 112),
        (a_card(), update(dots), 8),
        (a_card(model="BX-6K1"), update(wide), 0),
        (a_card(model="BX-6K1"), update(dots), 8),
    ):
        assert card.heard(frame, 0) == ACK
        assert [row[left : left + 16] for row in rows(card)[:16]] == drawn("ab", 16)


def test_colours_newlines_and_a_backslash_inside_a_character() -> None:
    card = a_card()
    tricky = "\u4f5b"  # its second byte is a backslash in some encodings; the pair below ends in 5C
    pair = b"\x81\x5c"
    card.heard(update(area(rb"\C2g\C3y\C1" + pair + rb"C2\nnext" + tricky.encode("gbk"))), 0)
    assert card.text() == f"gy{pair.decode('gbk')}C2\nnext{tricky}"
    lamps = rows(card)
    assert {lamp for row in lamps for lamp in row[:8]} >= {".", "g"}
    assert {lamp for row in lamps[:16] for lamp in row[8:16]} == {".", "y"}
    assert {lamp for row in lamps[:16] for lamp in row[16:]} == {".", "#"}


def test_a_long_text_turns_its_pages_in_time() -> None:
    card = a_card()
    card.heard(update(area(b"0123456789abcdefGHIJ", single=1, align=0x0A, hold=4)), 1_000)
    assert card.text() == "0123456789abcdef"
    assert card.next_wake(1_000) == 3_000
    card.tick(3_000)
    assert card.text() == "GHIJ"
    card.tick(5_000)
    assert card.text() == "0123456789abcdef"


def test_an_area_may_go_dark_by_itself_or_stay_on_its_last_page() -> None:
    card = a_card()
    card.heard(update(area(b"a", number=0, mode=2, timeout=3)), 0)
    assert card.next_wake(0) == 3_000
    card.tick(3_000)
    assert (card.text(), rows(card), card.next_wake(3_000)) == ("", DARK, None)
    card.heard(update(area(b"0123456789abcdefG", mode=1, single=1, hold=2), delete=b"\xff"), 4_000)
    card.tick(60_000)
    assert (card.text(), card.next_wake(60_000)) == ("G", None)


def test_the_display_is_switched_off_and_keeps_its_areas() -> None:
    card = a_card()
    card.heard(BOTH_LINES + POWER_OFF, 0)
    assert (rows(card), card.text()) == (DARK, "")
    card.heard(POWER_ON, 0)
    assert rows(card) == drawn(NAME) + drawn(CALL)


def test_brightness_is_forced_or_by_the_half_hour() -> None:
    card = a_card()
    card.heard(ask("A3 02 01 00 00 01 07"), 0)
    assert card.look()["brightness"] == 7
    slots = bytes(19) + b"\x03" + bytes(28)  # 09:30
    assert card.heard(SET_CLOCK + ask(bytes.fromhex("A3 02 01 00 00 02 0F") + slots), 0) == ACK + ACK
    assert card.look()["brightness"] == 3


def test_a_reset_card_is_empty_and_bright() -> None:
    card = a_card()
    card.heard(BOTH_LINES + ask("A3 02 01 00 00 01 07"), 0)
    assert card.heard(ask("A2 01 01 00 00"), 0) == ACK
    assert (rows(card), card.look()["brightness"]) == (DARK, 15)


def test_only_a_voice_card_speaks() -> None:
    spoken = "请A0012号到综合受理窗口A01办理".encode("gbk")
    voice = bytes.fromhex("02 10 08 05 1E 00 00 00") + spoken  # speaker 0, once, volume 8, speed 5
    frame = LINE_2[:20] + b"\x52" + LINE_2[21:29] + b"\x49" + LINE_2[30:45] + voice + LINE_2[46:-3] + b"\xea\x0f\x5a"
    assert len(frame) == 107
    for model, heard in (("BX-5K1Q-YY", [spoken.decode("gbk")]), ("BX-5K1", [])):
        card = a_card(model=model)
        assert card.heard(frame, 0) == ACK
        assert (card.look()["spoken"], card.text()) == (heard, CALL)


def test_a_power_cut_loses_the_text_and_power_returns_dark() -> None:
    card = a_card()
    card.heard(BOTH_LINES, 0)
    card.fault("power_off", {}, 10)
    assert (rows(card), card.heard(PING, 20)) == (DARK, b"")
    card.heal("power_off", 30)
    assert (rows(card), card.heard(PING, 40), card.text()) == (DARK, ACK, "")


def test_named_faults_spoil_the_answer_and_only_the_answer() -> None:
    wrong_crc = bytearray(ACK)
    for name, args, answer in (
        ("no_reply", {}, b""),
        ("nack_busy", {}, bytes.fromhex("A0 01 03 00 00")),
        ("nack", {"code": 7}, bytes.fromhex("A0 01 07 00 00")),
    ):
        card = a_card()
        card.fault(name, args, 0)
        assert card.heard(BOTH_LINES, 0)[22:27] == answer
        card.heal(name, 0)
        assert card.heard(PING, 0) == ACK
    card = a_card()
    card.fault("bad_crc_reply", {}, 0)
    wrong_crc[27:29] = bytes((0x64 ^ 0x55, 0xDC ^ 0x55))
    assert card.heard(BOTH_LINES, 0) == bytes(wrong_crc)
    assert card.text() == f"{NAME}\n{CALL}"
    card.fault("garbage", {}, 0)
    assert len(card.heard(PING, 0)) == 24
    assert card.heard(PING, 0)[:8] != ACK[:8]


def test_a_busy_card_does_nothing() -> None:
    card = a_card()
    card.fault("nack_busy", {}, 0)
    card.heard(BOTH_LINES, 0)
    assert card.text() == ""


def test_a_slow_card_obeys_at_once_and_answers_late() -> None:
    card = a_card()
    card.fault("slow", {"ms": 700}, 0)
    assert card.heard(BOTH_LINES, 1_000) == b""
    assert card.text() == f"{NAME}\n{CALL}"
    assert (card.next_wake(1_000), card.tick(1_699), card.tick(1_700)) == (1_700, b"", ACK)
    assert card.next_wake(1_700) is None


def test_nobody_touches_a_panel() -> None:
    with pytest.raises(Refused, match="press"):
        a_card().act("press", {}, 0)


def test_the_picture_is_a_png_that_changes_with_the_lamps() -> None:
    card = a_card()
    dark = card.picture()
    card.heard(BOTH_LINES, 0)
    assert dark[:8] == card.picture()[:8] == b"\x89PNG\r\n\x1a\n"
    assert card.picture() != dark
    assert card.look()["version"] == 1
    card.heard(BOTH_LINES + PING, 0)
    assert card.look()["version"] == 1


def test_it_knows_when_its_words_last_changed() -> None:
    card = a_card()
    card.heard(BOTH_LINES, 1_000)
    card.heard(BOTH_LINES, 2_000)
    assert card.look()["lit_at_ms"] == 1_000
    card.heard(LINE_2.replace(b"0012", b"0013").replace(b"\xb6\x53\x5a", b"\xff\xff\x5a"), 3_000)
    assert card.look()["lit_at_ms"] == 3_000


@given(st.lists(st.integers(1, 300), max_size=6))
def test_a_stream_may_be_cut_anywhere(cuts: list[int]) -> None:
    stream = PING + BOTH_LINES + b"\x00noise" + STATUS + POWER_OFF + POWER_ON
    whole, parted = a_card(), a_card()
    answer, at = b"", 0
    for cut in sorted(cuts):
        answer += parted.heard(stream[at : max(at, cut)], 0)
        at = max(at, cut)
    answer += parted.heard(stream[at:], 0)
    assert answer == whole.heard(stream, 0)
    assert {**parted.look(), "version": 0} == {**whole.look(), "version": 0}  # it was looked at more often


FOREIGN = st.one_of(
    st.binary(max_size=400),
    st.binary(max_size=200).map(lambda b: b"\xa5\xa5" + b + b"\x5a"),
    st.integers(0, 913).map(lambda bit: _flipped(BOTH_LINES, bit)),
)


def _flipped(frame: bytes, bit: int) -> bytes:
    damaged = bytearray(frame)
    damaged[bit // 8 % len(frame)] ^= 1 << bit % 8
    return bytes(damaged)


@given(st.lists(FOREIGN, max_size=5))
@settings(max_examples=300)
def test_foreign_bytes_change_nothing_that_is_shown(chunks: list[bytes]) -> None:
    card = a_card()
    card.heard(LINE_2, 0)
    before = rows(card), card.text()
    ok = card.look()["frames"]
    assert isinstance(ok, dict)
    for chunk in chunks:
        card.heard(chunk, 0)
    after = card.look()["frames"]
    assert isinstance(after, dict)
    if after["ok"] == ok["ok"]:  # a flip in the lead bytes leaves a sound frame
        assert (rows(card), card.text()) == before
    card.connected(0)
    assert card.heard(PING, 0) == ACK


@given(st.sampled_from((0xA1, 0xA2, 0xA3, 0xA4)), st.binary(max_size=120))
@settings(max_examples=300)
def test_sound_frames_with_foreign_parameters_never_crash_it(group: int, rest: bytes) -> None:
    card = a_card()
    card.heard(ask(bytes((group,)) + rest), 0)
    card.heard(ask(b"\xa3\x06\x01" + rest), 0)
    card.tick(10**12)
    card.look()
    assert card.heard(PING, 10**12) == ACK or not card.look()["mains"]


@given(
    text=st.binary(max_size=300), single=st.integers(0, 2), wrap=st.integers(0, 2), mode=st.integers(0, 5),
    align=st.integers(0, 255), width=st.integers(0, 0xFFFF), hold=st.integers(0, 255), late=st.integers(0, 10**6),
)  # fmt: skip
def test_any_area_is_drawn_inside_its_rectangle(width: int, text: bytes, late: int, **run: int) -> None:
    card = a_card()
    wide = width.to_bytes(2, "little").hex(" ")
    answer = card.heard(update(area(text, x="03 80", width=wide, timeout=9, **run)), 0)
    assert answer == ACK or answer[24] == 0x0C
    card.tick(late)
    lamps = rows(card)
    assert len(lamps) == 32 and {len(row) for row in lamps} == {128}
    assert all(row[:3] == "..." for row in lamps)


async def test_over_tcp_half_a_frame_waits_for_the_other_half() -> None:
    async with a_panel("onbon_bx") as panel:
        host, port = panel.line.removeprefix("tcp://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(BOTH_LINES[:50])
        await wait_for(panel, lambda p: p.wire.heard_bytes == 50)
        writer.write(BOTH_LINES[50:])
        assert await asyncio.wait_for(reader.readexactly(len(ACK)), 20) == ACK
        assert panel.box.text() == f"{NAME}\n{CALL}"
        writer.close()


async def test_over_tcp_a_new_client_does_not_finish_the_frame_of_the_last() -> None:
    async with a_panel("onbon_bx") as panel:
        host, port = panel.line.removeprefix("tcp://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(BOTH_LINES[:50])
        await wait_for(panel, lambda p: p.wire.heard_bytes == 50)
        writer.close()
        await writer.wait_closed()
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(BOTH_LINES[50:] + PING)
        assert await asyncio.wait_for(reader.readexactly(len(ACK)), 20) == ACK
        assert panel.box.text() == ""
        writer.close()


async def test_on_a_serial_line_and_through_a_short_power_cut(tmp_path: Path) -> None:
    async with a_panel("onbon_bx", line="pty:panel-T01", var=tmp_path) as panel:
        port = await asyncio.to_thread(serial.Serial, str(path_of(panel)), 57600, timeout=20)
        port.write(BOTH_LINES)
        assert await asyncio.to_thread(port.read, len(ACK)) == ACK
        panel.fault(named("power_cycle", for_ms=50))
        assert panel.box.text() == ""
        await wait_for(panel, lambda p: p.box.look()["mains"] is True)
        port.write(PING)
        assert await asyncio.to_thread(port.read, len(ACK)) == ACK
        assert panel.box.text() == ""
        port.close()
