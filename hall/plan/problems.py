"""What is wrong with a plan: every problem says where it stands, what it is and how to mend it.

A plan is read to its end before anything is said, so that one run names every problem. An error keeps a plan from
going live; a warning is something a person ought to look at.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal

import msgspec

from hall.faults import PlanError

Path = tuple[str | int, ...]  # ("halls", "A", "windows", 2, "units"): the way to a value in the file


class Problem(msgspec.Struct, frozen=True, order=True, kw_only=True):
    """One thing to mend (or, as a warning, to look at)."""

    line: int  # 1 is the first
    file: str
    table: str  # as the file writes it: halls.A.windows[2]; "" for the top
    key: str  # "" for the table as a whole
    kind: str  # short word for the kind of problem, "unknown-key"; tests and programs go by it
    what: str
    mend: str
    weight: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = f"[{self.table}]" if self.table else "top of the file"
        key = f" {self.key}" if self.key else ""
        word = "" if self.weight == "error" else "warning: "
        return f"{self.file}:{self.line}: {where}{key}: {word}{self.what}; {self.mend}"


class BadPlan(PlanError):
    """A plan with problems; the message lists all of them, `problems` holds them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Unfit(PlanError):
    """A value that does not fit its key; the reader turns it into a Problem."""

    def __init__(self, what: str, mend: str, kind: str = "bad-value") -> None:
        super().__init__(what)
        self.what, self.mend, self.kind = what, mend, kind


def spelled(path: Path) -> str:
    """The path as a person would write it: halls.A.windows[2]."""
    words = ""
    for step in path:
        if isinstance(step, int):
            words += f"[{step}]"
        else:
            words += f".{step}" if words else step
    return words


def nearest(word: str, known: Iterable[str]) -> str:
    """How to mend a word nobody knows: the nearest known one, or all of them when there are few."""
    words = sorted(known)
    close = get_close_matches(word, words, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    if not words:
        return "there is none to name here; take it out"
    shown = ", ".join(words[:12]) + (", ..." if len(words) > 12 else "")
    return f"known: {shown}"
