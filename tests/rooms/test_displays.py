"""The displays on real wires: what the hall says is lit, at once, again after trouble, and never an older thing."""

from __future__ import annotations

from pathlib import Path

from brokers import Mosquitto
from window_halls import a_hall

IDLE = "欢迎光临"


async def test_a_call_is_lit(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "displays")
        await hall.lit("A01", "综合受理窗口A01", IDLE)
