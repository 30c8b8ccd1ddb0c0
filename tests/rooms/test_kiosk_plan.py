"""A machine whose hall adopts a changed plan offers nothing that is gone, and starts again where it has the new one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from brokers import Mosquitto
from kiosks import a_kiosk_hall, kaiyang
from waiting import until

from hall import codec, topics
from hall import plan as plans
from hall.plan import Plan, plan_hash
from hall.views import HallView, QueueView
from kiosk import following
from kiosk.following import PlanChanged, follow
from kiosk.menu import MenuMaker
from kiosk.standing import Standing


def without_tax(plan: Plan) -> Plan:
    """Hall A takes no tax matters any more."""
    hall = plan.halls["A"]
    entries = tuple(entry for entry in hall.entries if entry.id != "tax")
    return msgspec.structs.replace(plan, halls=plan.halls | {"A": msgspec.structs.replace(hall, entries=entries)})


def standing(plan: Plan, of: Plan) -> Standing:
    """What a machine with one plan knows of a hall that runs by another."""
    made = Standing(plan, "A", "A-K1")
    made.heard(
        topics.now("kaiyang", "A", "hall"),
        codec.encode(
            HallView(
                epoch=1, revision=1, day="2026-11-23", phase="open", issuing=True, plan_hash=plan_hash(of), ready=True,
                why_not="",
            )
        ),
    )  # fmt: skip
    return made


async def test_an_entry_that_is_gone_is_offered_no_more(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        await hall.open_for_touch("A-K1")
        assert (await hall.touch("A-K1", "tax"))["ok"]
        await hall.room("controller").stop()
        (hall.var / "plan.json").write_bytes(plans.to_json(without_tax(hall.plan)))
        await hall.start("controller")
        log = hall.room("A-K1").log
        await until(lambda: "adopted a changed plan" in log.read_text(), 10, "the machine to notice")
        await hall.room("A-K1").stop()
        await hall.start("A-K1")
        await hall.open_for_touch("A-K1")
        state = await hall.live("A-K1", lambda state: state)
        assert [e["id"] for e in state["menu"]["entries"] if not e["elsewhere"]] == [
            "now",
            "real-estate",
            "fund",
            "tobacco",
        ]
        assert (await hall.touch("A-K1", "now"))["ok"]
        assert "Traceback" not in log.read_text()


def test_a_queue_the_hall_has_no_more_is_not_in_the_menu() -> None:
    plan = kaiyang()
    knows = standing(plan, plan)
    menu = MenuMaker(plan, "A", plan.halls["A"].kiosks["A-K1"], "boot")

    def own() -> list[str]:
        return [e.id for e in menu.make(knows, "", 0).entries if e.elsewhere is None]

    before = own()
    knows.heard(topics.now("kaiyang", "A", "queues/tax"), b"")
    assert own() == [entry for entry in before if entry != "tax"]
    view = QueueView(
        epoch=1, revision=2, queue="tax", name="税务服务", name_en="Tax", waiting=0, oldest_at=0, estimate_s=0,
        open_windows=1, issuing=True, why_not="",
    )  # fmt: skip
    knows.heard(topics.now("kaiyang", "A", "queues/tax"), codec.encode(view))
    assert own() == before


async def test_a_machine_without_the_new_plan_stays_until_it_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_S", 0.01)
    plan, file = kaiyang(), tmp_path / "plan.json"
    file.write_bytes(plans.to_json(plan))
    same = asyncio.create_task(follow(standing(plan, plan), file, plan))
    other = asyncio.create_task(follow(standing(plan, without_tax(plan)), file, plan))
    file.write_bytes(b"{")
    done, _ = await asyncio.wait({same, other}, timeout=0.3)
    assert not done
    file.write_bytes(plans.to_json(without_tax(plan)))
    with pytest.raises(PlanChanged, match="start again"):
        await asyncio.wait_for(other, 20)
    assert not same.done(), "the hall has not adopted what lies here"
    same.cancel()
