"""The trace of the far side: what was lit, came out and was pressed, as it happened and in order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from simulators.box import CannotStand, Json, Refused
from simulators.clock import Clock
from simulators.far_side import FarSide
from simulators.for_tests import wait_for
from simulators.tracing import Trace

SLIP = "试验 A厅\nA0001\n".encode("gb18030") + b"\x1dV\x42\x00"


def a_plan() -> dict[str, Json]:
    """As much of a compiled plan as the far side reads: a printer, a keypad line, two panels."""
    panel: dict[str, Json] = {"driver": "candle", "line": "pty:panels", "lines": 1, "columns": 8, "options": {}}
    windows: dict[str, Json] = {
        f"A0{n}": {
            "name": f"窗口A0{n}", "panel": {**panel, "address": n}, "seat": {"line": "A-1", "address": n},
        }
        for n in (1, 2)
    }  # fmt: skip
    hall: dict[str, Json] = {
        "kiosks": {"A-1": {"printer_driver": "escpos", "printer_line": "pty:printer"}},
        "keypad_lines": {"A-1": {"driver": "ff68", "line": "pty:keypads"}},
        "windows": windows,
    }
    return {"site": {"mode": "simulated"}, "halls": {"A": hall}}


@contextmanager
def a_traced_far_side(var: Path, rate: float = 60.0) -> Iterator[tuple[FarSide, Path]]:
    clock = Clock(0, 0, rate)
    far_side = FarSide(a_plan(), var, clock, seed=1)
    far_side.open()
    trace = Trace(var / "trace.jsonl", far_side)
    try:
        yield far_side, var / "trace.jsonl"
    finally:
        far_side.close()
        trace.close()


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


async def test_panels_slips_and_presses_are_written_as_they_happen(tmp_path: Path) -> None:
    with a_traced_far_side(tmp_path) as (far_side, file):
        panel, printer = far_side.devices["A.panel.A01"], far_side.devices["A.printer.A-1"]
        for text in (b"A0001", b"A0001", b"A0002"):
            panel.heard(b"\x01\x21\x20%-8s\x07" % text)
        printer.heard(SLIP)
        await wait_for(printer, lambda device: device.box.look()["printed"] == 1)
        far_side.devices["A.keypad.A-1"].act("press", {"address": 2, "keys": "06 0f"})
        told = lines(file)
    assert told[0] | {"at": 0} == {"at": 0, "what": "trace", "v": 1, "rate": 60.0}
    shown = [(line["of"], "".join(line["lines"]).strip()) for line in told if line["what"] == "shown"]
    assert shown == [("A01", "A0001"), ("A01", "A0002")]
    [slip] = [line for line in told if line["what"] == "slip"]
    assert (slip["of"], slip["no"], slip["cut"], slip["lines"]) == ("A-1", 1, "partial", ["试验 A厅", "A0001"])
    [pressed] = [line for line in told if line["what"] == "pressed"]
    assert (pressed["hall"], pressed["window"], pressed["keys"]) == ("A", "A02", "06 0F")
    assert [line["at"] for line in told] == sorted(line["at"] for line in told)
    assert lines(file)[-1]["what"] == "end"


async def test_faults_come_and_go_in_the_trace_and_a_stuck_key_is_a_press(tmp_path: Path) -> None:
    with a_traced_far_side(tmp_path) as (far_side, file):
        far_side.devices["A.panel.A02"].fault("deaf")
        far_side.devices["A.panel.A02"].heal("deaf")
        keypad = far_side.devices["A.keypad.A-1"]
        keypad.fault("stuck_key", {"address": 1, "key": 12, "for_ms": 200})
        await wait_for(keypad, lambda device: not device.standing)
        with pytest.raises(Refused):
            keypad.act("press", {"address": 9, "keys": "0C"})
        told = [line for line in lines(file) if line["what"] in ("fault", "healed", "pressed")]
    assert [(line["of"], line["what"], line.get("fault") or line["keys"]) for line in told] == [
        ("A02", "fault", "deaf"), ("A02", "healed", "deaf"), ("A-1", "fault", "stuck_key"), ("A-1", "pressed", "0C"),
        ("A-1", "healed", "stuck_key"),
    ]  # fmt: skip
    assert told[3]["window"] == "A01"


async def test_many_slips_at_once_are_all_told(tmp_path: Path) -> None:
    """A look holds the newest five; what lay before them is counted, not forgotten."""
    with a_traced_far_side(tmp_path, rate=10_000.0) as (far_side, file):
        printer = far_side.devices["A.printer.A-1"]
        printer.heard(SLIP * 12)
        await wait_for(printer, lambda device: device.box.look()["printed"] == 12)
        told = lines(file)
    slips = sum(line["what"] == "slip" for line in told)
    assert slips + sum(line["no"] for line in told if line["what"] == "missed") == 12


async def test_a_trace_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    far_side = FarSide(a_plan(), tmp_path, Clock(), seed=1)
    with pytest.raises(CannotStand, match="no-such-folder"):
        Trace(tmp_path / "no-such-folder" / "trace.jsonl", far_side)
