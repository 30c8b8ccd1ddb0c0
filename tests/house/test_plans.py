"""Every sample plan compiles without a word of complaint, and Kaiyang is the hall of the document."""

from __future__ import annotations

import msgspec
import pytest
from sample_plans import HALLS, SAMPLES, compiled, sample, the_house

from hall.names import StaffKind
from hall.plan import Plan, from_json, load, model, plan_hash, to_json
from hall.plan.lines import parse_line
from hall.plan.settings import TABLES
from hall.plan.settings.page import page
from hall.plan.tables import rows, tables

UNITS_OF = {
    ("A01-A08", "general"),
    ("A09-A12", "tax"),
    ("A13", "real-estate"),
    ("A14", "fund"),
    ("A15", "tobacco"),
    ("B01-B12", "general"),
    ("B13-B15", "police"),
    ("B16-B17", "traffic"),
    ("B18-B21", "real-estate"),
    ("B22-B24", "fund"),
    ("B25-B26", "marriage"),
    ("B27", "notary"),
    ("B28", "legal-aid"),
    ("B29-B31", "tax"),
    ("B32-B35", "water power gas"),
    ("B36", "broadcasting"),
    ("B37", "telecom"),
    ("B38-B39", "bus-card"),
    ("B40", "post"),
    ("T01", "complaint"),
    ("Z01", "certificate"),
    ("X01-X06", "consulting"),
}
RESTRICTED = {"marriage", "notary", "legal-aid", "tax", "police", "traffic", "real-estate", "fund"}


@pytest.fixture(scope="module")
def kaiyang() -> Plan:
    return load(sample("kaiyang"), "halls/kaiyang.toml", the_house())


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_a_sample_plan_has_no_problem(file):
    found = compiled(file.read_text(encoding="utf-8"))
    assert found.problems == ()
    assert found.plan is not None
    assert from_json(to_json(found.plan)) == found.plan
    assert all(len(sheet.heads) == len(row) for sheet in rows(found.plan) for row in sheet.rows)
    assert all(window in tables(found.plan) for hall in found.plan.halls.values() for window in hall.windows)


def test_kaiyang_has_55_windows_named_as_the_document_names_them(kaiyang):
    windows = [w for hall in kaiyang.halls.values() for w in hall.windows.values() if w.kind == "window"]
    ids = [f"A{n:02}" for n in range(1, 16)] + [f"B{n:02}" for n in range(1, 41)]
    assert [window.id for window in windows] == ids
    assert [window.name for window in windows] == [f"综合受理窗口{name}" for name in ids]


def test_kaiyang_seats_its_units_where_the_issue_does(kaiyang):
    expected = {}
    for span, units in UNITS_OF:
        first, _, last = span.partition("-")
        for number in range(int(first[1:]), int((last or first)[1:]) + 1):
            expected[f"{first[0]}{number:02}"] = units
    found = {w.id: " ".join(w.units) for hall in kaiyang.halls.values() for w in hall.windows.values()}
    assert found == expected
    assert {w.policy for h in kaiyang.halls.values() for w in h.windows.values() if "general" in w.units} == {
        "large_cycle"
    }


def test_kaiyang_has_two_and_three_machines_and_eight_points(kaiyang):
    assert [(hall.id, len(hall.kiosks)) for hall in kaiyang.halls.values()] == [("A", 2), ("B", 3)]
    points = [w for hall in kaiyang.halls.values() for w in hall.windows.values() if w.kind == "point"]
    assert [w.id for w in points] == ["T01", "Z01", "X01", "X02", "X03", "X04", "X05", "X06"]
    assert all(not w.name.startswith("综合受理窗口") for w in points)


def test_kaiyang_keeps_qualified_units_to_themselves(kaiyang):
    units = {unit.id: unit for hall in kaiyang.halls.values() for unit in hall.units.values()}
    assert {name for name, unit in units.items() if unit.restricted} == RESTRICTED
    assert all(w.helps == () for hall in kaiyang.halls.values() for w in hall.windows.values())


def test_kaiyangs_menu_shows_only_what_a_hall_has(kaiyang):
    help_a = [entry.name for entry in kaiyang.halls["A"].entries if entry.button == "help"]
    assert help_a == ["税务服务", "不动产登记", "公积金", "烟草专卖"]
    hall_b = kaiyang.halls["B"].entries
    assert [entry.name for entry in hall_b if entry.page == "points"] == ["投诉处理", "综合出证", "咨询服务"]
    assert [entry.queue for entry in hall_b if entry.button == "now"] == ["large"]
    assert len([entry for entry in hall_b if entry.button == "help" and entry.page == "main"]) == 13


def test_kaiyangs_small_cycle_is_staffed_nine_to_one(kaiyang):
    small = [
        kaiyang.staff[w.staff].kind
        for hall in kaiyang.halls.values()
        for w in hall.windows.values()
        if w.kind == "window" and w.policy == "small_cycle"
    ]
    assert len(small) == 35
    assert small.count(StaffKind.INTEGRATED) in (3, 4)  # a tenth of 35


def test_three_towns_are_one_file_with_120_windows():
    plan = load(sample("threetowns"), "halls/threetowns.toml", the_house())
    assert len(plan.halls) == 3
    assert sum(len(hall.windows) for hall in plan.halls.values()) == 120
    boards = [w.panel.address for w in plan.halls["W"].windows.values() if w.panel]
    assert boards == list(range(1, 26))


def test_sample_plans_run_beside_each_other():
    seen: dict[str, str] = {}
    for file in SAMPLES:
        plan = load(file.read_text(encoding="utf-8"), file.name, the_house())
        ports = {f"{plan.broker.host}:{plan.broker.port}", f"{plan.bench.host}:{plan.bench.port}"}
        ports |= {f"{plan.doors.public_host}:{plan.doors.public_port}", plan.site.status_url}
        for hall in plan.halls.values():
            ports |= {f"{kiosk.host}:{kiosk.port}" for kiosk in hall.kiosks.values()}
            ports.add(f"{hall.screen.host}:{hall.screen.port}")
            ports.add(f"{hall.staff_door.host}:{hall.staff_door.port}")
            ports |= {kiosk.printer_line for kiosk in hall.kiosks.values() if kiosk.printer_line.startswith("tcp")}
            ports |= {w.panel.line for w in hall.windows.values() if w.panel and w.panel.line.startswith("tcp")}
        for port in ports:
            assert seen.setdefault(port, file.name) == file.name, port


def test_a_port_shift_moves_every_tcp_port_and_nothing_else():
    plain, moved = compiled(sample("kaiyang")).plan, compiled(sample("kaiyang"), port_shift=1000).plan
    assert plain is not None and moved is not None
    assert moved.broker.port == plain.broker.port + 1000
    assert moved.bench.port == plain.bench.port + 1000
    assert moved.doors.public_port == plain.doors.public_port + 1000
    assert moved.site.status_url == f"http://127.0.0.1:{moved.doors.public_port}"
    for hall, other in zip(plain.halls.values(), moved.halls.values(), strict=True):
        assert other.screen.port == hall.screen.port + 1000
        assert other.staff_door.port == hall.staff_door.port + 1000
        for one, two in zip(hall.kiosks.values(), other.kiosks.values(), strict=True):
            assert two.port == one.port + 1000
            assert parse_line(two.printer_line).port == parse_line(one.printer_line).port + 1000
        for one, two in zip(hall.windows.values(), other.windows.values(), strict=True):
            assert parse_line(two.panel.line).port == 6005 and parse_line(two.panel.line).host in one.panel.line
        assert hall.keypad_lines == other.keypad_lines
        assert hall.queues == other.queues


def test_the_hash_is_of_the_content(kaiyang):
    again = load(sample("kaiyang"), "elsewhere.toml", the_house())
    assert plan_hash(again) == plan_hash(kaiyang)
    assert plan_hash(compiled(sample("kaiyang"), port_shift=1).plan) != plan_hash(kaiyang)


def test_the_settings_page_is_written_from_the_settings():
    text = (HALLS.parent / "docs/settings.md").read_text(encoding="utf-8")
    assert text == page(), "python -m hall.plan.settings.page > docs/settings.md"


DERIVED = {
    "Doors": {"public_host", "public_port"},
    "Site": {"v"},
    "Priority": {"classes", "names", "names_en"},
    "Unit": {"id"},
    "Queue": {"id", "restricted"},
    "Window": {"id", "name", "queues", "panel", "seat"},
    "Kiosk": {"host", "port"},
    "Screen": {"host", "port"},
    "StaffDoor": {"host", "port"},
    "Staff": {"id"},
    "Hall": {
        "id",
        "hours",
        "units",
        "queues",
        "entries",
        "windows",
        "kiosks",
        "keypad_lines",
        "notices",
        "screen",
        "voice",
        "staff_door",
    },
}
SET_BY = {
    "Site": "[site]",
    "Broker": "[broker]",
    "Bench": "[bench]",
    "Doors": "[doors]",
    "Limits": "[limits]",
    "Options": "[options]",
    "Priority": "[priority]",
    "Unit": "[units.<id>]",
    "Queue": "[halls.<id>.queues.<id>]",
    "Entry": "[[halls.<id>.entries]]",
    "Window": "[[halls.<id>.windows]]",
    "Staff": "[[staff]]",
    "KeypadLine": "[[halls.<id>.keypad_lines]]",
    "Kiosk": "[[halls.<id>.kiosks]]",
    "Screen": "[halls.<id>.screen]",
    "Voice": "[halls.<id>.voice]",
    "StaffDoor": "[halls.<id>.staff_door]",
    "Hall": "[halls.<id>]",
    "Hours": "[hours] and [halls.<id>.hours]",
    "Panel": "panel of a window group, and [halls.<id>.panels] for all of a hall",
}


@pytest.mark.parametrize("record", SET_BY)
def test_everything_in_the_compiled_plan_can_be_set(record):
    table = next(table for table in TABLES if table.name == SET_BY[record])
    fields = {field.name for field in msgspec.structs.fields(getattr(model, record))} - DERIVED.get(record, set())
    settable = {key.field or key.name for key in table.keys} | {"printer_driver", "printer_line", "printer_options"}
    assert fields <= settable


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_setting_says_why_and_its_default_fits_its_kind(table):
    for key in table.keys:
        assert key.why and key.kind.says, key.name
        assert f"`{key.name}`" in page()
        if not (key.default is None or "REQUIRED" in str(key.default)):
            key.kind.read(key.default)
    unit_in_name = [key for key in table.keys if key.name.endswith(("_s", "_min", "_ms", "_percent"))]
    assert all(key.unit for key in unit_in_name)
