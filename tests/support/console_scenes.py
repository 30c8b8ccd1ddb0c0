"""Mornings in front of a console, made by hand on a clock that stands: for pictures."""

from __future__ import annotations

from consoles import MINUTE, TEN, Told, a_watch, still
from kiosks import kaiyang

from console.watch import Watch
from hall import events
from hall.commands import Principal
from hall.names import Role, Rule, Stage, WindowStatus

BY = Principal("console-1", "9001", Role.SUPERVISOR)


def a_bad_morning() -> Watch:
    """Hall A with three alarms at once and a few small ones; hall B with one."""
    watch = a_watch(kaiyang())
    told = Told(watch)
    told.standing()
    told.everybody()
    _queues(told)
    _windows(told)
    _devices(told)
    told.alarms(("last_window", "tobacco", "A15"), ("slip", "A0047", "A-K1: paper_out"))
    _events(told)
    other = Told(watch, "B")
    other.standing()
    other.everybody()
    for queue in other.board.site_hall.queues:
        other.queue(queue, waiting=2, oldest_at=TEN - 4 * MINUTE)
    other.queue("large", waiting=61, oldest_at=TEN - 52 * MINUTE, estimate_s=2400, open_windows=18)
    told.board.desk = ("9001", "console-1")
    return watch


def _queues(told: Told) -> None:
    """Three quarters of an hour of the general queue, so that there is an hour to draw."""
    standing = told.watch.clock
    for minute, waiting in enumerate((4, 9, 12, 18, 22, 21, 25, 31, 30, 34, 41)):
        told.watch.clock = still(TEN - (50 - 5 * minute) * MINUTE)
        told.queue("large", waiting=waiting)
    told.watch.clock = standing
    told.queue("large", waiting=44, oldest_at=TEN - 48 * MINUTE, estimate_s=1860, open_windows=6)
    told.queue("tax", waiting=7, oldest_at=TEN - 12 * MINUTE, estimate_s=900, open_windows=4)
    told.queue("real-estate", waiting=3, oldest_at=TEN - 50 * MINUTE, estimate_s=1200, open_windows=1)
    told.queue("fund", open_windows=1, estimate_s=0, issuing=False, why_not="issuing_stopped")
    told.queue("tobacco", waiting=2, oldest_at=TEN - 6 * MINUTE, estimate_s=-1, open_windows=0)


def _windows(told: Told) -> None:
    for place, window in enumerate(told.board.site_hall.windows):
        told.serving(window, f"A{31 + place:04d}", 2 + place, served=9 - place // 2)
    told.window("A03", staff="1003", served=6)
    told.window("A04", staff="1004", status=WindowStatus.PAUSED, pause="meeting", served=8)
    told.window(
        "A05",
        staff="1005",
        number="A0035",
        stage=Stage.CALLED,
        since=TEN - 40_000,
        served=7,
        held=("A0018",),
        directed=1,
    )
    told.window("A15", staff="1015", status=WindowStatus.CLOSED, served=2)
    told.window("A14", staff="", status=WindowStatus.CLOSED)
    told.board.idle = {"A03": TEN - 4 * MINUTE}


def _devices(told: Told) -> None:
    panels = {f"panel_{window}": ("up", "") for window in told.board.site_hall.windows}
    told.here("displays-A", **panels | {"panel_A07": ("down", "no_answer")})
    told.here("caller-A-1", line_A_1=("up", ""), keypad_A01=("up", ""), keypad_A02=("unconfirmed", ""))
    told.here("kiosk-A-K1", printer_A_K1=("up", "paper_out"))
    told.here("kiosk-A-K2", printer_A_K2=("up", "paper_low"))


def _events(told: Told) -> None:
    why = events.CallReason(rule=Rule.OWN, queue="large", waited_s=41 * 60)
    told.event(events.StaffLoggedIn("9001", Role.SUPERVISOR, device="console-1"), by=BY)
    told.event(events.TicketIssued("A0035", "large", "general", "now", kiosk="A-K1"), by=Principal("kiosk-A-K1"))
    told.event(events.SlipPrinted("A0035", "j"), by=Principal("kiosk-A-K1"))
    told.event(events.PriorityGiven("A0035", "elderly"), "八十岁", by=BY)
    told.event(events.TicketCalled("A0035", "A05", why, "1005"))
    told.event(events.WindowPaused("A04"))
    told.event(events.IssuingStopped("fund"), "系统升级", by=BY)
    told.event(events.SlipUnprinted("A0047", "j", "paper_out"), by=Principal("kiosk-A-K1"))
