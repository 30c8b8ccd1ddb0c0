"""What people saw, held and pressed against the journal: a true trace holds, each lie in it is caught and named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playing import Play
from written import broken, helping, written

from audit.verifying.judging import Judged, verify
from audit.verifying.source import CannotRead
from hall import commands as c

EDGE = ("I1", "I2", "I4", "I9", "I19", "I20")


class Watched:
    """A play, and the trace of its devices: lines are written as of the play's now."""

    def __init__(self, rate: float = 1.0) -> None:
        self.play = Play(helping())
        self.lines: list[dict[str, Any]] = []
        self.sees("trace", rate=rate, v=1)

    def sees(self, what: str, later: float = 0, **more: Any) -> None:
        self.lines.append({"at": self.play.now + round(later * 1000), "what": what, **more})

    def panel(self, window: str, number: str, later: float = 0.2) -> None:
        lines = [f"综合受理窗口{window}", f"请 {number} 到本窗口" if number else "欢迎光临"]
        self.sees("shown", later, device=f"A.panel.{window}", hall="A", of=window, lines=lines)

    def slip(self, number: str, mark: str = "", kiosk: str = "A-K1", later: float = 0) -> None:
        lines = ["试验 A厅", number, *([mark] if mark else []), "办理窗口：A01、A02", "取号时间：2026-11-23 09:30"]
        self.sees("slip", later, device=f"A.printer.{kiosk}", hall="A", of=kiosk, no=1, cut="full", lines=lines)

    def press(self, window: str, keys: str = "0C") -> None:
        self.sees("pressed", device="A.keypad.A-1", hall="A", of="A-1", window=window, keys=keys)

    def take(self) -> str:
        """A number on paper."""
        number = self.play.issue(kiosk="A-K1")
        self.play.at(seconds=2)
        self.slip(number)
        self.play.at(seconds=1)
        self.play >> c.ReportPrinted(number, self.play.state.jobs[number].job)
        return number

    def call(self, window: str) -> str:
        """Pressed, called, lit."""
        self.play.at(seconds=10)
        self.press(window)
        self.play.send(c.CallNext(window))
        number = self.play.state.windows[window].ticket
        self.panel(window, number)
        return number

    def finish(self, window: str) -> None:
        self.play >> c.StartService(window)
        self.play.at(seconds=30) >> c.FinishService(window)
        self.panel(window, "")

    def judged(self, tmp_path: Path) -> Judged:
        self.play.at(seconds=20) >> c.SetNotice("", "end")
        self.sees("end")
        self.lines[1:] = sorted(self.lines[1:], key=lambda line: int(line["at"]))
        tmp_path.mkdir(exist_ok=True)
        trace = tmp_path / "trace.jsonl"
        trace.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.lines))
        [found] = verify([written(self.play.log, tmp_path / "var")], [trace])
        return found


def a_morning() -> Watched:
    """Four people with paper in their hands; two served, two called."""
    seen = Watched()
    for window in ("A01", "A02"):
        seen.panel(window, "")
    for _ in range(4):
        seen.take()
    seen.call("A01")
    seen.finish("A01")
    seen.call("A01")
    seen.call("A02")
    seen.play.at(seconds=5)
    return seen


def test_a_true_trace_holds(tmp_path: Path) -> None:
    judged = a_morning().judged(tmp_path)
    assert not broken(judged)
    assert all(judged.verdicts[name].word == "holds" for name in EDGE), judged.verdicts


def _slip_of_nobody(seen: Watched) -> None:
    seen.slip("A0077")


def _slip_before_its_number(seen: Watched) -> None:
    seen.slip("A0005")
    seen.play.at(seconds=10)
    assert seen.play.issue() == "A0005"


def _two_slips(seen: Watched) -> None:
    seen.slip("A0003", kiosk="A-K2")


def _copy_without_mark(seen: Watched) -> None:
    seen.play.send(c.ReprintTicket("A0003", "A-K2"))
    seen.slip("A0003", kiosk="A-K2", later=1)
    seen.play.at(seconds=2)
    seen.play >> c.ReportPrinted("A0003", seen.play.state.jobs["A0003"].job)


def _copy_nobody_asked(seen: Watched) -> None:
    seen.slip("A0003", "补打 1")


def _printed_on_no_paper(seen: Watched) -> None:
    number = seen.play.issue(kiosk="A-K1")
    seen.play.at(seconds=3)
    seen.play >> c.ReportPrinted(number, seen.play.state.jobs[number].job)


def _back_to_an_older_call(seen: Watched) -> None:
    seen.panel("A01", "A0001", later=4)
    seen.panel("A01", "A0002", later=5)


def _shows_what_never_stood(seen: Watched) -> None:
    seen.panel("A02", "A0004")
    seen.panel("A02", "A0003", later=1)


def _on_two_panels(seen: Watched) -> None:
    """A0002 stands at A01; A02 goes on showing it from the moment it was called there."""
    seen.play.at(seconds=1) >> c.HandBack("A01") >> c.HandBack("A02")
    seen.panel("A02", "")
    seen.play.at(seconds=9) >> c.CallNumber("A02", "A0002")
    seen.press("A02")
    seen.panel("A02", "A0002")
    seen.play.at(seconds=6)


def _dark_words_stay(seen: Watched) -> None:
    seen.play >> c.StartService("A01")
    seen.play.at(seconds=30) >> c.FinishService("A01")  # and the panel never hears of it


def _goes_dark(seen: Watched) -> None:
    """Nobody cut its power, and A0002 stands there."""
    seen.sees("shown", device="A.panel.A01", hall="A", of="A01", lines=[])
    seen.play.at(seconds=30)


def _called_without_a_press(seen: Watched) -> None:
    seen.finish("A01")
    seen.play.at(seconds=10) >> c.CallNext("A01")
    seen.panel("A01", seen.play.state.windows["A01"].ticket)


LIES: tuple[tuple[Callable[[Watched], None], set[str], str], ...] = (
    (_slip_of_nobody, {"I4", "I9"}, "A0077"),
    (_slip_before_its_number, {"I4", "I9"}, "A0005"),
    (_two_slips, {"I1", "I9"}, "A0003"),
    (_copy_without_mark, {"I1", "I9"}, "A0003"),
    (_copy_nobody_asked, {"I9"}, "A0003"),
    (_printed_on_no_paper, {"I9"}, "A0005"),
    (_back_to_an_older_call, {"I19"}, "A0001"),
    (_shows_what_never_stood, {"I19"}, "A0004"),
    (_on_two_panels, {"I2", "I19"}, "A0002"),
    (_dark_words_stay, {"I19"}, "A0002"),
    (_goes_dark, {"I19"}, "A0002"),
    (_called_without_a_press, {"I20"}, "A0004"),
)


@pytest.mark.parametrize(("lie", "names", "number"), LIES, ids=[lie[0].__name__[1:] for lie in LIES])
def test_a_lie_at_the_edge_is_caught(
    lie: Callable[[Watched], None], names: set[str], number: str, tmp_path: Path
) -> None:
    seen = a_morning()
    lie(seen)
    found = broken(seen.judged(tmp_path))
    assert found.keys() == names, found
    assert {example.number for example in found.values()} == {number}


def test_a_copy_with_its_mark_is_no_lie(tmp_path: Path) -> None:
    seen = a_morning()
    seen.play.send(c.ReprintTicket("A0003", "A-K2"))
    seen.slip("A0003", "补打 1", kiosk="A-K2", later=1)
    seen.play.at(seconds=2)
    seen.play >> c.ReportPrinted("A0003", seen.play.state.jobs["A0003"].job)
    assert not broken(seen.judged(tmp_path))


def test_a_board_of_numbers_alone_is_blank_when_nobody_is_called(tmp_path: Path) -> None:
    seen = a_morning()
    seen.play >> c.StartService("A01")
    seen.play.at(seconds=30) >> c.FinishService("A01")
    seen.sees("shown", device="A.panel.A01", hall="A", of="A01", lines=["        "])
    seen.play.at(seconds=30)
    assert not broken(seen.judged(tmp_path))


def test_a_panel_that_is_ill_is_excused(tmp_path: Path) -> None:
    seen = a_morning()
    seen.sees("fault", device="A.panel.A01", hall="A", of="A01", fault="deaf")
    _dark_words_stay(seen)
    assert not broken(seen.judged(tmp_path))


def test_a_clock_that_was_set_back_is_no_alarm_and_proves_nothing(tmp_path: Path) -> None:
    """The controller's went back half an hour; those of the devices run on, so times say no more what came first."""
    seen = a_morning()
    steady = seen.play.now
    seen.play.at(minutes=-30)
    number = seen.play.issue(kiosk="A-K1")
    seen.finish("A01")
    seen.play.at(seconds=10).send(c.CallNext("A01"))
    for line in seen.lines[-1:]:
        line["at"] = steady + 40_000
    seen.slip(number, later=1800)
    judged = seen.judged(tmp_path)
    assert not broken(judged)
    assert {judged.verdicts[name].word for name in ("I4", "I19", "I20")} == {"not_judged"}
    assert any("set back" in note for note in judged.notes)


def test_another_halls_devices_are_another_halls(tmp_path: Path) -> None:
    seen = a_morning()
    seen.sees("slip", device="B.printer.B-K1", hall="B", of="B-K1", no=1, cut="full", lines=["A0001"])
    assert not broken(seen.judged(tmp_path))


def test_a_torn_line_is_counted_and_a_foreign_file_refused(tmp_path: Path) -> None:
    seen = a_morning()
    judged = seen.judged(tmp_path)
    trace = tmp_path / "trace.jsonl"
    trace.write_bytes(trace.read_bytes() + b'{"at": 1, "wha')
    [again] = verify([judged.path], [trace])
    assert not broken(again) and any("1 lines of the traces" in note for note in again.notes)
    trace.write_text('{"at": 1, "what": "shown"}\n')
    with pytest.raises(CannotRead, match="no trace of devices"):
        verify([judged.path], [trace])
