"""What the house has to offer a plan: the drivers in its folders, with their cards, and the routing policies.

hall/ reads no disk: whoever loads a plan gives the texts of the files. Of a card.toml a plan must know

    addresses = [1, 65534]    # what the maker allows
    [plan]
    options = ["unit"]        # option names a plan may give this driver; [options.unit] says which values
    lines = 2                 # panels: lines and half-width characters the box shows
    characters = 16
    chinese = true            # false: of a Chinese text it shows what is ASCII

The other keys of a card are for people and for the standing tests of the drivers.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Literal

import msgspec

from hall.faults import OurFault

Family = Literal["panels", "keypads", "printers"]
FAMILIES: dict[Family, str] = {"panels": "displays/panels", "keypads": "caller/keypads", "printers": "kiosk/printers"}
POLICIES = "controller/core/routing"


class Option(msgspec.Struct, frozen=True):
    """Which values a driver's option may have."""

    default: str | int | bool = ""
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None

    def says(self) -> str:
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if isinstance(self.default, bool):
            return "true or false"
        return f"a whole number {self.least} to {self.most}" if self.least is not None else "a text"

    def fits(self, value: object) -> bool:
        """Whether the value is of the default's kind and within bounds."""
        if type(value) is not type(self.default):
            return False
        if isinstance(value, int) and self.least is not None and self.most is not None:
            return self.least <= value <= self.most
        return not self.choices or value in self.choices


class Card(msgspec.Struct, frozen=True):
    """What a plan must know of a driver."""

    options: dict[str, Option] = {}
    lines: int = 2
    characters: int = 16
    chinese: bool = True
    addresses: tuple[int, int] = (0, 65535)


class Known(msgspec.Struct, frozen=True):
    """Drivers by family and name, policies by name."""

    drivers: dict[Family, dict[str, Card]]
    policies: tuple[str, ...]


class _PlanPart(msgspec.Struct):
    options: tuple[str, ...] = ()
    lines: int = 2
    characters: int = 16
    chinese: bool = True


class _CardFile(msgspec.Struct):
    plan: _PlanPart = msgspec.field(default_factory=_PlanPart)
    options: dict[str, Option] = {}
    addresses: tuple[int, int] = (0, 65535)


def card(text: str, file: str) -> Card:
    """The plan's part of a card.toml; a card that cannot be read is our bug."""
    try:
        found = msgspec.convert(tomllib.loads(text), _CardFile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise OurFault(f"{file} cannot be read: {wrong}") from wrong
    missing = set(found.plan.options) - set(found.options)
    if missing:
        raise OurFault(f"{file} names options without a table: {', '.join(sorted(missing))}")
    options = {name: found.options[name] for name in found.plan.options}
    plan = found.plan
    return Card(options, plan.lines, plan.characters, plan.chinese, found.addresses)


def policies(files: Mapping[str, str]) -> tuple[str, ...]:
    """Of the Python files of controller/core/routing (name without .py: text), those that are a policy."""
    return tuple(sorted(name for name, text in files.items() if re.search(r"^def permits\(", text, re.MULTILINE)))
