"""Finding and opening journals for reading alone: mode=ro, a short transaction, never a lock that holds a writer up.

A journal of a running hall is read as it stands at this moment; one that was left by a crash as far as it reaches.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from hall import codec
from hall.events import Recorded
from hall.faults import TheirFault
from hall.names import HallId, SiteId, TicketNumber
from hall.wording import inert, say

SCHEMA = 1  # the newest table layout this program knows
WAIT_S = 2.0  # for the moment in which a writer puts its log away


class NotTold(TheirFault):
    """What was asked for is not there, or cannot be read; the message says which."""


class Opened(NamedTuple):
    """A journal open for reading."""

    path: Path
    site: SiteId
    hall: HallId
    db: sqlite3.Connection


def both(key: str, **values: object) -> str:
    """A line in Chinese and English."""
    return f"{say(f'audit.{key}', 'zh', **values)} / {say(f'audit.{key}', 'en', **values)}"


def of(var: Path, hall: HallId = "") -> list[Path]:
    """The journals of a state directory, of one hall or of all; NotTold when there is none."""
    found = sorted((var / "journal").glob("*.db"))
    if not found:
        raise NotTold(both("no_journal", var=var))
    mine = [path for path in found if not hall or path.stem.endswith(f"-{hall}")]
    if not mine:
        halls = ", ".join(path.stem for path in found)
        raise NotTold(both("no_hall", var=var, hall=hall, halls=halls))
    return mine


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open one, checked to be a journal of a layout we know; whatever SQLite says comes out as NotTold."""
    try:
        db = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=WAIT_S, isolation_level=None)
        try:
            yield _checked(path, db)
        finally:
            db.close()
    except sqlite3.Error as fault:
        raise NotTold(f"{path}: {inert(str(fault))}") from fault


def _checked(path: Path, db: sqlite3.Connection) -> Opened:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA:
        raise NotTold(f"{path}: a journal of layout {version}, this program knows {SCHEMA}: use the newer program")
    owner = dict(db.execute("SELECT key, value FROM meta").fetchall())
    return Opened(path, str(owner.get("site", "")), str(owner.get("hall", "")), db)


def life(journal: Opened, number: TicketNumber, day: str) -> list[Recorded]:
    """Every event of the number from its issue (on `day`, or the last time) until it was given anew; [] if never."""
    issues = journal.db.execute(
        "SELECT seq, day FROM events WHERE ticket = ? AND what = 'TicketIssued' ORDER BY seq", (number,)
    ).fetchall()
    given = [index for index, (_, of_day) in enumerate(issues) if not day or of_day == day]
    if not given:
        return []
    first = issues[given[-1]][0]
    until = issues[given[-1] + 1][0] if given[-1] + 1 < len(issues) else 1 << 62
    rows = journal.db.execute(
        "SELECT version, body FROM events WHERE ticket = ? AND seq >= ? AND seq < ? ORDER BY seq",
        (number, first, until),
    )
    return [_record(journal.path, version, body) for version, body in rows]


def _record(path: Path, version: object, body: object) -> Recorded:
    if not isinstance(version, int) or not isinstance(body, bytes):
        raise NotTold(f"{path}: an event is damaged; put back the newest backup")
    return codec.from_journal(body, version)


class _Site(msgspec.Struct):
    name: str = ""
    time_zone: str = "UTC"


class Named(msgspec.Struct):
    name: str = ""
    name_en: str = ""


class _Hall(msgspec.Struct):
    name: str = ""
    queues: dict[str, Named] = {}
    units: dict[str, Named] = {}


class _Priority(msgspec.Struct):
    names: dict[str, str] = {}
    names_en: dict[str, str] = {}


class Plan(msgspec.Struct):
    """The few words of a plan that matter here."""

    site: _Site
    halls: dict[HallId, _Hall]
    priority: _Priority = msgspec.field(default_factory=_Priority)


class _Event(msgspec.Struct):
    plan: Plan


class _Record(msgspec.Struct):
    event: _Event


def plan(journal: Opened, seq: int) -> Plan:
    """The plan of the day an event belongs to."""
    opening = "SELECT body FROM events WHERE what = 'DayOpened' AND seq <= ? ORDER BY seq DESC LIMIT 1"
    found = journal.db.execute(opening, (seq,)).fetchone()
    try:
        return msgspec.json.decode(found[0], type=_Record).event.plan
    except (msgspec.MsgspecError, TypeError) as fault:
        raise NotTold(f"{journal.path}: the day of event {seq} cannot be read; put back the newest backup") from fault
