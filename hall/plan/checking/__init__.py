"""Checks a compiled draft: what the tables cannot say of single keys. One file per subject, all run every time.

Blank values are passed over: they stand for something the reading has already reported.
"""

from __future__ import annotations

from hall.plan.checking import (
    addresses,
    doors,
    drivers,
    keypads,
    live,
    menus,
    numbers,
    opening,
    serving,
    showing,
    staffing,
)
from hall.plan.draft import Draft

SUBJECTS = (opening, numbers, serving, staffing, menus, drivers, addresses, doors, keypads, showing, live)


def check(draft: Draft) -> None:
    """Report every problem of the draft into it."""
    for subject in SUBJECTS:
        subject.check(draft)
