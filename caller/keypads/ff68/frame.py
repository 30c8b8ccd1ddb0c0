"""A frame of the FF 68 bus, and the decoder that picks frames out of a stream.

    FF 68 | L | L | 68 | address | function | data ... | sum | 16

L counts address, function and data; the sum is the low byte of their sum. A device sends 3 to 5 of them.
"""

from __future__ import annotations

import msgspec

from hall.ports import Garbled

BEGIN, MIDDLE, END = b"\xff\x68", 0x68, 0x16
HEADER = 5  # FF 68 L L 68
TAIL = 2  # sum, 16
LEAST, MOST = 3, 5  # L of a frame from a device
GARBLED_KEPT = 32

_NOISE = "no frame"


class Frame(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One frame, its sum verified."""

    address: int
    function: int
    data: bytes = b""


def encode(frame: Frame) -> bytes:
    """The frame as it goes over the wire."""
    counted = bytes([frame.address, frame.function]) + frame.data
    length = bytes([len(counted)])
    return BEGIN + length * 2 + bytes([MIDDLE]) + counted + bytes([sum(counted) & 0xFF, END])


def decode(data: bytes) -> Frame:
    """Exactly one frame, of the host or of a device; ValueError when it is not one."""
    length = data[2] if len(data) > HEADER else 0
    wrong = "wrong length" if len(data) != HEADER + length + TAIL else _fault(data, length)
    if wrong or length < 2 or data[:HEADER] != BEGIN + bytes([length, length, MIDDLE]):
        raise ValueError(wrong or _NOISE)
    return Frame(address=data[HEADER], function=data[HEADER + 1], data=data[HEADER + 2 : HEADER + length])


def _fault(frame: bytes | bytearray, length: int) -> str:
    """What is wrong with the end of a frame whose header is right, or ""."""
    if frame[HEADER + length] != sum(frame[HEADER : HEADER + length]) & 0xFF:
        return "wrong sum"
    return "" if frame[HEADER + length + 1] == END else "wrong end"


class Frames:
    """Picks frames out of a stream, however it is cut into reads; keeps less than one frame (12 bytes) of it.

    What looks like a beginning and is none costs one byte: a frame may begin right behind it, as it does when a cable
    was pulled in the middle of the frame before.
    """

    def __init__(self) -> None:
        self._half = bytearray()

    def heard(self, data: bytes) -> list[Frame | Garbled]:
        """The frames completed by `data`, and what was none."""
        found: list[Frame | Garbled] = []
        noise, why = bytearray(), _NOISE
        for byte in data:
            self._half.append(byte)
            while self._half and (wrong := _wrong(self._half)):
                why = why if wrong == _NOISE else wrong
                noise.append(self._half.pop(0))
            if _complete(self._half):
                noise, why = _report(found, why, noise)
                found.append(decode(bytes(self._half)))
                self._half.clear()
        _report(found, why, noise)
        return found


def _wrong(half: bytearray) -> str:
    """Why these bytes cannot begin, or be, a frame from a device; "" while they can."""
    begin = bytes(half[:2]) == BEGIN[: len(half)]
    if not begin or not all(LEAST <= length <= MOST for length in half[2:4]):
        return _NOISE
    if (len(half) > 3 and half[2] != half[3]) or (len(half) > 4 and half[4] != MIDDLE):
        return _NOISE
    return _fault(half, half[2]) if _complete(half) else ""


def _complete(half: bytearray) -> bool:
    return len(half) > HEADER and len(half) >= HEADER + half[2] + TAIL


def _report(found: list[Frame | Garbled], why: str, noise: bytearray) -> tuple[bytearray, str]:
    if noise:
        found.append(Garbled(why=why, data=bytes(noise[:GARBLED_KEPT])))
    return bytearray(), _NOISE
