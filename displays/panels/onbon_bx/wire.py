"""The Onbon BX font card: a showing becomes one packet with an area per line, and the card's answers become words.

The card has the fonts and takes GBK text. A backslash in it begins an inline code (colour, font, new line), so no text
that came from outside may bring one: see `shown`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from displays.panels.onbon_bx import areas, orders
from displays.panels.onbon_bx.areas import Area, Update
from displays.panels.onbon_bx.frame import ANY_CARD, HOST, Frame, Packets, encode
from hall.cards import Value, take
from hall.lettering import BLANK, WIDE_SUBSTITUTE, cut, letters
from hall.ports import Garbled, PanelAnswered, Showing

FONT_PX = 16  # the font every card has: Chinese 16 x 16, ASCII 8 x 16
COLUMN_PX = 8
PIXELS_FLAG = 0x8000  # top bit of x and width: they count pixels
BRIGHTEST = 15
BACKSLASH = ord("\\")
WIDE_BACKSLASH = "＼".encode("gbk")
NEW_PAGE = b"\\n" + BLANK  # an area is one line high, so a second, blank line is a second, blank page
REPLIES = 0xA0  # group of the card's plain answers
DATA_MIN = 5  # group, command, error, two reserved


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a plan may set; card.toml says what each means."""

    unit: Literal["8px", "pixels", "pixels_flagged"] = "8px"
    lines: int = 2
    blink: Literal["quick", "page", "none"] = "quick"
    brightness: bool = True
    over_programs: bool = False
    device: int = ANY_CARD


class OnbonBx:
    """Driver of BX-5K and BX-6K cards over TCP or a serial line; the bytes are the same."""

    answers = True

    def __init__(self, *, options: dict[str, Value]) -> None:
        self._options = take(Options, options)
        self._packets = Packets()

    def show(self, showing: Showing) -> list[bytes]:
        """One packet with all lines, so that name and number change together; then the brightness."""
        update = Update(areas=tuple(self._areas(showing)))
        frames = [self._frame(showing.address, areas.pack(update))]
        if self._options.brightness:
            level = min(max(showing.brightness, 0), BRIGHTEST)
            frames.append(self._frame(showing.address, orders.brightness(level)))
        return frames

    def ask(self, address: int) -> bytes:
        """Ping."""
        return self._frame(address, orders.PING)

    def heard(self, data: bytes) -> list[PanelAnswered | Garbled]:
        """What the card answered; our own packets, come back over a two-wire line, say nothing."""
        said = [_answer(found) if isinstance(found, Frame) else found for found in self._packets.heard(data)]
        return [word for word in said if word is not None]

    def clear(self, address: int) -> bytes:
        """Remove everything shown."""
        return self._frame(address, orders.CLEAR)

    def power(self, address: int, on: bool) -> bytes:
        """Light or darken."""
        return self._frame(address, orders.power(on))

    def status(self, address: int) -> bytes:
        """Ask for clock, brightness and the areas held."""
        return self._frame(address, orders.STATUS)

    def set_clock(self, address: int, date: tuple[int, int, int], time: tuple[int, int, int], weekday: int) -> bytes:
        """Set date (year, month, day), time (hour, minute, second) and weekday (1 Monday), local."""
        return self._frame(address, orders.clock(*date, *time, weekday))

    def _frame(self, address: int, data: bytes) -> bytes:
        display_mode = 1 if self._options.over_programs else 0
        return encode(Frame(data=data, to=address, display_mode=display_mode, device=self._options.device))

    def _areas(self, showing: Showing) -> list[Area]:
        """As many areas as the panel has lines, always: a line no longer shown must not stay lit."""
        rows = max(1, min(self._options.lines, showing.height_px // FONT_PX))
        texts = (*showing.lines, *[""] * rows)[:rows]
        height = showing.height_px // rows
        return [self._area(showing, row, text, height) for row, text in enumerate(texts)]

    def _area(self, showing: Showing, row: int, text: str, height: int) -> Area:
        area = Area(
            id=row,
            text=shown(text, showing.width_px // COLUMN_PX),
            x=self._across(0),
            y=row * height,
            width=self._across(showing.width_px),
            height=height,
        )
        return self._flashing(area) if showing.blink and row > 0 else area

    def _flashing(self, area: Area) -> Area:
        """The called number drawn anew every half second, or in turn with a blank page."""
        if self._options.blink == "quick":
            return msgspec.structs.replace(area, effect=areas.QUICK, hold=1)
        if self._options.blink == "page":
            return msgspec.structs.replace(area, single=areas.MULTI, hold=1, text=area.text + NEW_PAGE)
        return area

    def _across(self, pixels: int) -> int:
        if self._options.unit == "8px":
            return pixels // COLUMN_PX
        return pixels | PIXELS_FLAG if self._options.unit == "pixels_flagged" else pixels


def shown(text: str, columns: int) -> bytes:
    """`text` in GBK, cut to `columns`, with nothing in it the card could take for an inline code.

    A backslash becomes its wide sister; so does every rare character whose second byte is a backslash (none of
    GB2312), because we do not know whether the card reads texts by character or by byte. No text at all is a blank.
    """
    return cut([_harmless(letter) for letter in letters(text)], columns) or BLANK


def _harmless(letter: bytes) -> bytes:
    if letter[-1] != BACKSLASH:
        return letter
    return WIDE_BACKSLASH if len(letter) == 1 else WIDE_SUBSTITUTE


def _answer(frame: Frame) -> PanelAnswered | Garbled | None:
    if len(frame.data) < DATA_MIN:
        return Garbled(why="an answer too short", data=frame.data)
    group, command, error = frame.data[:3]
    if group != REPLIES and frame.to < HOST:
        return None
    # whether an answer swaps the two addresses is not certain: the screen's is the one below the host's
    address = frame.sender if frame.sender < HOST else frame.to if frame.to < HOST else 0
    refused = error != 0 or (group == REPLIES and command != 0)
    name = orders.ERRORS.get(error, f"error {error}") if refused else ""
    return PanelAnswered(ok=not refused, address=address, code=error, name=name)
