"""Slips for ESC/POS printers with Chinese fonts: python-escpos's Dummy writes the commands, Chinese goes past it.

Its text() guesses a code page and turns a line of Chinese punctuation into question marks, so every text is written
raw, in GBK between FS & and FS . (the two-byte half of GB18030: many printers know no more). ESC ! does not enlarge
Chinese on many printers, GS ! does.
"""

from __future__ import annotations

import msgspec
from escpos.constants import QR_ECLEVEL_M
from escpos.printer.dummy import Dummy

from hall.cards import Value, take
from hall.lettering import Letters, letters, width, wrap
from hall.ports import Garbled, PrinterState, Slip, SlipDone
from kiosk.printers.escpos.answers import QUESTIONS, Answers

INITIALISE = b"\x1b@"
REPORT = b"\x1da\x0e"  # ASB on: on-line and cover, errors, paper; the drawer does not concern us
STATUS_NOW = b"\x10\x04"  # DLE EOT n: answered at once, even while printing
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"  # DLE DC4 8: obeyed at once, even off-line
STATUS_IN_TURN = b"\x1dr\x01"  # GS r 1: answered when everything before it is printed
CHINESE_ON, CHINESE_OFF = b"\x1c&", b"\x1c."
SIZE = b"\x1d!"
LEFT, CENTRE = b"\x1ba\x00", b"\x1ba\x01"
FEED_LINE = b"\n"
CUT = b"\x1dVB\x00"  # feed to the knife, then cut

NUMBER_TIMES_MOST = 8  # GS ! can no more
HEADING_TIMES = 2  # title and copy mark
PAPER_DOTS = 576  # head of an 80 mm printer
QR_QUIET = 8  # modules kept white beside the code
QR_BYTES_MAX = 400  # a status address is about 100; more makes dots too small for a phone
QR_MODULES = ((14, 21), (62, 33), (122, 45), (213, 57), (QR_BYTES_MAX, 77))  # bytes that fit at level M, modules wide


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a plan may set; card.toml says what each means."""

    number_times: int = 4
    qr_dots: int = 6
    report: bool = True


class EscPos:
    """Driver of a slip printer, over TCP 9100 or a serial line."""

    def __init__(self, *, options: dict[str, Value]) -> None:
        self._options = take(Options, options)
        self._answers = Answers()

    def wake(self) -> bytes:
        """Initialise and report changes unasked; what the printer left half said is forgotten."""
        self._answers.forget()
        return INITIALISE + self._reporting()

    def ask(self) -> bytes:
        """All four real-time questions at once."""
        self._answers.asked()
        return b"".join(STATUS_NOW + bytes([question]) for question in QUESTIONS)

    def clear(self) -> bytes:
        """Empty the printer's buffer; its word that it did so is no answer to anything."""
        return CLEAR

    def part(self) -> bytes:
        """Feed to the knife and cut; a printer that slept through half a command starts from its defaults."""
        return INITIALISE + self._reporting() + FEED_LINE + CUT

    def print(self, slip: Slip) -> bytes:
        """The job. Initialising ends the reports on some printers, so they are switched on again behind it."""
        paper = Dummy()
        _raw(paper, INITIALISE + self._reporting())
        self._head(paper, slip)
        _raw(paper, LEFT)
        for line in slip.lines:
            _text(paper, letters(line), slip.columns)
        _raw(paper, CENTRE)
        if slip.qr:
            self._qr(paper, slip.qr)
        if slip.notice:
            _text(paper, letters(slip.notice), slip.columns)
        paper.cut(feed=False)  # its name for CUT
        _raw(paper, STATUS_IN_TURN)
        return bytes(paper.output)

    def heard(self, data: bytes) -> list[PrinterState | SlipDone | Garbled]:
        """What the printer says. A SlipDone means the oldest job not yet answered; without one it is noise."""
        return self._answers.heard(data)

    def _reporting(self) -> bytes:
        return REPORT if self._options.report else b""

    def _head(self, paper: Dummy, slip: Slip) -> None:
        _raw(paper, CENTRE)
        number = (slip.number, self._options.number_times)
        for text, most in ((slip.title, HEADING_TIMES), number, (slip.copy_mark, HEADING_TIMES)):
            if text:
                _text(paper, letters(text), slip.columns, most)

    def _qr(self, paper: Dummy, address: str) -> None:
        content = _printable(address)
        assert len(content) <= QR_BYTES_MAX, len(content)
        modules = next(wide for fits, wide in QR_MODULES if len(content) <= fits)
        dots = min(self._options.qr_dots, PAPER_DOTS // (modules + QR_QUIET))
        paper.qr(content, ec=QR_ECLEVEL_M, size=dots, native=True)


def _text(paper: Dummy, row: Letters, columns: int, most: int = 1) -> None:
    """A text, enlarged up to `most` times as long as it still fits on one line, wrapped where not."""
    times = max((t for t in range(1, most + 1) if width(row) * t <= columns), default=1)
    size = (times - 1) << 4 | (times - 1)
    _raw(paper, SIZE + bytes([size]))
    for line in wrap(row, columns):
        _raw(paper, CHINESE_ON + line + FEED_LINE + CHINESE_OFF)
    if size:
        _raw(paper, SIZE + b"\x00")


def _printable(address: str) -> str:
    """The address as a code may carry it; a control byte in it would be a command to some printers."""
    return "".join(char if "!" <= char <= "~" else _percent(char) for char in address)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))


def _raw(paper: Dummy, data: bytes) -> None:
    paper._raw(data)  # noqa: SLF001  its public way, text(), re-encodes
