"""Dynamic areas (command A3 06) as the card reads them out of a frame: a rectangle, how to run it, and its text.

The maker's table, field by field, in `_area`. X and width count 8 dots on a 5K card and single dots on a 6K card; with
the top bit set they count single dots on both.
"""

from __future__ import annotations

from dataclasses import dataclass

ALL = 0xFF  # delete count: every area
TOP_BIT = 0x8000
UNIT = 8  # dots


class Unreadable(Exception):
    """The parameters do not have the shape of their command."""


@dataclass(frozen=True, slots=True)
class Area:
    """One rectangle of the screen, in dots."""

    id: int
    x: int
    y: int
    width: int
    height: int
    spacing: int
    run_mode: int
    timeout_s: int
    alignment: int
    single_line: bool
    auto_wrap: bool
    effect: int
    hold: int  # half seconds a page stays
    text: bytes
    voice: bytes  # what a -YY card speaks


@dataclass(frozen=True, slots=True)
class Update:
    """One A3 06: what to take away (None: everything), then what to show."""

    clear: bool
    delete: tuple[int, ...] | None
    areas: tuple[Area, ...]


class Reader:
    """Takes fields off the front of the parameters."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise Unreadable(f"{count} bytes wanted, {self.left} left")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, size: int = 1) -> int:
        return int.from_bytes(self.take(size), "little")


def read_update(data: bytes, pixel_units: bool) -> Update:
    """The whole data field of an A3 06, from the group byte on."""
    reader = Reader(data[5:])
    count = reader.number()
    delete = None if count == ALL else tuple(reader.take(count))
    areas = tuple(_area(Reader(reader.take(reader.number(2))), pixel_units) for _ in range(reader.number()))
    if reader.left:
        raise Unreadable(f"{reader.left} bytes too many")
    return Update(clear=data[3] == 1, delete=delete, areas=areas)


def _area(reader: Reader, pixel_units: bool) -> Area:
    if (kind := reader.number()) != 0:
        raise Unreadable(f"area type {kind}")
    x, y = _across(reader.number(2), pixel_units), reader.number(2)
    width, height = _across(reader.number(2), pixel_units), reader.number(2)
    number, spacing, run_mode, timeout_s = reader.number(), reader.number(), reader.number(), reader.number(2)
    voice, speaks_text = _voice(reader)
    reader.take(1 if reader.number() == 1 else 0)  # extension: one layout byte
    alignment, single, wrap, effect = reader.number(), reader.number(), reader.number(), reader.number()
    reader.take(2)  # exit effect, speed: a page changes at once here
    hold = reader.number()
    text = reader.take(reader.number(4))
    if reader.left:
        raise Unreadable(f"{reader.left} bytes too many in area {number}")
    return Area(
        id=number, x=x, y=y, width=width, height=height, spacing=spacing, run_mode=run_mode, timeout_s=timeout_s,
        alignment=alignment, single_line=single == 1, auto_wrap=wrap == 2, effect=effect, hold=hold, text=text,
        voice=text if speaks_text else voice,
    )  # fmt: skip


def _across(field: int, pixel_units: bool) -> int:
    if field & TOP_BIT:
        return field & ~TOP_BIT
    return field if pixel_units else field * UNIT


def _voice(reader: Reader) -> tuple[bytes, bool]:
    """What is spoken: (a text of its own, whether the shown text is spoken)."""
    mode = reader.number()
    if mode == 0:
        return b"", False
    if mode not in (1, 2):
        raise Unreadable(f"sound mode {mode}")
    reader.take(3)  # speaker and repeat, volume, speed
    return (reader.take(reader.number(4)), False) if mode == 2 else (b"", True)


def reading_order(area: Area) -> tuple[int, int]:
    """Top first, then left."""
    return area.y, area.x
