"""Paper: what the printer does is known, nothing is printed twice, nothing stale comes out, and it heals by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from brokers import Mosquitto
from desk import a_desk
from kiosks import KioskHall, a_kiosk_hall
from waiting import PATIENCE, until

from hall import events as e
from hall.commands import ReprintTicket
from simulators.for_tests import cut

FAULT_MAX_S = 5.0  # from the hand on the printer to the supervisor


def cut_slips(hall: KioskHall, kiosk: str = "A-K1") -> list[str]:
    """Slips that lie whole in the tray."""
    return hall.slips(kiosk).split("✂")[:-1]


async def test_paper_out_in_the_middle_of_a_slip(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        async with a_desk(a_broker.at, hall.plan, hall.clock, hall.var) as desk:
            await hall.open_for_touch("A-K1")
            hall.printers["A-K1"].fault("paper_out", {"after_bytes": 120})
            answer = await hall.touch("A-K1")
            assert answer["number"] == "A0001"
            state = await hall.live("A-K1", lambda state: state["last"]["slip"] == "unprinted")
            assert (await desk.hears(e.SlipUnprinted)).fault == "paper_out"
            assert (await desk.hears(e.AlarmRaised)).subject in ("A0001", "printer-A-K1")
            state = await hall.live("A-K1", lambda state: state["menu"]["banner"])
            assert state["menu"]["banner"]["why"] == "paper_out"
            assert state["menu"]["banner"]["title"]["zh"] == "本机缺纸"
            assert "A厅2号取号机" in state["menu"]["banner"]["line"]["zh"]
            refused = await hall.touch("A-K1")
            assert refused["refusal"]["why"] == "paper_out" and "A厅2号取号机" in refused["refusal"]["text"]["zh"]

            hall.printers["A-K1"].act("load_paper")
            await hall.open_for_touch("A-K1")
            assert (await hall.touch("A-K1"))["number"] == "A0002"
            await until(lambda: any("A0002" in slip for slip in cut_slips(hall)), what="the next slip")
            whole = [slip for slip in cut_slips(hall) if "取号时间" in slip]
            assert len(whole) == 1, "the rest of the given-up slip came out on the new roll"
            copy = await desk.ask(ReprintTicket(number="A0001", kiosk="A-K1", reason="lost"))
            assert isinstance(copy[0], e.ReprintAsked)
            await hall.paper("A-K1", "补打 1")
            await desk.hears(e.SlipPrinted, 2)


@pytest.mark.parametrize(
    ("fault", "word"),
    [("cover_open", "cover_open"), ("offline", "offline"), ("cutter_jam", "cutter"), ("power_off", "offline")],
)
async def test_a_fault_is_told_and_heals(a_broker: Mosquitto, tmp_path: Path, fault: str, word: str) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        async with a_desk(a_broker.at, hall.plan, hall.clock, hall.var) as desk:
            await hall.open_for_touch("A-K1")
            loop = asyncio.get_running_loop()
            began = loop.time()
            hall.printers["A-K1"].fault(fault)
            faulted = await desk.hears(e.DeviceFaulted, most_s=15.0)
            took = loop.time() - began
            assert (faulted.device, faulted.fault) == ("printer-A-K1", word)
            assert took < FAULT_MAX_S * PATIENCE, took
            state = await hall.live("A-K1", lambda state: state["menu"]["banner"])
            assert state["menu"]["banner"]["why"] == word
            hall.printers["A-K1"].heal(fault)
            await desk.hears(e.DeviceHealed, most_s=15.0)
            await hall.open_for_touch("A-K1")
            assert (await hall.touch("A-K1"))["ok"]
            await desk.hears(e.SlipPrinted)


async def test_paper_low_is_told_and_prints_on(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        async with a_desk(a_broker.at, hall.plan, hall.clock, hall.var) as desk:
            await hall.open_for_touch("A-K1")
            hall.printers["A-K1"].fault("paper_low")
            assert (await desk.hears(e.DeviceFaulted)).fault == "paper_low"
            assert (await hall.touch("A-K1"))["ok"]
            await desk.hears(e.SlipPrinted)


async def test_a_cable_cut_in_the_middle_of_a_slip(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        async with a_desk(a_broker.at, hall.plan, hall.clock, hall.var) as desk:
            await hall.open_for_touch("A-K1")
            hall.printers["A-K1"].fault(cut(after_bytes=60))
            assert (await hall.touch("A-K1"))["number"] == "A0001"
            assert (await desk.hears(e.SlipUnprinted)).fault == "offline"
            await hall.live("A-K1", lambda state: state["last"]["slip"] == "unprinted")
            hall.printers["A-K1"].heal("cut_cable")
            await hall.open_for_touch("A-K1")
            assert (await hall.touch("A-K1"))["number"] == "A0002"
            assert (await desk.hears(e.SlipPrinted)).number == "A0002"
            assert not any("A0001" in slip and "取号时间" in slip for slip in cut_slips(hall)), hall.slips("A-K1")
            assert not any("A0001" in slip and "A0002" in slip for slip in cut_slips(hall))


async def test_a_machine_killed_while_it_prints_never_prints_again(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        async with a_desk(a_broker.at, hall.plan, hall.clock, hall.var) as desk:
            await hall.open_for_touch("A-K1")
            hall.printers["A-K1"].fault("slow", {"mm_per_s": 20})
            assert (await hall.touch("A-K1"))["number"] == "A0001"
            await desk.hears(e.SlipPrinting)
            await hall.room("A-K1").kill()
            hall.printers["A-K1"].heal("slow")
            await hall.start("A-K1")
            assert (await desk.hears(e.SlipUnprinted)).fault == "kiosk_restarted"
            await hall.open_for_touch("A-K1")
            assert (await hall.touch("A-K1"))["number"] == "A0002"
            await desk.hears(e.SlipPrinted)
            assert len(desk.all(e.SlipPrinting)) == 2
            assert sum("A0001" in slip for slip in cut_slips(hall)) <= 1
            assert not any("A0001" in slip and "A0002" in slip for slip in cut_slips(hall))


async def test_a_job_past_its_time_is_never_printed(a_broker: Mosquitto, tmp_path: Path) -> None:
    """The machine is off while somebody asks it for a copy; when it comes back the copy is stale."""
    options = {"print_job_expires_s": 2}
    async with a_kiosk_hall(a_broker, tmp_path, ("A-K1", "A-K2"), options=options) as hall:
        await hall.start("controller", "A-K1")
        async with a_desk(a_broker.at, hall.plan, hall.clock, hall.var) as desk:
            await hall.open_for_touch("A-K1")
            assert (await hall.touch("A-K1"))["number"] == "A0001"
            await desk.hears(e.SlipPrinted)
            asked = (await desk.ask(ReprintTicket(number="A0001", kiosk="A-K2", reason="lost")))[0]
            assert isinstance(asked, e.ReprintAsked)
            await until(lambda: hall.clock.now() > asked.job_expires, what="the job is past its time")
            await hall.start("A-K2")
            assert (await desk.hears(e.SlipUnprinted)).fault == "expired"
            await hall.open_for_touch("A-K2")
            assert (await hall.touch("A-K2"))["number"] == "A0002"
            await desk.hears(e.SlipPrinted, 2)
            assert "补打" not in hall.slips("A-K2") and len(cut_slips(hall, "A-K2")) == 1


async def test_a_machine_that_was_off_prints_what_is_still_wanted(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path, ("A-K1", "A-K2")) as hall:
        await hall.start("controller", "A-K1")
        async with a_desk(a_broker.at, hall.plan, hall.clock, hall.var) as desk:
            await hall.open_for_touch("A-K1")
            await hall.touch("A-K1")
            await desk.hears(e.SlipPrinted)
            await desk.ask(ReprintTicket(number="A0001", kiosk="A-K2", reason="lost"))
            await hall.start("A-K2")
            await hall.paper("A-K2", "补打 1")
            await desk.hears(e.SlipPrinted, 2)


async def test_a_mute_printer_leaves_the_slip_uncertain(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        async with a_desk(a_broker.at, hall.plan, hall.clock, hall.var) as desk:
            await hall.open_for_touch("A-K1")
            hall.printers["A-K1"].fault("silent_status")
            assert (await hall.touch("A-K1"))["number"] == "A0001"
            assert (await desk.hears(e.SlipUnprinted, most_s=20.0)).fault in ("offline", "timeout")
            hall.printers["A-K1"].heal("silent_status")
            await hall.open_for_touch("A-K1")
            assert (await hall.touch("A-K1"))["number"] == "A0002"
            assert (await desk.hears(e.SlipPrinted, most_s=20.0)).number == "A0002"


async def test_garbage_from_the_printer_changes_nothing(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        async with a_desk(a_broker.at, hall.plan, hall.clock, hall.var) as desk:
            await hall.open_for_touch("A-K1")
            hall.printers["A-K1"].fault("garbage_status")
            assert (await hall.touch("A-K1"))["number"] == "A0001"
            await until(lambda: desk.all(e.SlipUnprinted) or desk.all(e.SlipPrinted), 20.0, "the slip's end")
            hall.printers["A-K1"].heal("garbage_status")
            await hall.open_for_touch("A-K1")
            assert (await hall.touch("A-K1"))["ok"]
            await desk.hears(e.SlipPrinted, most_s=20.0)


async def test_a_slip_that_stays_unprinted_too_long_is_told_by_the_controller(
    a_broker: Mosquitto, tmp_path: Path
) -> None:
    """The machine died with its job: the controller's own bound makes the slip unprinted."""
    async with a_kiosk_hall(a_broker, tmp_path, options={"unprinted_after_s": 2}) as hall:
        await hall.start("controller", "A-K1")
        async with a_desk(a_broker.at, hall.plan, hall.clock, hall.var) as desk:
            await hall.open_for_touch("A-K1")
            hall.printers["A-K1"].fault("slow", {"mm_per_s": 5})
            await hall.touch("A-K1")
            await desk.hears(e.SlipPrinting)
            await hall.room("A-K1").kill()
            assert (await desk.hears(e.SlipUnprinted)).number == "A0001"
