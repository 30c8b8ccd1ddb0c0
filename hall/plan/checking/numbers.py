"""Ticket numbers and names a citizen could take for one another: prefixes, window names, menu buttons."""

from __future__ import annotations

import re

from hall.plan.draft import Draft, Thing
from hall.plan.model import Hall

LIKE_DIGITS = frozenset("IO")  # read as 1 and 0: AO0012 is A00012 to a tired eye
A_NUMBER = re.compile(r"(?<![A-Z])([A-Z]{1,2})\d{4,}", re.ASCII)


def check(draft: Draft) -> None:
    first: dict[str, Thing] = {}
    for hall in draft.plan.halls.values():
        for queue in hall.queues.values():
            if queue.prefix:
                _check_prefix(draft, (hall.id, "queues", queue.id), queue.prefix, first)
    for hall in draft.plan.halls.values():
        _check_window_names(draft, hall, set(first))
        _check_entry_names(draft, hall)


def _check_prefix(draft: Draft, thing: Thing, prefix: str, first: dict[str, Thing]) -> None:
    other = first.setdefault(prefix, thing)
    if other != thing:
        line = draft.reading.source.line((*draft.origins[other], "prefix"))
        what = f"prefix {prefix} belongs to queue {other[2]} of hall {other[0]} already (line {line})"
        draft.report(thing, "prefix", "prefix-twice", what, "choose one that no queue of the plan has")
    if LIKE_DIGITS & set(prefix):
        what = f"prefix {prefix} holds a letter that is read as a digit"
        draft.report(thing, "prefix", "prefix-like-digit", what, "choose letters other than I and O", "warning")


def _check_window_names(draft: Draft, hall: Hall, prefixes: set[str]) -> None:
    seen: dict[str, str] = {}
    for window in hall.windows.values():
        thing = (hall.id, "windows", window.id)
        other = seen.setdefault(window.name, window.id)
        if other != window.id:
            what = f"windows {other} and {window.id} are both named {window.name}"
            _report_name(draft, thing, "name-twice", what, "put {window} into the name")
        numbers = [found[0] for found in A_NUMBER.finditer(window.name) if found[1] in prefixes]
        if numbers:
            what = f"the name {window.name} holds {numbers[0]}, which could be a ticket number"
            _report_name(draft, thing, "name-like-number", what, "name the window by its id, A01")


def _report_name(draft: Draft, thing: Thing, kind: str, what: str, mend: str) -> None:
    """At the group's name, or at the hall's template where the group gives none."""
    own = draft.reading.source.get((*draft.origins[thing], "name"))
    place, key = (thing, "name") if own else ((thing[0],), "windows_named")
    draft.report(place, key, kind, what, mend)


def _check_entry_names(draft: Draft, hall: Hall) -> None:
    seen: dict[str, str] = {}
    for entry in hall.entries:
        other = seen.setdefault(entry.name, entry.id)
        if other != entry.id:
            what = f"entries {other} and {entry.id} are both named {entry.name}"
            draft.report((hall.id, "entries", entry.id), "name", "name-twice", what, "give each button its own name")
