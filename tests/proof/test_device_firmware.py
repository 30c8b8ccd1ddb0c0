"""The devices' firmware: ESPHome takes every file, and what a keypad and a panel think is what our words say.

ESPHome configures and generates; it compiles for a chip with a tool chain from the internet, which no test has. What
thinks is therefore plain C++ (onewindow.h), compiled here and held against our own codec.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from enrolled import Enrolled
from firmware import Pad, a_pad
from kiosks import kaiyang
from sample_plans import compiled, sample

from cli.firmware.principals import ANSWERS
from hall import codec
from hall import commands as c
from hall.names import Role
from hall.views import DeviceHere

HOUSE = Path(__file__).resolve().parents[2]
COMMON = HOUSE / "firmware-configs/esphome/common"
ESPHOME = HOUSE / ".venv-esphome/bin"
NOW = 1_795_395_600_000  # 2026-11-23 in the morning
SAID_NOTHING, SAID_DONE, SAID_REFUSED = 0, 1, 2


# -- before the real tool --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def devices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed devices with the secrets of an enrolment, as install.md lays them out."""
    assert (ESPHOME / "esphome").exists(), "ESPHome is not there: make proof puts it into .venv-esphome"
    folder = tmp_path_factory.mktemp("esphome")
    enrolled = Enrolled(kaiyang(), folder / "hall")
    shutil.copytree(COMMON.parent, folder / "devices")
    shutil.copy(enrolled.secret / "secrets.yaml", folder / "devices")
    return folder / "devices"


def _run(devices: Path, *command: str, most_s: float) -> str:
    done = subprocess.run(
        [str(ESPHOME / command[0]), *command[1:]],
        cwd=devices,
        capture_output=True,
        text=True,
        timeout=most_s,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.mark.timeout(600)
def test_esphome_takes_every_file(devices: Path) -> None:
    files = sorted(path.name for path in devices.glob("*-*.yaml"))
    assert len(files) == 2 * 63
    said = _run(devices, "python", str(Path(__file__).with_name("esphome_many.py")), *files, most_s=580)
    assert f"{len(files)} of {len(files)} files pass" in said


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["small", "threetowns"])
def test_esphome_takes_other_plans_too(name: str, tmp_path: Path) -> None:
    """One panel and one keypad of each hall: the rest differ by their names."""
    plan = compiled(sample(name)).plan
    assert plan is not None
    enrolled = Enrolled(plan, tmp_path / "hall")
    folder = enrolled.files / "esphome"
    shutil.copy(enrolled.secret / "secrets.yaml", folder)
    firsts = [next(iter(hall.windows)) for hall in plan.halls.values()]
    files = [f"{what}-{window}.yaml" for window in firsts for what in ("panel", "keypad")]
    said = _run(folder, "python", str(Path(__file__).with_name("esphome_many.py")), *files, most_s=280)
    assert f"{len(files)} of {len(files)} files pass" in said


def test_a_file_that_is_wrong_does_not_pass(devices: Path, tmp_path: Path) -> None:
    shutil.copytree(devices, tmp_path / "devices")
    wrong = tmp_path / "devices/panel-A01.yaml"
    wrong.write_text(wrong.read_text().replace('modules_wide: "2"', "modules_wide: many"))
    command = [str(ESPHOME / "python"), str(Path(__file__).with_name("esphome_many.py")), "panel-A01.yaml"]
    done = subprocess.run(command, cwd=wrong.parent, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "panel-A01.yaml: exit code" in done.stdout


def _generated(devices: Path, name: str) -> str:
    _run(devices, "esphome", "compile", "--only-generate", f"{name}.yaml", most_s=100)
    return (devices / f".esphome/build/esp-{name.lower()}/src/main.cpp").read_text(encoding="utf-8")


def _code(main: str) -> str:
    """Without the comments, in which ESPHome repeats the configuration."""
    return "\n".join(line for line in main.splitlines() if not line.lstrip().startswith("//"))


def test_a_panel_becomes_a_program(devices: Path) -> None:
    code = _code(_generated(devices, "panel-A01"))
    before, after = code.split('#include "onewindow.h"')
    assert "onewindow::" not in before, "ESPHome would name our types before it has read them"
    assert '"kaiyang/A/now/panels/A01", 1' in after
    assert '"esp-panel-A01"' in after
    glyphs = {
        int(code) for code in re.findall(r"\{(\d+), \(uint8_t_id \+ \d+\), (?:8|16), 0, 0, (?:8|16), 16\}", after)
    }
    assert glyphs >= {ord(character) for character in "综合受理窗口A01请A0001号暂停服务欢迎光临未开放"}
    assert "disable_birth_message()" in after
    assert re.search(r'set_last_will\(.*"kaiyang/A/here/esp-panel-A01"', after, re.DOTALL)


def test_the_font_in_the_program_is_the_font(devices: Path) -> None:
    """ESPHome renders fonts by a library of its own: every dot of 号 comes out as it went in."""
    code = _code(_generated(devices, "panel-A02"))
    rows = re.search(r"uint8_t_id\[\d*\] PROGMEM = \{(.*?)\};", code, re.DOTALL)
    place = re.search(rf"\{{{ord('号')}, \(uint8_t_id \+ (\d+)\)", code)
    assert rows is not None and place is not None
    dots = [int(word, 16) for word in rows[1].replace("\n", " ").split(",") if word.strip()]
    bdf = (COMMON.parent / "fonts/panel.bdf").read_text()
    wanted = bdf.split(f"ENCODING {ord('号')}\n")[1].split("BITMAP\n")[1].split("ENDCHAR")[0].split()
    begin = int(place[1])
    assert [f"{dots[begin + 2 * row]:02X}{dots[begin + 2 * row + 1]:02X}" for row in range(16)] == wanted


def test_a_keypad_becomes_a_program(devices: Path) -> None:
    code = _code(_generated(devices, "keypad-B40"))
    before, after = code.split('#include "onewindow.h"')
    assert "onewindow::" not in before
    assert '"kaiyang/B/now/windows/B40", 1' in after
    assert '"kaiyang/B/evt/+", 1' in after
    assert '"kaiyang/B/cmd/esp-keypad-B40/"' in after
    assert 'begin("esp-keypad-B40", "B", "B40"' in after


# -- what a keypad thinks --------------------------------------------------------------------------------------------


@pytest.fixture
def pad(tmp_path: Path) -> Iterator[Pad]:
    with a_pad(COMMON, tmp_path / "pad", "esp-keypad-A01", "A", "A01") as one:
        one.ask("stands", "open", "serving")
        yield one


def _letter(pad: Pad, key: str, tick: int, now: int = NOW) -> c.Letter:
    """Press a key that asks; the letter as the controller reads it."""
    what, text = pad.press(key, now, tick)
    letter = codec.letter(text.encode())
    assert type(letter.command).__name__ == what
    assert (letter.hall, letter.by.device, letter.at, letter.expires) == ("A", "esp-keypad-A01", now, now + 5000)
    return letter


def _answered(pad: Pad, letter: c.Letter, what: str = "TicketCalled") -> None:
    assert pad.ask("heard", letter.id, what) == (SAID_REFUSED if what == "CommandRefused" else SAID_DONE)


@pytest.mark.parametrize(
    ("digits", "key", "command", "role"),
    [
        ("", "A", c.CallNext("A01"), Role.WINDOW),
        ("0012", "A", c.CallNumber("A01", "0012"), Role.WINDOW),
        ("", "B", c.Recall("A01"), Role.WINDOW),
        ("", "C", c.FinishService("A01"), Role.WINDOW),
        ("", "D", c.MarkNoShow("A01"), Role.WINDOW),
        ("", "*", c.PauseWindow("A01"), Role.WINDOW),
        ("1001", "#", c.LogIn("1001", "A01"), Role.DEVICE),
        ("0", "#", c.LogOut("A01"), Role.WINDOW),
    ],
)
def test_every_key_says_its_word(pad: Pad, digits: str, key: str, command: c.Command, role: Role) -> None:
    for at, digit in enumerate(digits):
        assert not pad.ask("press", digit, NOW, 1000 * at)["asks"]
    letter = _letter(pad, key, 9000)
    assert letter.command == command
    assert letter.by.role is role and letter.by.staff == ""


def test_a_key_means_what_the_window_is_at(pad: Pad) -> None:
    pad.ask("stands", "open", "called")
    letter = _letter(pad, "C", 1000)
    assert letter.command == c.StartService("A01")
    _answered(pad, letter)
    pad.ask("stands", "paused", "null")
    assert _letter(pad, "*", 3000).command == c.OpenWindow("A01")


def test_ids_are_new_each_time_and_name_mac_and_boot(pad: Pad) -> None:
    ids = []
    for at in range(5):
        letter = _letter(pad, "A", 1000 * (at + 1))
        _answered(pad, letter)
        ids.append(letter.id)
    assert ids == [f"a0b1c2d3e4f5-00c0ffee-{n}" for n in range(1, 6)]


def test_a_bounce_or_a_stuck_key_asks_once(pad: Pad) -> None:
    letter = _letter(pad, "A", 1000)
    _answered(pad, letter)
    for tick in range(1050, 6000, 350):  # a stuck key repeats itself, each time soon after the last
        assert pad.ask("press", "A", NOW, tick) == {
            "asks": 0,
            "unclear": 0,
            "what": "CallNext",
            "letter": pad_text(letter),
        }
    assert pad.ask("press", "A", NOW, 9000)["asks"]


def pad_text(letter: c.Letter) -> str:
    """The letter as the keypad wrote it."""
    body = {"what": "CallNext", "window": "A01"}
    by = {"device": letter.by.device, "role": letter.by.role.value}
    return json.dumps(
        {"id": letter.id, "hall": "A", "by": by, "at": letter.at, "command": body, "expires": letter.expires},
        separators=(",", ":"),
    )


def test_one_question_at_a_time_and_the_same_again_each_second(pad: Pad) -> None:
    first = _letter(pad, "A", 1000)
    busy = pad.ask("press", "B", NOW, 1500)
    assert not busy["asks"] and busy["unclear"], "the person hears that the key was not taken"
    assert [pad.ask("again", tick)["again"] for tick in (1500, 1999, 2000, 2100, 3000, 4000)] == [0, 0, 1, 0, 1, 1]
    assert json.loads(busy["letter"])["id"] == first.id, "said again is the same letter"
    assert pad.ask("heard", "somebody-else", "TicketCalled") == SAID_NOTHING
    _answered(pad, first)
    assert pad.ask("heard", first.id, "TicketCalled") == SAID_NOTHING, "an answer counts once"
    assert pad.ask("again", 5000) == {"again": 0, "gave_up": 0}


def test_who_is_refused_or_not_answered_is_told(pad: Pad) -> None:
    _answered(pad, _letter(pad, "A", 1000), "CommandRefused")
    late = _letter(pad, "A", 10_000)
    assert pad.ask("again", 14_999)["gave_up"] == 0
    assert pad.ask("again", 15_000) == {"again": 0, "gave_up": 1}
    assert pad.ask("again", 15_100) == {"again": 0, "gave_up": 0}
    assert pad.ask("heard", late.id, "TicketCalled") == SAID_NOTHING
    assert _letter(pad, "A", 16_000).id != late.id


def test_a_keypad_that_does_not_know_the_time_does_not_ask(pad: Pad) -> None:
    said = pad.ask("press", "A", 0, 1000)
    assert not said["asks"] and said["unclear"]
    assert _letter(pad, "A", 3000).command == c.CallNext("A01")


def test_digits_without_a_meaning_ask_nothing(pad: Pad) -> None:
    for keys in ("12#", "12345#", "#", "1B", "1D", "00#"):
        for at, key in enumerate(keys):
            said = pad.ask("press", key, NOW, 100_000 + 1000 * at)
        assert not said["asks"] and said["unclear"], keys
    for at, key in enumerate("12*"):
        said = pad.ask("press", key, NOW, 200_000 + 1000 * at)
    assert not said["asks"] and not said["unclear"], "* takes the digits back"
    assert _letter(pad, "A", 300_000).command == c.CallNext("A01")


def test_the_tick_may_run_over(pad: Pad) -> None:
    """millis() begins anew after 49 days."""
    letter = _letter(pad, "A", 2**32 - 500)
    assert pad.ask("again", 499)["again"] == 0
    assert pad.ask("again", 500)["again"] == 1
    _answered(pad, letter)


def test_no_answer_is_forgotten_by_the_access_list() -> None:
    """Each command a keypad can say is answered by an event the broker lets through to it."""
    chosen = re.findall(r'\? "(\w+)" : "(\w+)", "", "window"', _header())
    words = {*re.findall(r'ask\("(\w+)"', _header()), *(word for pair in chosen for word in pair)}
    answers = {
        "CallNext": "TicketCalled", "CallNumber": "TicketCalled", "Recall": "TicketRecalled",
        "StartService": "ServiceStarted", "FinishService": "ServiceFinished", "MarkNoShow": "TicketNoShow",
        "PauseWindow": "WindowPaused", "OpenWindow": "WindowOpened",
        "LogIn": "StaffLoggedIn", "LogOut": "StaffLoggedOut",
    }  # fmt: skip
    assert words == set(answers)
    assert {*answers.values(), "CommandRefused"} == set(ANSWERS)


def _header() -> str:
    return (COMMON / "onewindow.h").read_text(encoding="utf-8")


# -- what a panel thinks ---------------------------------------------------------------------------------------------


def test_an_older_view_is_not_shown(pad: Pad) -> None:
    newer = [pad.ask("newer", *pair) for pair in ((5, 10), (5, 11), (5, 11), (5, 10), (4, 99), (6, 1), (5, 99), (6, 2))]
    assert newer == [1, 1, 1, 0, 0, 1, 0, 1]


@pytest.mark.parametrize(
    ("text", "wide"), [("综合受理窗口A01", 120), ("请A0001号", 72), ("A", 8), ("é", 16), ("龘", 16), ("請 a", 32)]
)
def test_a_line_stands_in_the_middle_and_a_long_one_runs(pad: Pad, text: str, wide: int) -> None:
    said = pad.ask("left", 128, 0, text)
    assert (said["wide"], said["left"]) == (wide, (128 - wide) // 2)
    runs = [pad.ask("left", 64, tick, "综合受理窗口A01")["left"] for tick in range(0, 30 * 184, 30)]
    assert runs == list(range(64, -120, -1))
    assert pad.ask("left", 64, 30 * 184, "综合受理窗口A01")["left"] == 64


def test_the_number_flashes_and_the_name_never(pad: Pad) -> None:
    assert [pad.ask("left", 128, tick, "请A0001号")["dark"] for tick in (0, 499, 500, 999, 1000)] == [
        [0, 0], [0, 0], [0, 1], [0, 1], [0, 0],
    ]  # fmt: skip


def test_presence_is_what_our_codec_reads(pad: Pad) -> None:
    here = codec.here(json.dumps(pad.ask("here", NOW, "panel-A01")).encode())
    assert here.up and here.at == NOW and here.boot == "00c0ffee"
    assert here.devices == {"panel-A01": DeviceHere(state="up")}
    will = re.search(r"payload: '(\{.*\})'", (COMMON / "device.yaml").read_text())
    assert will is not None
    gone = codec.here(will[1].encode())
    assert not gone.up and gone.devices == {}
