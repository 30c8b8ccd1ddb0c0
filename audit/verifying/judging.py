"""All rules over one journal, in one pass, and over the halls of a site together.

Speed is a matter of one pass and plain records: measured at 50,000 events a second on one core. Memory is that of
one business day, whatever the journal's length.
"""

from __future__ import annotations

import sqlite3
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec

from audit.verifying.books import Books, Misshaped, Record, Seating
from audit.verifying.chaining import Anchored, Chain, Epochs, anchor_of, judge_columns
from audit.verifying.edge import Edge
from audit.verifying.following import Follower
from audit.verifying.source import Row, Source, opened
from audit.verifying.tracing import Traces
from audit.verifying.verdicts import EXAMPLES_MAX, JUDGED, Court, Verdict

RECORD_VERSION = 1  # the newest event record we can judge

_decoder = msgspec.json.Decoder(Record)


class Judged(NamedTuple):
    """What was found in one journal."""

    path: Path
    site: str
    hall: str
    events: int
    verdicts: dict[str, Verdict]
    books: Books
    notes: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not any(verdict.word == "broken" for verdict in self.verdicts.values())


def verify(paths: list[Path], trace_files: list[Path]) -> list[Judged]:
    """Every journal, and the site's promises over all of them. CannotRead for a file that is no journal."""
    found = [verify_one(path, trace_files) for path in paths]
    _one_seat(found)
    return [each._replace(verdicts=each.books.court.verdicts()) for each in found]


def verify_one(path: Path, trace_files: list[Path]) -> Judged:
    court = Court()
    anchored = Anchored(court, anchor_of(path))  # before the journal: the hall may be running
    with opened(path) as source:
        books = Books(court, source.site, source.hall)
        seen = Traces(trace_files, source.hall)
        work = _Work(source, books, anchored, Edge(books, seen) if trace_files else None)
        work.read()
        work.unreadable = seen.unreadable
    return Judged(path, source.site, source.hall, work.events, {}, books, work.notes())


class _Work:
    """The one pass."""

    def __init__(self, source: Source, books: Books, anchored: Anchored, edge: Edge | None) -> None:
        self._source, self._books, self._anchored, self._edge = source, books, anchored, edge
        self._chain, self._epochs = Chain(books.court, source), Epochs(books.court)
        self._follower = Follower(books)
        self.events = self.unreadable = 0
        self._trouble = ""

    def read(self) -> None:
        court = self._books.court
        try:
            for row in self._source.rows():
                self._one(row)
            self._scattered()
        except (sqlite3.Error, OverflowError) as fault:
            self._trouble = f"the file cannot be read behind event {self._chain.seq} ({fault})"
            court.breaks("I24", "", self._trouble, seq=self._chain.seq)
            for name in JUDGED:
                court.cannot_judge(name, self._trouble)
        self._anchored.ends(self._chain.seq)
        if self._edge is not None:
            self._edge.ends()

    def _one(self, row: Row) -> None:
        books, court = self._books, self._books.court
        court.seq = row.seq
        self.events += 1
        self._chain.follows(row)
        rec = self._record(row)
        if rec is None:
            return
        judge_columns(court, row, rec, f"{books.site}/{books.hall_id}")
        self._epochs.follows(rec)
        if self._edge is not None:
            self._edge.before(rec)
        court.seq = row.seq
        self._follower.follow(rec)
        if self._edge is not None:
            self._edge.behind(rec)
        self._anchored.passes(row.seq, rec.epoch, self._chain.head, books)

    def _record(self, row: Row) -> Record | None:
        court = self._books.court
        if not isinstance(row.body, bytes):
            return None
        try:
            rec = _decoder.decode(row.body)
            court.expects("I25", rec.v >= 1, "", f"a record of version {rec.v}, which never was")
            if rec.v > RECORD_VERSION:
                court.cannot_judge("I25", f"records of version {rec.v} are newer than this program")
            rec.what, rec.number  # noqa: B018  # texts, or Misshaped
        except (Misshaped, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
            court.breaks("I25", "", f"the record cannot be read ({fault})")
            return None
        return rec

    def _scattered(self) -> None:
        """A letter answered at two moments, anywhere in the journal."""
        court = self._books.court
        for cause, first, last, count in self._source.scattered(EXAMPLES_MAX):
            court.breaks("I7", "", f"{count} answers to the letter {cause}, from event {first} on", seq=last)

    def notes(self) -> tuple[str, ...]:
        kinds = self._follower.kinds_unknown
        unknown = [
            f"{count} events of the unknown kind {kind} were passed over" for kind, count in sorted(kinds.items())
        ]
        back = self._books.set_back
        jumped = [f"the clock was set back at event {back}"] if back else []
        if self._edge is None:
            jumped.append("no traces of devices: of I1, I2, I9 and I20 only what the journal tells is judged")
        torn = [f"{self.unreadable} lines of the traces could not be read"] if self.unreadable else []
        return (*([self._trouble] if self._trouble else []), *jumped, *unknown, *torn)


# -- the halls of a site -------------------------------------------------------------------------------------------


def _one_seat(found: list[Judged]) -> None:
    """Nobody sits in two halls at once (I16). With a clock set back, moments of two journals do not compare."""
    if any(each.books.set_back for each in found):
        return
    people: dict[str, list[tuple[Seating, Judged]]] = {}
    for each in found:
        for seating in each.books.seatings:
            people.setdefault(f"{each.site} {seating.staff}", []).append((seating, each))
    for seatings in people.values():
        seatings.sort(key=lambda pair: (pair[0].since, pair[0].seq))
        for (before, here), (behind, there) in pairwise(seatings):
            if here is not there and (not before.until or behind.since < before.until):
                text = f"{behind.staff} sits at {behind.window} and, in hall {here.hall}, at {before.window}"
                there.books.court.breaks("I16", "", text, seq=behind.seq)
