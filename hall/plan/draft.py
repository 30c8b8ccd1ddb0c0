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
    ) -> None:
        """Report a problem at a thing; `key` may be dotted (panel.line) or "" for the thing as a whole."""
        at = self.origins.get(thing, thing)
        *tables, last = key.split(".")
        self.reading.report(self._written((*at, *tables)), last, kind, what, mend, weight)

    def _written(self, at: Path) -> Path:
        """Where a window's panel or keypad is written: in its group, or in the table of the whole hall."""
        if at in self.reading.source.lines or len(at) < 3 or at[-1] not in ("panel", "keypad"):
            return at
        return (*at[:2], f"{at[-1]}s")
