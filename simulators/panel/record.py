"""A panel's part of the compiled plan, as every panel twin reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulators.box import CannotStand, Json, Record

HALF, LINE = 8, 16  # dots of a half-width character across, of a line down
MOST = 0xFFFF  # of an address; far more lines and columns than a panel has


@dataclass(frozen=True, slots=True)
class Place:
    """Where a panel hangs and how large it is, in dots."""

    window: str
    name: str
    address: int
    width: int
    height: int
    lines: int
    columns: int
    options: Mapping[str, Json]


def place_of(record: Record) -> Place:
    """The panel's place; CannotStand when the record has no sense."""
    lines, columns = _number(record, "lines", 2), _number(record, "columns", 16)
    options = record.get("options", {})
    if not isinstance(options, Mapping):
        raise CannotStand("a panel's options are a table")
    return Place(
        window=str(record.get("window", "")), name=str(record.get("name", "")),
        address=_number(record, "address", 1, least=0), lines=lines, columns=columns, options=options,
        width=columns * HALF, height=lines * LINE,
    )  # fmt: skip


def _number(record: Record, name: str, default: int, least: int = 1) -> int:
    value = record.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST:
        raise CannotStand(f"a panel's {name} is a whole number from {least} to {MOST}, not {value!r}")
    return value
