"""The maker's packet: A5 lead, escaped header + data + check, 5A; and the decoder that picks packets out of a stream.

    A5 x8 | to, sender | 3 x 00 | barcode | check mode | display mode | device | version | length | data | check | 5A

To, sender, length and check have 16 bits, little-endian; the others are bytes. Neither A5 nor 5A can occur inside:
any A5 begins a packet and any 5A ends it.
"""

from __future__ import annotations

import re
import struct

import msgspec

from hall.ports import Garbled

HOST = 0x8000  # the host's own address; cards are numbered from 1
ANY_CARD = 0xFE  # device type "whichever it is"
FONT_CARD = 0x02  # the protocol version of font cards
LEAD, END = 0xA5, 0x5A
LEAD_BYTES = 8
PACKET_MAX = 4096  # escaped bytes; fifty times the longest answer we know, and a bound for noise
GARBLED_KEPT = 32

CHECK_CRC, CHECK_SUM, CHECK_NONE = 0, 1, 2
UNCHECKED = 0xFFFF  # a check of this value asks not to be verified

_HEADER = struct.Struct("<HH3xBBBBB")  # to, sender, barcode, check mode, display mode, device, version
_LENGTH = struct.Struct("<H")
_BARCODE_BYTES = 16
_ESCAPED = {b"\xa5": b"\xa6\x02", b"\xa6": b"\xa6\x01", b"\x5a": b"\x5b\x02", b"\x5b": b"\x5b\x01"}
_PLAIN = {escaped: plain for plain, escaped in _ESCAPED.items()}
_TO_ESCAPE = re.compile(rb"[\xa5\xa6\x5a\x5b]")
_TO_PLAIN = re.compile(rb"[\xa6\x5b].?", re.DOTALL)


class Frame(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One packet, unescaped and checked. `data` begins with group and command."""

    data: bytes
    to: int = 1
    sender: int = HOST
    display_mode: int = 0
    device: int = ANY_CARD
    version: int = FONT_CARD
    barcode: bytes = b""
    check_mode: int = CHECK_CRC


class _Unreadable(Exception):  # never leaves this file
    """Bytes between A5 and 5A that are no packet; says why."""


def crc16(data: bytes) -> int:
    """CRC-16/ARC: polynomial 0x8005 reflected, begins with 0, no final xor."""
    crc = 0
    for byte in data:
        crc = (crc >> 8) ^ _CRC_OF[(crc ^ byte) & 0xFF]
    return crc


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (0xA001 if byte & 1 else 0)
    return byte


_CRC_OF = tuple(map(_crc_of, range(256)))


def _check(mode: int, packet: bytes) -> int:
    if mode == CHECK_CRC:
        return crc16(packet)
    return sum(packet) & 0xFFFF if mode == CHECK_SUM else 0


def encode(frame: Frame) -> bytes:
    """The packet as it goes over the wire."""
    has_barcode = 1 if frame.barcode else 0
    fixed = (has_barcode, frame.check_mode, frame.display_mode, frame.device, frame.version)
    header = _HEADER.pack(frame.to, frame.sender, *fixed)
    packet = header[:8] + frame.barcode + header[8:] + _LENGTH.pack(len(frame.data)) + frame.data
    packet += _LENGTH.pack(_check(frame.check_mode, packet))
    escaped = _TO_ESCAPE.sub(lambda found: _ESCAPED[found[0]], packet)
    return bytes([LEAD]) * LEAD_BYTES + escaped + bytes([END])


def decode(data: bytes) -> Frame:
    """Exactly one packet with its lead and end; ValueError when it is not one."""
    found = Packets().heard(data)
    if len(found) != 1 or not isinstance(found[0], Frame):
        raise ValueError(f"not one packet: {found}")
    return found[0]


def _unpack(escaped: bytes) -> Frame:
    try:
        packet = _TO_PLAIN.sub(lambda found: _PLAIN[found[0]], escaped)
    except KeyError:
        raise _Unreadable("wrong escape") from None
    barcode_bytes = _BARCODE_BYTES if len(packet) > 7 and packet[7] == 1 else 0
    begin = _HEADER.size + barcode_bytes + _LENGTH.size
    if len(packet) < begin + 2:
        raise _Unreadable("too short")
    to, sender, _, mode, display, device, version = _HEADER.unpack(packet[:8] + packet[8 + barcode_bytes : begin - 2])
    (length,) = _LENGTH.unpack(packet[begin - 2 : begin])
    if len(packet) != begin + length + 2:
        raise _Unreadable("wrong length")
    if version != FONT_CARD:
        raise _Unreadable("not a font card")
    (check,) = _LENGTH.unpack(packet[-2:])
    if mode in (CHECK_CRC, CHECK_SUM) and check not in (UNCHECKED, _check(mode, packet[:-2])):
        raise _Unreadable("wrong check")
    return Frame(
        data=packet[begin:-2],
        to=to,
        sender=sender,
        display_mode=display,
        device=device,
        version=version,
        barcode=packet[8 : 8 + barcode_bytes],
        check_mode=mode,
    )


class Packets:
    """Picks packets out of a stream, however it is cut into reads; keeps at most PACKET_MAX bytes of half a packet."""

    def __init__(self) -> None:
        self._half: bytearray | None = None  # None: outside a packet

    def heard(self, data: bytes) -> list[Frame | Garbled]:
        """The packets completed by `data`, and what was none."""
        found: list[Frame | Garbled] = []
        noise = bytearray()
        for byte in data:
            if self._half is None and byte != LEAD:
                noise.append(byte)
                continue
            _report(found, "outside a packet", noise)
            said = self._inside(byte)
            if said is not None:
                found.append(said)
        _report(found, "outside a packet", noise)
        return found

    def _inside(self, byte: int) -> Frame | Garbled | None:
        half = self._half or bytearray()
        if byte == END:
            self._half = None
            return _read(bytes(half))
        if byte == LEAD:
            self._half = bytearray()
            return _garbled("cut short", half) if half else None
        half.append(byte)
        self._half = half if len(half) <= PACKET_MAX else None
        return _garbled("too long", half) if self._half is None else None


def _read(escaped: bytes) -> Frame | Garbled:
    try:
        return _unpack(escaped)
    except _Unreadable as wrong:
        return _garbled(str(wrong), escaped)


def _report(found: list[Frame | Garbled], why: str, noise: bytearray) -> None:
    if noise:
        found.append(_garbled(why, noise))
        noise.clear()


def _garbled(why: str, data: bytes | bytearray) -> Garbled:
    return Garbled(why=why, data=bytes(data[:GARBLED_KEPT]))
