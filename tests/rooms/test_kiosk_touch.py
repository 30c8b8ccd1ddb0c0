"""A touch becomes one ticket and one slip: the machine over HTTP, with the real controller and a simulated printer."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import pytest
from brokers import Mosquitto
from kiosks import TEN, KioskHall, a_kiosk_hall
from waiting import PATIENCE, until

SLIP_MAX_S = 1.0  # from the finger to the cut


async def test_a_touch_a_ticket_a_slip_within_a_second(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        await hall.open_for_touch("A-K1")
        loop = asyncio.get_running_loop()
        took: list[float] = []
        for _ in range(5):
            began = loop.time()
            answer = await hall.touch("A-K1")
            assert answer["ok"], answer
            await until(lambda: _slip(hall, answer["number"]), what="the slip is cut")  # noqa: B023
            took.append(loop.time() - began)
            await hall.live("A-K1", lambda state: state["last"]["slip"] == "printed")
        assert min(took) < SLIP_MAX_S * PATIENCE, took
        paper = hall.slips("A-K1")
        first = paper.split("✂")[0]
        for words in ("开阳县政务服务大厅 A厅", "A0001", "办理事项：马上办", "前面等候：0 人", "办理窗口：A01–A08"):
            assert words in first
        assert "取号时间：2026-11-23 10:0" in first and "[qr: http://127.0.0.1" in first
        assert "前面等候：4 人" in paper.split("✂")[4]


def _slip(hall: KioskHall, number: str, kiosk: str = "A-K1") -> bool:
    """The slip of that number lies cut in the tray."""
    return any(number in part for part in hall.slips(kiosk).split("✂")[:-1])


async def test_a_repeated_touch_is_one_ticket(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        await hall.open_for_touch("A-K1")
        touch = str(uuid.uuid4())
        answers = await asyncio.gather(*(hall.touch("A-K1", touch=touch) for _ in range(8)))
        answers.append(await hall.touch("A-K1", touch=touch, again=True))
        assert {a["number"] for a in answers} == {"A0001"}
        await hall.paper("A-K1", "A0001")
        after = await hall.touch("A-K1", "tax")
        assert after["ahead"] == 0 and after["number"] != "A0001"
        assert (await hall.touch("A-K1"))["number"] == "A0002"
        await until(lambda: _slip(hall, "A0002"), what="the last slip")
        assert hall.slips("A-K1").count("A0001") == 2  # the number, and the address in its code


async def test_of_two_fingers_the_first_wins(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        await hall.open_for_touch("A-K1")
        hall.room("controller").freeze()
        first = asyncio.create_task(hall.touch("A-K1"))
        await hall.live("A-K1", lambda state: state["last"] and state["last"]["pending"])
        second = await hall.touch("A-K1", "tax")
        assert not second["ok"] and second["refusal"]["why"] == "busy" and "请稍候" in second["refusal"]["text"]["zh"]
        hall.room("controller").thaw()
        assert (await first)["number"] == "A0001"
        await until(lambda: _slip(hall, "A0001"), what="the slip")
        assert hall.slips("A-K1").count("✂") == 1


async def test_the_other_halls_entry_issues_nothing(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        await hall.open_for_touch("A-K1")
        answer = await hall.touch("A-K1", "marriage")
        assert answer["refusal"] == {
            "why": "other_hall",
            "text": {"zh": "请到B厅取号", "en": "Please take a number in Hall B"},
        }
        assert (await hall.touch("A-K1", "nothing"))["refusal"]["why"] == "unknown_entry"
        assert (await hall.touch("A-K1", priority="elderly"))["refusal"]["why"] == "no_priority_here"
        assert (await hall.touch("A-K1"))["number"] == "A0001"


async def test_self_declared_priority_where_the_plan_allows_it(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path, options={"self_declared_priority": True}) as hall:
        await hall.start("controller", "A-K1")
        await hall.open_for_touch("A-K1")
        state = await hall.live("A-K1", lambda state: state)
        assert [p["id"] for p in state["menu"]["priorities"]] == ["elderly", "disabled", "pregnant", "veteran"]
        assert (await hall.touch("A-K1", priority="king"))["refusal"]["why"] == "no_priority_here"
        assert (await hall.touch("A-K1"))["ahead"] == 0
        assert (await hall.touch("A-K1", priority="elderly"))["ok"]


async def test_a_controller_killed_under_a_touch(a_broker: Mosquitto, tmp_path: Path) -> None:
    """The finger went down, the controller died: the same touch gets its one ticket when it is back."""
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        await hall.open_for_touch("A-K1")
        hall.room("controller").freeze()
        touch = asyncio.create_task(hall.touch("A-K1"))
        await hall.live("A-K1", lambda state: state["last"] and state["last"]["pending"])
        await hall.room("controller").kill()
        away = await hall.live("A-K1", lambda state: state["menu"]["banner"], 20.0)
        assert away["menu"]["banner"]["why"] == "away"
        await hall.start("controller")
        assert (await touch)["number"] == "A0001"
        await until(lambda: _slip(hall, "A0001"), what="the slip")
        await hall.open_for_touch("A-K1")
        assert (await hall.touch("A-K1"))["number"] == "A0002"


async def test_a_machine_killed_under_a_touch(a_broker: Mosquitto, tmp_path: Path) -> None:
    """The machine forgot the touch, the page did not: asked again it gets the same ticket, and one slip."""
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        await hall.open_for_touch("A-K1")
        touch = str(uuid.uuid4())
        first = await hall.touch("A-K1", touch=touch)
        await hall.live("A-K1", lambda state: state["last"]["slip"] == "printed")
        await hall.room("A-K1").kill()
        await hall.start("A-K1")
        again = await hall.touch("A-K1", touch=touch, again=True)
        assert again["number"] == first["number"] == "A0001"
        await hall.live("A-K1", lambda state: state["last"]["slip"] == "none")  # it does not know, and claims nothing
        await hall.open_for_touch("A-K1")
        assert (await hall.touch("A-K1"))["number"] == "A0002"
        await until(lambda: _slip(hall, "A0002"), what="the next slip")
        assert hall.slips("A-K1").count("✂") == 2


async def test_the_broker_killed_and_started_again(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        await hall.open_for_touch("A-K1")
        a_broker.kill()
        state = await hall.live("A-K1", lambda state: state["menu"]["banner"], 20.0)
        assert state["menu"]["banner"]["title"]["zh"] == "系统正在恢复，请稍候"
        assert (await hall.touch("A-K1"))["refusal"]["why"] == "away"
        a_broker.start()
        await hall.open_for_touch("A-K1")
        assert (await hall.touch("A-K1"))["number"] == "A0001"


@pytest.mark.parametrize(("hour", "why"), [(7, "closed"), (20, "closed")])
async def test_out_of_hours_there_is_a_text_and_no_number(
    a_broker: Mosquitto, tmp_path: Path, hour: int, why: str
) -> None:
    async with a_kiosk_hall(a_broker, tmp_path, at=TEN.replace(hour=hour)) as hall:
        await hall.start("controller", "A-K1")
        state = await hall.live("A-K1", lambda state: (state["menu"]["banner"] or {}).get("why") == why)
        assert "09:00" in state["menu"]["banner"]["line"]["zh"]
        assert (await hall.touch("A-K1"))["refusal"]["why"] == "hall_closed"


async def test_at_lunch_numbers_go_on_with_a_notice(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path, at=TEN.replace(hour=12, minute=30)) as hall:
        await hall.start("controller", "A-K1")
        await hall.open_for_touch("A-K1")
        state = await hall.live("A-K1", lambda state: state["menu"]["notices"])
        assert "12:00–13:30" in state["menu"]["notices"][0]["zh"]
