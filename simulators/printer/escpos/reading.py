"""The byte stream cut into what it says: commands, characters, controls. Bytes may come cut anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulators.printer.escpos.lengths import DLE, ESC, FS, GS, length

COMMAND_MAX = (
    192 * 1024
)  # bytes of one command kept: a picture of 576 dots by 2600; the rest of a longer one is dropped
LOST = "\N{GETA MARK}"  # what a character chip prints for a code it does not hold


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is the two bytes that begin it; `args` what follows, cut at COMMAND_MAX."""

    name: bytes
    args: bytes


@dataclass(frozen=True, slots=True)
class Control:
    """A control byte of its own: LF, CR, FF, HT, CAN."""

    code: int


@dataclass(frozen=True, slots=True)
class Character:
    """One character; `full` when it takes a Chinese cell."""

    text: str
    full: bool


Said = Command | Control | Character


class Reader:
    """Bytes in, what they say out, one at a time: the printer reads on only when it has printed so far."""

    def __init__(self) -> None:
        self.kanji = True  # Chinese printers power up with it on
        self._data = bytearray()
        self._at = 0
        self._skip = 0  # bytes still to come of a command that was too long

    def __len__(self) -> int:
        """Bytes not read yet."""
        return len(self._data) - self._at

    def put(self, data: bytes) -> None:
        del self._data[: self._at]
        self._at = 0
        skipped = min(self._skip, len(data))
        self._skip -= skipped
        self._data += data[skipped:]

    def clear(self) -> None:
        self._data.clear()
        self._at = self._skip = 0

    def next(self) -> Said | None:
        """What comes next, or None until more bytes come."""
        if self._at >= len(self._data):
            return None
        first = self._data[self._at]
        if first in (DLE, ESC, FS, GS):
            return self._command()
        if first < 0x20:
            self._at += 1
            return Control(first)
        if first < 0x80 or not self.kanji:
            self._at += 1
            return Character(bytes([first]).decode("cp437"), full=False)
        return self._chinese(first)

    def _command(self) -> Command | None:
        head = bytes(self._data[self._at : self._at + 512])
        size = length(head)
        if size is None and len(head) == 512:
            size = length(bytes(self._data[self._at :]))
        there = len(self)
        if there < COMMAND_MAX and (size is None or there < size):
            return None
        if size is None:  # it never says how long it is: take its name for the whole
            size = 2
        whole = bytes(self._data[self._at : self._at + min(size, COMMAND_MAX)])
        self._at += min(size, there)
        self._skip = max(0, size - there)
        return Command(whole[:2], whole[2:])

    def _chinese(self, first: int) -> Character | None:
        """GB18030: two bytes, or four where the second is a digit; a byte that begins nothing prints the lost mark."""
        if first in (0x80, 0xFF):
            self._at += 1
            return Character(LOST, full=False)
        if len(self) < 2:
            return None
        size = 4 if 0x30 <= self._data[self._at + 1] <= 0x39 else 2
        if len(self) < size:
            return None
        try:
            text = bytes(self._data[self._at : self._at + size]).decode("gb18030")
        except UnicodeDecodeError:
            self._at += 1
            return Character(LOST, full=False)
        self._at += size
        return Character(text, full=True)


class RealTime:
    """Finds the commands a printer obeys the moment they arrive, even when it is busy, off-line or out of paper.

    As in the real thing they are found anywhere in the stream, inside a picture too.
    """

    CLEAR: Final = bytes.fromhex("10 14 08 01 03 14 01 06 02 08")

    def __init__(self) -> None:
        self._tail = b""

    def find(self, heard: bytes) -> list[tuple[int, bytes]]:
        """The whole real-time commands that end in `heard`, each with where it ends."""
        before = len(self._tail)
        data = self._tail + heard
        found: list[tuple[int, bytes]] = []
        at = data.find(DLE)
        while at >= 0:
            size = 3 if data[at + 1 : at + 2] in (b"\x04", b"\x05") else len(self.CLEAR)
            if len(data) - at < size and self._may_be(data[at:]):
                break
            if data[at + 1 : at + 2] in (b"\x04", b"\x05") or data.startswith(self.CLEAR, at):
                found.append((at + size - before, data[at : at + size]))
            at = data.find(DLE, at + 1)
        self._tail = data[at:] if at >= 0 else b""
        return found

    def _may_be(self, start: bytes) -> bool:
        return start[1:2] in (b"", b"\x04", b"\x05") or self.CLEAR.startswith(start)

    def forget(self) -> None:
        self._tail = b""
