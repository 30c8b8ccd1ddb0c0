"""The data fields of the small commands, and the words of the card's refusals.

Each begins with group, command, "answer please" and two bytes the maker keeps for himself.
"""

from __future__ import annotations

_ANSWER = b"\x01\x00\x00"
_SLOTS = 48  # half hours of a day; a timed brightness would differ per slot

PING = b"\xa2\x00" + _ANSWER
STATUS = b"\xa1\x02" + _ANSWER
CLEAR = b"\xa3\x10" + _ANSWER

ERRORS = {
    1: "bad group",
    2: "no such command",
    3: "busy",
    4: "out of memory",
    5: "checksum",
    6: "file not found",
    7: "flash",
    8: "download",
    9: "file name",
    0x0A: "file type",
    0x0B: "file CRC",
    0x0C: "font missing",
    0x0D: "firmware type",
    0x0E: "date or time format",
    0x0F: "file exists",
    0x10: "block number",
}


def power(on: bool) -> bytes:
    """Light the panel or darken it; the card itself goes on."""
    return b"\xa3\x00" + _ANSWER + bytes([1 if on else 2])


def brightness(level: int) -> bytes:
    """The same level, 0 to 15, for the whole day."""
    return b"\xa3\x02" + _ANSWER + bytes([1, level]) + bytes([level]) * _SLOTS


def clock(year: int, month: int, day: int, hour: int, minute: int, second: int, weekday: int) -> bytes:
    """Set the card's clock, local time; weekday 1 Monday to 7 Sunday. All digits travel as BCD."""
    fields = (year % 100, year // 100, month, day, hour, minute, second, weekday)
    return b"\xa2\x03" + _ANSWER + bytes.fromhex("".join(f"{field:02d}" for field in fields))
