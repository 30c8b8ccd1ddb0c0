"""The Onbon driver against the maker's bytes, and against people who name windows after commands."""

from __future__ import annotations

import pytest
from captured import ROOT, filled, read
from hypothesis import example, given
from hypothesis import strategies as st

from displays.panels.onbon_bx import areas, frame, orders
from displays.panels.onbon_bx.wire import OnbonBx, shown
from hall.faults import PlanError
from hall.ports import Garbled, PanelAnswered, Showing

CAPTURES = ROOT / "displays/panels/onbon_bx/captures"
LEAD = "A5" * 8
TO_CARD = LEAD + "01 00 00 80 00 00 00 00 00 00 FE 02"
FROM_CARD = LEAD + "00 80 01 00 00 00 00 00 00 00 FE 02"
ACK = bytes.fromhex(FROM_CARD + "05 00 A0 00 00 00 00 64 DC 5A")


def update(packet: bytes) -> areas.Update:
    return areas.unpack(frame.decode(packet).data)


def lit(showing: Showing, **options: str | int | bool) -> list[areas.Area]:
    return list(update(OnbonBx(options=options).show(showing)[0]).areas)


@pytest.mark.parametrize("name", ["text_192x32", "site_humidity", "line_two", "both_lines", "voice", "escaped_text"])
def test_areas_of_a_capture_decode_and_encode_again(name):
    held = read(CAPTURES / f"{name}.toml")
    meant = filled(held.update, areas.Update)
    assert update(held.hex[0]) == meant
    assert frame.encode(frame.Frame(data=areas.pack(meant))) == held.hex[0]


def test_the_published_frames_are_all_here():
    published = {file.stem for file in CAPTURES.iterdir() if read(file).origin == "published"}
    assert published == {"ping", "query_status", "clear", "text_192x32", "site_humidity"}


def test_both_lines_go_in_one_frame_and_the_brightness_behind():
    picture, light = OnbonBx(options={}).show(Showing(lines=("综合受理窗口A01", "请A0012号"), brightness=9))
    assert picture == read(CAPTURES / "both_lines.toml").hex[0]
    assert frame.decode(light).data == bytes.fromhex("A3 02 01 00 00 01 09") + b"\x09" * 48


def test_text_bytes_that_mean_lead_or_end_are_escaped():
    packet = frame.encode(frame.Frame(data=b"\xa5\xa6\x5a\x5b"))
    assert bytes.fromhex("A6 02 A6 01 5B 02 5B 01") in packet
    assert b"\xa5" not in packet[8:] and packet.index(b"\x5a") == len(packet) - 1


def test_escaped_text_has_the_crc_of_the_notes():
    """A line of 64 x 16 with the bytes A5 A6 5A 5B for a text: sent as A6 02 A6 01 5B 02 5B 01, CRC 1B 78."""
    area = areas.Area(id=0, width=8, height=16, text=b"\xa5\xa6\x5a\x5b")
    packet = frame.encode(frame.Frame(data=areas.pack(areas.Update(areas=(area,)))))
    assert packet.endswith(bytes.fromhex("A6 02 A6 01 5B 02 5B 01 1B 78 5A"))


@pytest.mark.parametrize(
    ("unit", "x_and_width"), [("8px", (0, 16)), ("pixels", (0, 128)), ("pixels_flagged", (0x8000, 0x8080))]
)
def test_the_unit_of_x_and_width_is_the_cards(unit, x_and_width):
    for area in lit(Showing(lines=("A", "B")), unit=unit):
        assert (area.x, area.width) == x_and_width


def test_ten_pixels_flagged_travel_as_the_notes_say():
    area = areas.Area(id=0, width=0x10 | 0x8000, height=16, text=b"A")
    assert areas.pack(areas.Update(areas=(area,)))[14:16] == bytes.fromhex("10 80")


def test_a_line_that_is_gone_is_overwritten_by_a_blank():
    assert [area.text for area in lit(Showing(lines=("综合受理窗口A01",)))] == ["综合受理窗口A01".encode("gbk"), b" "]


def test_lines_the_panel_does_not_have_are_left_out():
    assert len(lit(Showing(lines=("1", "2", "3")))) == 2
    assert [(area.y, area.height) for area in lit(Showing(lines=("1", "2"), height_px=16))] == [(0, 16)]
    assert [(area.y, area.height) for area in lit(Showing(lines=("1", "2"), height_px=64))] == [(0, 32), (32, 32)]


def test_a_text_is_cut_to_the_panels_columns_and_no_letter_is_halved():
    assert shown("综合受理窗口A01号", 16) == "综合受理窗口A01".encode("gbk")
    assert lit(Showing(lines=("综合受理", ""), width_px=56))[0].text == "综合受".encode("gbk")


def test_only_the_called_number_flashes():
    calm = lit(Showing(lines=("窗口", "请A0012号")))
    for blink, expected in {"none": {}, "quick": {"effect": 2, "hold": 1}, "page": {"single": 2, "hold": 1}}.items():
        name, called = lit(Showing(lines=("窗口", "请A0012号"), blink=True), blink=blink)
        assert name == calm[0]
        for field in ("effect", "single", "hold"):
            assert getattr(called, field) == expected.get(field, getattr(calm[1], field)), (blink, field)
        assert called.text == calm[1].text + (rb"\n " if blink == "page" else b"")


def test_programs_of_the_card_can_be_hidden():
    packet = OnbonBx(options={"over_programs": True, "device": 0x51}).show(Showing(lines=("A", "B")))[0]
    assert (frame.decode(packet).display_mode, frame.decode(packet).device) == (1, 0x51)


def test_the_plan_cannot_set_what_the_driver_does_not_have():
    for options in ({"units": "8px"}, {"unit": "mm"}, {"lines": "2"}):
        with pytest.raises(PlanError, match=next(iter(options))):
            OnbonBx(options=options)


@given(st.text(max_size=60), st.integers(0, 32))
@example("\\C1", 16)
@example("\\FO000请\\n", 16)
@example("\x1b[31m红\u202e", 16)
@example("誠\\乗C1儯F0", 32)  # characters whose second byte is a backslash
@example("<script>𠮷\ud800", 16)
def test_no_foreign_text_becomes_a_command(text, columns):
    made = shown(text, columns)
    assert b"\\" not in made
    assert len(made) <= max(columns, 1) and made
    assert all(char.isprintable() or char == "\u3000" for char in made.decode("gbk"))


def test_known_foreign_texts_are_shown_harmless():
    assert shown("\\C1红", 16).decode("gbk") == "＼C1红"
    assert shown("A\x1b01\u202e号\r\n", 16).decode("gbk") == "A 01号  "
    assert shown("𠮷é\u0e01", 16).decode("gbk") == "？é?"
    assert shown("乗C1", 16).decode("gbk") == "？C1"


@pytest.mark.parametrize(("code", "name"), orders.ERRORS.items())
def test_every_refusal_has_a_name(code, name):
    refusal = frame.encode(frame.Frame(data=bytes([0xA0, 1, code, 0, 0]), to=0x8000, sender=7))
    assert OnbonBx(options={}).heard(refusal) == [PanelAnswered(ok=False, address=7, code=code, name=name)]


def test_an_answer_that_does_not_swap_the_addresses_is_one_too():
    unswapped = frame.encode(frame.Frame(data=bytes.fromhex("A0 00 00 00 00"), to=4))
    assert OnbonBx(options={}).heard(unswapped) == [PanelAnswered(ok=True, address=4)]


def test_our_own_frames_come_back_over_two_wires_say_nothing():
    driver = OnbonBx(options={})
    own = [driver.ask(1), driver.status(1), driver.clear(1), *driver.show(Showing(lines=("A", "B")))]
    assert driver.heard(b"".join(own) + ACK) == [PanelAnswered(ok=True, address=1)]


def damaged(at: int, byte: int) -> bytes:
    return ACK[:at] + bytes([byte]) + ACK[at + 1 :]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"hello", "outside a packet"),
        (damaged(25, 1), "wrong check"),
        (damaged(19, 3), "not a font card"),
        (damaged(20, 6), "wrong length"),
        (damaged(22, 0xA6), "wrong escape"),
        (bytes.fromhex("A5 A5 5A"), "too short"),
        (bytes.fromhex("A5 01 02") + ACK, "cut short"),
        (b"\xa5" + b"\x01" * (frame.PACKET_MAX + 1), "too long"),
        (frame.encode(frame.Frame(data=b"\xa0", to=0x8000, sender=1)), "an answer too short"),
    ],
)
def test_what_is_no_answer_is_told_with_its_reason(data, why):
    driver = OnbonBx(options={})
    said = [word.why for word in driver.heard(data) if isinstance(word, Garbled)]
    assert said[0] == why
    assert driver.heard(ACK) == [PanelAnswered(ok=True, address=1)]


def test_one_lead_byte_is_enough_and_an_unchecked_packet_is_believed():
    assert OnbonBx(options={}).heard(ACK[7:]) == [PanelAnswered(ok=True, address=1)]
    unchecked = ACK[:-3] + b"\xff\xff\x5a"
    assert OnbonBx(options={}).heard(unchecked) == [PanelAnswered(ok=True, address=1)]


def test_a_packet_with_a_sum_or_with_a_barcode_is_read():
    for other in (
        frame.Frame(data=b"\xa0\0\0\0\0", to=0x8000, sender=1, check_mode=1),
        frame.Frame(data=b"\xa0\0\0\0\0", to=0x8000, sender=1, check_mode=2),
        frame.Frame(data=b"\xa0\0\0\0\0", to=0x8000, sender=1, barcode=b"BX5K000000000001"),
    ):
        assert frame.decode(frame.encode(other)) == other
        assert OnbonBx(options={}).heard(frame.encode(other)) == [PanelAnswered(ok=True, address=1)]


@given(st.binary(max_size=200), st.integers(1, 0xFFFE))
def test_any_data_survives_the_frame(data, address):
    packet = frame.Frame(data=data, to=address)
    assert frame.decode(frame.encode(packet)) == packet


@given(st.binary(max_size=80))
def test_bytes_that_are_no_areas_are_one_kind_of_error(data):
    for candidate in (data, b"\xa3\x06" + data):
        try:
            areas.unpack(candidate)
        except ValueError:
            continue
