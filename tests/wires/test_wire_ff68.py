"""The FF 68 driver: presses with their echo, the six digits, and what a torn cable leaves on the line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caller.keypads.ff68 import frame
from caller.keypads.ff68.wire import Ff68
from hall.faults import PlanError
from hall.ports import EvaluatorPressed, Garbled, KeyPressed, Readback

CALL = bytes.fromhex("FF 68 03 03 68 01 01 0C 0E 16")
PRESSED = KeyPressed(address=1, keys=(0x0C,), echo=CALL)


def bus() -> Ff68:
    return Ff68(options={})


def test_two_digits_and_a_key():
    data = bytes.fromhex("FF 68 05 05 68 37 01 01 02 0F 4A 16")
    assert bus().heard(data) == [KeyPressed(address=0x37, keys=(1, 2, 0x0F), echo=data)]


def test_a_repeated_frame_is_heard_and_echoed_each_time():
    assert bus().heard(CALL * 3) == [PRESSED] * 3


def test_another_function_byte_is_a_key_too_and_is_echoed_as_it_came():
    data = bytes.fromhex("FF 68 03 03 68 02 04 0C 12 16")
    assert bus().heard(data) == [KeyPressed(address=2, keys=(0x0C,), echo=data)]


@pytest.mark.parametrize("key", range(4))
def test_the_echo_to_an_evaluator_has_function_01_and_a_sum_smaller_by_10(key):
    data = bytes([0xFF, 0x68, 3, 3, 0x68, 0xFE, 0x11, key, (0xFE + 0x11 + key) & 0xFF, 0x16])
    (said,) = bus().heard(data)
    assert said == EvaluatorPressed(address=0xFE, key=key, echo=said.echo)
    assert said.echo == data[:6] + bytes([0x01, key, (data[8] - 0x10) & 0xFF, 0x16])


@pytest.mark.parametrize("data", ["FF 68 03 03 68 01 02 05 08 16", "FF 68 03 03 68 01 03 00 04 16"])
def test_what_only_a_host_says_is_ignored(data):
    assert bus().heard(bytes.fromhex(data) + CALL) == [PRESSED]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("00 01 02", "no frame"),
        ("FF 68 03 03 68 01 01 0C 0F 16", "wrong sum"),
        ("FF 68 03 03 68 01 01 0C 0E 17", "wrong end"),
        ("FF 68 03 04 68 01 01 0C 0E 16", "no frame"),  # the two lengths differ
        ("FF 68 02 02 68 01 01 02 16", "no frame"),  # too short for a device
        ("FF 68 06 06 68 01 01 01 02 03 0C 14 16", "no frame"),  # too long for a device
        ("FF 68 04 04 68 01 01 0C 0C 1A 16", "a key among the digits"),
        ("FF 68 04 04 68 01 11 00 00 12 16", "an evaluator sends one key"),
    ],
)
def test_what_is_no_press_is_told_once_and_nothing_is_echoed(data, why):
    driver = bus()
    assert [word.why for word in driver.heard(bytes.fromhex(data)) if isinstance(word, Garbled)] == [why]
    assert driver.heard(CALL) == [PRESSED]


@pytest.mark.parametrize("kept", range(1, len(CALL)))
def test_a_frame_torn_anywhere_does_not_cost_the_next(kept):
    for torn in (CALL[:kept], bytes.fromhex("FF 68 05 05 68 01 01 01 02 0F 14 16")[:kept]):
        said = bus().heard(torn + CALL)
        assert said[-1] == PRESSED and all(isinstance(word, Garbled) for word in said[:-1])


@pytest.mark.parametrize(
    ("shown", "digits"),
    [
        (Readback(address=1), "0A 0A 0A 0A 0A 0A"),
        (Readback(address=1, waiting=0, number=""), "00 00 00 0A 0A 0A"),
        (Readback(address=1, waiting=7, number="A0012"), "00 00 07 00 01 02"),
        (Readback(address=1, waiting=999, number="B10345"), "09 09 09 03 04 05"),
        (Readback(address=1, waiting=12345, number="A7"), "09 09 09 0A 0A 07"),
        (Readback(address=1, waiting=-3, number="无"), "00 00 00 0A 0A 0A"),
        (Readback(address=1, number="A٣²1"), "0A 0A 0A 0A 0A 01"),  # digits of other scripts have no segments
    ],
)
def test_the_six_digits(shown, digits):
    made = frame.decode(bus().read_back(shown))
    assert made == frame.Frame(address=1, function=2, data=bytes.fromhex(digits))


@pytest.mark.parametrize(("code", "digits"), [(1, "0A 00 01"), (17, "0A 01 07"), (99, "0A 09 09")])
def test_a_refusal_is_its_code_on_the_right_and_a_beep(code, digits):
    shown, beep = bus().refuse(55, code)
    assert frame.decode(shown) == frame.Frame(address=55, function=2, data=b"\x0a\x0a\x0a" + bytes.fromhex(digits))
    assert frame.decode(beep) == frame.Frame(address=55, function=3)


def test_there_is_nothing_to_set():
    with pytest.raises(PlanError, match="variant"):
        Ff68(options={"variant": "x"})


@given(st.integers(1, 255), st.lists(st.integers(0, 9), max_size=2), st.integers(0, 255))
def test_every_press_is_heard_and_its_echo_is_itself(address, digits, key):
    data = frame.encode(frame.Frame(address=address, function=1, data=bytes([*digits, key])))
    assert bus().heard(data) == [KeyPressed(address=address, keys=(*digits, key), echo=data)]


@given(st.integers(1, 255), st.none() | st.integers(-5, 5000), st.text(max_size=12))
def test_every_read_back_has_six_digits_or_blanks(address, waiting, number):
    made = frame.decode(bus().read_back(Readback(address=address, waiting=waiting, number=number)))
    assert len(made.data) == 6 and max(made.data) <= 0x0A and made.address == address
