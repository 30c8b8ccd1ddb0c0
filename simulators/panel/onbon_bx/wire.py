"""The card's framing, both ways: `8 x A5 | escaped(header + data + CRC) | 5A`, numbered as the maker does.

Source: the maker's "BX-5K/6K protocol, user version" 1.4 and its published client; frames checked by their CRCs.
A run of A5 of any length starts a frame and any 5A ends it, because inside both are escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

START, END = 0xA5, 0x5A
LEAD = bytes([START]) * 8
ESCAPES = {0xA5: b"\xa6\x02", 0xA6: b"\xa6\x01", 0x5A: b"\x5b\x02", 0x5B: b"\x5b\x01"}
PLAIN = {pair: value for value, pair in ESCAPES.items()}
ESCAPE_BYTES = (0xA6, 0x5B)

BODY_MAX = 8192  # escaped bytes between A5 and 5A: what a card of 4 KB receive memory could take
HEADER = 14  # bytes; with a barcode 16 more follow
BARCODE = 16  # bytes
VERSION = 0x02  # anything else is not a font card's frame
DEVICE_ANY = 0xFE
UNCHECKED = 0xFFFF  # as CRC: the receiver does not check


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as the card reads it; `intact` is False when length or check value disagree with the bytes."""

    destination: int
    source: int
    data: bytes
    intact: bool
    barcode: bytes = b""
    display_mode: int = 0


class Framing:
    """Cuts a stream into frame bodies, still escaped; keeps half a frame until the other half comes."""

    def __init__(self) -> None:
        self.noise = 0  # bytes that belonged to no whole frame
        self._body: bytearray | None = None  # None outside a frame

    def forget(self) -> None:
        """A new client: the half frame of the last one is gone."""
        self._body = None

    def cut(self, data: bytes) -> list[bytes]:
        """The bodies that are complete with these bytes."""
        bodies: list[bytes] = []
        for byte in data:
            if byte == START:
                self._drop()
                self._body = bytearray()
            elif self._body is None:
                self.noise += 1
            elif byte == END:
                bodies.append(bytes(self._body))
                self._body = None
            else:
                self._keep(byte)
        return [body for body in bodies if body]

    def _keep(self, byte: int) -> None:
        assert self._body is not None
        self._body.append(byte)
        if len(self._body) > BODY_MAX:
            self._drop()

    def _drop(self) -> None:
        self.noise += len(self._body or b"")
        self._body = None


def unescaped(body: bytes) -> bytes | None:
    """The bytes as they were before escaping; None when an escape pair does not exist."""
    plain = bytearray()
    at = 0
    while at < len(body):
        if body[at] not in ESCAPE_BYTES:
            plain.append(body[at])
            at += 1
            continue
        value = PLAIN.get(body[at : at + 2])
        if value is None:
            return None
        plain.append(value)
        at += 2
    return bytes(plain)


def read(body: bytes) -> Frame | None:
    """The frame in a body; None when it is no font card's frame at all."""
    plain = unescaped(body)
    if plain is None or len(plain) < HEADER + 2 or plain[11] != VERSION:
        return None
    header = HEADER + (BARCODE if plain[7] == 1 else 0)
    if len(plain) < header + 2:
        return None
    length = int.from_bytes(plain[header - 2 : header], "little")
    whole = len(plain) == header + length + 2
    return Frame(
        destination=int.from_bytes(plain[0:2], "little"),
        source=int.from_bytes(plain[2:4], "little"),
        data=plain[header:-2],
        intact=whole and _checks(plain, mode=plain[8]),
        barcode=plain[12 : 12 + BARCODE] if plain[7] == 1 else b"",
        display_mode=plain[9],
    )


def _checks(plain: bytes, mode: int) -> bool:
    said = int.from_bytes(plain[-2:], "little")
    if mode == 2 or said == UNCHECKED:
        return True
    if mode == 1:
        return said == sum(plain[:-2]) & 0xFFFF
    return said == crc16(plain[:-2])


def reply(destination: int, source: int, data: bytes, spoil_crc: bool = False) -> bytes:
    """A whole frame from the card."""
    header = destination.to_bytes(2, "little") + source.to_bytes(2, "little") + bytes(6)
    plain = header + bytes((DEVICE_ANY, VERSION)) + len(data).to_bytes(2, "little") + data
    check = crc16(plain) ^ (0x5555 if spoil_crc else 0)
    plain += check.to_bytes(2, "little")
    return LEAD + b"".join(ESCAPES.get(byte, bytes((byte,))) for byte in plain) + bytes((END,))


def crc16(data: bytes) -> int:
    """CRC-16/ARC: reflected 0xA001, from 0, no final xor."""
    crc = 0
    table = _table()
    for byte in data:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc


@cache
def _table() -> tuple[int, ...]:
    rows = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
        rows.append(value)
    return tuple(rows)
