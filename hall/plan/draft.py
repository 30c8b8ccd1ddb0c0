"""A plan on its way: compiled as far as the file allows, with the place in the file of everything in it.

Checks take a Draft and report into it. A `Thing` names a part of the compiled plan: ("A", "windows", "A03").
"""

from __future__ import annotations

from typing import Literal

import msgspec

from hall.plan.known import Known
from hall.plan.model import Plan
from hall.plan.problems import Path
from hall.plan.reading import Reading

Thing = tuple[str, ...]


class Draft(msgspec.Struct, frozen=True):
    """The compiled plan, what is known of the house, and where things stand in the file."""

    plan: Plan
    known: Known | None  # None: drivers and policies are not checked
    reading: Reading
    origins: dict[Thing, Path]

    def report(
        self,
        thing: Thing,
        key: str,
        kind: str,
        what: str,
        mend: str,
        weight: Literal["error", "warning"] = "error",
        about: str = "",
    ) -> None:
        """Report a problem at a thing; `key` may be dotted (panel.line) or "" for the thing as a whole."""
        *at, last = self._path(thing, key)
        self.reading.report(tuple(at), str(last), kind, what, mend, weight, about)

    def written(self, thing: Thing, key: str) -> bool:
        """Whether the file writes this key."""
        return self._path(thing, key) in self.reading.source.lines

    def _path(self, thing: Thing, key: str) -> Path:
        at, tables = self.origins.get(thing, thing), key.split(".")
        if tables[0] in ("panel", "keypad") and (*at, tables[0]) not in self.reading.source.lines:
            at, tables[0] = at[:2], f"{tables[0]}s"  # the group has none of its own: the whole hall's is meant
        return (*at, *tables)
