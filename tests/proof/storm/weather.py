"""What a seed draws before its day begins: the plan, how people are, and how hard each fault blows (a swarm of dials).

Most seeds leave most dials at nothing, so that two faults also meet without a third that hides them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import msgspec
from plans import a_plan, queue, window

from hall.names import Role, StaffKind
from hall.plan.keying import FF68_KEYS
from hall.plan.model import KeypadLine, Panel, Plan, Staff

MONDAY = 1_795_363_200_000  # 2026-11-23 00:00 in Shanghai
HOUR = 3_600_000
MINUTE = 60_000
SPARES = 12  # staff without a window of their own: whoever is gone with a plan is replaced by one of them
SERVED_MEAN_S = 150  # a case; the number of windows is drawn, the arrivals follow from both

OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"start_on_call": True, "unanswered_after_s": 90, "no_show_after_calls": 1, "at_close": "expire"},
    {"call_unprinted": False, "next_on_called": "no_show", "no_show_after_calls": 1, "no_show_after_s": 5},
    {"next_on_called": "finish", "next_finishes": False, "issue_unstaffed": True, "self_declared_priority": True},
)
RATIOS = ({}, {"priority": 1, "ordinary": 1, "in_a_row": 1}, {"priority": 3, "ordinary": 1, "in_a_row": 3})


@dataclass(slots=True)
class Weather:
    """Shares are of one; rates are a day's count; spans are milliseconds."""

    seed: int
    plan: Plan
    through_the_turn: bool  # open all night: the day turns at five with people waiting
    days: int
    per_minute: float
    # wires
    latency: int
    lost: float
    doubled: float
    late: float
    late_ms: int
    outages: int
    # controller
    crashes: int
    fsync: int
    slow_disk: float
    jumps: int
    # machines
    printer_faults: int
    torn: float
    kiosk_kills: int
    kiosk_skew: int  # of its clock, to the past
    panel_cuts: int
    displays_kills: int
    # keypads
    bounce: float
    stuck: float
    nervous: float  # the same key pressed twice by a person
    # people
    gone: float
    comes_back: float
    elderly: float
    wrong: float  # of the cases: to be transferred
    held: float
    handed_back: float
    reloads: float  # of a kiosk's page in mid-touch
    breaks: int
    strangers: int
    voice: bool
    voice_faults: int
    plan_changes: int


def draw(seed: int) -> Weather:
    """The weather of a seed; the plan is drawn with it."""
    dice = random.Random(f"weather {seed}")
    some = lambda *values: dice.choice(values)  # noqa: E731 - a word for the table below
    turn = seed % 4 == 3
    windows = dice.randint(7, 10)
    return Weather(
        seed=seed,
        plan=_plan(dice, windows, turn),
        through_the_turn=turn,
        days=some(1, 1, 2),
        per_minute=windows * 60 / SERVED_MEAN_S * dice.uniform(0.8, 0.95) * 0.79,  # some 900 people a day
        latency=some(1, 4, 20, 80),
        lost=some(0, 0, 0.003, 0.03, 0.15),
        doubled=some(0, 0, 0.01, 0.1),
        late=some(0, 0, 0.002, 0.02),
        late_ms=some(3000, 20_000, 90_000),
        outages=some(0, 0, 1, 3),
        crashes=some(0, 1, 2, 4),
        fsync=some(1, 8, 30),
        slow_disk=some(0, 0, 0.001),
        jumps=some(0, 0, 0, 1, 3),
        printer_faults=some(0, 2, 6),
        torn=some(0, 0.002, 0.02),
        kiosk_kills=some(0, 2, 6),
        kiosk_skew=some(0, 400, 8 * MINUTE),
        panel_cuts=some(0, 3, 10),
        displays_kills=some(0, 0, 2),
        bounce=some(0, 0.02, 0.1),
        stuck=some(0, 0, 0.01),
        nervous=some(0, 0.02, 0.2),
        gone=some(0.01, 0.04, 0.12),
        comes_back=some(0, 0.5, 1),
        elderly=some(0.02, 0.1, 0.4),
        wrong=some(0, 0.02, 0.06),
        held=some(0, 0.01, 0.05),
        handed_back=some(0, 0.005),
        reloads=some(0, 0.01),
        breaks=some(0, 4, 12),
        strangers=some(0, 0, 30, 200),
        voice=seed % 2 == 0,
        voice_faults=some(2, 8, 30),
        plan_changes=some(0, 0, 1, 2),
    )


def another_plan(dice: random.Random, plan: Plan, sitting: tuple[str, ...]) -> Plan:
    """The same hall under another file: names, helps, bounds, ages and ratios change, one of those `sitting` is gone.

    What people here do by heart (options, keys, which units a window has) stays.
    """
    hall, gone = plan.halls["A"], dice.choice((*sitting, ""))
    windows = {
        w: msgspec.structs.replace(
            window, staff="" if window.staff == gone else window.staff,  # a roster with a stranger never goes live
            name=dice.choice((window.name, f"{w}号窗口")),
            helps=dice.choice((window.helps, tuple(q for q in ("large", "post") if q not in window.queues))),
        )
        for w, window in hall.windows.items()
    }  # fmt: skip
    queues = {
        q: msgspec.structs.replace(
            queue, finally_by_s=dice.choice((300, 1800)), ageing_percent=dice.choice((100, 150)),
            max_waiting=dice.choice((60, 500)),
        )
        for q, queue in hall.queues.items()
    }  # fmt: skip
    priority = msgspec.structs.replace(plan.priority, **dice.choice(RATIOS[1:]))
    staff = {number: person for number, person in plan.staff.items() if number != gone}
    hall = msgspec.structs.replace(hall, windows=windows, queues=queues)
    return msgspec.structs.replace(plan, halls={"A": hall}, priority=priority, staff=staff)


def _plan(dice: random.Random, windows: int, turn: bool) -> Plan:
    digits = dice.choice((4, 4, 2, 1))
    hours: dict[str, Any] = {"opens": 0, "closes": 1439} if turn else {}
    if not turn and dice.random() < 0.3:
        hours = {"lunch_from": 720, "lunch_to": 780, "issue_at_lunch": dice.random() < 0.5}
    queues = {
        q: queue(q, digits=digits, finally_by_s=dice.choice((300, 1800)), ageing_percent=dice.choice((100, 100, 150)),
                 service_prior_s=SERVED_MEAN_S, max_waiting=dice.choice((60, 500)))
        for q in ("large", "tax", "post")
    }  # fmt: skip
    made = {f"A{seat:02d}": _window(dice, seat, windows) for seat in range(1, windows + 1)}
    plan = a_plan(
        windows=made, queues=queues, hours=hours, priority=dice.choice(RATIOS), **_options(dice),
    )  # fmt: skip
    hall = plan.halls["A"]
    line = KeypadLine(
        id="A-1", driver="ff68", line="pty:keypads", fold_ms=400, entry_ms=8000, keys=FF68_KEYS,
        levels={f"{5 - level:02X}": level for level in range(1, 6)},
        targets={"1": "queue:large", "2": "queue:tax", "3": "queue:post", "4": "window:A01"},
    )  # fmt: skip
    spare = {
        f"11{n:02d}": Staff(id=f"11{n:02d}", role=Role.WINDOW, kind=StaffKind.INTEGRATED) for n in range(1, SPARES + 1)
    }
    hall = msgspec.structs.replace(hall, keypad_lines={"A-1": line})
    return msgspec.structs.replace(plan, halls={"A": hall}, staff={**plan.staff, **spare})


def _options(dice: random.Random) -> dict[str, Any]:
    rules = dict(dice.choice(OPTIONS))
    rules["unprinted_after_s"] = dice.choice((60, 90))
    rules.setdefault("evaluate_on_finish", dice.random() < 0.8)
    return rules


def _window(dice: random.Random, seat: int, windows: int) -> Any:
    """Half of them large, a third tax, the others post; each helps as the dice say."""
    share = seat / windows
    units = ("general",) if share <= 0.5 else ("tax",) if share <= 0.8 else ("post",)
    helps = tuple(q for q in ("large", "post") if dice.random() < 0.4)
    panel = Panel(driver="onbon_bx", line=f"tcp://127.0.0.1:{5000 + seat}", address=1, lines=2, columns=16, options={})
    return window(
        f"A{seat:02d}", units, seat, policy="large_cycle" if units == ("general",) else "small_cycle", panel=panel,
        helps=tuple(q for q in helps if q != ("large" if units == ("general",) else units[0])),
        help_when=dice.choice(("idle", "idle", "bound", "ratio")), help_bound_s=240, help_every=3,
    )  # fmt: skip
