"""How long and where, as a citizen reads it: a range of minutes, a short list of windows; the same on slip and page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from hall.names import WindowId
from hall.plan.model import Hall
from hall.wording import inert

SPREAD = 0.2  # an estimate is honest to about a fifth of itself either way
SOON_S = 60  # below a minute a range of minutes says nothing
LISTED_MAX = 6  # runs of windows on a slip; more of them fill the paper and nobody reads on

_ID = re.compile(r"([A-Z]+)(\d+)", re.ASCII)


def minutes(estimate_s: int) -> tuple[int, int] | None:
    """The range to show for an estimate; None when it is unknown; (0, 1) when it is the citizen's turn soon."""
    if estimate_s < 0:
        return None
    if estimate_s < SOON_S:
        return 0, 1
    low = max(1, int(estimate_s * (1 - SPREAD) / 60))
    return low, max(low + 1, -(-int(estimate_s * (1 + SPREAD)) // 60))


def runs(windows: Iterable[WindowId]) -> list[str]:
    """Window ids with neighbours joined: A01, A02, A03, A07 become A01–A03, A07."""
    out: list[list[WindowId]] = []
    for window in sorted(set(windows), key=_order):
        if out and _follows(out[-1][-1], window):
            out[-1].append(window)
        else:
            out.append([window])
    return [run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in out]


def _order(window: WindowId) -> tuple[str, int]:
    found = _ID.fullmatch(window)
    return (found[1], int(found[2])) if found else (window, 0)


def _follows(before: WindowId, after: WindowId) -> bool:
    (area, at), (other, number) = _order(before), _order(after)
    return area == other and number == at + 1


def where(hall: Hall, windows: Sequence[WindowId]) -> str:
    """The windows of a ticket in words: numbered ones as runs, points by their own names; "" when none is known."""
    known = [hall.windows[w] for w in windows if w in hall.windows]
    points = sorted({inert(w.name, 40) for w in known if w.kind == "point"})
    numbered = runs(w.id for w in known if w.kind == "window")
    listed = [*numbered, *points]
    return "、".join(listed[:LISTED_MAX]) + ("…" if len(listed) > LISTED_MAX else "")
