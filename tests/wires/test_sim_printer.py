"""The simulated ESC/POS printer against the makers' bytes: tickets, status, paper, time, faults, any bytes at all."""

from __future__ import annotations

import asyncio
import io
import random
from pathlib import Path

import pytest
from escpos.printer import Dummy, Serial
from host_side import serial_host, tcp_host
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from simulators.box import Record, Refused, Spec
from simulators.device import Device
from simulators.faults import cut, named
from simulators.for_tests import a_printer, path_of, wait_for
from simulators.printer.escpos.lengths import length
from simulators.printer.escpos.paper import Line
from simulators.printer.escpos.printer import BUFFER_MAX, LOW_MM, ROLL_MM, EscposPrinter

ALL_STATUS = bytes.fromhex("10 04 01 10 04 02 10 04 03 10 04 04")
STATUS_TABLE = {  # state: DLE EOT 1..4, GS r 1, ASB (values of an independent simulator; cutter: the manual's bits)
    "": ("12 12 12 12", "00", "10 00 00 00"),
    "paper_low": ("12 12 12 1E", "03", "10 00 03 00"),
    "paper_out": ("1A 32 12 7E", "0F", "18 00 0F 00"),
    "cover_open": ("1A 16 12 12", "00", "38 00 00 00"),
    "offline": ("1A 12 12 12", "00", "18 00 00 00"),
    "cutter_jam": ("1A 52 1A 12", "00", "18 08 00 00"),
}


def chinese(text: str) -> bytes:
    return b"\x1c\x26" + text.encode("gb18030") + b"\x0a\x1c\x2e"


def qr_commands(data: bytes, module: int = 6, level: str = "M") -> bytes:
    def function(body: bytes) -> bytes:
        return b"\x1d\x28\x6b" + len(body).to_bytes(2, "little") + body

    return (
        function(b"1A2\0")
        + function(b"1C" + bytes([module]))
        + function(b"1E" + str("LMQH".index(level)).encode())
        + function(b"1P0" + data)
        + function(b"1Q0")
    )


ADDRESS = b"http://10.1.1.1/t/A12?k=7Q"
TICKET = (  # laid out as the verified stream: initialise, centre, title, number, two lines, code, note, feed and cut
    b"\x1b\x40\x1b\x61\x01"
    + chinese("开阳县政务服务中心")
    + b"\x1d\x21\x22\x1c\x26A0012\x0a\x1c\x2e\x1d\x21\x00"
    + chinese("综合受理　前面 3 人")
    + chinese("11-21 09:30  约等 12 分钟")
    + qr_commands(ADDRESS)
    + chinese("请留意叫号")
    + b"\x1b\x64\x04\x1d\x56\x42\x00"
)


def a_box(**options: int) -> EscposPrinter:
    return EscposPrinter(Spec("A.printer.A-1", "A", "A-1", {}, random.Random(options.get("seed", 1))))


def run(box: EscposPrinter, data: bytes, now: int = 0, until: int = 600_000) -> bytes:
    """Feed and let time pass until the paper stands still; what was said."""
    said = box.heard(data, now)
    while (wake := box.next_wake(now)) is not None and wake <= until:
        now = wake
        said += box.tick(now)
    return said


def look(box: EscposPrinter, key: str) -> object:
    seen: Record = box.look()
    return seen[key]


def test_a_ticket_comes_out_as_it_was_meant() -> None:
    box = a_box()
    run(box, TICKET)
    (slip,) = box.slips
    assert slip.texts == [
        "开阳县政务服务中心",
        "A0012",
        "综合受理　前面 3 人",
        "11-21 09:30  约等 12 分钟",
        "请留意叫号",
    ]
    assert slip.codes == [ADDRESS.decode()]
    assert slip.cut == "partial"
    lines = slip.look()["lines"]
    assert isinstance(lines, list)
    assert lines[1] == {"text": "A0012", "width": 3, "height": 3, "align": "center"}
    assert lines[4] == {"qr": ADDRESS.decode(), "module": 6, "level": "M", "align": "center"}
    assert look(box, "unknown") == {}
    assert box.roll.slip.dots == 0


def test_a_ticket_reads_the_same_however_it_is_cut() -> None:
    whole, drips = a_box(), a_box()
    run(whole, TICKET)
    for byte in TICKET:
        run(drips, bytes([byte]))
    assert [s.elements for s in drips.slips] == [s.elements for s in whole.slips]


def test_the_verified_layout_is_cut_into_its_commands() -> None:
    """187 bytes laid out as the verified ticket: the commands an independent tokenizer found in it."""
    data, commands, at = TICKET, [], 0
    while at < len(data):
        if data[at] not in (0x1B, 0x1C, 0x1D):
            at += 1
            continue
        size = length(data[at:])
        assert size is not None
        commands.append(data[at : at + (3 if data[at : at + 2] == b"\x1d\x28" else 2)].hex(" "))
        at += size
    text = ["1c 26", "1c 2e"]
    expected = [
        "1b 40",
        "1b 61",
        *text,
        "1d 21",
        *text,
        "1d 21",
        *text,
        *text,
        *["1d 28 6b"] * 5,
        *text,
        "1b 64",
        "1d 56",
    ]
    assert commands == expected
    assert len(data) == 187


@pytest.mark.parametrize("state", STATUS_TABLE)
def test_the_status_table(state: str) -> None:
    real_time, paper, automatic = STATUS_TABLE[state]
    box = a_box()
    assert box.heard(b"\x1d\x61\x0e", 0) == bytes.fromhex("10 00 00 00")
    if state:
        assert box.fault(state, {}, 1) == bytes.fromhex(automatic)
    assert box.heard(ALL_STATUS, 2) == bytes.fromhex(real_time)
    assert box.status.paper() == bytes.fromhex(paper)
    if state:
        assert box.heal(state, 3) == bytes.fromhex("10 00 00 00")
    assert box.heard(ALL_STATUS, 4) == bytes.fromhex("12 12 12 12")


def test_automatic_status_tells_only_what_was_asked_and_ends_with_initialise() -> None:
    box = a_box()
    box.heard(b"\x1d\x61\x08", 0)  # paper only
    assert box.fault("offline", {}, 1) == b""
    assert box.heal("offline", 2) == b""
    assert box.fault("paper_low", {}, 3) == bytes.fromhex("10 00 03 00")
    box.heard(b"\x1b\x40", 4)
    assert box.heal("paper_low", 5) == b""


def test_status_is_answered_at_once_and_the_ordered_question_after_the_print() -> None:
    box = a_box()
    assert box.heard(TICKET + b"\x1d\x72\x01" + b"\x10\x04\x01", 0) == b"\x12"
    assert box.slips == []
    said, now = b"", 0
    while (wake := box.next_wake(now)) is not None:
        now = wake
        said += box.tick(now)
        assert not said or len(box.slips) == 1, "answered before the slip was cut"
    assert said == b"\x00"
    mm = box.slips[0].dots / 8
    assert now >= mm / 250 * 1000, "the paper moved faster than the machine can"


def test_a_question_cut_in_the_middle_is_still_one_question() -> None:
    box = a_box()
    assert box.heard(b"\x10", 0) + box.heard(b"\x04", 1) + box.heard(b"\x04", 2) == b"\x12"
    assert box.heard(b"\x10\x04", 3) + box.heard(b"\x10\x04\x01", 4) == b"\x12"
    assert box.slips == [] and box.text().strip() == ""


def test_paper_ends_mid_slip_and_the_rest_comes_on_the_new_roll() -> None:
    box = a_box()
    box.fault("paper_out", {"after_mm": 20, "after_bytes": 0}, 0)
    assert run(box, TICKET + b"\x1d\x72\x01") == b""
    assert box.slips == [] and 0 < len(box.roll.slip.texts) < 5
    assert box.heard(b"\x10\x04\x04", 60_000) == b"\x7e"
    box.heal("paper_out", 61_000)
    assert run(box, b"", 61_000) == b"\x00"
    torn, rest = box.slips
    assert (torn.cut, rest.cut) == ("torn", "partial")
    assert torn.texts + rest.texts == [
        "开阳县政务服务中心",
        "A0012",
        "综合受理　前面 3 人",
        "11-21 09:30  约等 12 分钟",
        "请留意叫号",
    ]


def test_paper_ends_after_bytes() -> None:
    box = a_box()
    box.fault("paper_out", {"after_mm": 0, "after_bytes": 35}, 0)
    run(box, TICKET)
    assert box.slips == [] and box.roll.slip.texts == ["开阳县政务服务中心"]
    assert look(box, "paper") == "out"


def test_a_roll_runs_down_by_itself() -> None:
    box = a_box()
    box.act("load_paper", {"mm": LOW_MM + 10}, 0)
    assert look(box, "paper") == "ok"
    run(box, TICKET)
    assert look(box, "paper") == "low"
    box.act("load_paper", {"mm": 30}, 0)
    run(box, TICKET)
    assert look(box, "paper") == "out"
    box.act("load_paper", {}, 0)
    assert look(box, "paper") == "ok" and look(box, "paper_left_mm") <= ROLL_MM


def test_a_host_can_clear_the_backlog_it_no_longer_wants() -> None:
    box = a_box()
    box.fault("cover_open", {}, 0)
    run(box, TICKET)
    assert box.heard(bytes.fromhex("10 14 08 01 03 14 01 06 02 08"), 1) == bytes.fromhex("37 25 00")
    box.heal("cover_open", 2)
    run(box, b"", 2)
    assert box.slips == [] and box.roll.slip.texts == []


def test_a_jam_at_the_next_cut_and_a_freed_knife() -> None:
    box = a_box()
    box.fault("cutter_jam", {"at_next_cut": 1}, 0)
    assert box.heard(b"\x10\x04\x01", 0) == b"\x12"
    run(box, TICKET)
    assert box.slips == [] and box.heard(b"\x10\x04\x03", 1) == b"\x1a"
    box.heal("cutter_jam", 2)
    assert [slip.cut for slip in box.slips] == ["partial"]


@pytest.mark.parametrize("command", ["1d 56 00", "1d 56 30", "1d 56 41 08", "1b 69"])
def test_full_cuts(command: str) -> None:
    box = a_box()
    run(box, b"A1\n" + bytes.fromhex(command) + b"B\n")
    assert [(s.cut, s.texts) for s in box.slips] == [("full", ["A1"])] and box.roll.slip.texts == ["B"]


@pytest.mark.parametrize("command", ["1d 56 01", "1d 56 31", "1d 56 42 00", "1d 56 42 20", "1b 6d"])
def test_partial_cuts(command: str) -> None:
    box = a_box()
    run(box, b"A1\n" + bytes.fromhex(command) + b"B\n")
    assert [(s.cut, s.texts) for s in box.slips] == [("partial", ["A1"])] and box.roll.slip.texts == ["B"]


def test_chinese_mode_off_shows_the_bytes_as_a_western_printer_would() -> None:
    box = a_box()
    run(box, b"\x1c\x2e" + "请".encode("gb18030") + b"\x0a\x1c\x26" + "请".encode("gb18030") + b"\x0a")
    assert box.roll.slip.texts == ["╟δ", "请"]


def test_sizes_of_both_kinds_of_characters() -> None:
    box = a_box()
    run(
        box, b"\x1b\x21\x30" + "A请".encode("gb18030") + b"\n\x1b\x21\x00\x1c\x21\x0cA" + "请".encode("gb18030") + b"\n"
    )
    first, second = (e for e in box.roll.slip.elements)
    assert [(r.text, r.width, r.height) for r in first.runs] == [("A", 2, 2), ("请", 1, 1)]  # type: ignore[union-attr]
    assert [(r.text, r.width, r.height) for r in second.runs] == [("A", 1, 1), ("请", 2, 2)]  # type: ignore[union-attr]


def test_a_long_line_goes_on_in_the_next() -> None:
    box = a_box()
    run(box, "综" * (30).__int__().__mul__(1).__int__() if False else ("综" * 30).encode("gb18030") + b"\n")
    assert box.roll.slip.texts == ["综" * 24, "综" * 6]


def test_a_picture_is_stepped_over_and_drawn() -> None:
    box = a_box()
    run(box, b"\x1d\x76\x30\x00\x02\x00\x10\x00" + b"\xff\x00" * 16 + b"A\n")
    assert box.roll.slip.texts == ["A"]
    image = Image.open(io.BytesIO(box.picture()))
    assert image.getpixel((34, 20)) < 128 < image.getpixel((52, 20))  # type: ignore[operator]


def test_the_code_on_the_paper_is_a_real_one(tmp_path: Path) -> None:
    """Against the drawing: as many dark and light modules as the code of this text has, finder corners in place."""
    box = a_box()
    run(box, qr_commands(b"A0012", module=3, level="L"))
    image = Image.open(io.BytesIO(box.picture())).convert("1")
    left, top, step = 32, 16, 4  # margins of the drawing; a module of 3 dots is 4 picture dots
    rows = [[image.getpixel((left + x * step, top + y * step)) == 0 for x in range(21)] for y in range(21)]
    finder = [[max(abs(x - 3), abs(y - 3)) != 2 for x in range(7)] for y in range(7)]
    assert [row[:7] for row in rows[:7]] == finder
    assert [row[-7:] for row in rows[:7]] == finder
    assert [row[:7] for row in rows[-7:]] == finder


def test_too_much_waiting_is_lost_and_counted() -> None:
    box = a_box()
    box.fault("offline", {}, 0)
    box.heard(b"A" * (BUFFER_MAX + 7), 0)
    assert look(box, "overrun_bytes") == 7 and look(box, "waiting_bytes") == BUFFER_MAX


def test_power_off_forgets_the_buffer_and_says_nothing() -> None:
    box = a_box()
    box.heard(b"\x1d\x61\x0e" + TICKET, 0)
    assert box.fault("power_off", {}, 10) == b""
    assert box.heard(ALL_STATUS, 20) == b""
    assert box.heal("power_off", 30) == b""
    assert run(box, ALL_STATUS, 40) == bytes.fromhex("12 12 12 12")
    assert box.slips == []


def test_answers_garbled_or_missing() -> None:
    box, twin = a_box(seed=5), a_box(seed=5)
    for printer in (box, twin):
        printer.fault("garbage_status", {}, 0)
    said = box.heard(ALL_STATUS, 0)
    assert len(said) == 4 and said != bytes.fromhex("12 12 12 12") and said == twin.heard(ALL_STATUS, 0)
    box.heal("garbage_status", 1)
    box.fault("silent_status", {}, 1)
    assert box.heard(ALL_STATUS, 2) == b""


def test_slow_paper_is_slow() -> None:
    fast, slow = a_box(), a_box()
    slow.fault("slow", {"mm_per_s": 10}, 0)
    for box in (fast, slow):
        run(box, TICKET)
    assert slow.slips[0].done_at_ms > 10 * fast.slips[0].done_at_ms


def test_hands_and_faults_it_does_not_have_are_refused() -> None:
    box = a_box()
    with pytest.raises(Refused, match="load_paper"):
        box.act("fly", {}, 0)
    with pytest.raises(Refused, match="mm must be"):
        box.act("load_paper", {"mm": 10**9}, 0)


PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [TICKET, TICKET[:60], b"\x1d\x28\x6b", b"\x1d\x76\x30\x00", b"\x1b\x26\x03", b"\x1d\x38\x4c", b"\x10\x04"]
    ),
    st.text(max_size=10).map(lambda text: text.encode("gb18030", "replace")),
    st.builds(
        lambda lead, rest: bytes([lead]) + rest, st.sampled_from([0x10, 0x1B, 0x1C, 0x1D]), st.binary(max_size=8)
    ),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(PIECES, max_size=12))
def test_any_bytes_at_all_are_survived_and_drawn(pieces: list[bytes]) -> None:
    box, now = a_box(), 0
    for piece in pieces:
        now += 100
        run(box, piece, now)
        now = 600_000 + now
    box.look()
    box.text()
    box.picture()


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=300), st.data())
def test_bytes_mean_the_same_wherever_they_are_cut(data: bytes, draw: st.DataObject) -> None:
    whole, cut_up = a_box(), a_box()
    said = run(whole, data)
    at = draw.draw(st.integers(0, len(data)))
    said_cut = cut_up.heard(data[:at], 0) + run(cut_up, data[at:])
    assert [s.elements for s in cut_up.slips] == [s.elements for s in whole.slips]
    assert cut_up.roll.slip.elements == whole.roll.slip.elements
    assert sorted(said_cut) == sorted(said)


def printed(count: int) -> object:
    return lambda device: len(device.box.slips) >= count


async def test_over_tcp_with_a_cable_cut_in_the_middle() -> None:
    async with a_printer() as printer:
        box = printer.box
        assert isinstance(box, EscposPrinter)
        async with tcp_host(printer.line) as host:
            printer.fault(cut(after_bytes=40))
            host.send(TICKET)
            await host.until_dead()
        with pytest.raises(ConnectionRefusedError):
            async with tcp_host(printer.line):
                pass
        printer.heal("cut_cable")
        async with tcp_host(printer.line) as host:
            host.send(b"\x10\x04\x01" + TICKET + b"\x1d\x72\x01")
            await host.expect(b"\x12\x00")
        assert box.slips[-1].texts[-4:] == ["A0012", "综合受理　前面 3 人", "11-21 09:30  约等 12 分钟", "请留意叫号"]


async def test_over_a_pty_that_readers_leave_and_find_again() -> None:
    async with a_printer(line="pty:printer") as printer:
        for _ in range(3):
            async with serial_host(path_of(printer)) as host:
                host.send(b"\x10\x04\x04")
                await host.expect(b"\x12")


async def test_a_pulled_serial_cable_is_seen_and_plugged_again() -> None:
    async with a_printer(line="pty:printer") as printer:
        async with serial_host(path_of(printer)) as host:
            printer.fault("cable_pulled")
            await host.until_dead()
            assert not path_of(printer).exists()
        printer.heal("cable_pulled")
        async with serial_host(path_of(printer)) as host:
            host.send(b"\x10\x04\x01")
            await host.expect(b"\x12")


async def test_status_comes_unasked_over_the_wire_and_heals_by_the_clock() -> None:
    async with a_printer() as printer, tcp_host(printer.line) as host:
        host.send(b"\x1d\x61\x0e")
        await host.expect(bytes.fromhex("10 00 00 00"))
        printer.fault(named("cover_open", for_ms=50))
        await host.expect(bytes.fromhex("38 00 00 00 10 00 00 00"))
        assert printer.view()["faults"] == {}


async def test_a_half_open_line_says_nothing_and_a_dribbling_one_says_it_all() -> None:
    async with a_printer() as printer, tcp_host(printer.line) as host:
        printer.fault("half_open")
        host.send(b"\x10\x04\x01")
        await wait_for(printer, lambda device: device.wire.heard_bytes == 3)
        printer.heal("half_open")
        printer.fault("dribble", {"gap_ms": 1})
        host.send(ALL_STATUS)
        await host.expect(bytes.fromhex("12 12 12 12"))


async def test_a_slow_line_is_late_both_ways_and_keeps_its_order() -> None:
    async with a_printer() as printer, tcp_host(printer.line) as host:
        printer.fault("slow_line", {"ms": 60})
        started = asyncio.get_running_loop().time()
        host.send(b"\x10\x04\x01")
        await wait_for(printer, lambda device: device.wire.heard_bytes == 3)
        printer.fault("paper_low")
        printer.heal("slow_line")
        host.send(b"\x10\x04\x04\x1d\x49\x43")
        await host.expect(b"\x12\x1e_escpos twin\0")
        assert asyncio.get_running_loop().time() - started >= 0.05


async def test_a_fault_ordered_for_later_begins_and_heals_in_its_time() -> None:
    async with a_printer() as printer, tcp_host(printer.line) as host:
        host.send(b"\x1d\x61\x0e")
        await host.expect(bytes.fromhex("10 00 00 00"))
        printer.fault(named("offline", after_ms=30, for_ms=30))
        assert printer.view()["faults"] == {}
        await host.expect(bytes.fromhex("18 00 00 00 10 00 00 00"))
        printer.fault(named("cover_open", after_ms=30_000))
        printer.heal("cover_open")
        assert printer.agenda.next_wake() is None


async def test_new_paper_mends_the_missing_paper() -> None:
    async with a_printer() as printer:
        printer.fault("paper_out")
        assert list(printer.view()["faults"]) == ["paper_out"]  # type: ignore[call-overload]
        printer.act("load_paper", {"mm": 50_000})
        assert printer.view()["faults"] == {} and printer.box.look()["paper"] == "ok"


def test_what_two_other_makers_programs_send_is_read_as_they_meant_it() -> None:
    """python-escpos' own generator, and the bytes receiptline writes for the same text."""
    maker = Dummy()
    maker.text("综合受理窗口A01\n")
    maker.set(align="center", custom_size=True, width=3, height=3)
    maker.text("A0012\n")
    maker.set(align="left", normal_textsize=True)
    maker.qr("http://10.1.1.1/t/A0012", native=True, size=6)
    maker.cut()
    box = a_box()
    run(box, maker.output + bytes.fromhex("1B 74 00 1C 26 C7 EB 41 30 30 31 32 BA C5 0A"))
    (slip,) = box.slips
    assert slip.texts == ["综合受理窗口A01", "A0012"] and slip.codes == ["http://10.1.1.1/t/A0012"]
    assert slip.cut == "full"
    size = slip.elements[1]
    assert isinstance(size, Line) and (size.runs[0].width, size.runs[0].height, size.align) == (3, 3, 1)
    assert box.roll.slip.texts == ["请A0012号"]
    assert look(box, "unknown") == {}


async def test_another_makers_program_reads_its_status() -> None:
    async with a_printer(line="pty:printer") as printer:
        port = await asyncio.to_thread(Serial, devfile=str(path_of(printer)), dsrdtr=False, timeout=0.2)
        try:
            assert await asyncio.to_thread(port.paper_status) == 2
            printer.fault("paper_low")
            assert await asyncio.to_thread(port.paper_status) == 1
            printer.fault("paper_out")
            assert await asyncio.to_thread(port.paper_status) == 0
            assert await asyncio.to_thread(port.is_online) is False
        finally:
            port.close()


async def test_the_paper_moves_in_its_own_time() -> None:
    async with a_printer() as printer, tcp_host(printer.line) as host:
        started = asyncio.get_running_loop().time()
        host.send(TICKET + b"\x1d\x72\x01")
        await host.expect(b"\x00")
        took = asyncio.get_running_loop().time() - started
        box = printer.box
        assert isinstance(box, EscposPrinter)
        assert took >= box.slips[0].dots / 8 / 250
        assert isinstance(printer, Device) and took < 20
