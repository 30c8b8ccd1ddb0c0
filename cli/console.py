"""What `hall run` tells the person in front of it: one short list in Chinese and English, then only what matters."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cli.clocks import Chosen
from hall.plan.model import Plan
from hall.wording import inert, say


def both(key: str, **values: object) -> str:
    """A text of the catalogue, Chinese and English on one line."""
    return f"{say(f'run.{key}', 'zh', **values)} / {say(f'run.{key}', 'en', **values)}"


def tell(line: str) -> None:
    print(line, flush=True)


def warn(line: str) -> None:
    """Foreign words pass through here (what a room logged): nothing in them may move the terminal's cursor."""
    print("\n".join(inert(part, 1000) for part in line.split("\n")), file=sys.stderr, flush=True)


def welcome(plan: Plan, chosen: Chosen, var: Path) -> str:
    """What to open and how to stop, once everything is ready."""
    rows = [f"{plan.site.name} · {plan.site.name_en}"]
    if plan.site.mode == "simulated":
        rows.append(_row("bench", f"http://{plan.bench.host}:{plan.bench.port}/"))
    for hall in plan.halls.values():
        rows += [_row("kiosk", f"http://{k.host}:{k.port}/", id=k.id) for k in hall.kiosks.values()]
    screens = {hall.id: hall.screen for hall in plan.halls.values()}
    rows += [_row("screen", f"http://{screen.host}:{screen.port}/", hall=hall) for hall, screen in screens.items()]
    doors = {hall.id: hall.staff_door for hall in plan.halls.values()}
    rows += [_row("staff", door.url or f"http://{door.host}:{door.port}/", hall=hall) for hall, door in doors.items()]
    rows.append(_row("console", f"{_program()} console --var {var}"))
    clock = chosen.clock
    at = datetime.fromtimestamp(clock.now() / 1000, ZoneInfo(plan.site.time_zone))
    rate = f" x{clock.rate:g}" if clock.rate != 1 else ""
    rows.append(_row("time", f"{at:%Y-%m-%d %H:%M}{rate} ({both(f'clock_{chosen.why}')})"))
    rows.append(_row("logs", f"{var}/log/"))
    rows.append(_row("stop", "Ctrl-C"))
    return "\n".join(["", *rows, ""])


def _program() -> str:
    """What to type for `hall`: its path where the shell would not find it."""
    return "hall" if shutil.which("hall") else os.path.relpath(Path(sys.prefix) / "bin" / "hall")


def _row(key: str, value: str, **values: object) -> str:
    label = both(key, **values)
    width = sum(2 if ord(char) > 0x2E7F else 1 for char in label)  # Chinese takes two columns
    return f"  {label}{' ' * max(1, 36 - width)}{value}"
