"""The scene of the day, read off the compiled plan: opening hours, pages, desks and their keys; who holds a slip."""

from __future__ import annotations

from collections.abc import Callable

from simulators.box import Record
from simulators.clock import Clock
from simulators.far_side import table, tables, text
from simulators.replay.desks import Desk, Tally
from simulators.replay.far import Far, Look
from simulators.replay.people import Crowd


def hours(plan: Record, clock: Clock) -> tuple[int, int]:
    """Opening and closing of the day the clock is about to begin, from the plan's hours and the clock's origin."""
    opening = [table(hall, "hours") for hall in tables(plan, "halls").values()]
    opens = max(_minutes(h, "opens") for h in opening)
    closes = min(_minutes(h, "closes") for h in opening)
    return clock.hall_ms + 60_000, clock.hall_ms + (closes - opens) * 60_000


def _minutes(hours: Record, key: str) -> int:
    value = hours.get(key)
    assert isinstance(value, int), (key, value)
    return value


def pages(plan: Record) -> dict[str, list[str]]:
    return {
        hall: [f"http://{text(k, 'host')}:{k['port']}" for k in tables(record, "kiosks").values()]
        for hall, record in tables(plan, "halls").items()
    }


def desks(plan: Record, far: Far, clock: Clock, tally: Tally) -> list[Desk]:
    found = []
    for hall, record in tables(plan, "halls").items():
        lines = tables(record, "keypad_lines")
        for window, about in tables(record, "windows").items():
            seat = about.get("seat")
            if isinstance(seat, dict) and about.get("panel"):
                keys = {str(word): seq for seq, word in table(lines[text(seat, "line")], "keys").items() if _plain(seq)}
                found.append(Desk(hall, window, (text(seat, "line"), int(seat["address"])), keys, far, clock, tally))
    return found


def _plain(sequence: str) -> bool:
    return all(len(part) == 2 for part in sequence.split(" "))


def watch_slips(plan: Record, far: Far, crowd: Crowd) -> None:
    """A slip in hand: the moment a printer cut it."""
    for hall, record in tables(plan, "halls").items():
        for kiosk in tables(record, "kiosks"):
            far.changed[f"{hall}.printer.{kiosk}"].append(_slip_watcher(hall, crowd))


def _slip_watcher(hall: str, crowd: Crowd) -> Callable[[Look], None]:
    seen = 0

    def watch(look: Look) -> None:
        nonlocal seen
        for slip in look.get("slips", []):
            if slip["no"] > seen and slip["cut"] in ("partial", "full"):
                seen = slip["no"]
                words = {str(line.get("text", "")).strip() for line in slip["lines"]}
                for word in words:
                    citizen = crowd.by_number.get((hall, word))
                    if citizen is not None and not citizen.slip_ms:
                        citizen.slip_ms = slip["done_at_ms"]

    return watch


def device_faults(far: Far) -> list[str]:
    """Presses the host never echoed, frames it garbled: nothing of it is normal on healthy wires."""
    faults = []
    for device, look in far.looks.items():
        for address, pad in look.get("pads", {}).items():
            if pad["lost"]:
                faults.append(f"{device}/{address}: {pad['lost']} presses were never echoed")
    return faults
