"""The menu of a hall's kiosks: one 马上办, and nothing on it that leads nowhere."""

from __future__ import annotations

from hall.plan.draft import Draft
from hall.plan.model import Hall


def check(draft: Draft) -> None:
    if not draft.plan.halls and "halls" in draft.reading.source.values:
        draft.report((), "halls", "missing-table", "the plan has no hall", "add [halls.A]")
    for hall in draft.plan.halls.values():
        _check_now(draft, hall)


def _check_now(draft: Draft, hall: Hall) -> None:
    now = [entry for entry in hall.entries if entry.button == "now"]
    for entry in now[1:]:
        what = f"hall {hall.id} has a second entry under 马上办 (the first is {now[0].id})"
        mend = 'one button leads to one queue: let the others have button = "help"'
        draft.report((hall.id, "entries", entry.id), "button", "now-twice", what, mend)
    for entry in now:
        if entry.page == "points":
            what = "an entry under 马上办 has no page"
            draft.report((hall.id, "entries", entry.id), "page", "now-on-points", what, "take page out")
    if hall.kiosks and not now and not _some_were_refused(draft, hall):
        what = f"the kiosks of hall {hall.id} have no entry under 马上办"
        mend = f'add [[halls.{hall.id}.entries]] with button = "now"'
        draft.report((hall.id,), "entries", "no-now", what, mend)


def _some_were_refused(draft: Draft, hall: Hall) -> bool:
    """Whether the missing entry may be one that could not be read."""
    return len(draft.reading.items(("halls", hall.id, "entries"))) > len(hall.entries)
