"""The table at the end: what the day was like for people, and what the machines needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from simulators.replay.desks import Tally
from simulators.replay.people import Citizen, Crowd

HALF_HOUR_MS = 30 * 60_000


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of them lies; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def summary(crowd: Crowd, tally: Tally, open_ms: int, rate: float, more_faults: Iterable[str]) -> dict[str, object]:
    """The figures, by name; waits in seconds of hall time, latencies in real milliseconds."""
    people = crowd.citizens
    served = [c for c in people if c.outcome == "served"]
    waits = {
        "all": _waits(people),
        "ordinary": _waits(c for c in people if not c.arrival.priority),
        "priority": _waits(c for c in people if c.arrival.priority),
    }
    slips = [(c.slip_ms - c.touched_ms) / rate for c in people if c.slip_ms]
    busy = [sum(end - start for start, end in spans) / open_ms for spans in tally.busy.values()]
    return {
        "arrivals": len(people),
        "tickets": sum(1 for c in people if c.number),
        "served": len(served),
        "no_shows": sum(1 for c in people if c.outcome == "no_show"),
        "refused": sum(1 for c in people if c.outcome.startswith("refused")),
        "windows": len(busy),
        "utilisation": round(sum(busy) / len(busy), 3) if busy else 0.0,
        "utilisation_of_the_busiest_half_hour": round(peak(list(tally.busy.values())), 3),
        "waits_s": {name: _spread(found) for name, found in waits.items()},
        "longest_wait_s": round(max(waits["all"], default=0.0)),
        "press_to_light_ms": {"p50": round(quantile(tally.press_to_light, 0.5), 1),
                              "p99": round(quantile(tally.press_to_light, 0.99), 1)},
        "touch_to_slip_ms": {"p50": round(quantile(slips, 0.5), 1), "p99": round(quantile(slips, 0.99), 1)},
        "slips_seen": len(slips),
        "calls": tally.calls,
        "faster_window": tally.nobody,
        "faults": [*tally.faults, *(f"number given twice: {n}" for n in crowd.doubles), *lost(people), *more_faults],
    }  # fmt: skip


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
    """Everybody who holds a number was called, and left served or as a no-show."""
    return [
        f"{c.number} of {c.wish.hall}: {'called and not finished' if c.called_ms else 'never called'}"
        for c in people
        if c.number and not c.outcome
    ]


def _waits(people: Iterable[Citizen]) -> list[float]:
    return [(c.called_ms - c.touched_ms) / 1000 for c in people if c.called_ms]


def _spread(values: list[float]) -> dict[str, int]:
    mean = sum(values) / len(values) if values else 0.0
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    return {"mean": round(mean), **{name: round(quantile(values, share)) for name, share in shares.items()}}


def show(console: Console, figures: dict[str, object]) -> None:
    """The figures as a table people can read."""
    table = Table(title="一天的回放 / the replayed day", show_header=False)
    for name, value in figures.items():
        if name == "faults":
            continue
        text = " · ".join(f"{k} {_plain(v)}" for k, v in value.items()) if isinstance(value, dict) else str(value)
        table.add_row(name, text)
    faults = figures["faults"]
    assert isinstance(faults, list)
    table.add_row("faults", str(len(faults)))
    console.print(table)
    for fault in faults[:20]:
        console.print(f"  ! {fault}", markup=False)


def _plain(value: object) -> str:
    return " / ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
