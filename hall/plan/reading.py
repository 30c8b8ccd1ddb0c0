"""Reads tables of the file by their settings: unknown keys, missing ones, values that do not fit, defaults.

A value that does not fit is replaced by its default or a blank, so that one run finds everything; checks behind this
keep quiet about blanks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from hall.plan.positions import Source
from hall.plan.problems import Path, Problem, Unfit, nearest, spelled
from hall.plan.settings import REQUIRED, Key, Table

Values = dict[str, object]
Given = TypeVar("Given")
Read = TypeVar("Read")


class Reading:
    """The source with what was found wrong so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = list(source.problems)
        self._said: set[tuple[Path, str, str, str]] = set()

    def report(
        self,
        at: Path,
        key: str,
        kind: str,
        what: str,
        mend: str,
        weight: Literal["error", "warning"] = "error",
        about: str = "",
    ) -> None:
        """Note a problem once per place, kind and what it is about (each window repeats its group's faults)."""
        if (at, key, kind, about) in self._said:
            return
        self._said.add((at, key, kind, about))
        line = self.source.line((*at, key) if key else at)
        self.problems.append(
            Problem(
                line=line,
                file=self.source.file,
                table=spelled(at),
                key=key,
                kind=kind,
                what=what,
                mend=mend,
                weight=weight,
            )
        )

    def table(self, at: Path, table: Table) -> Values:
        """The compiled values of one table, every key present under its field's name."""
        found = self.source.get(at)
        if found is not None and not isinstance(found, dict):
            self.report(at[:-1], str(at[-1]), "not-a-table", "this must be a table", f"write {table.name}")
            found = None
        given: Values = found if isinstance(found, dict) else {}
        if found is None and not table.optional:
            self.report((), spelled(at), "missing-table", f"the plan has no {table.name}", f"add {table.name}")
        self.unknown(at, given, table.words)
        silent = found is None
        return {key.field or key.name: self._value(at, given, key, silent) for key in table.keys}

    def unknown(self, at: Path, given: Values, known: tuple[str, ...]) -> None:
        """Report every key of this table that nobody declared."""
        for name in given:
            if name not in known:
                self.report(at, name, "unknown-key", f"unknown key {name!r}", nearest(name, known))

    def _value(self, at: Path, given: Values, key: Key, silent: bool) -> object:
        if key.name in given:
            return self.fit(at, key.name, key.kind.read, given[key.name], _default(key))
        if key.default is REQUIRED and not silent:
            self.report(at, key.name, "missing-key", f"{key.name} is missing", f"add {key.name}: {key.kind.says}")
        return _default(key)

    def fit(self, at: Path, key: str, read: Callable[[Given], Read], value: Given, blank: Read) -> Read:
        """What `read` makes of the value; a problem and the blank where it does not fit."""
        try:
            return read(value)
        except Unfit as unfit:
            self.report(at, key, unfit.kind, unfit.what, unfit.mend, about=unfit.what)
            return blank

    def names(self, at: Path, shape: Callable[[object], str]) -> tuple[str, ...]:
        """The ids of the tables inside this one ([units.<id>]), those of the right shape only."""
        found = self.source.get(at)
        if found is None:
            return ()
        if not isinstance(found, dict):
            what, mend = "this must be a table of tables", f"write [{spelled(at)}.ID]"
            self.report(at[:-1], str(at[-1]), "not-a-table", what, mend)
            return ()
        return tuple(name for name in found if self.fit((*at, name), "", shape, name, ""))

    def items(self, at: Path) -> tuple[Path, ...]:
        """The paths of the tables in this list of tables ([[staff]])."""
        found = self.source.get(at)
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            self.report(at[:-1], str(at[-1]), "not-a-list", "this must be a list of tables", f"write [[{spelled(at)}]]")
            return ()
        return tuple((*at, number) for number in range(len(found)))


def _default(key: Key) -> object:
    if key.default is REQUIRED:
        return key.kind.blank
    return None if key.default is None else key.kind.read(key.default)


def texts(value: object) -> tuple[str, ...]:
    """A list of ids as read, typed."""
    return tuple(str(item) for item in value) if isinstance(value, tuple | list) else ()
