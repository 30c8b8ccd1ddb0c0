"""The table at the end: what the day was like for people, and what the machines needed.

`hall replay --help` explains its rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from simulators.replay.desks import GUARD_S, WALK_S, Tally
from simulators.replay.people import NO_MACHINE, Citizen, Crowd

HALF_HOUR_MS = 30 * 60_000
KEPT = "replay.jsonl"  # in the state directory: the figures of each day so far
SHOWN_MAX = 20  # faults, and rows left out, under the table
LATE_MS = 5 * 60_000  # hall time: whose touch comes later than this is one the computer was too slow for

LABELS = {
    "day": "日期 day of the file",
    "arrivals": "到达 arrivals",
    "left_out": "无法读的行 rows left out",
    "tickets": "取到号 tickets",
    "served": "办结 served",
    "no_shows": "过号 no-shows",
    "refused": "未取到号 refused",
    "why_refused": "未取到号的原因 why refused",
    "windows": "有人的窗口 staffed windows",
    "load_asked": "高峰小时负荷 load asked, busiest hour",
    "utilisation": "全天利用率 utilisation, whole day",
    "utilisation_of_the_busiest_half_hour": "最忙半小时利用率 busiest half hour",
    "waits_s": "等候 waits (s)",
    "file_waits_s": "原记录等候 file's waits (s)",
    "longest_wait_s": "最长等候 longest wait (s)",
    "press_to_light_ms": "按键到亮屏 press to light (ms)",
    "touch_to_slip_ms": "触摸到出票 touch to slip (ms)",
    "slips_seen": "见到的小票 slips seen",
    "calls": "按呼叫键 presses of 呼叫",
    "calls_to_nobody": "其中已无人等候 …nobody left",
    "keys_s": "每次办理按键耗时 keys of a visit (s)",
    "late_touches": "迟到的触摸 late touches",
    "faults": "故障 faults",
}


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of them lies; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def summary(crowd: Crowd, tally: Tally, open_ms: int, rate: float, more_faults: Iterable[str]) -> dict[str, object]:
    """The figures, by name; waits in seconds of hall time, latencies in real milliseconds."""
    people = crowd.citizens
    slips = [(c.slip_ms - c.touched_ms) / rate for c in people if c.slip_ms]
    busy = [sum(end - start for start, end in spans) / open_ms for spans in tally.busy.values()]
    return {
        "arrivals": len(people),
        "tickets": sum(1 for c in people if c.number),
        "served": sum(1 for c in people if c.outcome == "served"),
        "no_shows": sum(1 for c in people if c.outcome == "no_show"),
        "refused": sum(1 for c in people if refusal(c)),
        "why_refused": dict(Counter(why for c in people if (why := refusal(c)))),
        "windows": len(busy),
        "utilisation": round(sum(busy) / len(busy), 3) if busy else 0.0,
        "utilisation_of_the_busiest_half_hour": round(peak(list(tally.busy.values())), 3),
        "waits_s": _by_class(people, lambda c: (c.called_ms - c.touched_ms) / 1000 if c.called_ms else None),
        "file_waits_s": _by_class(people, lambda c: c.arrival.file_waited_s),
        "longest_wait_s": round(max(((c.called_ms - c.touched_ms) / 1000 for c in people if c.called_ms), default=0.0)),
        "press_to_light_ms": _latency(tally.press_to_light),
        "touch_to_slip_ms": _latency(slips),
        "slips_seen": len(slips),
        "calls": tally.calls,
        "calls_to_nobody": tally.nobody,
        "keys_s": keys_s(people),
        "late_touches": sum(1 for c in people if is_late(c)),
        "faults": [
            *tally.faults,
            *(f"number given twice: {n}" for n in crowd.doubles),
            *lost(people),
            *too_slow(people, rate),
            *more_faults,
        ],
    }


def refusal(citizen: Citizen) -> str:
    """Why this citizen has no number; "" when there is one."""
    return citizen.outcome.removeprefix("refused:") if citizen.outcome.startswith("refused:") else ""


def keys_s(people: Iterable[Citizen]) -> int:
    """How much longer than walking and the matter itself a visit held its window, in the middle; what the machines and
    wires take of real time, times the speed."""
    served = [c for c in people if c.outcome == "served"]
    return round(
        quantile([(c.ended_ms - c.called_ms) / 1000 - WALK_S - max(GUARD_S, c.arrival.service_s) for c in served], 0.5)
    )


def is_late(citizen: Citizen) -> bool:
    return citizen.touched_ms - citizen.arrival.at_ms > LATE_MS


def too_slow(people: Iterable[Citizen], rate: float) -> list[str]:
    """Who got no number for want of a machine, or came so late that the hall had closed: no fault of theirs."""
    stranded = [c for c in people if refusal(c) in NO_MACHINE or (refusal(c) == "hall_closed" and is_late(c))]
    if not stranded:
        return []
    return [
        f"{len(stranded)} citizens found no ticket machine free in time: this computer is too slow, or too busy with"
        f" something else, for --speed {rate:g}; try --speed {max(1, round(rate / 2))} (or a kiosk stood still: see its"
        " log)"
    ]


def peak(windows: Sequence[Sequence[tuple[int, int]]]) -> float:
    """The busiest half hour: share of the staffed windows that had a citizen."""
    begins = sorted({start // HALF_HOUR_MS for spans in windows for start, _ in spans})
    shares = [
        sum(overlap(span, first * HALF_HOUR_MS) for spans in windows for span in spans) / HALF_HOUR_MS / len(windows)
        for first in begins
    ]
    return max(shares, default=0.0)


def overlap(span: tuple[int, int], begins_ms: int) -> int:
    """How much of a span lies in the half hour that begins there."""
    return max(0, min(span[1], begins_ms + HALF_HOUR_MS) - max(span[0], begins_ms))


def lost(people: Iterable[Citizen]) -> list[str]:
    """Everybody who holds a number was called, and left served or as a no-show; everybody else was refused."""
    return [
        f"{c.number} of {c.wish.hall}: {'called and not finished' if c.called_ms else 'never called'}"
        for c in people
        if c.number and not c.outcome
    ]


def _by_class(people: Sequence[Citizen], wait: Callable[[Citizen], float | None]) -> dict[str, dict[str, int]]:
    """Waits of all, of ordinary and of priority citizens; {} when nothing is known of any."""
    groups = {
        "all": people,
        "ordinary": [c for c in people if not c.arrival.priority],
        "priority": [c for c in people if c.arrival.priority],
    }
    known = {name: [w for c in group if (w := wait(c)) is not None] for name, group in groups.items()}
    return {name: _spread(waits) for name, waits in known.items() if waits}


def _spread(values: Sequence[float]) -> dict[str, int]:
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    return {"mean": round(sum(values) / len(values)), **{n: round(quantile(values, s)) for n, s in shares.items()}}


def _latency(values: Sequence[float]) -> dict[str, float]:
    return {"p50": round(quantile(values, 0.5), 1), "p99": round(quantile(values, 0.99), 1)}


def show(console: Console, figures: Mapping[str, object]) -> None:
    """The figures as a table people can read, then what went wrong, line by line."""
    table = Table(title="一天的回放 / the replayed day", show_header=False)
    for name, value in figures.items():
        for label, text in _rows(LABELS[name], value):
            table.add_row(label, text)
    console.print(table)
    for name, mark in (("left_out", "-"), ("faults", "!")):
        lines = figures[name]
        assert isinstance(lines, list)
        for line in lines[:SHOWN_MAX]:
            console.print(f"  {mark} {line}", markup=False, soft_wrap=True)
        if len(lines) > SHOWN_MAX:
            console.print(f"  {mark} … {len(lines) - SHOWN_MAX} more", markup=False)


def _rows(label: str, value: object) -> list[tuple[str, str]]:
    """One row; or one of each group, when the value has groups."""
    if isinstance(value, list):
        return [(label, str(len(value)))]
    if not isinstance(value, dict):
        return [(label, str(value))]
    if value and all(isinstance(inner, dict) for inner in value.values()):
        return [(f"{label} · {group}", _pairs(inner)) for group, inner in value.items()]
    return [(label, _pairs(value))] if value else []


def _pairs(value: Mapping[str, object]) -> str:
    return " · ".join(f"{name} {figure}" for name, figure in value.items())
