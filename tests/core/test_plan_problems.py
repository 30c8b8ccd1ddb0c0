"""Every kind of mistake in a plan is found, at its line, with the table and key and how to mend it.

The mistakes stand in plan_mistakes.toml beside this file.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest
from sample_plans import changed, compiled, errors, line_of, sample, the_house

from hall.plan import BadPlan, load

KAIYANG, SMALL = "kaiyang", "small"


class Mistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    plan: str
    old: str
    new: str
    at: str
    table: str
    key: str
    kind: str
    mend: str


MISTAKES = msgspec.convert(
    tomllib.loads(Path(__file__).with_name("plan_mistakes.toml").read_text(encoding="utf-8"))["mistake"],
    list[Mistake],
)


@pytest.mark.parametrize("made", MISTAKES, ids=lambda made: f"{made.kind}-{made.table}-{made.key}")
def test_a_mistake_is_named_at_its_line(made):
    text = changed(sample(made.plan), made.old, made.new)
    found = [problem for problem in errors(compiled(text)) if problem.kind == made.kind]
    assert found, compiled(text).problems
    problem = found[0]
    assert (problem.table, problem.key) == (made.table, made.key)
    assert problem.line == line_of(text, made.at, since=sample(made.plan).index(made.old))
    assert made.mend in problem.mend
    assert problem.what and problem.file == "p.toml"
    assert f"p.toml:{problem.line}: " in str(problem)


def test_one_run_names_all_of_many_mistakes():
    text = sample(KAIYANG)
    for old, new in [
        ('day_starts = "05:00"', 'day_start = "05:00"'),
        ("port = 18883", "port = 0"),
        ('lunch_to = "13:30"', 'lunch_to = "18:30"'),
        ('prefix = "BS"', 'prefix = "AS"'),
        ('units = ["tobacco"]', 'units = ["tobaco"]'),
        ("tcp://127.0.0.1:9102", "tcp://127.0.0.1:9101"),
        ('staff = ["1014"]', 'staff = ["1013"]'),
        ('id = "B-K3"', 'id = "B-K2"'),
        ('name = "咨询服务点{window}"', 'name = "开阳县政务大厅咨询服务点{window}"'),
    ]:
        text = changed(text, old, new)
    with pytest.raises(BadPlan) as caught:
        load(text, "p.toml", the_house())
    kinds = {problem.kind for problem in caught.value.problems}
    assert kinds >= {
        *("unknown-key", "out-of-range", "hours", "prefix-twice", "unknown-unit", "queue-unserved"),
        *("address-twice", "staff-twice", "duplicate-id", "text-too-wide"),
    }
    lines = [problem.line for problem in caught.value.problems]
    assert lines == sorted(lines)
    assert all(str(problem) in str(caught.value) for problem in caught.value.problems)


def test_a_group_of_windows_says_its_fault_once():
    text = changed(sample(KAIYANG), 'ids = ["B01-B12"]\npolicy = "large_cycle"', 'ids = ["B01-B12"]\npolicy = "large"')
    assert [problem.kind for problem in compiled(text).problems] == ["unknown-policy"]


def test_warnings_do_not_keep_a_plan_from_running():
    text = changed(sample(SMALL), 'prefix = "S"', 'prefix = "O"')
    found = compiled(text)
    assert found.plan is not None
    assert [(problem.kind, problem.weight) for problem in found.problems] == [("prefix-like-digit", "warning")]
    assert "warning" in str(found.problems[0])


def test_a_live_plan_is_told_of_the_embedded_broker_and_pty_lines():
    text = changed(sample(SMALL), 'mode = "simulated"', 'mode = "live"')
    found = compiled(text)
    assert found.plan is None
    assert {(problem.kind, problem.weight) for problem in found.problems} == {
        ("embedded-in-live", "warning"),
        ("status-in-live", "warning"),
        ("pty-in-live", "error"),
    }
    mended = changed(text, "pty:keypads-S-1", "serial:///dev/ttyS1?baud=9600")
    mended = changed(mended, 'mode = "live"', 'mode = "live"\nstatus_url = "https://hall.example/queue"')
    mended = changed(mended, "[broker]", '[broker]\nkind = "external"')
    assert compiled(mended).problems == ()
    plain = changed(mended, "127.0.0.1:8681", "10.0.0.7:8681")
    assert [(problem.kind, problem.weight) for problem in compiled(plain).problems] == [("plain-http", "warning")]
    safe = changed(plain, '"10.0.0.7:8681"', '"10.0.0.7:8681", url = "https://staff.example"')
    assert compiled(safe).problems == ()
    assert {problem.kind for problem in compiled(mended, port_shift=10).problems} == {"port-shift"}


def test_kiosks_of_a_live_plan_are_machines_of_their_own():
    live = changed(sample("kaiyang"), 'mode = "simulated"', 'mode = "live"')
    for old, new in [
        ("127.0.0.1:8712", "127.0.0.1:8711"),
        ("tcp://127.0.0.1:9101", "serial:///dev/ttyUSB0?baud=115200"),
        ("tcp://127.0.0.1:9102", "serial:///dev/ttyUSB0?baud=115200"),
        ('line = "pty:keypads-A-1"', 'line = "serial:///dev/ttyS1"'),
        ('line = "pty:keypads-B-1"', 'line = "serial:///dev/ttyS1?baud=9600"'),
    ]:
        live = changed(live, old, new)
    assert [(problem.kind, problem.key) for problem in errors(compiled(live))] == [("address-twice", "line")]


def test_panels_on_one_wire_need_their_own_addresses_and_one_speed():
    shared = changed(sample(SMALL), '"tcp://127.0.11.{index}:5005"', '"pty:panels"')
    assert {problem.kind for problem in errors(compiled(shared))} == {"address-twice"}
    apart = changed(shared, '"pty:panels"', '"pty:panels", address_from = 7')
    plan = compiled(apart).plan
    assert plan is not None
    assert [w.panel.address for w in plan.halls["S"].windows.values() if w.panel] == [7, 8, 9]
    mixed = changed(apart, 'staff = ["1003"]', 'staff = ["1003"]\npanel = { driver = "candle", line = "pty:panels" }')
    assert {problem.kind for problem in errors(compiled(mixed))} == {"line-shared"}


@pytest.mark.parametrize("shift", [65535, -20000])
def test_a_port_shift_stays_within_the_ports(shift):
    assert [problem.kind for problem in compiled(sample(SMALL), port_shift=shift).problems] == ["port-shift"]


def test_an_empty_text_and_a_text_that_is_no_plan_are_refused_with_reasons():
    assert {problem.key for problem in compiled("").problems} >= {"site", "halls"}
    assert [problem.kind for problem in compiled("<xml/>").problems] == ["syntax"]
    assert [problem.kind for problem in compiled("a = " + "[" * 5000).problems] == ["syntax"]
    assert [problem.kind for problem in compiled("a = " + "9" * 5000).problems] == ["syntax"]
    assert [problem.kind for problem in compiled("#" * 1_000_001).problems] == ["syntax"]


def test_several_faults_of_grammar_are_named_in_one_run():
    text = changed(sample(KAIYANG), "port = 18883", "port = eighteen")
    text = changed(text, 'ids = ["X01-X06"]', 'ids = ["X01-X06"')
    found = compiled(text).problems
    assert {problem.kind for problem in found} == {"syntax"}
    assert {line_of(text, "port = eighteen"), line_of(text, 'ids = ["X01-X06"') + 1} <= {p.line for p in found}
