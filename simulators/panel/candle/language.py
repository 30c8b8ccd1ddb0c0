"""What the board's manual says comes over RS-485; it never answers and checks nothing.

    01 addr blink text.. 07     show: text overwrites from the left, what it does not reach stays
    02 addr 20..23 07           brightness, 20 the brightest
    03 old new 07               set address; old FF: whoever hears it
    addr 20..7F; blink 20 steady, 21 always, 22..7F that many times less 21
    text 20..7F; 3C is an arrow left, 3E right, 2D a dash

Bytes below 20 only frame, so 01, 02 and 03 begin a new frame wherever they stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

SHOW, BRIGHTNESS, SET_ADDRESS, END = 0x01, 0x02, 0x03, 0x07
LEAST, MOST = 0x20, 0x7F  # of an address, a blink byte, a character
ANY = 0xFF
ALWAYS = -1  # blinks
BODY_MAX = 128  # bytes: more text than any board has places


@dataclass(frozen=True, slots=True)
class Show:
    address: int
    blinks: int  # 0 steady, ALWAYS, or how many times
    text: str


@dataclass(frozen=True, slots=True)
class Dim:
    address: int
    level: int  # 0 the brightest .. 3


@dataclass(frozen=True, slots=True)
class Rename:
    old: int
    new: int


Order: TypeAlias = Show | Dim | Rename


class Framing:
    """Cuts the bus into orders; keeps half a frame until the other half comes."""

    def __init__(self) -> None:
        self.ok = self.bad = 0
        self._body = bytearray()  # starts with 01, 02 or 03, or is empty

    def cut(self, data: bytes) -> list[Order]:
        """The orders that are complete with these bytes."""
        orders: list[Order] = []
        for byte in data:
            if byte == END and self._body:
                self._count(orders, read(bytes(self._body)))
                self._body.clear()
            elif byte in (SHOW, BRIGHTNESS, SET_ADDRESS):
                self._drop()
                self._body.append(byte)
            elif self._body:
                self._body.append(byte)
                if len(self._body) > BODY_MAX or byte < LEAST:
                    self._drop()
        return orders

    def _count(self, orders: list[Order], order: Order | None) -> None:
        if order is None:
            self.bad += 1
        else:
            self.ok += 1
            orders.append(order)

    def _drop(self) -> None:
        self.bad += bool(self._body)
        self._body.clear()


def read(body: bytes) -> Order | None:
    """The order in a frame without its end byte; None when it has not the shape the manual gives."""
    kind, rest = body[0], body[1:]
    if len(rest) < 2 or not all(LEAST <= byte <= MOST for byte in rest[1:]):
        return None
    if kind == SET_ADDRESS:
        return Rename(rest[0], rest[1]) if len(rest) == 2 and (rest[0] == ANY or _is_address(rest[0])) else None
    if not _is_address(rest[0]):
        return None
    if kind == BRIGHTNESS:
        return Dim(rest[0], rest[1] - LEAST) if len(rest) == 2 and rest[1] <= 0x23 else None
    return Show(rest[0], _blinks(rest[1]), rest[2:].decode("ascii"))


def _is_address(byte: int) -> bool:
    return LEAST <= byte <= MOST


def _blinks(byte: int) -> int:
    return {0x20: 0, 0x21: ALWAYS}.get(byte, byte - 0x21)
