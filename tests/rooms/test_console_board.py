"""The console's model without a screen: what it makes of views, presence and events, and what it says first."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest
from consoles import MINUTE, TEN, Told, a_watch, still
from kiosks import kaiyang
from plans import a_plan, window

from console import rows, words
from console.troubles import LOOK, NOW, SOON, Trouble, troubles
from hall import codec, events, views, wording
from hall.commands import Principal
from hall.names import Role, Rule, Stage, WindowStatus
from hall.plan.model import Plan
from transport.clock import Clock


@pytest.fixture
def told() -> Told:
    """Hall A of a small site, everybody there, all well."""
    told = Told(a_watch(a_plan()))
    told.everybody()
    told.standing()
    return told


def found(told: Told, after_ms: int = 0, alive: bool = True) -> list[Trouble]:
    """The alarms so much later; meanwhile everybody has gone on saying that they live."""
    now = TEN + after_ms
    for seen in told.board.rooms.values() if alive and after_ms else ():
        seen.fresh_until = max(seen.fresh_until, now)
    told.board.tick(now)
    return troubles(told.board, now)


def kinds(told: Told, after_ms: int = 0, alive: bool = True) -> list[str]:
    return [trouble.kind for trouble in found(told, after_ms, alive)]


# -- what is trouble -----------------------------------------------------------------------------------------------


def test_a_hall_that_is_well_has_no_alarm(told: Told) -> None:
    told.queue("large", waiting=3, oldest_at=TEN - 5 * MINUTE)
    told.serving("A01", "A0001", 4)
    assert kinds(told) == []


def test_a_wait_over_its_bound_is_an_alarm_that_grows(told: Told) -> None:
    told.queue("large", waiting=9, oldest_at=TEN - 29 * MINUTE)  # the plan's bound is 30 min
    assert kinds(told) == []
    (one,) = found(told, 2 * MINUTE)
    assert (one.kind, one.level, one.minutes, one.bound) == ("wait", SOON, 31, 30)
    told.board.acknowledge(one.key, one.since)
    assert found(told, 2 * MINUTE)[0].acknowledged
    (grown,) = found(told, 32 * MINUTE)
    assert grown.level == NOW and not grown.acknowledged, "twice the bound is news again"


def test_people_without_a_window_are_one_alarm_with_the_controllers_own(told: Told) -> None:
    told.queue("tax", waiting=4, oldest_at=TEN - MINUTE, open_windows=0)
    assert [(t.kind, t.level, t.alarms) for t in found(told)] == [("unserved", NOW, ())]
    told.alarms(("last_window", "tax", "A03"))
    assert [(t.kind, t.detail, t.alarms) for t in found(told)] == [("unserved", "A03", ("last_window:tax",))]
    told.queue("tax", waiting=0, open_windows=0)
    assert kinds(told) == ["last_window"], "the controller's alarm stands until a window opens"


def test_a_window_idle_while_people_it_may_serve_wait(told: Told) -> None:
    told.window("A01")
    told.queue("large", waiting=2, oldest_at=TEN)
    assert kinds(told) == []
    assert [(t.kind, t.subject, t.count) for t in found(told, 2 * MINUTE)] == [("idle", "A01", 2)]
    told.window("A01", number="A0001", stage=Stage.CALLED, since=TEN)
    assert kinds(told, 2 * MINUTE) == []
    told.window("A01")
    assert kinds(told, 3 * MINUTE) == [], "the time between two citizens begins anew"


def test_a_window_that_helps_is_idle_for_those_it_helps_but_never_for_a_restricted_queue(told: Told) -> None:
    told.queue("post", waiting=1, oldest_at=TEN)
    told.window("A01")
    found(told)
    assert kinds(told, 3 * MINUTE) == []
    told.window("A01", helps=("post", "tax"))
    found(told)
    assert kinds(told, 3 * MINUTE) == ["idle"]
    told.queue("post")
    told.queue("tax", waiting=1, oldest_at=TEN)
    assert kinds(told, 9 * MINUTE) == []


def test_many_idle_windows_are_one_line() -> None:
    names = [f"A{n:02d}" for n in range(1, 9)]
    plan = a_plan(windows={name: window(name, ("general",), n) for n, name in enumerate(names)})
    told = Told(a_watch(plan))
    told.everybody()
    told.queue("large", waiting=5, oldest_at=TEN)
    for name in names:
        told.window(name)
    found(told)
    (one,) = found(told, 3 * MINUTE)
    assert one.subject == "A01 A02 A03 A04 A05 +3"


def test_devices_down_and_ill_are_told_once_whoever_tells(told: Told) -> None:
    told.here("displays-A", panel_A01=("up", ""), panel_A02=("down", "no_answer"))
    told.alarms(("device", "panel-A02", "no_answer"))
    (one,) = found(told)
    assert (one.kind, one.subject, one.detail, one.alarms) == (
        "device",
        "panel-A02",
        "no_answer",
        ("device:panel-A02",),
    )
    told.here("displays-A", panel_A01=("up", ""), panel_A02=("up", ""))
    assert kinds(told) == ["device"], "the controller has not heard yet that it is well"
    told.alarms()
    assert kinds(told) == []


def test_a_dead_line_of_panels_is_one_alarm(told: Told) -> None:
    told.here("displays-A", **{f"panel_A{n:02d}": ("down", "line_down") for n in range(1, 49)})
    (one,) = found(told)
    assert (one.kind, one.count, one.level) == ("devices", 48, SOON)


def test_paper_low_is_a_look_and_paper_out_is_soon(told: Told) -> None:
    told.here("kiosk-A-K1", printer_A_K1=("up", "paper_low"))
    told.here("kiosk-A-K2", printer_A_K2=("up", "paper_out"))
    assert [(t.detail, t.level) for t in found(told)] == [("paper_out", SOON), ("paper_low", LOOK)]


def test_an_unconfirmed_device_is_no_alarm(told: Told) -> None:
    told.here("displays-A", panel_A01=("unconfirmed", ""))
    assert kinds(told) == []


def test_a_room_that_says_good_bye_falls_silent_or_never_came(told: Told) -> None:
    told.here("kiosk-A-K1", up=False)
    assert kinds(told) == ["room_down"]
    told.here("kiosk-A-K1", retained=False)
    assert kinds(told) == []
    assert "room_silent" in kinds(told, 46_000, alive=False), "three signs of life did not come"
    told("here/kiosk-A-K1", b"")
    assert kinds(told) == ["room_missing"]


def test_an_old_sign_of_life_that_still_stands_is_no_life(told: Told) -> None:
    told.here("kiosk-A-K1", ago_ms=10 * MINUTE)
    assert kinds(told) == ["room_silent"]


def test_presence_is_told_in_real_seconds_however_fast_the_hall_lives() -> None:
    told = Told(a_watch(a_plan(), Clock(TEN, 0, 60.0, read_ms=lambda: 0)))
    told.everybody()
    assert kinds(told, 30 * MINUTE, alive=False) == []
    assert "controller" in kinds(told, 50 * MINUTE, alive=False)


def test_the_controller_away_or_not_ready_comes_first(told: Told) -> None:
    told.queue("large", waiting=9, oldest_at=TEN - 31 * MINUTE)
    told.standing(ready=False, why_not="not_ready", issuing=False)
    assert kinds(told)[0] == "not_ready"
    told.here("controller", up=False)
    assert kinds(told)[0] == "controller"


def test_slips_full_and_stopped_queues(told: Told) -> None:
    told.alarms(("slip", "A0012", "A-K1: paper_out"))
    told.queue("large", waiting=500, oldest_at=TEN, why_not="queue_full", issuing=False)
    told.queue("post", why_not="issuing_stopped", issuing=False)
    assert kinds(told) == ["full", "slip", "stopped"]
    told.queue("large", why_not="issuing_stopped", issuing=False)
    assert kinds(told) == ["slip", "stopped_hall"]


def test_the_most_urgent_is_first_and_what_was_seen_is_last(told: Told) -> None:
    told.alarms(("slip", "A0012", "A-K1: paper_out"))
    told.queue("tax", waiting=1, oldest_at=TEN, open_windows=0)
    told.queue("large", waiting=9, oldest_at=TEN - 40 * MINUTE)
    assert kinds(told) == ["unserved", "wait", "slip"]
    first = found(told)[0]
    told.board.acknowledge(first.key, first.since)
    assert kinds(told) == ["wait", "slip", "unserved"]
    told.queue("tax", waiting=0)
    found(told)
    told.queue("tax", waiting=1, oldest_at=TEN, open_windows=0)
    assert kinds(told)[0] == "unserved", "what was over and comes again is news"


def test_an_alarm_of_a_kind_nobody_knows_is_shown_all_the_same(told: Told) -> None:
    told.alarms(("flood", "[red]cellar", "\x1b[2Jwater"))
    (one,) = found(told)
    text = rows.sentence(told.board, one, "en")
    assert "[red]cellar" in text and "\x1b" not in text


# -- what is heard -------------------------------------------------------------------------------------------------


def test_an_older_view_never_turns_the_board_back(told: Told) -> None:
    told.queue("large", waiting=5, epoch=2, revision=7)
    told.queue("large", waiting=9, epoch=2, revision=6)
    told.queue("large", waiting=9, epoch=1, revision=99)
    assert told.board.queues["large"].waiting == 5
    told("now/queues/large", b"")
    assert "large" not in told.board.queues


@pytest.mark.parametrize("payload", [b"\xff", b"{}", b"[]", b"null", b'{"queue":1}', b"[" * 5000])
@pytest.mark.parametrize(
    "topic", ["now/queues/large", "now/hall", "now/alarms", "here/x", "evt/TicketIssued", "now/x/y/z"]
)
def test_garbage_changes_nothing(told: Told, topic: str, payload: bytes) -> None:
    told.queue("large", waiting=5)
    before = (dict(told.board.queues), told.board.hall, told.board.alarms, set(told.board.rooms))
    told(topic, payload)
    assert (dict(told.board.queues), told.board.hall, told.board.alarms, set(told.board.rooms)) == before


def test_a_view_on_another_ones_topic_is_not_taken(told: Told) -> None:
    view = views.WindowView(
        epoch=1, revision=1, window="A02", name="", status=WindowStatus.OPEN, pause="", staff="", number="", stage=None,
        since=0, held=(), served=0, directed=0, rating_until=0,
    )  # fmt: skip
    told("now/windows/A01", codec.encode(view))
    assert not told.board.windows


def test_with_the_link_down_nobody_is_called_missing(told: Told) -> None:
    told.board.link_down(TEN)
    assert kinds(told, 10 * MINUTE, alive=False) == []
    told.board.link_up(TEN)
    assert kinds(told) == []
    assert "controller" in kinds(told, MINUTE), "who is not heard again is not there"


def test_the_life_of_a_ticket_in_order_and_once(told: Told) -> None:
    first = told.event(events.TicketIssued("A0001", "large", "general", "now"))
    told.event(events.TicketIssued("A0002", "large", "general", "now"))
    why = events.CallReason(rule=Rule.OWN, queue="large", waited_s=600)
    told.event(events.TicketCalled("A0001", "A01", why, "1001"))
    told("evt/TicketIssued", codec.encode(first), retained=False)
    life = told.board.lives.of("A0001")
    assert [type(r.event).__name__ for r in life] == ["TicketIssued", "TicketCalled"]
    assert "本队列, 等了10分" in words.event(life[1], "zh", {})
    assert len(told.board.lives.recent) == 3


def test_yesterdays_number_is_another_ticket(told: Told) -> None:
    told.event(events.TicketIssued("A0001", "large", "general", "now"))
    again = msgspec.structs.replace(
        told.event(events.TicketIssued("A0003", "large", "general", "now")), seq=900, day="2026-11-24",
        event=events.TicketIssued("A0001", "large", "general", "now"),
    )  # fmt: skip
    told("evt/TicketIssued", codec.encode(again), retained=False)
    assert [r.day for r in told.board.lives.of("A0001")] == ["2026-11-24"]


@pytest.mark.parametrize(
    ("event", "stands"),
    [
        (events.StaffLoggedIn("3001", Role.SUPERVISOR, device="console-1"), True),
        (events.StaffLoggedIn("3001", Role.SUPERVISOR, device="console-2"), False),
        (events.StaffLoggedIn("3002", Role.SUPERVISOR, device="console-2"), True),
        (events.StaffLoggedOut("3001"), False),
        (events.StaffLoggedOut("1001", window="A01"), True),
    ],
)
def test_a_session_ends_when_somebody_takes_it_over(told: Told, event: Any, stands: bool) -> None:
    told.board.desk = ("3001", "console-1")
    told.event(event, by=Principal("console-1"))
    assert (told.board.desk is not None) == stands


# -- what is shown -------------------------------------------------------------------------------------------------


def test_queues_and_windows_in_trouble_are_listed_first(told: Told) -> None:
    told.queue("large", waiting=3, oldest_at=TEN - MINUTE)
    told.queue("tax", waiting=9, oldest_at=TEN - 31 * MINUTE)
    told.queue("post", waiting=1, oldest_at=TEN, open_windows=0)
    assert [row.key for row in rows.queue_rows(told.board, "zh", TEN)] == ["post", "tax", "large"]
    told.serving("A01", "A0001", 3)
    told.window("A02", status=WindowStatus.CLOSED)
    told.window("A03", status=WindowStatus.PAUSED, pause="break")
    told.window("A04")
    found(told)
    listed = rows.window_rows(told.board, "zh", TEN + 3 * MINUTE)
    assert [row.key for row in listed] == ["A04", "A03", "A01", "A02"]
    assert [row.key for row in rows.window_rows(told.board, "zh", TEN, by_name=True)] == ["A01", "A02", "A03", "A04"]


def test_the_last_hour_as_bars(told: Told) -> None:
    clock = {"now": TEN - 30 * MINUTE}
    told.watch.clock = Clock(0, 0, read_ms=lambda: clock["now"])
    for waiting in (0, 10, 80, 20):
        told.queue("large", waiting=waiting)
        clock["now"] += 10 * MINUTE
    bars = told.board.history["large"].bars(12, TEN)
    assert bars[:5] == "     ", "nothing was heard before"
    assert (bars[5], bars[9], bars[11]) == ("▁", "█", "▂")
    told.queue("large", waiting=7)
    assert told.board.history["large"].bars(60, TEN - 20 * MINUTE).strip(), "a clock set back leaves no hole"


def test_every_trouble_event_and_fault_has_words_in_both_languages() -> None:
    for lang in wording.LANGS:
        keys = wording.CATALOGUES[lang]
        for kind in events.AnyEvent.__args__:
            assert f"console.event.{kind.__name__}" in keys
        for rule in Rule:
            assert f"console.rule.{rule.value}" in keys


def test_a_hundred_and_twenty_windows_and_five_thousand_waiting_in_a_blink() -> None:
    """The budget of a picture is 0.3 s from event to screen; the model may take a tenth of it on a slow machine."""
    plan = _large(kaiyang())
    told = Told(a_watch(plan, still(), "B"), "B")
    told.everybody()
    for queue in plan.halls["B"].queues:
        told.queue(queue, waiting=5000 // len(plan.halls["B"].queues), oldest_at=TEN - 90 * MINUTE)
    for name in plan.halls["B"].windows:
        told.window(name, helps=tuple(plan.halls["B"].queues))
    found(told)
    began = time.process_time()
    for number in range(20):
        told.event(events.TicketIssued(f"B{number:04d}", "large", "general", "now"))
        told.queue("large", waiting=300 + number, oldest_at=TEN - 90 * MINUTE)
        shown = found(told, 5 * MINUTE)
        rows.trouble_rows(told.board, shown, "zh", TEN)
        rows.queue_rows(told.board, "zh", TEN)
        assert len(rows.window_rows(told.board, "zh", TEN)) == 120
        rows.device_rows(told.board, "zh", TEN)
        rows.recent_rows(told.board, "zh", 60)
    assert (time.process_time() - began) / 20 < 0.03


def _large(plan: Plan) -> Plan:
    hall = plan.halls["B"]
    first = next(iter(hall.windows.values()))
    windows = {f"B{n:03d}": msgspec.structs.replace(first, id=f"B{n:03d}") for n in range(120)}
    return msgspec.structs.replace(plan, halls=plan.halls | {"B": msgspec.structs.replace(hall, windows=windows)})
