"""The Candle RS-485 board: it hears, shows ASCII, and never answers.

    01 | 20 + address | 20 steady, 21 flashing | text | 07        02 | 20 + address | 20 (brightest) .. 23 | 07

Bytes below 20 are framing only, so a text of printable ASCII cannot break out. The board keeps what a shorter text
does not overwrite: every text is filled up with blanks.
"""

from __future__ import annotations

import string
from typing import Literal

import msgspec

from hall.cards import Value, take
from hall.ports import Garbled, PanelAnswered, Showing

TEXT, BRIGHTNESS, END = 0x01, 0x02, 0x07
BASE = 0x20  # addresses, blink and brightness are written as printable bytes
ADDRESSES = 0x60  # 20..7F
STEADY, FLASHING = 0x20, 0x21
DIMMEST = 3
LEVELS = 16  # of a Showing; the board has four
ARROWS = {"left": "<", "right": ">", "dash": "-"}  # the board draws them as arrows
KNOWN = frozenset(string.ascii_letters + string.digits + " ")
GARBLED_KEPT = 32


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a plan may set; card.toml says what each means."""

    columns: int = 8
    arrow: Literal["none", "left", "right", "dash"] = "none"
    brightness: bool = True


class Candle:
    """Driver of a board of one line of ASCII."""

    answers = False

    def __init__(self, *, options: dict[str, Value]) -> None:
        self._options = take(Options, options)

    def show(self, showing: Showing) -> list[bytes]:
        """The called number, and if the plan wants an arrow, the window it points to; then the brightness."""
        assert 0 <= showing.address < ADDRESSES, showing.address
        address = BASE + showing.address
        blink = FLASHING if showing.blink else STEADY
        frames = [bytes([TEXT, address, blink]) + self._text(showing.lines) + bytes([END])]
        if self._options.brightness:
            dimmed = (LEVELS - 1 - min(max(showing.brightness, 0), LEVELS - 1)) * (DIMMEST + 1) // LEVELS
            frames.append(bytes([BRIGHTNESS, address, BASE + dimmed, END]))
        return frames

    def ask(self, address: int) -> bytes:
        """Nothing: the board has no answers."""
        return b""

    def heard(self, data: bytes) -> list[PanelAnswered | Garbled]:
        """Whatever comes over this line is noise."""
        return [Garbled(why="the board is mute", data=data[:GARBLED_KEPT])] if data else []

    def _text(self, lines: tuple[str, ...]) -> bytes:
        name, called = ([*lines, "", ""])[:2]
        number = _ascii(called)
        arrow = ARROWS.get(self._options.arrow, "")
        text = f"{number}{arrow}{_ascii(name)}" if number and arrow else number
        return text[: self._options.columns].ljust(self._options.columns).encode("ascii")


def _ascii(text: str) -> str:
    """Of 请A0012号 the board can show A0012."""
    return " ".join("".join(char if char in KNOWN else " " for char in text).split())
