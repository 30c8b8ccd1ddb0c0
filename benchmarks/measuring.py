"""Small words of measuring: quantiles, medians over rounds, CPU of a process."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

TICKS_S = os.sysconf("SC_CLK_TCK")


@dataclass
class Figures:
    """What a case found: name -> value; units are in the names (_ms, _s, _per_s, _mb, x for a ratio)."""

    case: str
    values: dict[str, float] = field(default_factory=dict)
    note: str = ""


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median_of(rounds: int, run: Callable[[], float]) -> float:
    """The median over several rounds."""
    return statistics.median(run() for _ in range(rounds))


def cpu_s(pid: int) -> float:
    """CPU seconds a process has used, user and system."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_S


def memory_mb(pid: int) -> float:
    """Resident memory of a process."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def rate(count: int, run: Callable[[], None]) -> float:
    """Operations per second of one run that does `count` of them."""
    began = time.perf_counter()
    run()
    return count / (time.perf_counter() - began)
