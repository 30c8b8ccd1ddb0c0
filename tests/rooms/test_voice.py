"""The voice with the real espeak-ng: calls said as people say them, in order, whole, once, and never late."""

from __future__ import annotations

import array
import os
import shutil
import subprocess
import time
import wave
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from brokers import Mosquitto
from waiting import until
from window_halls import SITE, WindowHall, a_hall, small

from displays.voice import programs
from displays.voice.espeak import PROGRAM, Espeak
from displays.voice.espeak import VOICE as VOICE_NAME
from displays.voice.keeping import KEPT_MAX, Kept
from displays.voice.reading import NAME_MAX, sentence, spoken
from displays.voice.waiting import WAITING_MAX, Announcement, Waiting
from hall import codec, topics
from hall import commands as c
from hall.events import CallReason, Recorded, TicketCalled
from hall.names import Role, Rule
from hall.plan import Plan

ROOM, VOICE = "displays-A", "voice-A"
LIT_S = 1.0  # a call is on the panel, whatever the voice does
WELL_S = 12.0  # an engine that works again is found
LOUD = 3000  # of 32767: the peak of speech, not of a hum

PLAYER = """#!/bin/sh
echo "begin $2" >>"$1"
sleep 0.3
echo "end $2" >>"$1"
"""


# -- how it is said ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "one", "said"),
    [
        ("A0012", "yi", "A 零零一二"),
        ("A0012", "yao", "A 零零幺二"),
        ("AS10009", "yi", "A S 一零零零九"),
        ("综合受理窗口A01", "yi", "综合受理窗口 A 零一"),
        ("城关Ｃ０1号窗口", "yao", "城关 C 零幺号窗口"),
        ("[[h@'lou]] <b>窗口\u202e\x1b[2J", "yi", "H，L O U，B，窗口，二 J"),
        ("", "yi", ""),
    ],
)
def test_digits_and_letters_are_read_one_by_one(text: str, one: str, said: str) -> None:
    assert spoken(text, one) == said


def test_the_sentence_and_its_bounds() -> None:
    assert sentence("A0012", "综合受理窗口A01", "yi") == "请A 零零一二号到综合受理窗口 A 零一办理。"
    twice = sentence("A0012", "综合受理窗口A01", "yao", 2)
    assert twice.count("请A 零零幺二号到综合受理窗口 A 零幺办理。") == 2
    assert len(sentence("9" * 500, "窗" * 500, "yi")) < NAME_MAX + 40


def phonemes(text: str) -> str:
    """What espeak-ng makes of a text."""
    command = [PROGRAM, "-v", VOICE_NAME, "-x", "-q", text]
    return " ".join(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_the_engine_reads_it_in_mandarin() -> None:
    said = phonemes(sentence("AS0012", "综合受理窗口A01", "yao"))
    assert "(en)" not in said  # no word is taken for an English one
    assert "'ei51_| 'ai35s_| l'i35N_| l'i35N_| j'Au55_| '@r51_|" in said  # A S 零 零 幺 二, with their tones
    assert "ts'ong55_|" in said and "kh'ou21_| 'ei51_| l'i35N_| j'Au55_|" in said  # 综 ... 窗口 A 零 幺


async def test_a_sound_is_speech_and_lasts_as_long(tmp_path: Path) -> None:
    engine = Espeak(150)
    once = await engine.make(sentence("A0012", "综合受理窗口A01", "yi"), tmp_path / "once.wav")
    twice = await engine.make(sentence("A0012", "综合受理窗口A01", "yi", 2), tmp_path / "twice.wav")
    quick = await Espeak(250).make(sentence("A0012", "综合受理窗口A01", "yi"), tmp_path / "quick.wav")
    assert 3 < once < 9 and 1.8 < twice / once < 2.3 and quick < 0.8 * once
    with wave.open(str(tmp_path / "once.wav"), "rb") as sound:
        assert sound.getsampwidth() == 2 and sound.getframerate() >= 16_000
        samples = array.array("h", sound.readframes(sound.getnframes()))
    tenth = len(samples) // 10
    peaks = [max(map(abs, samples[at : at + tenth])) for at in range(0, tenth * 9, tenth)]
    assert all(peak > LOUD for peak in peaks)  # all through, no silence


# -- what waits --------------------------------------------------------------------------------------------------------


def call(number: str, window: str, seq: int = 1) -> Announcement:
    return Announcement(number, window, f"窗口{window}", (1, seq), 0)


def always(_: Announcement) -> bool:
    return True


def drained(waiting: Waiting, holds: Callable[[Announcement], bool] = always) -> list[str]:
    taken = []
    while (one := waiting.take(holds)) is not None:
        taken.append(one.number)
    return taken


def test_calls_wait_in_order_and_the_oldest_gives_way() -> None:
    waiting = Waiting()
    for n in range(WAITING_MAX + 3):
        waiting.put(call(f"A{n}", f"A{n:02d}"))
    assert drained(waiting) == [f"A{n}" for n in range(3, WAITING_MAX + 3)]
    assert waiting.dropped == {"too many": 3}


def test_a_window_is_waited_for_once() -> None:
    waiting = Waiting()
    waiting.put(call("A1", "A01", 1))
    waiting.put(call("A2", "A02", 2))
    waiting.put(call("A1", "A01", 3))  # recalled before it was said
    waiting.put(call("A3", "A02", 4))  # the window calls another: the first is over
    waiting.put(call("A1", "A05", 5))  # the number is called elsewhere
    assert drained(waiting) == ["A3", "A1"]
    assert waiting.dropped == {"said once for two": 1, "called elsewhere": 2}


def test_what_no_longer_holds_is_passed_over() -> None:
    waiting = Waiting()
    for n in range(4):
        waiting.put(call(f"A{n}", f"A{n:02d}"))
    assert drained(waiting, lambda one: one.number in ("A1", "A3")) == ["A1", "A3"]
    assert waiting.dropped == {"over": 2}


def test_the_newest_sounds_are_kept(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "voice")
    for seq in range(KEPT_MAX + 5):
        kept.part().write_bytes(b"x")
        kept.keep(call(f"../A{seq}", "A01", seq))
    assert len(kept.files()) == KEPT_MAX and len(list((tmp_path / "voice").iterdir())) == KEPT_MAX
    assert [file.name.split("-")[2] for file in kept.files()][-2:] == [f"A{KEPT_MAX + 3}.wav", f"A{KEPT_MAX + 4}.wav"]


# -- programs ----------------------------------------------------------------------------------------------------------


def script(file: Path, text: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(text)
    new.chmod(0o755)
    new.replace(file)
    return file


def running(word: str) -> list[str]:
    """Processes of this machine with a word in their command line."""
    found = subprocess.run(
        ["pgrep", "-f", word], capture_output=True, text=True, check=False
    )  # pgrep leaves itself out
    return found.stdout.split()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("#!/bin/sh\nsh -c 'sleep 100; true' $1 & wait\n", "engine_slow"),
        ("#!/bin/sh\nexit 3\n", "engine_failed"),
        ("", "no_engine"),
    ],
)
async def test_a_program_that_fails_is_named_and_gone(tmp_path: Path, text: str, word: str) -> None:
    program = script(tmp_path / "engine", text) if text else tmp_path / "none"
    began = time.monotonic()
    with pytest.raises(programs.Failed) as failed:
        await programs.run([str(program), str(tmp_path)], "x" * 100_000, 0.3, "engine")
    assert failed.value.word == word and time.monotonic() - began < 20.0
    await until(lambda: running(str(tmp_path)) == [], what="whatever it started is gone")


# -- in the hall -------------------------------------------------------------------------------------------------------


def speaking(folder: Path, **voice: object) -> Plan:
    """The small hall with a player that notes what it is given, when it begins and when it ends."""
    plan, replace = small(guard_s=0, no_show_after_s=0), msgspec.structs.replace
    player = f"{script(folder / 'player', PLAYER)} {folder / 'played'}"
    (folder / "played").touch()
    changed = {"output": "player", "player": player} | voice
    halls = {name: replace(one, voice=replace(one.voice, **changed)) for name, one in plan.halls.items()}
    return replace(plan, halls=halls)


def played(folder: Path) -> list[tuple[str, str]]:
    """(begin or end, number) of everything the player was given."""
    lines = [line.split() for line in (folder / "played").read_text().splitlines()]
    return [(what, Path(file).stem.split("-")[-1]) for what, file in lines]


def whole(*numbers: str) -> list[tuple[str, str]]:
    return [(what, number) for number in numbers for what in ("begin", "end")]


async def at(hall: WindowHall, window: str, command: type[c.Command]) -> None:
    await hall.ask(f"soft-{window}", command(window=window), Role.WINDOW)  # type: ignore[call-arg]


async def test_calls_are_said_in_order_whole_and_once(a_broker: Mosquitto, tmp_path: Path) -> None:
    far = tmp_path / "far"
    far.mkdir()
    async with a_hall(a_broker, tmp_path, speaking(far)) as hall:
        await hall.start("controller", "displays")
        await hall.stands(ROOM, VOICE, "up")
        await hall.issue(times=3)
        for window in ("A01", "A02", "A03"):
            await at(hall, window, c.CallNext)
        await at(hall, "A02", c.StartService)  # has come before the voice got there
        await until(lambda: played(far) == whole("A0001", "A0003"), what="two calls said")
        await at(hall, "A01", c.Recall)
        await until(lambda: played(far) == whole("A0001", "A0003", "A0001"), what="the recall said")
        sounds = sorted((hall.var / "voice" / "A").glob("*.wav"))
        assert len(sounds) == 3 and all(3 < seconds_of(file) < 9 for file in sounds)
        await _nothing_old(hall, far)


def seconds_of(file: Path) -> float:
    with wave.open(str(file), "rb") as sound:
        return sound.getnframes() / sound.getframerate()


async def _nothing_old(hall: WindowHall, far: Path) -> None:
    """Neither after a restart, nor from yesterday, nor from a controller that was replaced."""
    before = played(far)
    await hall.room("displays").stop()
    await hall.start("displays")
    await hall.stands(ROOM, VOICE, "up")
    last = next(one for one in reversed(hall.events) if type(one.event).__name__ == "TicketRecalled")
    now = hall.clock.now()
    for number, epoch, seq, when in (
        ("A0661", last.epoch, last.seq + 50, now - 31_000),
        ("A0662", last.epoch - 1, last.seq + 60, now),
        ("A0663", last.epoch, last.seq + 70, now),  # the good one
        ("A0664", last.epoch, last.seq + 65, now),  # what came before it
    ):
        event = TicketCalled(number, "A04", CallReason(Rule.OWN))
        told = Recorded(
            1, f"{SITE}/A/{seq}", SITE, "A", seq, epoch, "2026-11-23", when, when, "x", c.Principal("x"), "", event
        )
        await hall.link.say(topics.evt(SITE, "A", "TicketCalled"), codec.encode(told))
    await until(lambda: played(far)[len(before) :] == whole("A0663"), what="only the good one said")
    assert played(far) == [*before, *whole("A0663")]


async def test_a_hung_engine_delays_nothing_and_is_found_well_again(
    a_broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, far = shutil.which("espeak-ng"), tmp_path / "far"
    engine = script(far / "espeak-ng", "#!/bin/sh\nsleep 1000\n")
    monkeypatch.setenv("PATH", f"{far}{os.pathsep}{os.environ['PATH']}")
    async with a_hall(a_broker, tmp_path, speaking(far)) as hall:
        await hall.start("controller", "displays")
        await hall.lit("A01", "综合受理窗口A01", "欢迎光临")
        await hall.issue(times=3)
        await at(hall, "A01", c.CallNext)
        await hall.lit("A01", "综合受理窗口A01", "请A0001号", most_s=LIT_S)
        await hall.stands(ROOM, VOICE, "down", "engine_slow", most_s=5.0)
        await at(hall, "A02", c.CallNext)
        await hall.lit("A02", "综合受理窗口A02", "请A0002号", most_s=LIT_S)
        script(engine, f'#!/bin/sh\nexec {real} "$@"\n')
        await hall.stands(ROOM, VOICE, "up", most_s=WELL_S)
        await until(lambda: played(far)[-2:] == whole("A0002"), what="those still called are said")
        script(engine, "#!/bin/sh\nkill -9 $$\n")
        await at(hall, "A03", c.CallNext)
        await hall.lit("A03", "综合受理窗口A03", "请A0003号", most_s=LIT_S)
        await hall.stands(ROOM, VOICE, "down", "engine_failed")
        assert played(far) == whole("A0001", "A0002")
        await until(lambda: VOICE in hall.alarms(), 5.0, "a supervisor is told")


async def test_a_demonstration_without_the_engine_is_off_and_nobody_is_alarmed(
    a_broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    async with a_hall(a_broker, tmp_path, speaking(tmp_path / "far", output="file")) as hall:
        await hall.start("controller", "displays")
        await hall.stands(ROOM, VOICE, "off")
        here = hall.here(ROOM)
        assert here is not None and here.devices[VOICE].detail == "espeak-ng is not installed"
        await hall.issue()
        await at(hall, "A01", c.CallNext)
        await hall.lit("A01", "综合受理窗口A01", "请A0001号", most_s=LIT_S)
        assert VOICE not in hall.alarms() and not list((hall.var / "voice").glob("*/*.wav"))


async def test_a_file_is_made_for_whoever_plays_it(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_hall(a_broker, tmp_path, speaking(tmp_path / "far", output="file", words_per_min=260)) as hall:
        await hall.start("controller", "displays")
        await hall.stands(ROOM, VOICE, "up")
        await hall.issue()
        await at(hall, "A01", c.CallNext)
        await until(lambda: list((hall.var / "voice" / "A").glob("*-A0001.wav")), what="the file")
        await hall.room("displays").stop()
        assert hall.room("displays").code != -9, "a sound in progress holds nobody"
