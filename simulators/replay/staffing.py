"""Which entry each kind of the file becomes, and which windows are staffed, so that real queues form.

The most frequent kind becomes 马上办, in every hall by its number of large windows; each other kind becomes an entry of
帮助办, those with most windows first. Staffed are so many windows that the work asked for in the busiest hour of the
whole site is PEAK_LOAD of what they can do. They are busy a little less than that: every queue has a window at least,
also one for which little is asked, and what is asked for late in that hour is done in the next.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulators.box import CannotStand, Record
from simulators.far_side import tables, text
from simulators.replay.days import Arrival

PEAK_LOAD = 0.9
PEAK_MS = 3600_000  # the busiest hour counts
BETWEEN_S = 15  # walking up, sitting down, the key: added to each service when windows are counted
ABSENT_S = 35  # who gave up takes the window this long: two calls, and 过号


@dataclass(frozen=True, slots=True)
class Wish:
    """What one citizen touches."""

    hall: str
    entry: str
    queue: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry a citizen may wish for."""

    wish: Wish
    windows: tuple[str, ...]  # that own its queue, in plan order
    button: str


def choices_of(plan: Record) -> list[Choice]:
    """Every entry of every hall's main pages, with the windows that serve it."""
    return [choice for hall, record in tables(plan, "halls").items() for choice in _choices(hall, record)]


def _choices(hall: str, record: Record) -> list[Choice]:
    windows = tables(record, "windows")
    found, entries = [], record.get("entries")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, Mapping) and entry.get("page") == "main":
            queue = text(entry, "queue")
            own = tuple(w for w, about in windows.items() if queue in _names(about, "queues") and about.get("seat"))
            found.append(Choice(Wish(hall, text(entry, "id"), queue), own, text(entry, "button")))
    return [choice for choice in found if choice.windows]


def _names(record: Record, key: str) -> list[str]:
    value = record.get(key)
    return [str(name) for name in value] if isinstance(value, list) else []


def wishes(arrivals: Sequence[Arrival], choices: Sequence[Choice], dice: random.Random) -> list[Wish]:
    """What each arrival touches, by its kind; the halls share a kind by how many windows they have for it."""
    kinds = [kind for kind, _ in Counter(a.kind for a in arrivals).most_common()]
    now = [choice for choice in choices if choice.button == "now"]
    helped = sorted((c for c in choices if c.button != "now"), key=lambda c: -len(c.windows))
    if not now:
        raise CannotStand("the plan has no 马上办 entry that a window with a keypad serves")
    share: dict[str, list[Choice]] = {kinds[0]: now}
    for place, kind in enumerate(kinds[1:]):
        share[kind] = helped[place : place + 1] or now
    return [dice.choices(share[a.kind], [len(c.windows) for c in share[a.kind]])[0].wish for a in arrivals]


def staffed(
    arrivals: Sequence[Arrival], wished: Sequence[Wish], choices: Sequence[Choice], windows: int
) -> dict[str, list[str]]:
    """Hall -> windows with staff, one a queue at least. `windows` 0: so many that they have PEAK_LOAD to do."""
    work = _work(arrivals, wished)
    loads = {choice.wish: max(work[choice.wish].values()) for choice in choices if choice.wish in work}
    enough = windows or math.ceil(busiest(arrivals, wished) / PEAK_LOAD)
    need = shared(loads, {c.wish: len(c.windows) for c in choices}, enough)
    chosen: dict[str, list[str]] = defaultdict(list)
    for choice in choices:
        free = [w for w in choice.windows if w not in chosen[choice.wish.hall]]
        chosen[choice.wish.hall] += free[: need.get(choice.wish, 0)]
    return dict(chosen)


def busiest(arrivals: Sequence[Arrival], wished: Sequence[Wish]) -> float:
    """How many windows the work asked for in the busiest hour of the site would keep busy all the time."""
    return max(sum(_work(arrivals, wished).values(), Counter()).values())


def shared(loads: Mapping[Wish, float], room: Mapping[Wish, int], windows: int) -> dict[Wish, int]:
    """One window for each, then one by one to whoever has most to do at each of theirs, while there is room."""
    given = dict.fromkeys(loads, 1)
    while sum(given.values()) < windows and (free := [wish for wish in given if given[wish] < room[wish]]):
        given[max(free, key=lambda wish: loads[wish] / given[wish])] += 1
    return given


def _work(arrivals: Sequence[Arrival], wished: Sequence[Wish]) -> dict[Wish, Counter[int]]:
    """Windows kept busy by what is wished for, in each hour."""
    work: dict[Wish, Counter[int]] = defaultdict(Counter)
    for arrival, wish in zip(arrivals, wished, strict=True):
        took_s = BETWEEN_S + (ABSENT_S if arrival.gives_up else arrival.service_s)
        work[wish][arrival.at_ms // PEAK_MS] += took_s * 1000 / PEAK_MS  # type: ignore[assignment]  # counts parts
    return work
