"""The installation files: the committed tree is what the plan gives, every plan gives one, and no secret is in it."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from pathlib import Path

import msgspec
import pytest
from sample_plans import SAMPLES, compiled, sample

from cli import doors
from cli.firmware import MANIFEST, files
from cli.firmware.glyphs import ASCII, bdf, font, needed
from cli.firmware.principals import ANSWERS, principals
from cli.firmware.writing import NotOurs
from cli.reading import dot_font
from hall import events, topics, views
from hall.faults import PlanError
from hall.names import Role
from hall.plan.model import Broker, Plan
from simulators import fonts
from transport.link import matches

HOUSE = Path(__file__).resolve().parents[2]
TREE = HOUSE / "firmware-configs"


@cache
def plan(name: str) -> Plan:
    found = compiled(sample(name)).plan
    assert found is not None
    return found


@cache
def written(name: str) -> dict[str, str]:
    return files(plan(name), dot_font())


def test_the_committed_tree_is_what_the_kaiyang_plan_gives() -> None:
    there = {path.relative_to(TREE).as_posix() for path in TREE.rglob("*") if path.is_file()}
    given = written("kaiyang")
    assert there == given.keys(), "write it anew: hall firmware halls/kaiyang.toml --out firmware-configs"
    assert not [name for name, text in given.items() if (TREE / name).read_text(encoding="utf-8") != text]


@pytest.mark.parametrize("name", [path.stem for path in SAMPLES])
def test_every_plan_gives_a_whole_tree(name: str) -> None:
    found, of = written(name), plan(name)
    windows = [window for hall in of.halls.values() for window in hall.windows]
    assert {f"esphome/{what}-{window}.yaml" for window in windows for what in ("panel", "keypad")} <= found.keys()
    assert not [path for path, text in found.items() if "@{" in text or not text.endswith("\n")]
    for hall in of.halls.values():
        for kiosk in hall.kiosks.values():
            policy = json.loads(found[f"kiosk/policy-{kiosk.id}.json"])
            assert {"*", "chrome://*"} <= set(policy["URLBlocklist"])  # the star alone leaves chrome://version open
            assert policy["URLAllowlist"] == [f"http://{kiosk.host}:{kiosk.port}"]


def test_no_secret_is_written() -> None:
    for path, text in written("kaiyang").items():
        assert not re.search(r"BEGIN [A-Z ]*PRIVATE KEY|password: \"?[0-9a-f]{16}", text), path


@pytest.mark.parametrize("path", sorted(name for name in written("small") if name.endswith(".sh")))
def test_the_scripts_can_be_read_by_a_shell(path: str) -> None:
    subprocess.run(["sh", "-n", str(TREE / path)], check=True)


def test_what_install_md_names_is_there() -> None:
    """On the page itself, and in the scripts it lets a person run."""
    found = written("kaiyang")
    text = "".join(text for name, text in found.items() if name == "install.md" or name.endswith("install.sh"))
    text = text.replace("$machine", "A-K1").replace("$room", "staff-A")
    rooms = r"(?<![/\w])(?:broker|systemd|kiosk|esphome|server|proxy)/[\w.-]+\.[a-z]+"
    named = set(re.findall(rooms, text)) - {"broker/ca.crt", "server/enabled.new"}
    assert len(named) > 20
    assert not [name for name in named if name not in found]


# -- the access list -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [path.stem for path in SAMPLES])
def test_nobody_of_one_hall_reaches_another(name: str) -> None:
    of = plan(name)
    for one in principals(of):
        halls = {topic.split("/")[1] for topic in (*one.hears, *one.says)}
        assert len(halls) == 1 or one.name.startswith("console-")
        assert all(topic.startswith(f"{of.site.id}/") for topic in (*one.hears, *one.says))


def test_names_and_secrets_are_each_ones_own() -> None:
    names = [one.name for one in principals(plan("kaiyang"))]
    assert len(names) == len(set(names)) == 2 + 2 + 2 + 2 + 5 + 2 * 63 + 2
    supervisors = sum(staff.role is Role.SUPERVISOR for staff in plan("kaiyang").staff.values())
    assert sum(name.startswith("console-") for name in names) == supervisors


def test_only_the_controller_says_how_things_stand_and_what_happened() -> None:
    for one in principals(plan("kaiyang")):
        families = {topics.parts(topic.replace("+", "x").replace("#", "x")) for topic in one.says}
        said = {parts.family for parts in families if parts is not None}
        assert said <= ({"evt", "now", "here"} if one.name.startswith("controller-") else {"cmd", "here"})


def test_everybody_speaks_in_the_own_name_alone() -> None:
    """The staff's pages speak for the soft callers of their hall's windows besides."""
    windows = {hall.id: hall.windows for hall in plan("kaiyang").halls.values()}
    for one in principals(plan("kaiyang")):
        for topic in one.says:
            parts = topics.parts(topic)
            assert parts is not None
            if parts.family in ("cmd", "here"):
                soft = one.name.startswith("staff-") and parts.rest[0].removeprefix("soft-")
                assert parts.rest[0] in (one.name, one.name.rpartition("-")[0]) or soft in windows[parts.hall]


def test_only_a_machine_itself_and_a_supervisor_hear_of_its_slips() -> None:
    hears = {
        one.name
        for one in principals(plan("kaiyang"))
        for topic in one.hears
        if matches(topic, "kaiyang/A/now/jobs/A-K1")
    }
    assert hears == {"kiosk-A-K1", "console-1", "console-2"}


def test_the_answers_a_keypad_waits_for_are_events() -> None:
    assert not [what for what in ANSWERS if not issubclass(getattr(events, what), events.Event)]


def test_the_panel_firmware_reads_fields_the_view_has() -> None:
    read = set(re.findall(r'x\["(\w+)"\]', written("kaiyang")["esphome/common/panel.yaml"]))
    assert read <= set(views.PanelView.__struct_fields__)
    read = set(re.findall(r'x\["(\w+)"\]', written("kaiyang")["esphome/common/keypad.yaml"]))
    assert read - {"cause", "event"} <= set(views.WindowView.__struct_fields__)
    assert {"cause", "event"} <= set(events.Recorded.__struct_fields__)


def test_a_plan_with_tls_has_no_plain_listener() -> None:
    secure = Broker(
        kind="external", host="hall.lan", port=8884, user="", password_file="broker/logins", ca_file="ca.crt"
    )
    text = files(msgspec.structs.replace(plan("small"), broker=secure), dot_font())["broker/mosquitto.conf"]
    assert re.findall(r"^listener (.*)$", text, re.MULTILINE) == ["8884"]
    beside = msgspec.structs.replace(secure, host="127.0.0.1", port=1884, ca_file="")
    text = files(msgspec.structs.replace(plan("small"), broker=beside), dot_font())["broker/mosquitto.conf"]
    assert re.findall(r"^listener (.*)$", text, re.MULTILINE) == ["8883", "1884 127.0.0.1"]


def test_a_hall_that_plays_aloud_may_open_its_sound_card_and_no_other_hall() -> None:
    of, replace = plan("kaiyang"), msgspec.structs.replace
    aloud = replace(of.halls["A"], voice=replace(of.halls["A"].voice, output="player"))
    found = files(replace(of, halls=of.halls | {"A": aloud}), dot_font())
    unit = found["systemd/onewindow-displays-A.service"]
    assert "SupplementaryGroups=audio\nDevicePolicy=closed\nDeviceAllow=char-alsa rw\n" in unit
    assert "PrivateUsers=no\n" in unit and "PrivateDevices" not in unit
    assert "PrivateDevices=yes\n" in found["systemd/onewindow-displays-B.service"]


# -- the font --------------------------------------------------------------------------------------------------------


def test_the_font_has_what_the_panels_show_dot_for_dot() -> None:
    lines = written("kaiyang")["esphome/fonts/panel.bdf"].splitlines()
    glyphs: dict[str, list[str]] = {}
    for at, line in enumerate(lines):
        if line.startswith("ENCODING "):
            begin = lines.index("BITMAP", at) + 1
            glyphs[chr(int(line.split()[1]))] = lines[begin : begin + 16]
    assert set(glyphs) == set(needed(plan("kaiyang"))) >= set(ASCII + "综合受理窗口请号欢迎光临暂停服务未开放")
    for character, rows in glyphs.items():
        wanted = fonts.glyph(character)
        assert tuple(int(row, 16) for row in rows) == wanted.rows
        assert {len(row) * 4 for row in rows} == {wanted.width}
    assert f"CHARS {len(glyphs)}" in lines
    asked = re.findall(r'^      - "(.*)"$', written("kaiyang")["esphome/common/font.yaml"], re.MULTILINE)
    assert {re.sub(r"\\(.)", r"\1", character) for character in asked} == set(glyphs)


def test_more_characters_for_renamed_windows() -> None:
    assert set("应急") <= set(needed(plan("small"), "应急"))
    assert not set("应急") & set(needed(plan("small")))


def test_a_character_the_font_has_not_is_named() -> None:
    with pytest.raises(PlanError, match="😀"):
        bdf(font("0041:" + "00" * 16, ""), "A😀")


# -- writing ---------------------------------------------------------------------------------------------------------


def test_writing_again_takes_away_what_the_plan_lost_and_keeps_the_secrets(tmp_path: Path) -> None:
    out = tmp_path / "files"
    doors.write_firmware(HOUSE / "halls/kaiyang.toml", out, "")
    (out / "esphome/secrets.yaml").write_text("mine")
    said = doors.write_firmware(HOUSE / "halls/small.toml", out, "")
    assert "install.md" in said
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert there == {*written("small"), "esphome/secrets.yaml"}
    assert set((out / MANIFEST).read_text().split()) | {MANIFEST} == set(written("small"))


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear")
    with pytest.raises(NotOurs, match="not empty"):
        doors.write_firmware(HOUSE / "halls/small.toml", tmp_path, "")
    assert [path.name for path in tmp_path.iterdir()] == ["letter"]


def test_a_manifest_leads_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "treasure").write_text("gold")
    (tmp_path / "out" / MANIFEST).write_text("../treasure\n")
    doors.write_firmware(HOUSE / "halls/small.toml", tmp_path / "out", "")
    assert (tmp_path / "treasure").exists()


@pytest.mark.parametrize(
    "name", ["<b>", '"; reboot; "', "a\\b", "$(reboot)", "${who}", "a\nuser console-1", "\x1b[31m", "\u202eabc", "@{x}"]
)
def test_names_of_windows_are_inert_in_every_file(name: str) -> None:
    """What a plan may call a window ends in comments and in glyphs, never in a line of its own."""
    of = plan("small")
    hall = of.halls["S"]
    windows = {key: msgspec.structs.replace(window, name=f"窗口{name}") for key, window in hall.windows.items()}
    odd = msgspec.structs.replace(of, halls={"S": msgspec.structs.replace(hall, windows=windows)})
    plain, strange = written("small"), files(odd, dot_font())
    for path in ("broker/acl", "esphome/panel-S01.yaml", "esphome/keypad-S01.yaml"):
        kept = [
            [line for line in text.splitlines() if not line.startswith("#")] for text in (plain[path], strange[path])
        ]
        assert kept[0] == kept[1]
