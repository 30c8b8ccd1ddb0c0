"""The journal itself: no gap, hash chain, columns that say what the record says (I24), epochs (I27), anchor (I26)."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path
from typing import NamedTuple

from audit.verifying.books import Books, Record
from audit.verifying.source import Row, Source
from audit.verifying.verdicts import Court

SLOT = 4096  # bytes of each of the anchor's two slots
COLUMNS = ("day", "recorded", "what", "cause", "ticket", "version")


class Mark(NamedTuple):
    """What the anchor says was the newest event somebody saw."""

    seq: int
    hash: str
    epoch: int
    numbers: tuple[str, ...]


class Chain:
    """Follows the hashes; after a break it goes on from what the row says, so that one wrong row is one finding."""

    def __init__(self, court: Court, source: Source) -> None:
        self._court, self.seq = court, 0
        self.head = hashlib.sha256(f"onewindow {source.site}/{source.hall}".encode()).digest()
        for name in source.missing_triggers:
            court.breaks(
                "I24", "", f"the trigger {name}, which keeps the table append-only, is gone or refuses nothing"
            )

    def follows(self, row: Row) -> None:
        court = self._court
        court.expects("I24", row.seq == self.seq + 1, "", f"follows event {self.seq}: {_gap(self.seq, row.seq)}")
        self.seq = row.seq
        if not isinstance(row.body, bytes) or not isinstance(row.hash, bytes):
            court.breaks("I24", "", "body or hash is no longer of bytes")
            return
        head = hashlib.sha256(self.head + row.body).digest()
        court.expects("I24", row.hash == head, "", "its hash is not that of its bytes and the hash before")
        self.head = row.hash


def _gap(before: int, seq: int) -> str:
    return f"events {before + 1} to {seq - 1} are missing" if seq > before else "out of order"


def judge_columns(court: Court, row: Row, rec: Record, whose: str) -> None:
    """The columns are for searching; they must say what the record says."""
    told = (rec.day, rec.recorded, rec.what, rec.cause, rec.number or None, rec.v)
    kept = (row.day, row.recorded, row.what, row.cause, row.ticket, row.version)
    if told != kept:
        wrong = ", ".join(name for name, a, b in zip(COLUMNS, told, kept, strict=True) if a != b)
        court.breaks("I24", rec.number, f"the columns {wrong} do not say what the record says")
    if (rec.seq, rec.id) != (row.seq, f"{whose}/{row.seq}"):
        court.breaks("I24", rec.number, f"the record calls itself event {rec.seq}, {rec.id!r}")


class Epochs:
    """One writer: an epoch never goes back, and a new one begins where a controller starts."""

    def __init__(self, court: Court) -> None:
        self._court, self._epoch, self._starts = court, 0, 0

    def follows(self, rec: Record) -> None:
        court, before, self._epoch = self._court, self._epoch, max(self._epoch, rec.epoch)
        court.expects("I27", rec.epoch >= before, rec.number, f"epoch {rec.epoch} after {before}: a deposed controller")
        starts = rec.what == "ControllerStarted"
        if rec.epoch > before and rec.seq > 1:
            court.expects("I27", starts, rec.number, f"epoch {rec.epoch} began without a controller's start")
        self._starts += starts
        if starts and self._starts > 1:
            court.expects("I27", rec.epoch > before, "", f"a controller started within epoch {before}")


# -- the anchor ----------------------------------------------------------------------------------------------------


def anchor_of(journal: Path) -> Path:
    """Where the anchor of a journal in its state directory lies."""
    return journal.parent.parent / "anchor" / f"{journal.stem}.anchor"


class Anchored:
    """Compares the anchor with the journal; the mark is read before the journal, for a hall may be running."""

    def __init__(self, court: Court, file: Path) -> None:
        self._court, self._file = court, file
        self._mark: Mark | None = None
        try:
            data = file.read_bytes()
        except OSError as fault:
            court.cannot_judge("I26", f"no anchor can be read beside the journal: {file} ({fault.strerror})")
            return
        self._mark = newest(data)
        if self._mark is None and data.strip(b"\0 "):
            court.breaks("I26", "", f"the anchor {file.name} is not whole in either slot", seq=0)
        elif self._mark is None:
            court.cannot_judge("I26", f"the anchor {file.name} is empty")

    def passes(self, seq: int, epoch: int, head: bytes, books: Books) -> None:
        """Called behind each event, with the journal's own head there."""
        mark = self._mark
        if mark is None or seq != mark.seq:
            return
        court = self._court
        court.expects("I26", head.hex() == mark.hash, "", "is not the event the anchor saw: another journal, or mended")
        court.expects("I26", epoch == mark.epoch, "", f"is of epoch {epoch}, the anchor saw it in epoch {mark.epoch}")
        given = {f"{prefix}{last:04d}" for prefix, last in books.last.items()}
        strange = sorted(set(mark.numbers) - given)
        court.expects(
            "I26", not strange, "", f"the anchor saw the numbers {strange} given, the journal did not by then"
        )

    def ends(self, seq: int) -> None:
        mark = self._mark
        if mark is not None and mark.seq > seq:
            self._court.breaks(
                "I26", "", f"the journal ends at event {seq}, but event {mark.seq} was spoken: a lost tail"
            )


def newest(data: bytes) -> Mark | None:
    """The newer whole mark of the two slots."""
    marks = [mark for at in (0, SLOT) if (mark := _mark(data[at : at + SLOT])) is not None]
    return max(marks, key=lambda mark: mark.seq, default=None)


def _mark(slot: bytes) -> Mark | None:
    check, _, text = slot.split(b"\n", 1)[0].partition(b" ")
    try:
        if int(check, 16) != zlib.crc32(text):
            return None
        seq, digest, epoch, *numbers = text.decode().split(" ")
        return Mark(int(seq), digest, int(epoch), tuple(filter(None, numbers)))
    except ValueError:
        return None
