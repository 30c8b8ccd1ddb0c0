"""Kinds of value that hold several others: lists and tables a plan is free to fill."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from hall.plan.kinds import Kind, Shape, Text, Whole, shown, wrong
from hall.plan.problems import Unfit


class ListOf(msgspec.Struct, frozen=True):
    """A list of values of one kind, none twice."""

    of: Shape | Text | Whole
    says: str
    empty: bool = False
    blank: tuple[object, ...] = ()

    def read(self, value: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise wrong(self, value)
        items = _all_of(self.of, value)
        if not items and not self.empty:
            raise Unfit("the list is empty", f"expected {self.says}")
        for number, item in enumerate(items):
            if item in items[:number]:
                raise Unfit(f"{shown(item)} stands twice in the list", "write it once", "twice")
        return items


class MapOf(msgspec.Struct, frozen=True):
    """A table of names and values a plan is free to fill: key tables, driver options."""

    says: str
    of: Shape | Text | Whole | None = None  # None: text, whole number, true or false
    name: str = r"[^\x00-\x1f]{1,64}"
    blank: tuple[tuple[str, object], ...] = ()

    def read(self, value: object) -> dict[str, object]:
        if not isinstance(value, dict):
            raise wrong(self, value)
        for name, item in value.items():
            if not re.fullmatch(self.name, str(name)):
                raise Unfit(f"{shown(name)} cannot be a name here", f"expected {self.says}")
            if self.of is None and not isinstance(item, str | int):
                raise Unfit(f"{name} = {shown(item)} does not fit", "expected a text, a whole number, true or false")
        return dict(value) if self.of is None else dict(zip(value, _all_of(self.of, value.values()), strict=True))


def _all_of(kind: Kind, values: Iterable[object]) -> tuple[object, ...]:
    """Every value read; raises one Unfit that names all those that do not fit."""
    items: list[object] = []
    unfits: list[Unfit] = []
    for value in values:
        try:
            items.append(kind.read(value))
        except Unfit as unfit:
            unfits.append(unfit)
    if unfits:
        raise Unfit("; ".join(unfit.what for unfit in unfits), unfits[0].mend, unfits[0].kind)
    return tuple(items)
