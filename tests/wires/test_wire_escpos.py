"""The ESC/POS driver: its stream, taken apart by a reader of the command reference, and what printers say."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hall.ports import Garbled, PrinterState, Slip, SlipDone
from kiosk.printers.escpos.wire import EscPos

WINDOWS = "请到窗口 A01 A02 A03 A04 A05 A06 A07 A08 等候叫号，过号请联系引导员"
SLIP = Slip(
    title="开阳县政务服务中心A厅",
    number="A0012",
    lines=("事项：综合受理（一窗）", "前面等候：12人", "：（）℃￥①", WINDOWS),
    qr="http://192.0.2.1/s/A/20261121/A0012?k=3f9a",
    notice="请妥善保管，过号作废。",
)  # fmt: skip


class Token(NamedTuple):
    name: str
    data: bytes = b""
    chinese: bool = False
    size: int = 0


FIXED = {  # command: name, bytes of its argument
    b"\x1b@": ("initialise", 0),
    b"\x1ba": ("align", 1),
    b"\x1da": ("report", 1),
    b"\x1d!": ("size", 1),
    b"\x1c&": ("chinese on", 0),
    b"\x1c.": ("chinese off", 0),
    b"\x1dV": ("cut", 2),
    b"\x1dr": ("status in turn", 1),
}


def tokens(data: bytes) -> list[Token]:
    """The stream as a printer reads it; a byte it has no meaning for is an error."""
    found, at, chinese, size = [], 0, False, 0
    while at < len(data):
        name, length = FIXED.get(data[at : at + 2], ("", 0))
        if name:
            argument = data[at + 2 : at + 2 + length]
            chinese = {"chinese on": True, "chinese off": False}.get(name, chinese)
            size = argument[0] if name == "size" else size
            found.append(Token(name, argument))
            at += 2 + length
        elif data[at : at + 3] == b"\x1d(k":
            length = int.from_bytes(data[at + 3 : at + 5], "little")
            found.append(Token("qr", data[at + 5 : at + 5 + length]))
            at += 5 + length
        elif data[at] == 0x0A:
            found.append(Token("line end"))
            at += 1
        else:
            text = re.compile(rb"(?:[\x20-\x7e]|[\x81-\xfe][\x40-\x7e\x80-\xfe])+").match(data, at)
            assert text, f"no command and no letter at {at}: {data[at : at + 8].hex(' ')}"
            found.append(Token("text", text[0], chinese, size))
            at = text.end()
    return found


def printed(slip: Slip, **options: str | int | bool) -> list[Token]:
    return tokens(EscPos(options=options).print(slip))


def texts(found: list[Token]) -> list[str]:
    return [token.data.decode("gb18030") for token in found if token.name == "text"]


def test_a_slip_is_exactly_these_commands():
    names = [token.name for token in printed(SLIP)]
    text = ["chinese on", "text", "line end", "chinese off"]
    assert names == [
        *("initialise", "report", "align"),
        *("size", *text, "size"),  # title
        *("size", *text, "size"),  # number
        "align",
        *("size", *text) * 3,
        *("size", *text * 2),  # too long for a line: wrapped
        "align",
        *["qr"] * 5,
        *("size", *text),
        *("cut", "status in turn"),
    ]


def test_all_chinese_is_intact_and_inside_chinese_mode():
    found = printed(SLIP)
    wrapped = ["请到窗口 A01 A02 A03 A04 A05 A06 A07 A08 等候叫", "号，过号请联系引导员"]
    assert texts(found) == [SLIP.title, SLIP.number, *SLIP.lines[:3], *wrapped, SLIP.notice]
    assert all(token.chinese for token in found if token.name == "text")


def test_sizes_are_the_largest_that_fit():
    number = {"A0012": 0x33, "AB12345": 0x33, "AB12345678901": 0x22}
    for shown, size in number.items():
        assert next(token for token in printed(Slip(title="", number=shown)) if token.name == "text").size == size
    found = [
        token.size for token in printed(Slip(title="厅" * 13, number="A1", copy_mark="补打")) if token.name == "text"
    ]
    assert found == [0x00, 0x33, 0x11]
    assert printed(Slip(title="", number="A0012"), number_times=8)[3].data == bytes([0x77])
    assert printed(Slip(title="", number="A0012", columns=32))[3].data == bytes([0x33])


def test_the_last_size_before_the_end_is_the_usual_one():
    assert [token.data for token in printed(SLIP) if token.name == "size"][-1] == b"\x00"


def test_the_copy_mark_stands_behind_the_number():
    assert texts(printed(Slip(title="A厅", number="A0012", copy_mark="补打"))) == ["A厅", "A0012", "补打"]


def test_the_qr_code_is_the_printers_own():
    assert codes(SLIP.qr) == [b"1A2\x00", b"1C\x06", b"1E1", b"1P0" + SLIP.qr.encode(), b"1Q0"]
    assert codes("") == []


def codes(qr: str, **options: int) -> list[bytes]:
    return [token.data for token in printed(Slip(title="", number="A", qr=qr), **options) if token.name == "qr"]


@pytest.mark.parametrize(("length", "dots"), [(14, 16), (15, 14), (100, 10), (400, 6)])
def test_a_long_address_gets_smaller_dots(length, dots):
    assert codes("a" * length, qr_dots=16)[1] == b"1C" + bytes([dots])


def test_a_foreign_address_brings_no_control_bytes():
    assert codes("a\x10\x04\x01号 b")[3] == b"1P0a%10%04%01%E5%8F%B7%20b"


def test_the_job_ends_with_cut_and_the_ordered_question():
    assert EscPos(options={}).print(SLIP).endswith(bytes.fromhex("1D 56 42 00 1D 72 01"))


def test_reports_are_on_from_the_start_of_every_job():
    assert EscPos(options={}).wake() == bytes.fromhex("1B 40 1D 61 0E")
    assert EscPos(options={}).print(SLIP).startswith(bytes.fromhex("1B 40 1D 61 0E"))
    assert EscPos(options={"report": False}).wake() == bytes.fromhex("1B 40")
    assert "report" not in [token.name for token in printed(SLIP, report=False)]


slips = st.builds(
    Slip,
    title=st.text(max_size=40),
    number=st.text(max_size=20),
    copy_mark=st.text(max_size=5),
    lines=st.lists(st.text(max_size=120), max_size=4).map(tuple),
    qr=st.text(max_size=30),
    notice=st.text(max_size=120),
    columns=st.sampled_from([32, 42, 48]),
)


@given(slips)
@example(
    Slip(title="\x1b@\x1dV\x00", number="\x10\x04\x01", lines=("\x1c.[red]<script>\u202e𠮷\ud800",), notice='"\x00')
)
def test_no_foreign_text_becomes_a_command_and_no_line_is_too_long(slip):
    found = printed(slip)
    assert [token.name for token in found][-2:] == ["cut", "status in turn"]
    assert [token.name for token in found].count("initialise") == 1
    for token in found:
        if token.name == "text":
            assert token.chinese and len(token.data) * (1 + (token.size & 0x0F)) <= slip.columns
            token.data.decode("gbk")


LOW, OUT = PrinterState(paper="low"), PrinterState(online=False, paper="out")


def test_the_four_answers_count_only_together():
    driver = EscPos(options={})
    assert driver.ask() == bytes.fromhex("10 04 01 10 04 02 10 04 03 10 04 04")
    assert driver.heard(b"\x12\x12\x12") == []
    assert driver.heard(b"\x1e") == [LOW]


def test_a_lost_answer_does_not_shift_the_next_four():
    driver = EscPos(options={})
    driver.ask()
    assert driver.heard(b"\x1a\x32\x12") == []
    driver.ask()
    assert driver.heard(b"\x12\x12\x12\x1e") == [LOW]


def test_an_answer_nobody_asked_for_is_noise():
    assert EscPos(options={}).heard(b"\x12") == [Garbled(why="no status of a printer", data=b"\x12")]


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ("12 12 1A 12", PrinterState(cutter_fault=True)),
        ("1A 52 1A 12", PrinterState(online=False, cutter_fault=True, error=True)),
        ("1A 12 32 12", PrinterState(online=False, error=True)),
        ("1A 12 52 12", PrinterState(online=False, error=True)),
        ("12 12 12 72", PrinterState(paper="out")),
        ("1A 32 12 12", PrinterState(online=False, paper="out")),
    ],
)
def test_faults_beyond_the_table(answers, state):
    driver = EscPos(options={})
    driver.ask()
    assert driver.heard(bytes.fromhex(answers)) == [state]


@pytest.mark.parametrize(
    ("report", "state"),
    [
        ("10 08 00 00", PrinterState(cutter_fault=True)),
        ("18 20 00 0F", PrinterState(online=False, error=True)),
        ("18 40 00 00", PrinterState(online=False, error=True)),
        ("14 00 0C 00", PrinterState(paper="out")),
        ("38 04 0F 0F", PrinterState(online=False, cover_open=True, error=True, paper="out")),
    ],
)
def test_reports_beyond_the_table(report, state):
    assert EscPos(options={}).heard(bytes.fromhex(report)) == [state]


def test_answers_reports_and_flow_control_mix():
    driver = EscPos(options={})
    driver.ask()
    said = driver.heard(bytes.fromhex("12 12 18 00 13 0F 00 11 12 1E 00 10 00 00 00"))
    assert said == [OUT, LOW, SlipDone(paper="ok"), PrinterState()]


def test_a_report_that_broke_off_is_noise_and_the_next_is_read():
    assert EscPos(options={}).heard(bytes.fromhex("18 00 10 00 03 00")) == [
        Garbled(why="no status of a printer", data=b"\x18\x00"),
        LOW,
    ]


def test_a_line_that_comes_up_anew_forgets_what_was_half_said():
    driver = EscPos(options={})
    driver.ask()
    driver.heard(b"\x12\x12\x10\x00")
    driver.wake()
    assert driver.heard(b"\x00") == [SlipDone(paper="ok")]
    driver.ask()
    assert driver.heard(b"\x12\x12\x12\x1e") == [LOW]


@pytest.mark.parametrize(("byte", "paper"), [(0x00, "ok"), (0x01, "low"), (0x03, "low"), (0x0C, "out"), (0x0F, "out")])
def test_the_ordered_answer(byte, paper):
    assert EscPos(options={}).heard(bytes([byte])) == [SlipDone(paper=paper)]
