"""The keypads on real wires: a press is one command, its result is read back, and nothing is lost in silence."""

from __future__ import annotations

from pathlib import Path

from brokers import Mosquitto
from window_halls import a_hall

CALL = "0C"


async def test_a_press_calls_and_lights(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "displays", "caller")
        await hall.issue()
        await hall.reads("A01", "001   ")
        hall.press("A01", CALL)
        await hall.lit("A01", "综合受理窗口A01", "请A0001号")
        await hall.reads("A01", "000001")
        await hall.reads("A02", "000   ")
