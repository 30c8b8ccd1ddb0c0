"""The journal of one hall: an append-only, hash-chained SQLite log, one writer, one lock that owns it.

`append` puts a batch into one transaction (WAL, synchronous=FULL) and then moves the anchor; only what it returned
for may be spoken. Any failure is final: JournalFault, and the process stops. All SQL here is plain and also runs on
APSW; the connection is injected (`connect`).

A thread of its own writes, so that a slow disk holds up nobody but its hall. Where the last commit was quick the next
is written without it: the way to another thread and back costs as much as such a commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from controller.shell.anchor import Anchor, Mark
from controller.shell.schema import prepare
from hall import codec
from hall.events import Recorded
from hall.faults import JournalFault, TheirFault

T = TypeVar("T")

QUICK_S = 0.002  # of a commit; a disk with a flash takes 0.3 ms, one that turns 10 to 30
PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=1000")
_INSERT = (
    "INSERT INTO events(seq, day, recorded, what, cause, ticket, version, body, hash)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Row(NamedTuple):
    """One event as the table keeps it."""

    seq: int
    day: str
    recorded: int
    what: str
    cause: str
    ticket: str | None
    version: int
    body: bytes


class Connection(Protocol):
    """What the hot path asks of SQLite: sqlite3 and apsw both have it."""

    def execute(self, sql: str, parameters: tuple[object, ...] = ..., /) -> Iterator[tuple[object, ...]]: ...
    def executemany(self, sql: str, parameters: Iterable[tuple[object, ...]], /) -> object: ...


def row(recorded: Recorded) -> Row:
    """The row of a recorded event."""
    ticket = getattr(recorded.event, "number", "") or None
    what = type(recorded.event).__name__
    return Row(
        recorded.seq, recorded.day, recorded.recorded, what, recorded.cause, ticket, recorded.v, codec.encode(recorded)
    )


def genesis(site: str, hall: str) -> bytes:
    """What the first event is chained to."""
    return hashlib.sha256(f"onewindow {site}/{hall}".encode()).digest()


def chained(before: bytes, body: bytes) -> bytes:
    """The hash of an event: SHA-256 over the hash before it and its own bytes."""
    return hashlib.sha256(before + body).digest()


def write(connection: Connection, rows: list[Row], head: bytes) -> bytes:
    """One transaction; returns the new head of the chain. On any failure nothing of it is there."""
    chain: list[tuple[object, ...]] = []
    for each in rows:
        head = chained(head, each.body)
        chain.append((*each, head))
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany(_INSERT, chain)
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # a full disk has rolled it back already; the first fault is the news
            connection.execute("ROLLBACK")
        raise
    return head


def connect(path: Path) -> sqlite3.Connection:
    """A connection as the journal wants it: explicit transactions, every commit on the disk."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=2.0)
    for pragma in PRAGMAS:
        connection.execute(pragma)
    return connection


class Journal:
    """`open` it, which gives the day, then `append`. One after the other: nothing else may be asked meanwhile."""

    def __init__(
        self, var: Path, site: str, hall: str, connects: Callable[[Path], sqlite3.Connection] = connect
    ) -> None:
        self.path = var / "journal" / f"{site}-{hall}.db"
        self.seq, self.head = 0, genesis(site, hall)
        self._site, self._hall, self._connects = site, hall, connects
        self._quick = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"journal-{hall}")
        try:
            self._lock = _lock(self.path)
            self._anchor = Anchor(var / "anchor" / f"{site}-{hall}.anchor")
        except OSError as fault:
            mend = "give the controller's user the right to it"
            raise JournalFault(f"{self.path}: {fault.strerror}: {fault.filename}; {mend}") from fault

    async def open(self) -> list[Recorded]:
        """Check everything that can be checked at start and give the events since the last DayOpened, in order."""
        return await self._run(self._open)

    def _open(self) -> list[Recorded]:
        mend = "put back the newest backup of this file, or start with another --var (numbers begin anew there)"
        try:
            self._db = self._connects(self.path)
            self._prepare()
            today = self._read_day()
            self._compare_with_anchor()
        except (sqlite3.Error, TheirFault) as fault:
            raise JournalFault(f"{self.path}: {fault}; {mend}") from fault
        return today

    def _prepare(self) -> None:
        try:
            prepare(self._db, self._site, self._hall)
        except JournalFault as fault:
            raise JournalFault(f"{self.path}: {fault}") from fault

    def _read_day(self) -> list[Recorded]:
        """Fold from the last DayOpened on; the chain is checked over all that is folded."""
        first = self._db.execute("SELECT max(seq) FROM events WHERE what = 'DayOpened'").fetchone()[0] or 1
        before = self._db.execute("SELECT hash FROM events WHERE seq = ?", (first - 1,)).fetchone()
        if (before is None) != (first == 1) or (before is not None and not isinstance(before[0], bytes)):
            raise JournalFault(f"{self.path}: event {first - 1} is not as it was; put back the newest backup")
        head, seq = (before[0] if before else genesis(self._site, self._hall)), first - 1
        today: list[Recorded] = []
        for number, version, body, kept in self._db.execute(
            "SELECT seq, version, body, hash FROM events WHERE seq >= ? ORDER BY seq", (first,)
        ):
            whole = isinstance(body, bytes) and isinstance(version, int)  # a flipped bit may change a value's type
            head, seq = chained(head, body) if whole else b"", seq + 1
            if number != seq or kept != head:
                raise JournalFault(f"{self.path}: the hash chain breaks at event {seq}; put back the newest backup")
            today.append(self._record(seq, body, version))
        self.seq, self.head = max(seq, 0), head
        return today

    def _record(self, seq: int, body: bytes, version: int) -> Recorded:
        try:
            return codec.from_journal(body, version)
        except JournalFault as fault:
            raise JournalFault(f"{self.path}: event {seq} is a {fault}") from fault

    def _compare_with_anchor(self) -> None:
        """A journal behind its anchor has lost events that somebody saw (I26): do not go on from it."""
        mark = self._anchor.read()
        if mark is None:
            return
        if mark.seq > self.seq:
            raise JournalFault(
                f"{self.path} ends at event {self.seq}, but event {mark.seq} was spoken: events are lost. No numbers "
                f"are given. Put back a copy of this file that has event {mark.seq}; if there is none, move this file "
                f"(with its -wal and -shm) and {self._anchor.name} away and start again: numbers begin anew, so tell "
                f"the guides which ones are in people's hands: up to {mark.numbers or 'none'}"
            )
        kept = self._db.execute("SELECT hash FROM events WHERE seq = ?", (mark.seq,)).fetchone()
        if kept is None or not isinstance(kept[0], bytes) or kept[0].hex() != mark.hash:
            raise JournalFault(
                f"{self.path}: event {mark.seq} is not the one that was spoken; this is another journal. Put back the "
                f"right file, or move {self._anchor.name} away if this one is meant"
            )

    async def append(self, rows: list[Row], now_ms: int, epoch: int, numbers: str) -> None:
        """Durable when this returns. JournalFault (stop!) when it cannot be made so."""
        if self._quick:
            self._append(rows, now_ms, epoch, numbers)
        else:
            await self._run(self._append, rows, now_ms, epoch, numbers)

    def _append(self, rows: list[Row], now_ms: int, epoch: int, numbers: str) -> None:
        began = time.perf_counter()
        try:
            self.head = write(self._db, rows, self.head)
            self.seq = rows[-1].seq
            self._anchor.write(Mark(self.seq, self.head.hex(), epoch, numbers), now_ms)
        except (sqlite3.Error, OSError) as fault:
            raise JournalFault(
                f"{self.path}: not written ({fault}). Free space or mend the disk, then start again: nothing that was "
                f"told to anybody is lost"
            ) from fault
        self._quick = time.perf_counter() - began < QUICK_S

    async def find(self, cause: str) -> list[Recorded]:
        """The events that answered a letter, of whatever day, in order; empty when it never was answered."""
        return await self._run(self._find, cause)

    def _find(self, cause: str) -> list[Recorded]:
        try:
            asked = self._db.execute("SELECT version, body FROM events WHERE cause = ? ORDER BY seq", (cause,))
            return [codec.from_journal(body, version) for version, body in asked]
        except (sqlite3.Error, TheirFault) as fault:
            raise JournalFault(f"{self.path}: cannot be read ({fault}); put back the newest backup") from fault

    async def answered(self, causes: list[str]) -> set[str]:
        """Those of these letters that have been answered, on whatever day."""
        return await self._run(self._answered, causes)

    def _answered(self, causes: list[str]) -> set[str]:
        try:
            one = "SELECT 1 FROM events WHERE cause = ? LIMIT 1"
            return {cause for cause in causes if self._db.execute(one, (cause,)).fetchone()}
        except sqlite3.Error as fault:
            raise JournalFault(f"{self.path}: cannot be read ({fault}); put back the newest backup") from fault

    async def last_epoch(self) -> int:
        """The epoch of the newest event; the anchor's, should that be higher."""

        def newest() -> int:
            last = self._db.execute("SELECT version, body FROM events ORDER BY seq DESC LIMIT 1").fetchone()
            mark = self._anchor.read()
            return max(codec.from_journal(last[1], last[0]).epoch if last else 0, mark.epoch if mark else 0)

        return await self._run(newest)

    async def close(self) -> None:
        """Let go of the files and the lock, also when the disk refuses a last word."""

        def shut() -> None:
            try:
                if hasattr(self, "_db"):
                    self._db.close()
                self._anchor.close()
            except (sqlite3.Error, OSError) as fault:
                mend = "Free space or mend the disk: nothing that was told to anybody is lost"
                raise JournalFault(f"{self.path}: not closed as it should be ({fault}). {mend}") from fault
            finally:
                os.close(self._lock)

        try:
            await self._run(shut)
        finally:
            self._thread.shutdown()

    async def _run(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)


def _lock(path: Path) -> int:
    """Own the journal, or say who does not let us."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        os.close(fd)
        raise JournalFault(f"{path} is in use by another controller: stop that one first") from fault
    return fd
