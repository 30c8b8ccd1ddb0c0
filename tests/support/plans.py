"""Small plans made in Python, for tests of the core: a hall with a few queues and windows, every rule settable."""

from __future__ import annotations

from typing import Any

from hall.names import Role, StaffKind
from hall.plan.model import (
    Bench,
    Broker,
    Entry,
    Hall,
    Hours,
    Kiosk,
    Limits,
    Options,
    Plan,
    Priority,
    Queue,
    Seat,
    Site,
    Staff,
    Unit,
    Window,
)

QUEUES = {"large": ("A", "general", False), "tax": ("AS", "tax", True), "post": ("AP", "post", False)}


def options(**changed: Any) -> Options:
    """The rules the plays start from; each play changes what it is about."""
    rules: dict[str, Any] = {
        "guard_s": 8, "start_on_call": False, "next_finishes": True, "next_on_called": "refuse", "recall_limit": 3,
        "no_show_after_calls": 2, "no_show_after_s": 20, "unanswered_after_s": 0, "return_after": 3, "return_limit": 2,
        "hold_limit": 3, "unprinted_after_s": 60, "print_job_expires_s": 60, "call_unprinted": True,
        "self_declared_priority": False, "roster_logs_in": True, "at_close": "serve", "rating_open_s": 300,
        "evaluate_on_finish": True, "issue_unstaffed": False, "estimate_window": 20,
    }  # fmt: skip
    return Options(**(rules | changed))


def window(name: str, units: tuple[str, ...], seat: int, **changed: Any) -> Window:
    owned = tuple(q for q, (_, unit, _) in QUEUES.items() if unit in units)
    fields: dict[str, Any] = {
        "id": name, "kind": "window", "name": f"综合受理窗口{name}", "policy": "small_cycle", "units": units,
        "queues": owned, "helps": (), "help_when": "idle", "help_bound_s": 600, "help_every": 3, "panel": None,
        "seat": Seat(line="A-1", address=seat), "staff": f"10{seat:02d}",
    }  # fmt: skip
    return Window(**(fields | changed))


def queue(name: str, **changed: Any) -> Queue:
    prefix, unit, restricted = QUEUES[name]
    fields: dict[str, Any] = {
        "id": name, "name": name, "name_en": name, "prefix": prefix, "digits": 4, "units": (unit,),
        "restricted": restricted, "ageing_percent": 100, "finally_by_s": 1800, "service_prior_s": 300,
        "max_waiting": 500,
    }  # fmt: skip
    return Queue(**(fields | changed))


def a_plan(
    windows: dict[str, Window] | None = None,
    queues: dict[str, Queue] | None = None,
    hours: dict[str, Any] | None = None,
    priority: dict[str, int] | None = None,
    **rules: Any,
) -> Plan:
    """A site of one hall A: A01, A02 large cycle, A03 tax, A04 post; two kiosks."""
    windows = windows or {
        "A01": window("A01", ("general",), 1, policy="large_cycle"),
        "A02": window("A02", ("general",), 2, policy="large_cycle"),
        "A03": window("A03", ("tax",), 3),
        "A04": window("A04", ("post",), 4),
    }
    opening: dict[str, Any] = {
        "weekdays": (1, 2, 3, 4, 5, 6, 7), "opens": 540, "closes": 1020, "lunch_from": None, "lunch_to": None,
        "issue_at_lunch": True, "stop_issuing_before_close_min": 0,
    }  # fmt: skip
    hall = Hall(
        id="A", name="A厅", name_en="Hall A", area="法人", hours=Hours(**(opening | (hours or {}))),
        units={u: Unit(id=u, name=u, name_en=u, restricted=r) for _, u, r in QUEUES.values()},
        queues=queues or {q: queue(q) for q in QUEUES},
        entries=tuple(
            Entry(id=q if q != "large" else "now", name=q, name_en=q, button="now" if q == "large" else "help",
                  page="main", queue=q, unit=unit)
            for q, (_, unit, _) in QUEUES.items() if q in (queues or QUEUES)
        ),
        windows=windows,
        kiosks={k: _kiosk(k) for k in ("A-K1", "A-K2")},
        keypad_lines={}, notices={},
    )  # fmt: skip
    staff = {w.staff: Staff(id=w.staff, role=Role.WINDOW, kind=StaffKind.UNIT) for w in windows.values() if w.staff}
    staff |= {
        "1099": Staff(id="1099", role=Role.WINDOW, kind=StaffKind.INTEGRATED),
        "2001": Staff(id="2001", role=Role.GUIDE, kind=StaffKind.INTEGRATED),
        "3001": Staff(id="3001", role=Role.SUPERVISOR, kind=StaffKind.INTEGRATED),
    }
    classes = ("elderly", "disabled", "pregnant", "veteran")
    ratio = {"priority": 2, "ordinary": 1, "in_a_row": 2} | (priority or {})
    return Plan(
        v=1,
        site=Site(id="test", name="试验", name_en="Test", time_zone="Asia/Shanghai", day_starts=300,
                  mode="simulated", notes=()),
        broker=Broker(kind="external", host="127.0.0.1", port=1, user="", password_file=""),
        options=options(**rules),
        priority=Priority(classes=classes, names={}, names_en={}, **ratio),
        limits=Limits(letters_per_s=20, letters_burst=40, letter_age_s=600, event_expires_s=30),
        bench=Bench(host="127.0.0.1", port=2),
        halls={"A": hall},
        staff=staff,
    )  # fmt: skip


def _kiosk(name: str) -> Kiosk:
    return Kiosk(
        id=name, name=name, host="127.0.0.1", port=3, printer_driver="escpos", printer_line="tcp://127.0.0.1:9",
        slip_columns=48, idle_s=30, result_s=15, screen="portrait",
    )  # fmt: skip
