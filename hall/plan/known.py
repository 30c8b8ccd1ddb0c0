"""What the house has to offer a plan: the drivers in its folders, with their cards, and the routing policies.

Whoever loads a plan gives the texts of the files (`transport.plans.known` does): compiling reads no disk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from hall.cards import Card, read_card

Family = Literal["panels", "keypads", "printers"]
FAMILIES: dict[Family, str] = {"panels": "displays/panels", "keypads": "caller/keypads", "printers": "kiosk/printers"}

__all__ = ["FAMILIES", "Card", "Family", "Known", "card", "policies"]


class Known(msgspec.Struct, frozen=True):
    """Drivers by family and name, policies by name."""

    drivers: dict[Family, dict[str, Card]]
    policies: tuple[str, ...]


def card(text: str, file: str) -> Card:
    """The card written in a card.toml; OurFault when it is none."""
    return read_card(text, file)


def policies(files: Mapping[str, str]) -> tuple[str, ...]:
    """Of the Python files of controller/core/routing (name without .py: text), those that are a policy."""
    return tuple(sorted(name for name, text in files.items() if re.search(r"^def permits\(", text, re.MULTILINE)))
