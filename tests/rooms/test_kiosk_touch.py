"""A touch becomes one ticket and one slip: the machine over HTTP, with the real controller and a simulated printer."""

from __future__ import annotations

from pathlib import Path

from brokers import Mosquitto
from kiosks import a_kiosk_hall


async def test_a_touch_a_ticket_a_slip(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        await hall.open_for_touch("A-K1")
        answer = await hall.touch("A-K1")
        assert answer["ok"] and answer["number"] == "A0001" and answer["ahead"] == 0
        state = await hall.live("A-K1", lambda state: state["last"]["slip"] == "printed")
        assert state["last"]["number"] == "A0001"
        paper = hall.slips("A-K1")
        print(paper)
        for words in (
            "开阳县政务服务大厅 A厅",
            "A0001",
            "办理事项：马上办",
            "前面等候：0 人",
            "办理窗口：A01",
            "取号时间：2026-11-23 10:0",
        ):
            assert words in paper
