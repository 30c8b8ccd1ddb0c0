"""What commands mean: styles, the line being filled, the stored QR code. Says in, effects out; no paper, no time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import qrcode.util

from simulators.printer.escpos.paper import HALF, WIDTH, Blank, Code, Element, Line, Picture, Run
from simulators.printer.escpos.reading import Character, Command, Control, Reader, Said

SPACING = 30  # dots a line moves, unless its characters are taller
CELL = 24  # dots down of a character
LEVELS = {0x30: "L", 0x31: "M", 0x32: "Q", 0x33: "H"}
BITS = dict(zip("LMQH", (1, 0, 3, 2), strict=True))  # levels as the QR tables number them


@dataclass(frozen=True, slots=True)
class Cut:
    how: str  # "partial" | "full"


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to be answered in its turn: `what` is paper, drawer, identity or done."""

    what: str
    about: bytes = b""


@dataclass(frozen=True, slots=True)
class Report:
    """Tell changes unasked (GS a n)."""

    wanted: int


@dataclass(frozen=True, slots=True)
class Beep:
    times: int


@dataclass(frozen=True, slots=True)
class Unknown:
    name: bytes


Effect = Element | Cut | Ask | Report | Beep | Unknown


@dataclass(frozen=True, slots=True)
class Style:
    width: int = 1
    height: int = 1
    full_width: int = 1  # Chinese characters have sizes of their own (FS !), GS ! sets both
    full_height: int = 1
    bold: bool = False
    align: int = 0
    spacing: int = SPACING


@dataclass(frozen=True, slots=True)
class Stored:
    """The QR code as GS ( k left it."""

    module: int = 3
    level: str = "L"
    data: bytes = b""


class Head:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader  # FS & and FS . change how it reads on
        self.reset()
        self._commands: dict[bytes, Callable[[bytes], list[Effect]]] = {
            b"\x1b@": lambda _: self._initialise(),
            b"\x1b!": self._print_mode,
            b"\x1bE": lambda a: self._restyle(bold=bool(a[0] & 1)),
            b"\x1bG": lambda a: self._restyle(bold=bool(a[0] & 1)),
            b"\x1ba": lambda a: self._restyle(align=a[0] & 3 if a[0] & 3 < 3 else 0),
            b"\x1b2": lambda _: self._restyle(spacing=SPACING),
            b"\x1b3": lambda a: self._restyle(spacing=a[0]),
            b"\x1bd": lambda a: [*self.line(), *([Blank(a[0] * self.style.spacing)] if a[0] else [])],
            b"\x1bJ": lambda a: [*self.line(0), Blank(a[0])],
            b"\x1bi": lambda _: [*self._flush(), Cut("full")],
            b"\x1bm": lambda _: [*self._flush(), Cut("partial")],
            b"\x1bB": lambda a: [Beep(min(a[0], 9))],
            b"\x1bv": lambda _: [Ask("paper")],
            b"\x1b*": self._bit_image,
            b"\x1c&": lambda _: self._chinese(True),
            b"\x1c.": lambda _: self._chinese(False),
            b"\x1c!": lambda a: self._restyle(full_width=1 + (a[0] >> 2 & 1), full_height=1 + (a[0] >> 3 & 1)),
            b"\x1cW": lambda a: self._restyle(full_width=1 + (a[0] & 1), full_height=1 + (a[0] & 1)),
            b"\x1d!": self._size,
            b"\x1da": lambda a: [Report(a[0])],
            b"\x1dr": lambda a: [Ask("paper" if a[0] in (1, 49) else "drawer" if a[0] in (2, 50) else "")],
            b"\x1dI": lambda a: [Ask("identity", a)],
            b"\x1dV": self._cut,
            b"\x1dv": self._raster,
            b"\x1dk": self._bar_code,
            b"\x1d(": self._function,
        }

    def reset(self) -> None:
        """As at power-on."""
        self.style, self.stored, self._reader.kanji = Style(), Stored(), True
        self.drop_line()

    def drop_line(self) -> None:
        """Forget what the line holds."""
        self._runs: list[Run] = []

    def do(self, said: Said) -> list[Effect]:
        if isinstance(said, Character):
            return self._character(said)
        if isinstance(said, Control):
            return self._control(said.code)
        meaning = self._commands.get(said.name)
        if meaning is not None:
            return meaning(said.args)
        return [] if said.name[0] == 0x10 or self._stepped_over(said) else [Unknown(said.name)]

    def line(self, spacing: int | None = None) -> list[Effect]:
        """Print what the line holds and move on, at least by `spacing`."""
        runs, self._runs = tuple(self._runs), []
        tall = max((run.height * CELL for run in runs), default=0)
        dots = max(tall, self.style.spacing if spacing is None else spacing)
        return [Line(runs, self.style.align, dots)] if runs or dots else []

    def _flush(self) -> list[Effect]:
        return self.line() if self._runs else []

    def _control(self, code: int) -> list[Effect]:
        if code in (0x0A, 0x0C):
            return self.line()
        if code == 0x0D:
            return []
        if code == 0x09:  # tab stops at every eighth half-width cell, the power-on setting
            used = sum(run.dots for run in self._runs) // HALF
            return [effect for _ in range(8 - used % 8) for effect in self._character(Character(" ", full=False))]
        if code == 0x18:
            self._runs = []
        return []

    def _character(self, said: Character) -> list[Effect]:
        style = self.style
        width, height = (style.full_width, style.full_height) if said.full else (style.width, style.height)
        run = Run(said.text, said.full, width, height, style.bold)
        printed = self.line() if sum(r.dots for r in self._runs) + run.dots > WIDTH else []
        last = self._runs[-1] if self._runs else None
        if last is not None and replace(last, text="") == replace(run, text=""):
            self._runs[-1] = replace(last, text=last.text + run.text)
        else:
            self._runs.append(run)
        return printed

    def _restyle(self, **change: int) -> list[Effect]:
        self.style = replace(self.style, **change)  # type: ignore[arg-type]  # every field is a whole number or a flag
        return []

    def _initialise(self) -> list[Effect]:
        self.reset()
        return [Report(0)]

    def _chinese(self, on: bool) -> list[Effect]:
        self._reader.kanji = on
        return []

    def _print_mode(self, args: bytes) -> list[Effect]:
        """ESC ! sizes only single-byte characters, as on the Chinese printers."""
        n = args[0]
        return self._restyle(bold=bool(n & 8), height=1 + (n >> 4 & 1), width=1 + (n >> 5 & 1))

    def _size(self, args: bytes) -> list[Effect]:
        width, height = 1 + (args[0] >> 4 & 7), 1 + (args[0] & 7)
        return self._restyle(width=width, height=height, full_width=width, full_height=height)

    def _cut(self, args: bytes) -> list[Effect]:
        m = args[0]
        feed: list[Effect] = [Blank(args[1])] if len(args) > 1 and m in (0x41, 0x42, 0x61, 0x62) and args[1] else []
        if m in (0x00, 0x30, 0x41, 0x61):
            return [*self._flush(), *feed, Cut("full")]
        return [*self._flush(), *feed, Cut("partial")] if m in (0x01, 0x31, 0x42, 0x62) else []

    def _bit_image(self, args: bytes) -> list[Effect]:
        """Columns of 8 or 24 dots, turned into rows."""
        high = 24 if args[0] in (32, 33) else 8
        columns = [int.from_bytes(args[at : at + high // 8]) for at in range(3, len(args), high // 8)][:WIDTH]
        across = (len(columns) + 7) // 8
        rows = bytearray()
        for y in reversed(range(high)):
            bits = "".join(str(column >> y & 1) for column in columns).ljust(across * 8, "0")
            rows += int(bits or "0", 2).to_bytes(across)
        return [*self._flush(), Picture(across, bytes(rows), self.style.align, high)] if across else []

    def _raster(self, args: bytes) -> list[Effect]:
        across, down, dots = args[2] + 256 * args[3], args[4] + 256 * args[5], args[6:]
        if args[0] != 0x30 or not across or not dots:
            return []
        down = min(down, len(dots) // across)
        return [*self._flush(), Picture(across, dots[: across * down], self.style.align, down)]

    def _bar_code(self, args: bytes) -> list[Effect]:
        data = args[1:].rstrip(b"\0") if args[0] <= 6 else args[2:]
        says = data.decode("latin-1")
        return [*self._flush(), Code("bar", says, data, 2, "", self.style.align, 162)] if data else []

    def _function(self, args: bytes) -> list[Effect]:
        """GS ( k for QR codes (cn 49), GS ( H for "tell me when you are here"."""
        kind, body = args[:1], args[3:]
        if kind == b"H" and body[:2] == b"\x30\x30" and len(body) >= 6:
            return [Ask("done", body[2:6])]
        if kind != b"k" or body[:1] != b"1" or len(body) < 3:
            return []
        function, value = body[1], body[2]
        if function == 0x43 and 1 <= value <= 16:
            self.stored = replace(self.stored, module=value)
        elif function == 0x45 and value in LEVELS:
            self.stored = replace(self.stored, level=LEVELS[value])
        elif function == 0x50:
            self.stored = replace(self.stored, data=body[3:])
        elif function == 0x51:
            return self._qr()
        return []

    def _qr(self) -> list[Effect]:
        """Print the stored code, if there is one and it fits; a real printer prints nothing otherwise."""
        stored = self.stored
        version = qr_version(len(stored.data), stored.level)
        dots = (17 + 4 * version) * stored.module
        if not stored.data or not version or dots > WIDTH:
            return []
        says = stored.data.decode("utf-8", "replace")
        return [*self._flush(), Code("qr", says, stored.data, stored.module, stored.level, self.style.align, dots)]

    def _stepped_over(self, said: Command) -> bool:
        """Known from the manuals, and nothing a slip shows."""
        return said.name in QUIET


QUIET = frozenset(
    bytes([first, ord(c)])
    for first, names in (
        (0x1B, " %-=?KMRTUVcertu{$\\(pWD&LS"),
        (0x1C, "-CS?p2("),
        (0x1D, '/BEHTbfhjw$\\LPW^z*8C:c"'),
    )
    for c in names
)


def qr_version(size: int, level: str) -> int:
    """The smallest QR code that holds so many bytes; 0 when none does."""
    for version, bits in enumerate(qrcode.util.BIT_LIMIT_TABLE[BITS[level]]):
        if version and 4 + (8 if version < 10 else 16) + 8 * size <= bits:
            return version
    return 0
