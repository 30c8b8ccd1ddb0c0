"""What was spoken against the calls (I21): a true trace holds; each lie of a voice is caught, with its number."""

from __future__ import annotations

import asyncio
import json
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from plans import a_plan
from playing import Play
from written import broken, written

from audit.verifying.judging import verify
from audit.verifying.verdicts import Verdict
from hall import commands as c
from hall import events as e
from simulators.loudspeaker import Loudspeaker, Sound, loudspeakers


class Heard:
    """A play whose calls are spoken; `say` at the play's now, and `later` seconds behind it."""

    def __init__(self, rate: float = 1.0) -> None:
        self.play = Play(a_plan())
        self.lines: list[dict[str, Any]] = [{"at": self.play.now, "what": "trace", "v": 1, "rate": rate}]
        self.play.issue(count=6)

    def call(self, window: str) -> int:
        """The seq of a call there."""
        self.play.at(seconds=10)
        about = {"device": "A.keypad.A-1", "hall": "A", "of": "A-1", "window": window, "keys": "0C"}
        self.lines.append({"at": self.play.now, "what": "pressed", **about})
        self.play.call(window)
        return self.last()

    def last(self) -> int:
        calls = [r.seq for r in self.play.log if isinstance(r.event, e.TicketCalled | e.TicketRecalled)]
        return calls[-1]

    def say(self, seq: int, later: float = 0.5, number: str = "", ms: int = 3000) -> None:
        record = self.play.log[seq - 1]
        named = number or str(getattr(record.event, "number", "A0001"))
        at = self.play.now + round(later * 1000)
        about = {"device": "A.voice", "hall": "A", "number": named, "call": [1, seq], "ms": ms}
        self.lines.append({"at": at, "what": "spoken", **about})

    def verdict(self, tmp_path: Path) -> Verdict:
        self.play.at(seconds=600) >> c.SetNotice("", "end")
        self.lines.append({"at": self.play.now, "what": "end"})
        self.lines.sort(key=lambda line: int(line["at"]))
        trace = tmp_path / "trace.jsonl"
        trace.write_text("".join(json.dumps(line) + "\n" for line in self.lines))
        [found] = verify([written(self.play.log, tmp_path / "var")], [trace])
        assert broken(found).keys() <= {"I21"}, broken(found)
        return found.verdicts["I21"]


# -- what is true ------------------------------------------------------------------------------------------------------


def _one_after_the_other(heard: Heard) -> None:
    heard.say(heard.call("A01"))
    heard.say(heard.call("A02"))
    heard.play.at(seconds=30) >> c.Recall("A01")
    heard.say(heard.last())


def _recalled_before_it_was_said(heard: Heard) -> None:
    """Said once, where it stood: before the other, though its recall came behind."""
    heard.call("A01")
    other = heard.call("A02")
    heard.play.at(seconds=10) >> c.Recall("A01")
    heard.say(heard.last())
    heard.say(other, later=4)


def _some_passed_over(heard: Heard) -> None:
    heard.call("A01")
    heard.say(heard.call("A02"))


def _what_a_dying_controller_wrote_last(heard: Heard) -> None:
    """It had no time to say that the service began; its successor says how all stands."""
    seq = heard.call("A01")
    heard.play.at(seconds=1) >> c.StartService("A01")
    heard.say(seq, later=8)
    heard.play.at(seconds=9).send(c.StartController("again"))


@pytest.mark.parametrize(
    "true",
    [_one_after_the_other, _recalled_before_it_was_said, _some_passed_over, _what_a_dying_controller_wrote_last],
)
def test_a_true_voice_holds(true: Callable[[Heard], None], tmp_path: Path) -> None:
    heard = Heard()
    true(heard)
    verdict = heard.verdict(tmp_path)
    assert verdict.word == "holds", verdict


def test_a_slow_voice_in_a_quick_hall_is_not_late(tmp_path: Path) -> None:
    """At sixty times the speed, a second of the engine is a minute of the hall."""
    heard = Heard(rate=60)
    heard.say(heard.call("A01"), later=90, ms=2000)
    heard.say(heard.call("A02"), later=220)
    assert heard.verdict(tmp_path).word == "holds"


# -- lies --------------------------------------------------------------------------------------------------------------


def _twice(heard: Heard) -> None:
    seq = heard.call("A01")
    heard.say(seq)
    heard.say(seq, later=5)


def _the_call_behind_its_recall(heard: Heard) -> None:
    seq = heard.call("A01")
    heard.play.at(seconds=5) >> c.Recall("A01")
    heard.say(heard.last())
    heard.say(seq, later=5)


def _out_of_order(heard: Heard) -> None:
    first = heard.call("A01")
    heard.say(heard.call("A02"), number="A0002")
    heard.say(first, later=5)


def _old(heard: Heard) -> None:
    heard.say(heard.call("A01"), later=40)


def _of_no_call(heard: Heard) -> None:
    heard.call("A01")
    heard.say(1, number="A0001")


def _another_number_than_was_called(heard: Heard) -> None:
    seq = heard.call("A02")
    heard.say(seq, number="A0004")


def _before_it_was_called(heard: Heard) -> None:
    heard.say(heard.call("A01"), later=-5)


def _while_it_is_served(heard: Heard) -> None:
    seq = heard.call("A01")
    heard.play.at(seconds=2) >> c.StartService("A01")
    heard.play.at(seconds=10)
    heard.say(seq)


def _after_no_show(heard: Heard) -> None:
    heard.call("A01")
    heard.play.at(seconds=30) >> c.Recall("A01")
    seq = heard.last()
    heard.play.at(seconds=20) >> c.MarkNoShow("A01")
    heard.play.at(seconds=6)
    heard.say(seq)


def _into_the_one_before(heard: Heard) -> None:
    first = heard.call("A01")
    heard.play.at(seconds=2)
    second = heard.call("A02")
    heard.say(first, ms=8000)
    heard.say(second, later=3)


def _silence(heard: Heard) -> None:
    heard.say(heard.call("A01"), ms=0)


LIES: tuple[tuple[Callable[[Heard], None], str, str], ...] = (
    (_twice, "A0001", "had been spoken"),
    (_the_call_behind_its_recall, "A0001", "called again since"),
    (_out_of_order, "A0001", "which came later"),
    (_old, "A0001", "40 s behind the call"),
    (_of_no_call, "A0001", "no call of it"),
    (_another_number_than_was_called, "A0004", "no call of it"),
    (_before_it_was_called, "A0001", "no call of it by then"),
    (_while_it_is_served, "A0001", "after that call was over"),
    (_after_no_show, "A0001", "after that call was over"),
    (_into_the_one_before, "A0002", "into the announcement before"),
    (_silence, "A0001", "nothing can be heard"),
)


@pytest.mark.parametrize(("lie", "number", "words"), LIES, ids=[lie[0].__name__[1:] for lie in LIES])
def test_a_lie_of_the_voice_is_caught(lie: Callable[[Heard], None], number: str, words: str, tmp_path: Path) -> None:
    heard = Heard()
    lie(heard)
    verdict = heard.verdict(tmp_path)
    assert verdict.word == "broken" and words in verdict.examples[0].text, verdict
    assert verdict.examples[0].number == number


def test_a_silent_trace_proves_nothing(tmp_path: Path) -> None:
    heard = Heard()
    heard.call("A01")
    verdict = heard.verdict(tmp_path)
    assert verdict.word == "not_judged" and verdict.why


# -- the loudspeaker, which hears it -----------------------------------------------------------------------------------


def a_sound(folder: Path, name: str, seconds: float) -> None:
    """As the voice makes one: under another name, then whole under its own."""
    folder.mkdir(parents=True, exist_ok=True)
    with wave.open(str(folder / "next.part"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(round(16_000 * seconds)))
    (folder / "next.part").replace(folder / name)


async def test_a_loudspeaker_plays_each_sound_once_and_says_how_long(tmp_path: Path) -> None:
    folder, heard = tmp_path / "voice" / "A", list[tuple[str, Sound]]()
    a_sound(folder, "1-2-A0001.wav", 0.5)
    [speaker] = loudspeakers(_speaking("file"), tmp_path, lambda hall, sound: heard.append((hall, sound)))
    speaker.look()
    assert heard == [], "what lay there before is nobody's news"
    a_sound(folder, "1-0000000012-A0002.wav", 2.0)
    a_sound(folder, "not a call.wav", 1.0)
    (folder / "1-13-A0003.wav").write_bytes(b"no sound")
    playing = asyncio.create_task(speaker.run())
    await asyncio.sleep(0)
    playing.cancel()
    assert sorted(heard) == [("A", Sound(1, 12, "A0002", 2000)), ("A", Sound(1, 13, "A0003", 0))]
    speaker.look()
    assert len(heard) == 2
    a_sound(folder, "1-0000000012-A0002.wav", 2.0)
    speaker.look()
    assert len(heard) == 3, "the same call made a second time is heard a second time"


def test_a_hall_without_a_voice_has_no_loudspeaker(tmp_path: Path) -> None:
    def nobody(_hall: str, _sound: Sound) -> None: ...

    assert loudspeakers(_speaking("none"), tmp_path, nobody) == []
    assert [type(each) for each in loudspeakers(_speaking("player"), tmp_path, nobody)] == [Loudspeaker]


def _speaking(output: str) -> dict[str, Any]:
    plan = a_plan()
    voice = msgspec.structs.replace(plan.halls["A"].voice, output=output)
    found = msgspec.structs.replace(plan, halls={"A": msgspec.structs.replace(plan.halls["A"], voice=voice)})
    return dict(msgspec.to_builtins(found))
