"""What the card does for each command group: from a whole, sound frame to the data of its reply.

Groups: A1 files and status, A2 system, A3 display, A4 network. A NACK carries the maker's error code; where the maker
names no code for parameters of the wrong shape, the card says "no such command".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from simulators.panel.onbon_bx.areas import Unreadable, read_update
from simulators.panel.onbon_bx.letters import FontMissing, readable
from simulators.panel.onbon_bx.screen import OutOfMemory, Screen

ACK = bytes((0xA0, 0x00, 0x00, 0x00, 0x00))
GROUPS = (0xA1, 0xA2, 0xA3, 0xA4)
BRIGHTEST = 15
SLOTS = 48  # half hours of a day
SPOKEN_MAX = 16  # texts a -YY card's listener remembers
NO_CLOCK = datetime(2000, 1, 1, tzinfo=UTC)  # never set: it stands still there
YEARS = range(2000, 2100)  # two BCD digits and a century the card knows


class Error(IntEnum):
    """The maker's CmdError codes that this card uses."""

    BAD_GROUP = 0x01
    NO_SUCH_COMMAND = 0x02
    BUSY = 0x03
    OUT_OF_MEMORY = 0x04
    CHECKSUM = 0x05
    FONT_MISSING = 0x0C
    DATE_TIME = 0x0E


def nack(error: int) -> bytes:
    return bytes((0xA0, 0x01, error, 0x00, 0x00))


class Card:
    """The card's memory and its commands; time is handed in."""

    def __init__(self, screen: Screen, *, pixel_units: bool, speaks: bool, barcode: bytes, net_id: bytes) -> None:
        self.screen = screen
        self.lit = True  # the display's own on/off, not the mains
        self.level = BRIGHTEST
        self.spoken: list[str] = []
        self._slots: bytes | None = None  # timed brightness
        self._clock: tuple[datetime, int] | None = None  # what was set (local, kept as if UTC), and at which ms
        self._pixel_units, self._speaks = pixel_units, speaks
        self._barcode, self._net_id = barcode, net_id

    def do(self, data: bytes, now_ms: int) -> bytes:
        """The reply to one command; never raises."""
        if len(data) < 5 or data[0] not in GROUPS:
            return nack(Error.BAD_GROUP)
        command = COMMANDS.get((data[0], data[1]))
        if command is None:
            return nack(Error.NO_SUCH_COMMAND)
        try:
            return command(self, data, now_ms)
        except Unreadable:
            return nack(Error.NO_SUCH_COMMAND)
        except FontMissing:
            return nack(Error.FONT_MISSING)
        except OutOfMemory:
            return nack(Error.OUT_OF_MEMORY)

    def lose_power(self) -> None:
        """RAM is gone; brightness and clock are kept by the card's flash and battery."""
        self.screen.clear()
        self.lit = True

    def time(self, now_ms: int) -> datetime:
        """The card's own clock."""
        if self._clock is None:
            return NO_CLOCK
        was, at_ms = self._clock
        return was + timedelta(milliseconds=now_ms - at_ms)

    def brightness(self, now_ms: int) -> int:
        """The level in force: forced, or that of this half hour."""
        if self._slots is None:
            return self.level
        now = self.time(now_ms)
        return min(BRIGHTEST, self._slots[now.hour * 2 + now.minute // 30])

    def ping(self, _data: bytes, _now_ms: int) -> bytes:
        return ACK

    def reset(self, _data: bytes, _now_ms: int) -> bytes:
        self.lose_power()
        self.level, self._slots = BRIGHTEST, None
        return ACK

    def set_clock(self, data: bytes, now_ms: int) -> bytes:
        """Year low, year high, month, day, hour, minute, second, weekday, all BCD."""
        digits = data[5:].hex()
        if len(digits) != 16 or not digits.isdecimal() or not "01" <= digits[14:] <= "07":
            return nack(Error.DATE_TIME)
        try:
            asked = datetime.strptime(f"{digits[2:4]}{digits[:2]}{digits[4:14]}Z", "%Y%m%d%H%M%S%z")
        except ValueError:
            return nack(Error.DATE_TIME)
        if asked.year not in YEARS:
            return nack(Error.DATE_TIME)
        self._clock = (asked, now_ms)
        return ACK

    def status(self, _data: bytes, now_ms: int) -> bytes:
        now = self.time(now_ms)
        year = f"{now:%Y}"
        clock = bytes.fromhex(year[2:] + year[:2] + f"{now:%m%d%H%M%S}0{now.isoweekday()}")
        programs = bytes(1 + 4 + 1 + 1)  # count, name, special-area flag, special pages: all none
        ids = self.screen.ids
        state = bytes((1 if self.lit else 2, self.brightness(now_ms))) + clock + programs
        return bytes((0xA1, 0x02, 0, 0, 0)) + state + bytes((len(ids), *ids)) + self._barcode + self._net_id

    def power(self, data: bytes, _now_ms: int) -> bytes:
        if data[5:] not in (b"\x01", b"\x02"):
            raise Unreadable("power")
        self.lit = data[5] == 1
        return ACK

    def set_brightness(self, data: bytes, _now_ms: int) -> bytes:
        """Type (1 forced, 2 timed), level, 48 slots; a forced one may come without slots."""
        kind, level, slots = data[5:6], data[6:7], data[7:]
        lengths = {b"\x01": (0, SLOTS), b"\x02": (SLOTS,)}.get(kind, ())
        if not level or len(slots) not in lengths:
            raise Unreadable("brightness")
        self.level = min(BRIGHTEST, level[0])
        self._slots = slots if kind == b"\x02" else None
        return ACK

    def update_areas(self, data: bytes, now_ms: int) -> bytes:
        asked = read_update(data, self._pixel_units)
        self.screen.update(asked, now_ms)
        if self._speaks:
            self.spoken += [readable(area.voice) for area in asked.areas if area.voice]
            del self.spoken[:-SPOKEN_MAX]
        return ACK

    def clear_screen(self, _data: bytes, _now_ms: int) -> bytes:
        self.screen.clear()
        return ACK


COMMANDS: dict[tuple[int, int], Callable[[Card, bytes, int], bytes]] = {
    (0xA1, 0x02): Card.status,
    (0xA2, 0x00): Card.ping,
    (0xA2, 0x01): Card.reset,
    (0xA2, 0x03): Card.set_clock,
    (0xA3, 0x00): Card.power,
    (0xA3, 0x02): Card.set_brightness,
    (0xA3, 0x06): Card.update_areas,
    (0xA3, 0x10): Card.clear_screen,
}
