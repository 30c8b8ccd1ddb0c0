"""The controller on a real broker: killed under load, lied to, flooded, deposed; nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import aiomqtt
import msgspec
import pytest
from brokers import PASSWORD, USER, Mosquitto
from controllers import FAST, Asker, Controller, a_controller, an_asker, two_halls
from playing import MORNING
from waiting import until

from hall import codec, topics
from hall import commands as c
from hall import events as e
from hall.names import Role, Why
from hall.views import HallView
from transport.asking import NotAnswered

KILLS, ASKED, AT_ONCE = 4, 240, 12


def event(answer: tuple[e.Recorded, ...]) -> e.Event:
    return answer[0].event


# -- killed under load ---------------------------------------------------------------------------------------------


async def test_killed_under_load_nothing_is_lost_or_doubled(tmp_path: Path, a_broker: Mosquitto) -> None:
    """Four kill -9 while 240 numbers are asked for and windows call: every answer given still stands (I1 I4 I7 I8)."""
    plan, too_early = two_halls(a_broker, **FAST), list[str]()
    async with a_controller(plan, tmp_path) as controller, an_asker(a_broker, controller, "kiosk-A-K1") as kiosk:
        kiosk.on_event = lambda record: too_early.extend(_not_durable(controller, record))
        async with an_asker(a_broker, controller, "caller-A-1") as caller, asyncio.TaskGroup() as tasks:
            numbers: dict[int, str] = {}
            touches = iter(range(ASKED))
            citizens = [tasks.create_task(_citizen(kiosk, touches, numbers)) for _ in range(AT_ONCE)]
            tasks.create_task(_calling(caller, citizens))
            for kill in range(1, KILLS + 1):
                await until(lambda kill=kill: len(numbers) >= kill * ASKED // (KILLS + 1), 60)  # type: ignore[misc]
                await controller.kill()
                await controller.start()
        assert too_early == []
        assert len(set(numbers.values())) == ASKED
        for touch in range(0, ASKED, 7):
            assert await kiosk.issue(f"touch-{touch}") == numbers[touch], "the same answer for ever"
        issued = controller.rows("SELECT ticket FROM events WHERE what = 'TicketIssued'")
        assert sorted(ticket for (ticket,) in issued) == sorted(numbers.values())  # type: ignore[type-var]
        called = controller.rows("SELECT ticket FROM events WHERE what = 'TicketCalled'")
        assert max(Counter(called).values()) == 1
        for window in ("A01", "A02"):
            order = [(panel.epoch, panel.revision) for panel in kiosk.panels(window)]
            assert order == sorted(order), "a panel never goes back"
        assert controller.rows("SELECT count(*) FROM events WHERE what = 'ControllerStarted'") == [(KILLS + 1,)]


def _not_durable(controller: Controller, record: e.Recorded) -> list[str]:
    """Whatever is heard must lie in the journal already (I4)."""
    found = controller.rows(f"SELECT cause FROM events WHERE seq = {record.seq}", record.hall)
    return [] if found == [(record.cause,)] else [f"{record.id} was spoken before it was durable"]


async def _citizen(kiosk: Asker, touches: Iterator[int], numbers: dict[int, str]) -> None:
    for touch in touches:
        numbers[touch] = await kiosk.issue(f"touch-{touch}", within_s=60)


async def _calling(caller: Asker, citizens: list[asyncio.Task[None]]) -> None:
    """Two windows that serve as fast as they may, while anybody takes numbers."""
    while not all(task.done() for task in citizens):
        for window in ("A01", "A02"):
            for command in (c.CallNext(window), c.StartService(window), c.FinishService(window)):
                await caller.ask(command, Role.WINDOW, within_s=60)


# -- one site, two halls -------------------------------------------------------------------------------------------


async def test_staff_logged_in_at_one_hall_sit_nowhere_in_the_other(tmp_path: Path, a_broker: Mosquitto) -> None:
    async with (
        a_controller(two_halls(a_broker), tmp_path) as controller,
        an_asker(a_broker, controller, "caller-A-1", "A") as a,
        an_asker(a_broker, controller, "caller-B-1", "B") as b,
    ):
        await a.ask(c.LogOut("A01"), Role.DEVICE)
        assert isinstance(event(await a.ask(c.LogIn("1099", "A01"), Role.DEVICE)), e.StaffLoggedIn)
        refused = event(await b.ask(c.LogIn("1099", "B01"), Role.DEVICE))
        assert isinstance(refused, e.CommandRefused)
        assert (refused.why, refused.detail) == (Why.STAFF_ELSEWHERE, "A01")
        await controller.kill()
        await controller.start()
        refused = event(await b.ask(c.LogIn("1099", "B01"), Role.DEVICE))
        assert isinstance(refused, e.CommandRefused), "also after a restart"
        await a.ask(c.LogOut("A01"), Role.DEVICE)
        assert isinstance(event(await b.ask(c.LogIn("1099", "B01"), Role.DEVICE)), e.StaffLoggedIn)


async def test_a_broken_journal_stops_its_own_hall_only(tmp_path: Path, a_broker: Mosquitto) -> None:
    plan = two_halls(a_broker)
    async with a_controller(plan, tmp_path) as controller:
        assert await controller.stop() == 0
        with sqlite3.connect(tmp_path / "journal" / "test-A.db") as thief:
            thief.execute("DROP TRIGGER events_never_change")
            thief.execute("UPDATE events SET body = x'00' WHERE seq = 2")
        await controller.start()
        assert "the hash chain breaks at event 2" in controller.log()
        async with (
            an_asker(a_broker, controller, "kiosk-A-K1", "A") as a,
            an_asker(a_broker, controller, "caller-B-1", "B") as b,
        ):
            await b.ask(c.LogIn("1099", "B01"), Role.DEVICE)
            await until(lambda: a.hall_view() is not None and not a.hall_view().ready)  # type: ignore[union-attr]
            with pytest.raises(NotAnswered):
                await a.issue(within_s=1.5)
            async with an_asker(a_broker, controller, "kiosk-B-K1", "B") as kiosk:
                assert await kiosk.issue(entry="now-b") == "B0001"


async def test_no_journal_at_all_ends_the_process_with_a_reason(tmp_path: Path, a_broker: Mosquitto) -> None:
    (tmp_path / "journal").write_text("a file where a folder should be")
    async with a_controller(two_halls(a_broker), tmp_path, ready=False) as controller:
        assert await controller.ended() == 1
        assert "give the controller's user the right" in controller.log()
        assert "Traceback" not in controller.log()


async def test_a_second_controller_on_the_same_state_refuses(tmp_path: Path, a_broker: Mosquitto) -> None:
    plan = two_halls(a_broker)
    async with a_controller(plan, tmp_path) as first, an_asker(a_broker, first, "kiosk-A-K1") as kiosk:
        async with a_controller(plan, tmp_path, ready=False) as second:
            assert await second.ended() == 1
            assert "in use by another controller" in second.log()
        assert await kiosk.issue() == "A0001"


async def test_a_controller_with_a_higher_epoch_deposes_ours(tmp_path: Path, a_broker: Mosquitto) -> None:
    plan = two_halls(a_broker)
    async with a_controller(plan, tmp_path / "old") as old, an_asker(a_broker, old, "kiosk-A-K1") as kiosk:
        await kiosk.issue()
        async with a_controller(plan, tmp_path / "new", starts_at=MORNING + 60_000):
            assert await old.ended() == 1
            assert "another controller with epoch" in old.log()


# -- lies, rubbish, floods -----------------------------------------------------------------------------------------


def _letter(**changed: object) -> bytes:
    letter = {
        "id": "lie", "hall": "A", "by": {"device": "kiosk-A-K1", "role": "citizen"}, "at": 1_795_397_400_000,
        "command": {"what": "IssueTicket", "entry": "now"},
    }  # fmt: skip
    return json.dumps(letter | changed).encode()


LIES: dict[str, tuple[str, bytes]] = {
    "system": ("kiosk-A-K1/IssueTicket", _letter(by={"device": "kiosk-A-K1", "role": "system"})),
    "internal": ("kiosk-A-K1/TimePassed", _letter(command={"what": "TimePassed"})),
    "plan": ("kiosk-A-K1/AdoptPlan", _letter(command={"what": "AdoptPlan", "plan": {}, "hash": "x"})),
    "another device's name": ("kiosk-A-K2/IssueTicket", _letter()),
    "another hall": ("kiosk-A-K1/IssueTicket", _letter(hall="B")),
    "another command": ("kiosk-A-K1/CallNext", _letter()),
    "no id": ("kiosk-A-K1/IssueTicket", _letter(id="")),
    "a long id": ("kiosk-A-K1/IssueTicket", _letter(id="x" * 1000)),
    "no JSON": ("kiosk-A-K1/IssueTicket", b"\xff\x00{{{"),
    "nothing": ("kiosk-A-K1/IssueTicket", b""),
    "deep": ("kiosk-A-K1/IssueTicket", b"[" * 100_000),
    "not a number": ("kiosk-A-K1/IssueTicket", _letter().replace(b"1795397400000", b"NaN")),
    "unknown role": ("kiosk-A-K1/IssueTicket", _letter(by={"device": "kiosk-A-K1", "role": "god"})),
    "unknown command": ("kiosk-A-K1/Explode", _letter(command={"what": "Explode"})),
}
REFUSED: dict[str, tuple[str, bytes]] = {
    "a book": ("kiosk-A-K1/IssueTicket", _letter(id="book", command={"what": "IssueTicket", "entry": "x" * 200_000})),
    "an age ago": ("kiosk-A-K1/IssueTicket", _letter(id="old", at=-(10**30))),
    "a supervisor's word": ("console-1/StopIssuing", _letter(
        id="boss", by={"device": "console-1", "staff": "3001", "role": "supervisor"},
        command={"what": "StopIssuing", "reason": "x"})),
    "a proof of one's own making": ("console-1/LogIn", _letter(
        id="proof", by={"device": "console-1", "role": "device"},
        command={"what": "LogIn", "staff": "3001", "proved": True})),
    "an infinite number": ("caller-A-1/CallNumber", _letter(
        id="nine", by={"device": "caller-A-1", "role": "window"},
        command={"what": "CallNumber", "window": "A01", "number": "9" * 5000})),
}  # fmt: skip


async def test_lies_and_rubbish_change_nothing(tmp_path: Path, a_broker: Mosquitto) -> None:
    async with (
        a_controller(two_halls(a_broker, **FAST), tmp_path) as controller,
        an_asker(a_broker, controller, "kiosk-A-K1") as kiosk,
    ):
        before = controller.rows("SELECT count(*) FROM events")
        for rest, payload in LIES.values():
            await kiosk.link.say(f"test/A/cmd/{rest}", payload)
        async with aiomqtt.Client("127.0.0.1", a_broker.port, username=USER, password=PASSWORD) as stranger:
            await stranger.publish("test/A/cmd/kiosk-A-K1/IssueTicket", b" " * codec.PAYLOAD_MAX + _letter(), qos=1)
        assert await kiosk.issue("honest") == "A0001"
        assert controller.rows("SELECT count(*) FROM events") == [(before[0][0] + 1,)]  # type: ignore[operator]
        for rest, payload in REFUSED.values():
            await kiosk.link.say(f"test/A/cmd/{rest}", payload)
        await until(lambda: sum(isinstance(r.event, e.CommandRefused) for r in kiosk.heard) == len(REFUSED))
        assert controller.process.returncode is None
        for name in ("not for the bus", "not its own topic", "unreadable", "no proper id"):
            assert name in controller.log(), "the fault is counted and named"
        assert "Traceback" not in controller.log()
        assert "bug in a decision" not in controller.log()


async def test_a_retained_command_is_not_obeyed(tmp_path: Path, a_broker: Mosquitto) -> None:
    """A letter that stands retained on the broker would come again at every start."""
    async with (
        a_controller(two_halls(a_broker), tmp_path) as controller,
        an_asker(a_broker, controller, "kiosk-A-K1") as kiosk,
    ):
        await kiosk.link.say("test/A/cmd/kiosk-A-K1/IssueTicket", _letter(id="standing"), retain=True)
        await until(lambda: len(kiosk.heard) > 0)
        seen = len(kiosk.heard)
        await controller.kill()
        await controller.start()
        assert await kiosk.issue() == "A0002"
        assert len([r for r in kiosk.heard[seen:] if isinstance(r.event, e.TicketIssued)]) == 1


async def test_a_flood_from_one_device_does_not_disturb_another(tmp_path: Path, a_broker: Mosquitto) -> None:
    async with (
        a_controller(two_halls(a_broker), tmp_path) as controller,
        an_asker(a_broker, controller, "kiosk-A-K1") as kiosk,
        an_asker(a_broker, controller, "kiosk-A-K2") as mad,
    ):
        loop = asyncio.get_running_loop()
        began = loop.time()
        for n in range(3000):
            by = {"device": "kiosk-A-K2", "role": "citizen"}
            mad.link.say_soon("test/A/cmd/kiosk-A-K2/IssueTicket", _letter(id=f"mad-{n}", by=by))
        waits = []
        for _ in range(5):
            asked = loop.time()
            await kiosk.issue()
            waits.append(loop.time() - asked)
        assert sorted(waits)[2] < 2.0, waits
        await asyncio.wait_for(mad.link.said(), 60)
        most = 100 + 20 * (loop.time() - began)
        [(count,)] = controller.rows("SELECT count(*) FROM events WHERE what = 'TicketIssued'")
        assert isinstance(count, int)
        assert count < min(most, 2500), "a burst and twenty a second, not three thousand"
        assert "too fast" in controller.log()


# -- the broker ----------------------------------------------------------------------------------------------------


async def test_everything_retained_is_back_right_after_a_broker_restart(tmp_path: Path, a_broker: Mosquitto) -> None:
    async with a_controller(two_halls(a_broker), tmp_path) as controller:
        async with an_asker(a_broker, controller, "kiosk-A-K1") as kiosk:
            await kiosk.issue()
            a_broker.kill()
            a_broker.start()
            kiosk.views.clear()
            assert await kiosk.issue(within_s=20) == "A0002", "asked on through the restart"
        async with an_asker(a_broker, controller, "newcomer") as newcomer:
            wanted = {
                "hall",
                "alarms",
                "queues/large",
                "queues/tax",
                "panels/A01",
                "panels/A04",
                "windows/A03",
                "jobs/A-K1",
            }
            await until(lambda: wanted <= set(newcomer.views), 10)
            shown = newcomer.hall_view()
            assert shown is not None
            assert (shown.ready, shown.phase) == (True, "open")


async def test_panels_say_how_it_is_after_a_kill(tmp_path: Path, a_broker: Mosquitto) -> None:
    async with (
        a_controller(two_halls(a_broker), tmp_path) as controller,
        an_asker(a_broker, controller, "kiosk-A-K1") as kiosk,
        an_asker(a_broker, controller, "caller-A-1") as caller,
    ):
        await kiosk.issue()
        await caller.ask(c.CallNext("A01"), Role.WINDOW)
        await controller.kill()
        kiosk.views.clear()
        await controller.start()
        await until(lambda: bool(kiosk.panels("A01")), 10)
        panel = kiosk.panels("A01")[-1]
        assert (panel.number, panel.lines) == ("A0001", ("综合受理窗口A01", "请A0001号"))


async def test_a_window_the_plan_lost_leaves_no_view_behind(tmp_path: Path, a_broker: Mosquitto) -> None:
    plan = two_halls(a_broker)
    async with a_controller(plan, tmp_path) as controller, an_asker(a_broker, controller, "kiosk-A-K1") as kiosk:
        await until(lambda: "panels/A04" in kiosk.views)
        await controller.stop()
        hall = plan.halls["A"]
        windows = {name: window for name, window in hall.windows.items() if name != "A02"}
        smaller = msgspec.structs.replace(
            plan, halls={**plan.halls, "A": msgspec.structs.replace(hall, windows=windows)}
        )
        (tmp_path / "plan.json").write_bytes(msgspec.json.encode(smaller))
        await controller.start()
        await until(lambda: kiosk.views["panels/A02"][-1] == b"" and kiosk.views["windows/A02"][-1] == b"")


async def test_a_stranger_on_now_hall_is_not_believed_when_it_is_rubbish(tmp_path: Path, a_broker: Mosquitto) -> None:
    async with (
        a_controller(two_halls(a_broker), tmp_path) as controller,
        an_asker(a_broker, controller, "kiosk-A-K1") as kiosk,
    ):
        await kiosk.issue()
        shown = kiosk.hall_view()
        assert shown is not None
        lower = codec.encode(msgspec.structs.replace(shown, epoch=shown.epoch - 5, ready=False))
        for payload in (b"", b"{", b"\xff", b'{"epoch": "high"}', lower):
            await kiosk.link.say(topics.now("test", "A", "hall"), payload)
        assert await kiosk.issue() == "A0002"
        assert isinstance(shown, HallView)
        assert controller.process.returncode is None
