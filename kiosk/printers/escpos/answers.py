"""What an ESC/POS printer says, told apart byte by byte.

    x00x xx10 group (b & 93 == 12)  answer to DLE EOT n: which n it answers is known only from the order asked
    x00x xx00 group (b & 93 == 10)  first byte of a status report sent unasked (ASB), three more follow (b & 90 == 00)
    00..0F                          answer to GS r 1, given in its turn behind everything printed before
    37 25 00                        the buffer was cleared: nothing (its last byte must not pass for an answer to GS r)
    11, 13                          flow control of the line: nothing

The four answers of one question are believed only together: one lost shifts the others, and the next question begins
anew.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

from hall.ports import Garbled, PrinterState, SlipDone

QUESTIONS = (1, 2, 3, 4)  # DLE EOT n: printer, off-line cause, error cause, paper
ASB_BYTES = 4
XON, XOFF = 0x11, 0x13
BLOCK, BLOCK_REST = 0x37, 2
GARBLED_KEPT = 32

Said = PrinterState | SlipDone | Garbled
Paper = Literal["ok", "low", "out"]


class Answers:
    """Keeps half a status report and the questions not answered yet; both are forgotten when the line comes up anew."""

    def __init__(self) -> None:
        self._report = b""
        self._asked: deque[int] = deque()
        self._told: dict[int, int] = {}
        self._skip = 0

    def forget(self) -> None:
        """The line came up: nothing that was half said will be completed."""
        self._report = b""
        self._asked.clear()
        self._told.clear()
        self._skip = 0

    def asked(self) -> None:
        """The four questions are sent now; what is still open of the last ones was lost."""
        self._asked = deque(QUESTIONS)
        self._told = {}

    def heard(self, data: bytes) -> list[Said]:
        """What `data` says, in order."""
        said: list[Said] = []
        noise = bytearray()
        for byte in data:
            if byte in (XON, XOFF):
                continue
            if self._skip or (byte == BLOCK and not self._report):
                self._skip = self._skip - 1 if self._skip else BLOCK_REST
                continue
            if self._report and byte & 0x90:  # a report broke off
                noise += self._report
                self._report = b""
            word = self._byte(byte)
            if isinstance(word, int):
                noise.append(word)
            elif word is not None:
                _complain(said, noise)
                said.append(word)
        _complain(said, noise)
        return said

    def _byte(self, byte: int) -> PrinterState | SlipDone | int | None:
        """A word completed by this byte, the byte itself when it means nothing, or None when more must come."""
        if self._report or byte & 0x93 == 0x10:
            self._report += bytes([byte])
            return self._reported() if len(self._report) == ASB_BYTES else None
        if byte & 0x93 == 0x12:
            return self._answered(byte)
        return SlipDone(paper=_paper(bool(byte & 0x0C), bool(byte & 0x03))) if byte <= 0x0F else byte

    def _reported(self) -> PrinterState:
        first, errors, paper, _ = self._report
        self._report = b""
        return PrinterState(
            online=not first & 0x08,
            cover_open=bool(first & 0x20),
            cutter_fault=bool(errors & 0x08),
            error=bool(errors & 0x64),
            paper=_paper(bool(paper & 0x0C), bool(paper & 0x03)),
        )

    def _answered(self, byte: int) -> PrinterState | int | None:
        if not self._asked:
            return byte
        self._told[self._asked.popleft()] = byte
        return None if self._asked else _state(self._told)


def _state(told: dict[int, int]) -> PrinterState:
    return PrinterState(
        online=not told[1] & 0x08,
        cover_open=bool(told[2] & 0x04),
        cutter_fault=bool(told[3] & 0x08),
        error=bool(told[2] & 0x40 or told[3] & 0x64),
        paper=_paper(bool(told[4] & 0x60 or told[2] & 0x20), bool(told[4] & 0x0C)),
    )


def _paper(out: bool, low: bool) -> Paper:
    if out:
        return "out"
    return "low" if low else "ok"


def _complain(said: list[Said], noise: bytearray) -> None:
    if noise:
        said.append(Garbled(why="no status of a printer", data=bytes(noise[:GARBLED_KEPT])))
        noise.clear()
