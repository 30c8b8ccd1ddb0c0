"""The dynamic areas of command A3 06: a rectangle of the panel with a text in it, held in RAM and gone with the power.

They are what a called number needs: no flash is written, and several areas go in one packet.
"""

from __future__ import annotations

import struct

import msgspec

_PLACE = struct.Struct("<BHHHHBBBH")  # type, x, y, width, height, id, line spacing, run mode, timeout
_LOOK = struct.Struct("<BBBBBBBBI")  # extension, alignment, single, wrap, effect, exit, speed, hold, length of the text
_BEGIN = b"\xa3\x06"
ALL = 0xFF  # as a delete count: every area

LOOP = 0  # run mode
CENTRED = 0b1010  # alignment: centre, middle
SINGLE, MULTI = 1, 2  # lines
MANUAL, AUTOMATIC = 1, 2  # wrap
STATIC, QUICK = 1, 2  # effects
SPEAK_OTHER = 2  # sound mode: speak a text of its own


class Area(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One area. `x` and `width` are the wire's 16 bits, in the unit of the card; `text` is GBK with inline codes."""

    id: int
    text: bytes
    x: int = 0
    y: int = 0
    width: int
    height: int
    spacing: int = 0
    run: int = LOOP
    timeout: int = 0
    sound: int = 0
    voice: bytes = b""  # speaker, volume, speed when sound is not 0
    speech: bytes = b""  # the text to speak when sound is SPEAK_OTHER
    align: int = CENTRED
    single: int = SINGLE
    wrap: int = MANUAL
    effect: int = STATIC
    exit: int = 0
    speed: int = 0
    hold: int = 0  # half seconds


class Update(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A3 06 as a whole."""

    areas: tuple[Area, ...]
    reply: int = 1  # 1 answer, 2 be silent
    process: int = 0
    delete: bytes = b""  # ids of areas to remove
    delete_all: bool = False


def pack(update: Update) -> bytes:
    """The data field of the packet."""
    deleted = bytes([ALL]) if update.delete_all else bytes([len(update.delete)]) + update.delete
    areas = b"".join(struct.pack("<H", len(area)) + area for area in map(_pack_area, update.areas))
    return _BEGIN + bytes([update.reply, update.process, 0]) + deleted + bytes([len(update.areas)]) + areas


def _pack_area(area: Area) -> bytes:
    place = (0, area.x, area.y, area.width, area.height, area.id, area.spacing, area.run, area.timeout)
    sound = bytes([area.sound]) + area.voice
    if area.sound == SPEAK_OTHER:
        sound += struct.pack("<I", len(area.speech)) + area.speech
    look = (0, area.align, area.single, area.wrap, area.effect, area.exit, area.speed, area.hold, len(area.text))
    return _PLACE.pack(*place) + sound + _LOOK.pack(*look) + area.text


def unpack(data: bytes) -> Update:
    """The same backwards; ValueError when `data` is no A3 06 we can read."""
    try:
        return _unpack(data)
    except (struct.error, IndexError) as short:
        raise ValueError(f"no A3 06: {short}") from short


def _unpack(data: bytes) -> Update:
    if data[:2] != _BEGIN:
        raise ValueError("no A3 06")
    delete_all = data[5] == ALL
    at = 6 + (0 if delete_all else data[5])
    deleted = data[6:at]
    count, at = data[at], at + 1
    areas = []
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        areas.append(_unpack_area(data[at + 2 : at + 2 + length]))
        at += 2 + length
    if at != len(data):
        raise ValueError("A3 06 of a wrong length")
    return Update(areas=tuple(areas), reply=data[2], process=data[3], delete=deleted, delete_all=delete_all)


def _unpack_area(data: bytes) -> Area:
    _, x, y, width, height, number, spacing, run, timeout = _PLACE.unpack_from(data)
    at = _PLACE.size
    sound, voice, speech = data[at], b"", b""
    at += 1
    if sound:
        voice, at = data[at : at + 3], at + 3
    if sound == SPEAK_OTHER:
        (length,) = struct.unpack_from("<I", data, at)
        speech, at = data[at + 4 : at + 4 + length], at + 4 + length
    _, align, single, wrap, effect, leave, speed, hold, length = _LOOK.unpack_from(data, at)
    text = data[at + _LOOK.size :]
    if len(text) != length:
        raise ValueError("a text of a wrong length")
    return Area(
        id=number, text=text, x=x, y=y, width=width, height=height, spacing=spacing, run=run, timeout=timeout,
        sound=sound, voice=voice, speech=speech, align=align, single=single, wrap=wrap, effect=effect, exit=leave,
        speed=speed, hold=hold,
    )  # fmt: skip
