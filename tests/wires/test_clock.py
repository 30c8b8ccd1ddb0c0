"""Hall time: texts, rates, and a wall clock that is set while somebody sleeps (F29)."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.faults import PlanError
from transport import clock as clocks
from transport.clock import Clock, real_ms


class Wall:
    """A machine's clock that can be set."""

    def __init__(self) -> None:
        self.set_by = 0

    def __call__(self) -> int:
        return real_ms() + self.set_by


async def took_s(sleep: object) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await sleep  # type: ignore[misc]
    return loop.time() - began


def test_the_real_clock_is_the_machines() -> None:
    assert Clock.from_text("real").text() == "real"
    assert abs(Clock.from_text("real").now() - real_ms()) < 1000


def test_a_day_of_1999_at_60() -> None:
    now = 1_700_000_000_000
    clock = Clock(917_827_200_000, 1_700_000_000_000, 60, read_ms=lambda: now)
    assert clock.text() == "917827200000@1700000000000x60"
    assert clock.now() == 917_827_200_000
    now += 1000
    assert clock.now() == 917_827_260_000
    assert clock.stamp() == "1999-02-01T00:01:00.000Z"


@given(st.integers(-(10**14), 10**14), st.integers(-(10**14), 10**14), st.integers(1, 10**11).map(lambda n: n / 10**6))
def test_text_and_back(hall_ms: int, real_at: int, rate: float) -> None:
    clock = Clock(hall_ms, real_at, rate, read_ms=lambda: 1_700_000_000_000)
    back = Clock.from_text(clock.text())
    assert back.text() == clock.text()
    assert back.rate == pytest.approx(rate, rel=1e-6)


@pytest.mark.parametrize(
    "text",
    ["", "Real", "1@2", "1@2x", "1@2x0", "1@2x-1", "1@2xinf", "1@2x999999", "x", "1@2x1 ", "9" * 40 + "@1x1", "１@2x1"],
)
def test_texts_that_are_no_clock(text: str) -> None:
    with pytest.raises(PlanError, match="clock"):
        Clock.from_text(text)


async def test_sleeping_runs_at_the_rate() -> None:
    clock = Clock.starting_at(1000, 600)
    assert 0.05 <= await took_s(clock.sleep_until(61_000)) < 6
    assert clock.now() >= 61_000
    assert 0.05 <= await took_s(clock.sleep_ms(60_000)) < 6


async def test_set_forth_while_sleeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wall clock jumps a day forth: the sleeper wakes at its next look, not after its first guess."""
    monkeypatch.setattr(clocks, "RECHECK_S", 0.05)
    wall = Wall()
    clock = Clock(read_ms=wall)
    asyncio.get_running_loop().call_later(0.1, lambda: setattr(wall, "set_by", 86_400_000))
    assert await took_s(clock.sleep_until(clock.now() + 3_600_000)) < 20


async def test_set_back_while_sleeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set three hours back it sleeps on, without spinning; sleep_ms does not care."""
    monkeypatch.setattr(clocks, "RECHECK_S", 0.05)
    looks = 0
    wall = Wall()

    def read_ms() -> int:
        nonlocal looks
        looks += 1
        return wall()

    clock = Clock(read_ms=read_ms)
    sleeper = asyncio.create_task(clock.sleep_until(clock.now() + 100))
    await asyncio.sleep(0)
    wall.set_by = -10_800_000
    assert 0.1 <= await took_s(clock.sleep_ms(100)) < 10
    done, _ = await asyncio.wait([sleeper], timeout=0.5)
    assert not done
    assert looks < 40, "it spins"
    wall.set_by = 0
    await asyncio.wait_for(sleeper, 20)


async def test_no_spin_just_before_the_instant() -> None:
    reads = 0

    def read_ms() -> int:
        nonlocal reads
        reads += 1
        return 0 if reads < 20 else 1

    began = asyncio.get_running_loop().time()
    await Clock(read_ms=read_ms, rate=1000).sleep_until(1000)
    assert asyncio.get_running_loop().time() - began >= 0.015, "each look is followed by a nap"


def test_a_clock_outside_the_calendar_still_logs() -> None:
    assert Clock(10**17, 0, 1, read_ms=lambda: 0).stamp() == str(10**17)
