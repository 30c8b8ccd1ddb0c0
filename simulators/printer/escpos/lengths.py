"""How long each ESC/POS command is: enough to step over every command of the manuals, known to us or not.

A length is told from the first bytes of a command; None means more bytes are needed to tell.
"""

from __future__ import annotations

from collections.abc import Callable

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D
TERMINATED_MAX = 255  # bytes of a NUL-ended list (tab stops, old bar codes); the manuals allow fewer

ACROSS_MAX = 128  # bytes of a picture across; more than any head has dots
DOWN_MAX = 2303  # dots of a picture down, by the manual

Rule = Callable[[bytes], "int | None"]


def _fixed(arguments: int) -> Rule:
    return lambda data: 2 + arguments


def _low_high(at: int, head: int) -> Rule:
    """`head` bytes, the last of them a 16-bit count (low, high at `at`) of what follows."""
    return lambda data: None if len(data) < at + 2 else head + data[at] + 256 * data[at + 1]


def _terminated(data: bytes, start: int) -> int | None:
    end = data.find(0, start, start + TERMINATED_MAX)
    if end >= 0:
        return end + 1
    return start + TERMINATED_MAX if len(data) >= start + TERMINATED_MAX else None


def _bit_image(data: bytes) -> int | None:
    """ESC * m nL nH: columns of 8 dots (m 0, 1) or 24 dots (m 32, 33)."""
    if len(data) < 5:
        return None
    return 5 + (data[3] + 256 * data[4]) * (3 if data[2] in (32, 33) else 1)


def _user_characters(data: bytes) -> int | None:
    """ESC & y c1 c2, then for each character a width and y bytes a column."""
    if len(data) < 5:
        return None
    at = 5
    for _ in range(max(0, data[4] - data[3] + 1)):
        if len(data) <= at:
            return None
        at += 1 + data[2] * data[at]
    return at


def _cut(data: bytes) -> int | None:
    """GS V m, and for the feeding forms (m from 65 up) an n."""
    if len(data) < 3:
        return None
    return 4 if data[2] >= 0x41 else 3


def _bar_code(data: bytes) -> int | None:
    """GS k m, then up to NUL (m 0..6) or counted (m from 65 up)."""
    if len(data) < 3:
        return None
    if data[2] <= 6:
        return _terminated(data, 3)
    return None if len(data) < 4 else 4 + data[3]


def _raster(data: bytes) -> int | None:
    """GS v 0 m xL xH yL yH: x bytes across, y dots down; out of range, only its head is taken for a command."""
    if len(data) < 8:
        return None
    across, down = data[4] + 256 * data[5], data[6] + 256 * data[7]
    return 8 + (across * down if across <= ACROSS_MAX and down <= DOWN_MAX else 0)


def _large_graphics(data: bytes) -> int | None:
    """GS 8 L and a 32-bit count; out of range, only its head is taken for a command."""
    if len(data) < 7:
        return None
    size = int.from_bytes(data[3:7], "little")
    return 7 + (size if size <= ACROSS_MAX * DOWN_MAX else 0)


def _pattern(data: bytes) -> int | None:
    """GS * x y: a downloaded picture."""
    return None if len(data) < 4 else 4 + data[2] * data[3] * 8


def _real_time(data: bytes) -> int | None:
    """DLE DC4 fn: a pulse, power off, a buzzer, or clear the buffer (fn 8, seven bytes)."""
    return None if len(data) < 3 else {1: 5, 2: 5, 3: 8, 7: 4, 8: 10}.get(data[2], 3)


def _counter(data: bytes) -> int | None:
    """GS C 0 n m | GS C 1 with six bytes | GS C 2 nL nH."""
    return None if len(data) < 3 else {0x30: 5, 0x31: 9, 0x32: 5}.get(data[2], 3)


RULES: dict[int, dict[int, Rule]] = {
    DLE: {0x04: _fixed(1), 0x05: _fixed(1), 0x14: _real_time},
    ESC: {
        **{ord(c): _fixed(1) for c in " !%-3=?EGJKMRTUVadertu{"},
        **{ord(c): _fixed(2) for c in "$\\Bc"},
        **{ord(c): _low_high(3, 5) for c in "("},
        ord("p"): _fixed(3),
        ord("W"): _fixed(8),
        ord("D"): lambda data: _terminated(data, 2),
        ord("*"): _bit_image,
        ord("&"): _user_characters,
    },
    FS: {
        **{ord(c): _fixed(1) for c in "!-CW"},
        **{ord(c): _fixed(2) for c in "S?p"},
        ord("2"): _fixed(2 + 72),
        ord("("): _low_high(3, 5),
    },
    GS: {
        **{ord(c): _fixed(1) for c in "!/BEHITabfhjrw"},
        **{ord(c): _fixed(2) for c in "$\\LPW"},
        ord("^"): _fixed(3),
        ord("z"): _fixed(3),
        ord("("): _low_high(3, 5),
        ord("*"): _pattern,
        ord("8"): _large_graphics,
        ord("C"): _counter,
        ord("V"): _cut,
        ord("k"): _bar_code,
        ord("v"): _raster,
    },
}


def length(data: bytes) -> int | None:
    """Bytes of the command at the start of `data` (its first byte is DLE, ESC, FS or GS); None: tell me more."""
    if len(data) < 2:
        return None
    rule = RULES[data[0]].get(data[1])
    return 2 if rule is None else rule(data)
