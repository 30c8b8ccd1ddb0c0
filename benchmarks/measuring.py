"""Small words of measuring: figures and their rounds, aims, quantiles, CPU and memory of a process."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

TICKS_S = os.sysconf("SC_CLK_TCK")


@dataclass
class Figures:
    """What one run of a case found: name -> value; units are in the names (_ms, _s, _per_s, _mb, _x for a growth).

    `ratios` are values over the bare thing measured in the same run: name -> value / bare value. `aims` say what we
    want of a value: at most (a positive bound) or at least (a negative one).
    """

    case: str
    values: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    aims: dict[str, float] = field(default_factory=dict)

    def against(self, bare: float, *names: str) -> None:
        """Note these values as multiples of a bare one."""
        self.ratios |= {name: self.values[name] / bare for name in names}

    def quantiles(self, name: str, took_ms: Sequence[float]) -> None:
        """Note the median and the 99th percentile of many times."""
        self.values[f"{name}p50_ms"] = quantile(took_ms, 0.5)
        self.values[f"{name}p99_ms"] = quantile(took_ms, 0.99)


@dataclass
class Rounds:
    """The same case, run several times."""

    case: str
    runs: list[Figures]

    def median(self, name: str) -> float:
        return statistics.median(run.values[name] for run in self.runs)

    def span(self, name: str) -> tuple[float, float]:
        """The smallest and the largest of all runs."""
        values = [run.values[name] for run in self.runs]
        return min(values), max(values)

    def ratio(self, name: str) -> float | None:
        """The median of what this value was to the bare one of its own run."""
        found = [run.ratios[name] for run in self.runs if name in run.ratios]
        return statistics.median(found) if found else None

    def met(self, name: str) -> bool | None:
        """Whether the median meets the aim; None where there is none."""
        aim = self.runs[0].aims.get(name)
        if aim is None:
            return None
        return self.median(name) <= aim if aim > 0 else self.median(name) >= -aim


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


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
