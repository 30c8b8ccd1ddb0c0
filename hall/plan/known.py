"""What the house has to offer a plan: the drivers in its folders, with their cards, and the routing policies.

hall/ reads no disk: whoever loads a plan gives the texts of the files. A card (card.toml) may say, for the plan:

    [plan]
    options = ["variant"]   # option names a plan may give this driver
    lines = 2               # panels: lines and half-width characters the box shows
    characters = 16

Keys of a card outside [plan] are for people and for the standing tests of the drivers.
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


class Card(msgspec.Struct, frozen=True):
    """What a plan must know of a driver."""

    options: tuple[str, ...] = ()
    lines: int = 2
    characters: int = 16


class Known(msgspec.Struct, frozen=True):
    """Drivers by family and name, policies by name."""

    drivers: dict[Family, dict[str, Card]]
    policies: tuple[str, ...]


class _CardFile(msgspec.Struct):
    plan: Card = Card()


def card(text: str, file: str) -> Card:
    """The plan's part of a card.toml; a card that cannot be read is our bug."""
    try:
        return msgspec.convert(tomllib.loads(text), _CardFile).plan
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise OurFault(f"{file} cannot be read: {wrong}") from wrong


def policies(files: Mapping[str, str]) -> tuple[str, ...]:
    """Of the Python files of controller/core/routing (name without .py: text), those that are a policy."""
    return tuple(sorted(name for name, text in files.items() if re.search(r"^def permits\(", text, re.MULTILINE)))
