"""Our drivers against the far side: two people, two readings of one manual, one set of bytes."""

from __future__ import annotations

import random

import pytest

from caller.keypads.ff68 import Driver as KeypadDriver
from hall.ports import EvaluatorPressed, KeyPressed, PrinterState, Readback, Slip, SlipDone
from kiosk.printers.escpos import Driver as PrinterDriver
from simulators.box import Spec
from simulators.keypad.ff68 import Twin as KeypadBus
from simulators.printer.escpos import Twin as Printer

SLIP = Slip(
    title="开阳县政务服务大厅",
    number="A0012",
    copy_mark="补打",
    lines=("综合受理窗口", "前面 3 人"),
    qr="http://10.1.1.1/t/A0012",
    notice="请留意叫号：（①）<script>\x1b@[red]\x1dV\x00",
)


def a_printer() -> Printer:
    return Printer(Spec("A.printer.A-1", "A", "A-1", {}, random.Random(1)))


def a_bus() -> KeypadBus:
    return KeypadBus(Spec("A.keypad.A-1", "A", "A-1", {"seats": {"1": "A01", "2": "A02"}}, random.Random(1)))


def until_still(printer: Printer, data: bytes, now: int = 0) -> bytes:
    said = printer.heard(data, now)
    while (wake := printer.next_wake(now)) is not None:
        now = wake
        said += printer.tick(now)
    return said


def test_a_slip_is_printed_whole_and_reported_done() -> None:
    driver, printer = PrinterDriver(options={}), a_printer()
    until_still(printer, driver.wake())
    said = until_still(printer, driver.print(SLIP))
    (slip,) = printer.slips
    assert slip.texts[0].strip() == SLIP.title and slip.texts[1].strip() == SLIP.number
    everything = "\n".join(slip.texts)
    for words in (SLIP.copy_mark, *SLIP.lines, "请留意叫号：（①）<script>"):
        assert words in everything
    assert slip.codes == [SLIP.qr]
    assert printer.look()["unknown"] == {}
    assert SlipDone(paper="ok") in driver.heard(said)


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ("paper_low", "paper_low"),
        ("paper_out", "paper_out"),
        ("cover_open", "cover_open"),
        ("cutter_jam", "cutter"),
        ("offline", "offline"),
    ],
)
def test_a_fault_is_told_unasked_and_when_asked(fault: str, word: str) -> None:
    driver, printer = PrinterDriver(options={}), a_printer()
    driver.heard(until_still(printer, driver.wake()))
    unasked = driver.heard(printer.fault(fault, {}, 0))
    asked = driver.heard(printer.heard(driver.ask(), 1))
    for heard in (unasked, asked):
        assert [state.fault for state in heard if isinstance(state, PrinterState)][-1] == word


def test_keys_and_evaluations_are_understood_and_their_echoes_accepted() -> None:
    driver, bus = KeypadDriver(options={}), a_bus()
    (pressed,) = driver.heard(bus.act("press", {"window": "A02", "keys": "06 0F"}, 0))
    assert isinstance(pressed, KeyPressed) and (pressed.address, pressed.keys) == (2, (6, 15))
    bus.heard(pressed.echo, 1)
    (rated,) = driver.heard(bus.act("rate", {"address": 1, "key": 3}, 2))
    assert isinstance(rated, EvaluatorPressed) and (rated.address, rated.key) == (1, 3)
    bus.heard(rated.echo, 3)
    assert bus.next_wake(3) is None, "an echo was not accepted"
    assert bus.pads[2].keys.echoed == 1 and bus.pads[1].evaluator.echoed == 1


def test_what_the_host_shows_is_shown() -> None:
    driver, bus = KeypadDriver(options={}), a_bus()
    bus.heard(driver.read_back(Readback(address=1, waiting=1005, number="A0012")), 0)
    bus.heard(driver.beep(1) + driver.invite_rating(2), 0)
    assert (bus.pads[1].digits, bus.pads[1].beeps) == ("999012", 1)
    assert bus.pads[2].inviting
    for frame in driver.refuse(2, 7, waiting=3):
        bus.heard(frame, 1)
    assert bus.pads[2].digits[:3] == "003" and bus.pads[2].digits.endswith("7") and bus.pads[2].beeps >= 1
