"""The roster: numbers nobody has, staff at two windows, staff whose role is another."""

from __future__ import annotations

from hall.names import Role
from hall.plan.draft import Draft
from hall.plan.model import Window
from hall.plan.problems import nearest


def check(draft: Draft) -> None:
    seats: dict[str, str] = {}
    complete = not any(problem.table.startswith("staff") for problem in draft.reading.problems)
    for hall in draft.plan.halls.values():
        for window in hall.windows.values():
            if window.staff:
                _check_seat(draft, hall.id, window, seats, complete)


def _check_seat(draft: Draft, hall: str, window: Window, seats: dict[str, str], complete: bool) -> None:
    thing, staff, number = (hall, "windows", window.id), draft.plan.staff, window.staff
    member = staff.get(number)
    if member is None and complete:  # else the number may be among those that could not be read
        what = f"window {window.id} has staff {number}, whom the plan does not know"
        mend = f"add the number to a [[staff]] table; {nearest(number, staff)}"
        draft.report(thing, "staff", "unknown-staff", what, mend, about=number)
    elif member and member.role is not Role.WINDOW:
        what = f"staff {number} at window {window.id} is a {member.role.value}"
        draft.report(thing, "staff", "staff-role", what, "seat staff with role window", about=number)
    other = seats.setdefault(number, window.id)
    if other != window.id:
        what = f"staff {number} sits at {other} and at {window.id}"
        draft.report(thing, "staff", "staff-twice", what, "a member of staff has one window of the site", about=number)
