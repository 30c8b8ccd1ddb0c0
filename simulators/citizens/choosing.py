"""What citizens may choose: the machines of every hall and the entries on their pages, with how often each is wanted.

The weights are ours: 马上办 takes about two fifths of a hall, the other counters share the rest, the service points on
the last page are seldom touched. A hall is wanted as often as it has windows.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from simulators.box import CannotStand, Json, Record
from simulators.far_side import table, tables, text

NOW_SHARE = 0.4  # of a hall's citizens
POINT_WEIGHT = 0.2  # against a counter's 1
ENGLISH = 0.05  # of all citizens


@dataclass(frozen=True, slots=True)
class Choice:
    """One touch to be made."""

    hall: str
    kiosk: str
    url: str
    entry: str
    lang: str


@dataclass(frozen=True, slots=True)
class Hall:
    id: str
    windows: int
    kiosks: tuple[tuple[str, str], ...]  # id, address of its page
    entries: tuple[tuple[str, float], ...]  # id, weight


def halls_of(plan: Record) -> list[Hall]:
    """The halls of a compiled plan that have a machine and something to choose."""
    halls = (_hall(name, record) for name, record in tables(plan, "halls").items())
    return [hall for hall in halls if hall.kiosks and hall.entries]


def choose(halls: Sequence[Hall], dice: random.Random) -> Choice:
    """The next citizen's wish."""
    hall = dice.choices(halls, [hall.windows for hall in halls])[0]
    kiosk, url = dice.choice(hall.kiosks)
    entry = dice.choices([name for name, _ in hall.entries], [weight for _, weight in hall.entries])[0]
    return Choice(hall.id, kiosk, url, entry, "en" if dice.random() < ENGLISH else "zh")


def _hall(name: str, record: Record) -> Hall:
    kiosks = tuple((kiosk, page_of(about)) for kiosk, about in tables(record, "kiosks").items())
    return Hall(name, max(1, len(tables(record, "windows"))), kiosks, _entries(record))


def page_of(kiosk: Record) -> str:
    """The address of a machine's page."""
    port = kiosk.get("port")
    if not isinstance(port, int):
        raise CannotStand(f"a kiosk's port is {port!r}, not a number")
    return f"http://{text(kiosk, 'host')}:{port}"


def _entries(record: Record) -> tuple[tuple[str, float], ...]:
    entries = [_record(entry) for entry in _list(record, "entries")]
    now = [text(entry, "id") for entry in entries if entry.get("button") == "now"]
    rest = {
        text(entry, "id"): POINT_WEIGHT if entry.get("page") == "points" else 1.0
        for entry in entries
        if entry.get("button") != "now"
    }
    each = sum(rest.values()) * NOW_SHARE / (1 - NOW_SHARE) / len(now) if now and rest else 1.0
    return (*((name, each) for name in now), *rest.items())


def _list(record: Record, key: str) -> Sequence[Json]:
    found = record.get(key)
    if not isinstance(found, list):
        raise CannotStand(f"the plan's {key!r} is not a list")
    return found


def _record(value: Json) -> Record:
    return table({"entry": value}, "entry")
