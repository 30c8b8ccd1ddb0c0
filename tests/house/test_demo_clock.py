"""A demonstration is always within opening hours, goes on where it stopped, and never goes back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cli import clocks
from hall.faults import PlanError
from hall.names import Instant
from hall.plan import Plan, load
from transport.clock import Clock

ZONE = ZoneInfo("Asia/Shanghai")
KAIYANG = Path(__file__).parent.parent.parent / "halls" / "kaiyang.toml"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load(KAIYANG.read_text(encoding="utf-8"), "kaiyang.toml", None)


def at(text: str) -> Instant:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


@pytest.mark.parametrize(
    ("wall", "opens"),
    [
        ("2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-23T10:17:30", "2026-11-23T10:17:30"),
        ("2026-11-23T03:00", "2026-11-23T09:00"),
        ("2026-11-23T12:10", "2026-11-23T13:30"),
        ("2026-11-23T16:29", "2026-11-23T16:29"),
        ("2026-11-23T16:31", "2026-11-24T09:00"),
        ("2026-11-23T23:59", "2026-11-24T09:00"),
    ],
    ids=["opening", "morning", "night", "lunch", "just-enough", "too-late", "evening"],
)
def test_it_begins_now_or_at_the_next_opening(plan: Plan, wall: str, opens: str) -> None:
    assert clocks.opens_by(plan, at(wall)) == at(opens)


def test_within_hours_the_demonstration_runs_by_the_wall(plan: Plan) -> None:
    chosen = clocks.demo(plan, seen=0, wall=at("2026-11-23T10:00"))
    assert chosen.why == "real"
    assert chosen.clock.text() == "real"


def test_a_stopped_day_goes_on_where_it_stopped(plan: Plan, tmp_path: Path) -> None:
    file = tmp_path / clocks.FILE
    clocks.note(Clock.starting_at(at("2026-11-24T10:00"), 1.0), file)
    chosen = clocks.demo(plan, clocks.seen(file), wall=at("2026-11-23T22:00"))
    assert chosen.why == "resumed"
    assert 0 <= chosen.clock.now() - at("2026-11-24T10:00") < 60_000


@pytest.mark.parametrize("wall", ["2026-11-23T22:00", "2026-11-24T09:30", "2026-11-24T16:59", "2026-11-24T20:00"])
@pytest.mark.parametrize("seen", ["2026-11-24T10:00", "2026-11-24T16:45", "2026-11-24T12:30"])
def test_it_never_goes_back(plan: Plan, wall: str, seen: str) -> None:
    chosen = clocks.demo(plan, at(seen), at(wall))
    starts = at(wall) if chosen.why == "real" else chosen.clock.now()
    assert starts >= at(seen)
    assert clocks.opens_by(plan, starts) == starts


def test_a_live_plan_never_has_a_clock_of_its_own(plan: Plan, tmp_path: Path) -> None:
    from msgspec.structs import replace

    live = replace(plan, site=replace(plan.site, mode="live"))
    assert clocks.choose("auto", live, tmp_path / clocks.FILE).clock.text() == "real"


def test_a_local_time_with_a_rate(plan: Plan, tmp_path: Path) -> None:
    chosen = clocks.choose("2026-11-23T09:00x60", plan, tmp_path / clocks.FILE)
    assert chosen.clock.rate == 60
    assert 0 <= chosen.clock.now() - at("2026-11-23T09:00") < 600_000


@pytest.mark.parametrize("text", ["2026-13-23T09:00", "yesterday", "2026-11-23T09:00x0", "1@2x-3", ""])
def test_a_clock_nobody_can_read_is_told_in_words(plan: Plan, tmp_path: Path, text: str) -> None:
    with pytest.raises(PlanError, match="clock"):
        clocks.choose(text, plan, tmp_path / clocks.FILE)


def test_a_damaged_note_is_told_not_guessed(tmp_path: Path) -> None:
    file = tmp_path / clocks.FILE
    file.write_text("half past nine")
    with pytest.raises(PlanError, match=clocks.FILE):
        clocks.seen(file)
