"""The high-water mark outside the database: last seq and its hash, so that a journal that lost its tail is noticed.

SQLite opens a file whose WAL was cut or flipped as if nothing were missing (reliability I26). The anchor is a small
file of two slots written in turn, so a torn write leaves the other; it is written after each commit and before
anything is spoken, and synced at most once a second (docs/decisions/0005).
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import NamedTuple

from hall.faults import JournalFault

SLOT = 4096  # bytes: a slot never shares a disk sector or a page with the other
TEXT_MAX = 2048  # bytes of a mark; the numbers of sixty prefixes take 500
SYNC_MS = 1000  # the mark may lag a power cut by this much; never the journal itself


class Mark(NamedTuple):
    """The newest event known to be durable, and the last numbers given (to skip past, should the journal be lost)."""

    seq: int
    hash: str
    epoch: int
    numbers: str  # "A0012 AS0003"


class Anchor:
    """The file. `read` once at start, then `write` after every commit."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.name = str(path)
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._synced_ms = 0
        self._slot = 0  # the one to be written next: never the newest

    def read(self) -> Mark | None:
        """The newer of the two slots that are whole; None for a new file; JournalFault when neither is whole."""
        data = os.pread(self._fd, 2 * SLOT, 0)
        if not data.strip(b"\0 "):
            return None
        marks = {slot: mark for slot in (0, 1) if (mark := _parse(data[slot * SLOT :][:SLOT])) is not None}
        if not marks:
            raise JournalFault(
                f"the anchor {self.name} cannot be read; move it away and start again: the "
                f"journal is checked all the same, but that its end is missing would not be noticed this once"
            )
        newest = max(marks, key=lambda slot: marks[slot].seq)
        self._slot = 1 - newest
        return marks[newest]

    def write(self, mark: Mark, now_ms: int) -> None:
        """Put the mark into the older slot."""
        os.pwrite(self._fd, _format(mark), self._slot * SLOT)
        self._slot = 1 - self._slot
        if not 0 <= now_ms - self._synced_ms < SYNC_MS:
            os.fdatasync(self._fd)
            self._synced_ms = now_ms

    def close(self) -> None:
        try:
            os.fdatasync(self._fd)
        finally:
            os.close(self._fd)


def _format(mark: Mark) -> bytes:
    text = f"{mark.seq} {mark.hash} {mark.epoch} {mark.numbers}".encode()
    if len(text) > TEXT_MAX:
        text = text[:TEXT_MAX].rsplit(b" ", 1)[0]  # whole numbers only
    return b"%08x %s\n" % (zlib.crc32(text), text) + b" " * (SLOT - 10 - len(text))


def _parse(slot: bytes) -> Mark | None:
    line = slot.split(b"\n", 1)[0]
    check, _, text = line.partition(b" ")
    try:
        if int(check, 16) != zlib.crc32(text):
            return None
        seq, digest, epoch, *numbers = text.decode().split(" ")
        return Mark(int(seq), digest, int(epoch), " ".join(numbers))
    except ValueError:
        return None
