"""The whole Kaiyang hall as `hall run` starts it, at rest: CPU and memory of the controller and of every room."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.halls import ROOT
from benchmarks.measuring import Figures, cpu_s, memory_mb

SETTLE_S, REST_S = 5.0, 20.0  # what "idle" is measured over
SHIFT = 9000  # away from a hall that may be running


def idle(folder: Path) -> list[Figures]:
    """Start the hall, let it settle, and look at it doing nothing."""
    var, began = folder / "var", time.perf_counter()
    house = subprocess.Popen(
        [sys.executable, "-m", "cli", "run", "halls/kaiyang.toml", "--var", str(var), "--port-shift", str(SHIFT)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert house.stdout is not None
    figures = Figures("the whole hall at rest, 70 simulated devices, embedded broker")
    try:
        while "Ctrl-C" not in (line := house.stdout.readline()):
            if not line:
                raise RuntimeError("the hall did not start")
        figures.values["ready_s"] = time.perf_counter() - began
        time.sleep(SETTLE_S)
        _look(figures, _rooms(var))
    finally:
        house.send_signal(signal.SIGINT)
        house.wait(15)
    figures.aims |= {"controller_cpu_percent": 1, "controller_mb": 150, "ready_s": 5}
    return [figures]


def _look(figures: Figures, rooms: dict[str, int]) -> None:
    before = {name: cpu_s(pid) for name, pid in rooms.items()}
    time.sleep(REST_S)
    busy = {name: (cpu_s(pid) - before[name]) / REST_S * 100 for name, pid in rooms.items()}
    figures.values |= {
        "controller_cpu_percent": busy["controller"],
        "all_rooms_cpu_percent": sum(busy.values()),
        "controller_mb": memory_mb(rooms["controller"]),
        "all_rooms_mb": sum(memory_mb(pid) for pid in rooms.values()),
    }


def _rooms(var: Path) -> dict[str, int]:
    """Every process of this hall, by what it runs."""
    found: dict[str, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if str(var) in words and "-m" in words and "cli" not in words:
            at = words.index("-m")
            found["-".join(words[at + 1 : at + 3]) if words[at + 1] != "controller" else "controller"] = int(entry.name)
    return found
