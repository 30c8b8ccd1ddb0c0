"""The journal's tables, made and migrated with sqlite-utils; the hot path (journal.py) uses plain SQL on them.

Append-only: triggers refuse update and delete, and an insert that is not the next seq (a second writer). One number
per hall and day is a unique index, so a duplicate cannot even be written by a bug.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database

from hall.faults import JournalFault

SCHEMA = 1  # of the tables; kept in user_version

_TRIGGERS = """
CREATE TRIGGER events_never_change BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER events_never_go BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER events_without_gap BEFORE INSERT ON events
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events)
BEGIN SELECT RAISE(ABORT, 'not the next event: somebody else writes here'); END;
"""


def prepare(connection: sqlite3.Connection, site: str, hall: str) -> None:
    """Make the tables in an empty file, or check that the file is this hall's and of a version we know."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA:
        raise JournalFault(f"journal of schema {version}, this program knows {SCHEMA}: start the newer program")
    if version == 0:
        _clear_unfinished(connection)
        _make(connection, site, hall)
    owner = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    if (owner.get("site"), owner.get("hall")) != (site, hall):
        whose = f"of {owner.get('site')}/{owner.get('hall')}" if owner else "of nobody any more"
        raise JournalFault(f"this journal is {whose}, not of {site}/{hall}: put back this hall's own, or its backup")


def _clear_unfinished(connection: sqlite3.Connection) -> None:
    """Power may go while the tables are made; what holds no event yet is made anew."""
    tables = {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables <= {"meta", "events"}:
        raise JournalFault(f"this file is another program's, with tables {', '.join(sorted(tables)[:5])}")
    if "events" in tables and connection.execute("SELECT count(*) FROM events").fetchone()[0]:
        raise JournalFault("the journal has lost its version; put back the newest backup of this file")
    for table in tables:
        connection.execute(f'DROP TABLE "{table}"')


def _make(connection: sqlite3.Connection, site: str, hall: str) -> None:
    database = Database(connection)
    database.table("meta").create({"key": str, "value": str}, pk="key")
    database.table("meta").insert_all([{"key": "site", "value": site}, {"key": "hall", "value": hall}])
    database.table("events").create(
        {
            "seq": int,
            "day": str,
            "recorded": int,
            "what": str,
            "cause": str,
            "ticket": str,
            "version": int,
            "body": bytes,
            "hash": bytes,
        },
        pk="seq",
        not_null={"day", "recorded", "what", "cause", "version", "body", "hash"},
    )
    connection.executescript(
        "CREATE INDEX events_by_cause ON events(cause);"
        "CREATE INDEX events_by_ticket ON events(ticket, day) WHERE ticket IS NOT NULL;"
        "CREATE INDEX days ON events(seq) WHERE what = 'DayOpened';"
        "CREATE UNIQUE INDEX one_number_a_day ON events(day, ticket) WHERE what = 'TicketIssued';" + _TRIGGERS
    )
    connection.execute(f"PRAGMA user_version = {SCHEMA}")
    connection.commit()
