"""A journal's rows for the judge: read-only, a page at a time, so that a running hall is not held up by us.

Nothing of the file is believed: a value may be of any type after a flipped bit. Errors: CannotRead, in one sentence.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from hall.faults import TheirFault

SCHEMA = 1  # the newest table layout we know
PAGE = 2000  # rows at a time: a second of a running hall's checkpoints wait at most for this
WAIT_S = 2.0  # for a writer's lock
TRIGGERS = ("events_never_change", "events_never_go", "events_without_gap")
_ROWS = (
    "SELECT seq, day, recorded, what, cause, ticket, version, body, hash FROM events"
    " WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
)
_REFUSING = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events' AND sql LIKE '%RAISE(ABORT%'"


class CannotRead(TheirFault):
    """This file is no journal that can be read; the message says what it is."""


class Row(NamedTuple):
    """A row as it lies in the table; any value may be anything."""

    seq: int
    day: object
    recorded: object
    what: object
    cause: object
    ticket: object
    version: object
    body: object
    hash: object


class Source:
    """An open journal: whose it is, how far it goes."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path, self._db = path, db
        version = int(self._one("PRAGMA user_version"))
        tables = {str(name) for (name,) in self._all("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"meta", "events"} <= tables:
            raise CannotRead(f"{path}: a database, but no journal of a hall (it has no tables meta and events)")
        if version > SCHEMA:
            raise CannotRead(f"{path}: a journal of layout {version}, this program knows {SCHEMA}: use the newer one")
        owner = {str(key): str(value) for key, value in self._all("SELECT key, value FROM meta")}
        self.site, self.hall = owner.get("site", ""), owner.get("hall", "")
        self.last = int(self._one("SELECT coalesce(max(seq), 0) FROM events"))
        found = {str(name) for (name,) in self._all(_REFUSING)}
        self.missing_triggers = tuple(name for name in TRIGGERS if name not in found)

    def rows(self) -> Iterator[Row]:
        """All rows up to the last there was at opening, in order of seq; sqlite3.Error where the file is torn."""
        seq = -(1 << 62)
        while page := self._db.execute(_ROWS, (seq, self.last, PAGE)).fetchall():
            yield from map(Row._make, page)
            seq = page[-1][0]

    def scattered(self, most: int) -> list[tuple[str, int, int, int]]:
        """Letters whose answers do not stand together: (cause, first seq, last seq, how many answers)."""
        asked = (
            "SELECT cause, min(seq), max(seq), count(*) FROM events WHERE seq <= ? GROUP BY cause"
            " HAVING max(seq) - min(seq) + 1 <> count(*) LIMIT ?"
        )
        found = self._db.execute(asked, (self.last, most)).fetchall()
        return [(str(cause), int(first), int(last), int(count)) for cause, first, last, count in found]

    def _one(self, sql: str) -> int:
        value = self._db.execute(sql).fetchone()[0]
        return value if isinstance(value, int) else 0

    def _all(self, sql: str) -> list[tuple[object, ...]]:
        return self._db.execute(sql).fetchall()


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """The journal at `path`. A file nobody has open (no -wal beside it) is left without a trace of us."""
    if not path.is_file():
        raise CannotRead(f"{path}: there is no such file")
    how = "mode=ro" if Path(f"{path}-wal").exists() else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True, timeout=WAIT_S)) as db:
            yield Source(path, db)
    except (sqlite3.Error, OSError) as fault:
        raise CannotRead(f"{path}: cannot be read as a journal ({fault})") from fault
