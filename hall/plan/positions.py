"""A TOML text as values (tomllib) and as lines (tree-sitter): which line holds which table and key.

The two readings are kept apart on purpose, see docs/decisions/0003-toml-positions.md. A text that is no TOML becomes
problems with lines; a table or key written twice is one of them, and reading goes on behind it.
"""

from __future__ import annotations

import re
import tomllib

import msgspec

from hall.plan.problems import Path, Problem
from hall.plan.toml_lines import lines_of

PLAN_MAX_CHARS = 1_000_000  # the largest plan we know has 30,000; more is a mistake or an attack
NESTING_MAX = 32  # brackets open at once on the way to a value; a plan needs four
MENDS_MAX = 20  # faults of grammar named in one run; behind that the text is not TOML at all

_AT = re.compile(r"^(?P<what>.*?)\s*\((?:at line (?P<line>\d+), column \d+|at end of document)\)$", re.DOTALL)
_TWICE = ("Cannot declare", "Cannot overwrite", "Cannot mutate immutable", "Duplicate inline table key")


class Source(msgspec.Struct, frozen=True):
    """The plan's text, read: values, the line of every path, and what is wrong with the grammar."""

    file: str
    values: dict[str, object]
    lines: dict[Path, int]
    problems: tuple[Problem, ...]

    @property
    def readable(self) -> bool:
        """Whether the values may be trusted: grammar was right, but for things written twice."""
        return all(problem.kind == "written-twice" for problem in self.problems)

    def get(self, path: Path) -> object:
        """The value at this path, None where the file has none."""
        here: object = self.values
        for step in path:
            if isinstance(here, dict):
                here = here.get(step)
            elif isinstance(here, list) and isinstance(step, int) and 0 <= step < len(here):
                here = here[step]
            else:
                return None
        return here

    def line(self, path: Path) -> int:
        """The line of this path, or of the nearest table around it that the file writes."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: str, file: str) -> Source:
    """The text's values and lines; never raises on any text."""
    if len(text) > PLAN_MAX_CHARS:
        return Source(file, {}, {}, (_problem(file, 1, f"the file has more than {PLAN_MAX_CHARS} characters"),))
    text = text.removeprefix("\ufeff")  # some editors mark UTF-8 so
    deep = _too_deep(text)
    if deep:
        return Source(file, {}, {}, (_problem(file, deep, f"more than {NESTING_MAX} brackets are open at once"),))
    values, problems, mended = _values(text, file)
    return Source(file, values, lines_of(mended if values else ""), tuple(problems))


def _problem(file: str, line: int, what: str) -> Problem:
    return Problem(line=line, file=file, table="", key="", kind="syntax", what=what, mend="mend the TOML here")


def _twice(file: str, line: int, row: str) -> Problem:
    header = row.lstrip().startswith("[")
    word = row.strip().strip("[]") if header else row.partition("=")[0].strip()
    return Problem(
        line=line,
        file=file,
        table=word if header else "",
        key="" if header else word,
        kind="written-twice",
        what=f"{word} is written twice",
        mend="write it once: join the two, or give one another id",
    )


def _too_deep(text: str) -> int:
    """The line where brackets nest beyond what a plan could need (tomllib would exhaust the stack), or 0."""
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        for sign in line:
            depth += (sign in "[{") - (sign in "]}")
            if depth > NESTING_MAX:
                return number
        depth = max(depth, 0)
    return 0


def _values(text: str, file: str) -> tuple[dict[str, object], list[Problem], str]:
    """Values, problems, and the text without what could not be read (line numbers stay)."""
    rows = text.replace("\r\n", "\n").split("\n")
    problems: list[Problem] = []
    while True:
        mended = "\n".join(rows)
        try:
            return tomllib.loads(mended), problems, mended
        except (ValueError, RecursionError) as wrong:
            what, number = _place(str(wrong), len(rows))
            twice = what.startswith(_TWICE)
            number = _back_to_row(rows, number) if twice else number
            problems.append(_twice(file, number, rows[number - 1]) if twice else _problem(file, number, what))
            last = problems[-2].line if len(problems) > 1 else -1
            if len(problems) >= MENDS_MAX or not rows[number - 1].strip() or (not twice and number - last in (0, 1)):
                return {}, problems, mended
            _blank(rows, number)


def _place(message: str, last: int) -> tuple[str, int]:
    found = _AT.match(message)
    if not found:  # Python's own bound on the digits of a number speaks without a line
        return "a number has too many digits", last
    return found["what"], min(int(found["line"] or last), last)


def _back_to_row(rows: list[str], number: int) -> int:
    """tomllib stands behind the value when it finds a key twice; go back to the row that has one."""
    while number > 1 and not rows[number - 1].strip():
        number -= 1
    return number


def _blank(rows: list[str], number: int) -> None:
    """Take the row out, and with a table's header all of its table, so that its keys fall into no other."""
    header = rows[number - 1].lstrip().startswith("[")
    rows[number - 1] = ""
    while header and number < len(rows) and not rows[number].lstrip().startswith("["):
        rows[number] = ""
        number += 1
