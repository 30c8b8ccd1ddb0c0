"""The displays on real wires: what the hall says is lit, at once, again after trouble, and never an older thing."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from brokers import Mosquitto
from waiting import until
from window_halls import SITE, SMALL, WindowHall, a_hall, small

from hall import codec, topics
from hall import commands as c
from hall.events import DeviceFaulted, TicketCalled, WindowRenamed
from hall.names import Role
from hall.views import PanelView
from simulators.device import Device
from simulators.faults import named

IDLE = "欢迎光临"
ROOM = "displays-A"
VISIBLE_S = 5.0  # a device fault reaches the room's state for people within this
AGAIN_S = 5.0  # a panel is right again this long after its power or line is back
LIT_S = 1.0  # a renamed window's panel
THREE_ON_A_LINE = SMALL.replace('line = "pty:panel-{window}"', 'line = "pty:panels"').replace(
    "[[halls.A.kiosks]]",
    """
[[halls.A.windows]]
ids = ["A05"]
units = ["general"]
panel = { driver = "onbon_bx", line = "pty:panels", address = 5 }

[[halls.A.windows]]
ids = ["A06"]
units = ["general"]
panel = { driver = "onbon_bx", line = "pty:panels", address = 6 }

[[halls.A.kiosks]]""",
)
ONE_ON_THE_LINE = THREE_ON_A_LINE.replace(
    'ids = ["A01-A03"]', 'ids = ["A01-A03"]\nno_panel = true'
)  # A04, A05, A06 share it
NINE = SMALL.replace(
    "[[halls.A.kiosks]]", '[[halls.A.windows]]\nids = ["A05-A09"]\nunits = ["general"]\n\n[[halls.A.kiosks]]'
)
CANDLES = SMALL.replace(
    'driver = "onbon_bx"\nline = "pty:panel-{window}"', 'driver = "candle"\nline = "pty:candle-{window}"'
)


async def call(hall: WindowHall, window: str) -> str:
    """A call from the window's soft keypad; its number."""
    events = await hall.ask(f"soft-{window}", c.CallNext(window), Role.WINDOW)
    assert isinstance(events[-1], TicketCalled), events
    return events[-1].number


def everything_lit(device: Device) -> list[tuple[str, ...]]:
    """Every text that was ever lit from here on."""
    lit: list[tuple[str, ...]] = []

    def look(panel: Device) -> None:
        lines = panel.box.look()["lines"]
        assert isinstance(lines, list)
        now = tuple(str(line).strip() for line in lines)
        if not lit or lit[-1] != now:
            lit.append(now)

    device.watchers.append(look)
    return lit


async def test_a_call_is_lit_and_the_closing_too(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "displays")
        await hall.lit("A01", "综合受理窗口A01", IDLE)
        await hall.issue()
        assert await call(hall, "A01") == "A0001"
        await hall.lit("A01", "综合受理窗口A01", "请A0001号")
        await hall.lit("A02", "综合受理窗口A02", IDLE)
        await hall.stands(ROOM, "panel-A01", "up")
        await hall.ask("soft-A02", c.PauseWindow("A02"), Role.WINDOW)
        await hall.lit("A02", "综合受理窗口A02", "暂停服务")
        await hall.ask("soft-A03", c.LogOut("A03"), Role.WINDOW)
        await hall.lit("A03", "综合受理窗口A03", "窗口未开放")


async def test_a_new_name_is_lit_within_a_second(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "displays")
        await hall.lit("A01", "综合受理窗口A01", IDLE)
        events = await hall.supervise(c.RenameWindow("A01", "企业开办A01"))
        assert isinstance(events[0], WindowRenamed), events
        await hall.lit("A01", "企业开办A01", IDLE, most_s=LIT_S)


async def test_a_hostile_name_is_only_a_name(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "displays")
        await hall.lit("A01", "综合受理窗口A01", IDLE)
        await hall.supervise(c.RenameWindow("A01", "\\C2[red]<b>'\"𠀀"))
        await hall.lit("A01", "＼C2[red]<b>'\"？"[:15], IDLE, most_s=LIT_S)
        await hall.stands(ROOM, "panel-A01", "up")


async def test_a_panel_without_power_for_a_moment_is_right_again(a_broker: Mosquitto, tmp_path: Path) -> None:
    """Its socket lives through it: only speaking to it tells that its memory is gone."""
    async with a_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "displays")
        await hall.issue(times=2)

        async def power_cycle(window: str, dark_ms: int) -> None:
            number = await call(hall, window)
            await hall.lit(window, f"综合受理窗口{window}", f"请{number}号")
            hall.panel(window).fault(named("power_cycle", for_ms=dark_ms))
            assert hall.lines(window) == []
            await until(lambda: hall.panel(window).box.look()["mains"], 3.0 + dark_ms / 1000)
            await hall.lit(window, f"综合受理窗口{window}", f"请{number}号", most_s=AGAIN_S)

        await asyncio.gather(power_cycle("A01", 150), power_cycle("A02", 2000))


ILLS = {
    "A01": ("power_off", "no_answer"),
    "A02": ("no_reply", "no_answer"),
    "A03": ("half_open", "no_answer"),
    "A05": ("cable_pulled", "line_down"),
    "A06": ("nack_busy", "refused"),
    "A07": ("garbage", "garbled"),
    "A08": ("bad_crc_reply", "garbled"),
}


async def test_an_ill_panel_is_seen_told_and_mended(a_broker: Mosquitto, tmp_path: Path) -> None:
    """Seven ways to be ill at once; A09 is well, and lit in no time."""
    async with a_hall(a_broker, tmp_path, small(NINE)) as hall:
        await hall.start("controller", "displays")
        await asyncio.gather(*(hall.stands(ROOM, f"panel-{window}", "up") for window in (*ILLS, "A09")))
        for window, (fault, _) in ILLS.items():
            hall.panel(window).fault(fault)
        seen = (hall.stands(ROOM, f"panel-{w}", "down", word, most_s=VISIBLE_S) for w, (_, word) in ILLS.items())
        await asyncio.gather(*seen)
        await until(lambda: hall.alarms() == {f"panel-{w}": word for w, (_, word) in ILLS.items()}, 5.0, "alarms")
        await hall.time_passes(5000)
        told = Counter(fault.device for fault in hall.of(DeviceFaulted))
        assert {told[f"panel-{w}"] for w in ILLS} == {1}, "each is told once, however often it is tried again"
        for window in (*ILLS, "A09"):
            await hall.supervise(c.RenameWindow(window, f"新名{window}"))
        await hall.lit("A09", "新名A09", "窗口未开放", most_s=LIT_S)
        for window, (fault, _) in ILLS.items():
            hall.panel(window).heal(fault)
        second = {window: (await hall.panel_view(window)).lines[1] for window in ILLS}
        await asyncio.gather(*(hall.lit(w, f"新名{w}", second[w], most_s=AGAIN_S) for w in ILLS))
        await asyncio.gather(*(hall.stands(ROOM, f"panel-{window}", "up") for window in ILLS))
        await until(lambda: not hall.alarms(), 5.0, "alarms cleared")


async def test_a_dead_panel_slows_nobody(a_broker: Mosquitto, tmp_path: Path) -> None:
    """Neither one on a line of its own, nor, once it is known, one that shares a serial line with others."""
    async with a_hall(a_broker, tmp_path, small(ONE_ON_THE_LINE)) as hall:
        await hall.start("controller", "displays")
        for window in ("A04", "A05", "A06"):
            await hall.stands(ROOM, f"panel-{window}", "up")
        await hall.lit("A06", "综合受理窗口A06", "窗口未开放")
        hall.panel("A05").fault("power_off")
        await hall.stands(ROOM, "panel-A05", "down", "no_answer", most_s=VISIBLE_S)
        for turn in range(8):
            await hall.supervise(c.RenameWindow("A06", f"窗口{turn}"))
            await hall.lit("A06", f"窗口{turn}", "窗口未开放", most_s=1.0)
            await hall.supervise(c.RenameWindow("A05", f"黑屏{turn}"))
        await hall.stands(ROOM, "panel-A06", "up")
        hall.panel("A05").heal("power_off")
        await hall.lit("A05", "黑屏7", "窗口未开放", most_s=AGAIN_S)


async def test_an_older_view_is_never_shown(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "displays")
        await hall.issue()
        await call(hall, "A01")
        await hall.lit("A01", "综合受理窗口A01", "请A0001号")
        true, topic = await hall.panel_view("A01"), topics.now(SITE, "A", "panels/A01")
        lit = everything_lit(hall.panel("A01"))
        for epoch, revision in ((true.epoch, true.revision - 1), (true.epoch - 1, true.revision + 1000), (0, 0)):
            older: PanelView = msgspec.structs.replace(
                true, epoch=epoch, revision=revision, lines=("昨天", "请A9999号"), number="A9999"
            )
            await hall.link.say(topic, codec.encode(older), retain=True)
        other = msgspec.structs.replace(true, window="A02", revision=true.revision + 9, lines=("别的", "窗口"))
        await hall.link.say(topic, codec.encode(other), retain=True)
        heard = hall.panel("A01").wire.heard_bytes
        await until(lambda: hall.panel("A01").wire.heard_bytes > heard + 150, 8.0, "a repaint of the panel")
        await hall.supervise(c.RenameWindow("A01", "新名A01"))
        await hall.lit("A01", "新名A01", "请A0001号")
        assert set(lit) == {("综合受理窗口A01", "请A0001号"), ("新名A01", "请A0001号")}


async def test_nonsense_on_the_bus_ends_nothing(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "displays")
        await hall.lit("A01", "综合受理窗口A01", IDLE)
        lit = everything_lit(hall.panel("A01"))
        true = codec.encode(await hall.panel_view("A01"))
        for payload in (b"\xff\xfe", b"{}", b"[" * 5000, true[:-9], true.replace(b'"blink":false', b'"blink":7'), b""):
            await hall.link.say(topics.now(SITE, "A", "panels/A01"), payload)
            await hall.link.say(topics.now(SITE, "A", "panels/Z99"), payload)
            await hall.link.say(topics.now(SITE, "A", "alarms"), payload)
            await hall.link.say(topics.evt(SITE, "A", "DeviceFaulted"), payload)
        await hall.supervise(c.RenameWindow("A01", "新名A01"))
        await hall.lit("A01", "新名A01", IDLE)
        assert set(lit) <= {("综合受理窗口A01", IDLE), ("新名A01", IDLE)}
        assert b"unreadable message" in hall.room("displays").log.read_bytes()


async def test_the_newest_of_many_changes_is_lit(a_broker: Mosquitto, tmp_path: Path) -> None:
    """A slow box is not shown what is past by the time it answers."""
    async with a_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "displays")
        await hall.lit("A01", "综合受理窗口A01", IDLE)
        hall.panel("A01").fault(named("slow", ms=300))
        lit = everything_lit(hall.panel("A01"))
        for turn in range(60):
            await hall.supervise(c.RenameWindow("A01", f"窗口{turn}"))
        await hall.lit("A01", "窗口59", IDLE, most_s=2.0)
        assert len(lit) < 40, "what was past was not lit"
        await hall.stands(ROOM, "panel-A01", "up")


async def test_broker_and_controller_killed_and_back(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "displays")
        await hall.issue(times=3)
        await call(hall, "A01")
        await hall.lit("A01", "综合受理窗口A01", "请A0001号")
        a_broker.kill()
        hall.panel("A01").fault(named("power_cycle", for_ms=100))
        await hall.lit("A01", "综合受理窗口A01", "请A0001号")  # alone, we keep showing what was shown
        a_broker.start()
        await hall.room("controller").kill()
        await hall.start("controller")
        await call(hall, "A02")
        await hall.lit("A02", "综合受理窗口A02", "请A0002号")
        assert hall.lines("A01") == ["综合受理窗口A01", "请A0001号"]


async def test_the_room_restarts_in_the_middle(a_broker: Mosquitto, tmp_path: Path) -> None:
    """Killed while a panel is ill; the panel is mended meanwhile; the alarm the dead room left is cleared."""
    async with a_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "displays")
        await hall.lit("A01", "综合受理窗口A01", IDLE)
        hall.panel("A01").fault("power_off")
        await until(lambda: "panel-A01" in hall.alarms(), 10.0, "alarm")
        await hall.room("displays").kill()
        hall.panel("A01").heal("power_off")
        await hall.issue()
        await call(hall, "A01")
        here = hall.here(ROOM)
        assert here is not None
        await until(lambda: (hall.here(ROOM) or here).up is False, 20.0, "last will")
        await hall.start("displays")
        await hall.lit("A01", "综合受理窗口A01", "请A0001号")
        await until(lambda: not hall.alarms(), 5.0, "alarm cleared")


async def test_candle_boards_need_only_their_name_in_the_plan(a_broker: Mosquitto, tmp_path: Path) -> None:
    """Another maker's board: mute, so it is painted again now and then, and called unconfirmed."""
    async with a_hall(a_broker, tmp_path, small(CANDLES)) as hall:
        await hall.start("controller", "displays")
        await hall.issue()
        await call(hall, "A01")
        await hall.lit("A01", "A0001")
        await hall.stands(ROOM, "panel-A01", "unconfirmed")
        hall.panel("A01").fault(named("power_cycle", for_ms=1000))
        await until(lambda: hall.lines("A01") == [], 0.2)
        await hall.lit("A01", "A0001", most_s=AGAIN_S)
        hall.panel("A01").fault("cable_pulled")
        await hall.stands(ROOM, "panel-A01", "down", "line_down", most_s=VISIBLE_S)
        hall.panel("A01").heal("cable_pulled")
        await hall.stands(ROOM, "panel-A01", "unconfirmed", most_s=AGAIN_S)
        await hall.lit("A01", "A0001")


async def test_two_candle_boards_on_one_line(a_broker: Mosquitto, tmp_path: Path) -> None:
    two = ONE_ON_THE_LINE.replace('driver = "onbon_bx"', 'driver = "candle"')
    async with a_hall(a_broker, tmp_path, small(two, roster_logs_in=True)) as hall:
        await hall.start("controller", "displays")
        await hall.issue("tax")
        await call(hall, "A04")
        await hall.lit("A04", "AS0001")
        assert hall.lines("A05") == []
        await asyncio.gather(*(hall.stands(ROOM, f"panel-A0{n}", "unconfirmed") for n in (4, 5, 6)))


async def test_an_unknown_hall_or_driver_is_said_plainly(a_broker: Mosquitto, tmp_path: Path) -> None:
    async with a_hall(a_broker, tmp_path) as hall:
        with pytest.raises(AssertionError, match="the plan has no hall Z; it has A"):
            await hall.start("displays-Z")
