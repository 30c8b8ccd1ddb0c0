"""The simulated FF 68 bus against the frames of a hall system in use: presses, echoes, displays, faults."""

from __future__ import annotations

import random

import pytest
import serial
from host_side import serial_host
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.box import CannotStand, Json, Refused, Spec
from simulators.for_tests import a_keypad_bus, path_of, wait_for
from simulators.keypad.ff68.bus import KeypadBus
from simulators.keypad.ff68.frames import Frame, Frames
from simulators.keypad.ff68.pad import ECHO_MS, SENDS_MAX, TYPING_MS

PRESSES = {  # keys: the frame of address 1
    "0C": "FF 68 03 03 68 01 01 0C 0E 16",
    "0D": "FF 68 03 03 68 01 01 0D 0F 16",
    "0B": "FF 68 03 03 68 01 01 0B 0D 16",
    "12": "FF 68 03 03 68 01 01 12 14 16",
    "13": "FF 68 03 03 68 01 01 13 15 16",
    "06 0F": "FF 68 04 04 68 01 01 06 0F 17 16",
    "00 0F": "FF 68 04 04 68 01 01 00 0F 11 16",
    "03 0F": "FF 68 04 04 68 01 01 03 0F 14 16",
}
CALL = bytes.fromhex(PRESSES["0C"])
RATED_0 = bytes.fromhex("FF 68 03 03 68 01 11 00 12 16")
RATED_0_ECHO = bytes.fromhex("FF 68 03 03 68 01 01 00 02 16")
SHOW_012 = bytes.fromhex("FF 68 08 08 68 01 02 0A 0A 0A 00 01 02 24 16")
SHOW_WAITING_5 = bytes.fromhex("FF 68 08 08 68 01 02 00 00 05 0A 0A 0A 26 16")
BEEP = bytes.fromhex("FF 68 02 02 68 01 03 04 16")
FIVE_STARS = bytes.fromhex("FF 68 03 03 68 01 02 05 08 16")
START_RATING = bytes.fromhex(PRESSES["0B"])


def a_bus(*addresses: int, rate: float = 1.0, seed: int = 1) -> KeypadBus:
    seats: dict[str, Json] = {str(a): f"A{a:02d}" for a in addresses or (1, 2)}
    return KeypadBus(Spec("A.keypad.A-1", "A", "A-1", {"seats": seats}, random.Random(seed), rate))


def run(bus: KeypadBus, now: int, until: int) -> list[tuple[int, bytes]]:
    """Let time pass; what was said, and when."""
    said = []
    while (wake := bus.next_wake(now)) is not None and wake <= until:
        now = max(now, wake)
        out = bus.tick(now)
        said += [(now, out)] if out else []
    return said


def press(bus: KeypadBus, keys: str, now: int = 0, address: int = 1) -> bytes:
    return bus.act("press", {"address": address, "keys": keys}, now)


@pytest.mark.parametrize("keys", PRESSES)
def test_a_press_is_the_frame_of_the_manual(keys: str) -> None:
    assert press(a_bus(), keys) == bytes.fromhex(PRESSES[keys])


def test_a_press_may_name_its_window_and_its_keys_as_numbers() -> None:
    assert a_bus().act("press", {"window": "A02", "keys": [6, 15]}, 0).hex(" ") == "ff 68 04 04 68 02 01 06 0f 18 16"


def test_an_echoed_press_is_sent_once() -> None:
    bus = a_bus()
    assert press(bus, "0C") == CALL
    bus.heard(CALL, 5)
    assert run(bus, 5, 60_000) == []
    assert bus.pads[1].keys.echoed == 1 and bus.pads[1].keys.lost == 0


def test_a_press_without_echo_is_sent_again_and_then_given_up() -> None:
    bus = a_bus()
    press(bus, "0C")
    assert run(bus, 0, 60_000) == [(ECHO_MS * n, CALL) for n in range(1, SENDS_MAX)]
    assert bus.pads[1].keys.lost == 1 and bus.next_wake(60_000) is None


def test_the_echo_is_awaited_in_real_time_when_the_hall_runs_faster() -> None:
    bus = a_bus(rate=60.0)
    press(bus, "0C")
    assert run(bus, 0, ECHO_MS * 60) == [(ECHO_MS * 60, CALL)]


def test_the_next_press_waits_for_the_echo_of_the_one_before() -> None:
    bus = a_bus()
    press(bus, "0C")
    assert press(bus, "0D", 10) == b""
    assert bus.heard(CALL, 20) == bytes.fromhex(PRESSES["0D"])


def test_two_windows_do_not_wait_for_each_other() -> None:
    bus = a_bus()
    press(bus, "0C")
    assert press(bus, "0C", 1, address=2) == Frame(2, 1, b"\x0c").bytes()


def test_long_entries_go_in_several_frames_and_the_key_alone() -> None:
    bus = a_bus()
    sent, now = [press(bus, "01 01 00 02 04 0F")], 0
    while True:
        bus.heard(sent[-1], now)
        wake = bus.next_wake(now)
        if wake is None:
            break
        now = wake
        sent.append(bus.tick(now))
    data = [Frames().put(frame)[0].data for frame in sent]
    assert data == [b"\x01\x01\x00", b"\x02\x04", b"\x0f"]
    assert now == 5 * TYPING_MS


def test_the_evaluator_and_its_echo() -> None:
    bus = a_bus()
    bus.heard(START_RATING, 0)
    assert bus.pads[1].inviting
    assert bus.act("rate", {"address": 1, "key": 0}, 1) == RATED_0
    assert not bus.pads[1].inviting
    bus.heard(RATED_0_ECHO, 2)
    assert run(bus, 2, 60_000) == [] and bus.pads[1].evaluator.echoed == 1


def test_display_beep_and_stars() -> None:
    bus = a_bus()
    bus.heard(SHOW_012 + BEEP + BEEP, 0)
    assert (bus.pads[1].digits, bus.pads[1].beeps) == ("   012", 2)
    bus.heard(SHOW_WAITING_5 + FIVE_STARS, 0)
    assert (bus.pads[1].digits, bus.pads[1].stars) == ("005   ", 1)
    assert bus.pads[2].digits == "      "
    assert "  1 A01    [005|   ]" in bus.text()


def test_the_echo_of_an_evaluation_key_is_no_invitation() -> None:
    bus = a_bus()
    press(bus, "0B")
    bus.heard(START_RATING, 1)
    assert not bus.pads[1].inviting
    bus.heard(START_RATING, 2)
    assert bus.pads[1].inviting


def test_a_frame_cut_anywhere_is_read() -> None:
    for at in range(len(SHOW_012)):
        bus = a_bus()
        bus.heard(SHOW_012[:at], 0)
        bus.heard(SHOW_012[at:], 1)
        assert bus.pads[1].digits == "   012", at


def test_a_wrong_sum_changes_nothing_and_is_counted() -> None:
    bus = a_bus()
    bus.heard(SHOW_012[:-2] + b"\x25\x16" + BEEP, 0)
    assert (bus.pads[1].digits, bus.pads[1].beeps) == ("      ", 1)
    assert bus.look()["bad_sums"] == 1


def test_bounce_is_the_same_frame_again_at_once() -> None:
    bus = a_bus()
    bus.fault("bounce", {"address": 1, "times": 3, "within_ms": 30}, 0)
    assert press(bus, "0C", 100) == CALL
    bus.heard(CALL, 101)
    assert run(bus, 101, 60_000) == [(110, CALL), (120, CALL)]


def test_a_stuck_key_repeats_until_it_is_freed() -> None:
    bus = a_bus()
    assert bus.fault("stuck_key", {"address": 1, "key": 12, "every_ms": 50}, 1000) == CALL
    assert run(bus, 1000, 1200) == [(1050, CALL), (1100, CALL), (1150, CALL), (1200, CALL)]
    bus.heal("stuck_key", 1201)
    assert run(bus, 1201, 60_000) == []


def test_a_stuck_key_does_not_make_good_a_jump_of_the_clock() -> None:
    bus = a_bus()
    bus.fault("stuck_key", {"address": 1, "key": 12, "every_ms": 50}, 0)
    assert bus.tick(86_400_000).count(CALL) <= 21


def test_a_repeated_frame_comes_later() -> None:
    bus = a_bus()
    bus.fault("repeated_frame", {"address": 0, "gap_ms": 1000}, 0)
    press(bus, "0C")
    bus.heard(CALL, 1)
    assert run(bus, 1, 60_000) == [(1000, CALL)]


def test_a_bad_sum_is_bad() -> None:
    bus = a_bus()
    bus.fault("bad_sum", {"address": 1}, 0)
    sent = press(bus, "0C")
    assert sent == CALL[:-2] + b"\x0f\x16" and Frames().put(sent) == []
    assert press(bus, "0C", 0, address=2) == Frame(2, 1, b"\x0c").bytes()


def test_a_silent_keypad_neither_sends_nor_hears_and_comes_back_dark() -> None:
    bus = a_bus()
    bus.heard(SHOW_012, 0)
    bus.fault("silent", {"address": 1}, 1)
    assert press(bus, "0C", 2) == b""
    bus.heard(SHOW_012, 3)
    bus.heal("silent", 4)
    assert bus.pads[1].digits == "      "
    assert press(bus, "0C", 5) == CALL


def test_a_deaf_keypad_sends_and_is_not_answered() -> None:
    bus = a_bus()
    bus.fault("deaf", {"address": 1}, 0)
    press(bus, "0C")
    bus.heard(CALL + SHOW_012, 1)
    assert len(run(bus, 1, 60_000)) == SENDS_MAX - 1 and bus.pads[1].digits == "      "


def test_crosstalk_is_the_same_for_the_same_seed() -> None:
    one, same, other = a_bus(seed=7), a_bus(seed=7), a_bus(seed=8)
    noise = []
    for bus in (one, same, other):
        first = bus.fault("crosstalk", {"every_ms": 500}, 0)
        noise.append([first, *run(bus, 0, 2000)])
    assert noise[0] == noise[1] != noise[2] and len(noise[0]) == 5


@pytest.mark.parametrize("keys", ["", "0", "XX", "0C 06", "0C 0C", 12, None, [999], [True, "x"], "01 " * 13])
def test_keys_that_cannot_be_pressed_are_refused(keys: Json) -> None:
    with pytest.raises(Refused):
        a_bus().act("press", {"address": 1, "keys": keys}, 0)


def test_what_a_bus_does_not_have_is_refused() -> None:
    bus = a_bus()
    for what, args in (("fly", {}), ("press", {"address": 9, "keys": "0C"}), ("rate", {"address": 1, "key": 4})):
        with pytest.raises(Refused):
            bus.act(what, args, 0)
    with pytest.raises(Refused):
        bus.fault("silent", {"address": 9}, 0)
    with pytest.raises(CannotStand):
        a_bus(256)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(st.binary(max_size=30), st.sampled_from([SHOW_012, BEEP, CALL, b"\xff\x68", b"\xff"]))))
def test_any_bytes_are_survived_and_the_next_frame_is_read(pieces: list[bytes]) -> None:
    bus = a_bus()
    for piece in pieces:
        bus.heard(piece, 0)
    bus.heard(b"\x00" * 40 + SHOW_012, 1)
    assert bus.pads[1].digits == "   012"


async def test_on_a_real_serial_port() -> None:
    async with a_keypad_bus((1, 2)) as bus, serial_host(path_of(bus)) as host:
        bus.act("press", {"window": "T01", "keys": "0C"})
        await host.expect(CALL)
        host.send(CALL + SHOW_012)
        await wait_for(bus, lambda b: isinstance(b.box, KeypadBus) and b.box.pads[1].digits == "   012")
        bus.act("raw", {"hex": "FF 68 03"})
        await host.expect(b"\xff\x68\x03")
        bus.fault("noise", {"percent": 100})
        bus.act("press", {"address": 2, "keys": "0C"})
        await host.wait(lambda: len(host.heard) >= 10)
        assert bytes(host.heard[:10]) != Frame(2, 1, b"\x0c").bytes()


async def test_pyserial_opens_the_line_by_its_name() -> None:
    async with a_keypad_bus() as bus:
        with serial.Serial(str(path_of(bus)), 9600, timeout=0) as port:
            port.write(SHOW_012)
            await wait_for(bus, lambda b: isinstance(b.box, KeypadBus) and b.box.pads[1].digits == "   012")
