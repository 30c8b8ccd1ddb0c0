"""The power goes in the midst of the real journal's writing and leaves 2,000 different disks: nothing anybody was told
of is ever lost (I4, F2).

The journal's own write, schema and PRAGMAs run on a file system that remembers what was synced. That this finds
anything at all is shown by weakening the one PRAGMA that matters.
"""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path
from typing import NamedTuple

import apsw
import pytest
from plans import a_plan
from playing import Play
from power.recording import Recording
from power.states import State, states

from controller.shell import journal
from controller.shell.anchor import Anchor, Mark
from controller.shell.journal import PRAGMAS, Journal, Row, chained, genesis, row
from controller.shell.schema import prepare
from hall import commands as c

STATES = 2000
COMMITS = 400
FULL = "PRAGMA synchronous=FULL"


class Written(NamedTuple):
    """A morning on a recording disk."""

    rows: list[Row]
    base: dict[str, bytes]
    recording: Recording


def a_morning() -> list[list[Row]]:
    """The batches of a busy morning, as the keeper would write them."""
    play = Play(a_plan())
    for number in range(COMMITS // 3):
        play.issue(kiosk="A-K1")
        if number % 2:
            play.call("A01")
            play.send(c.StartService("A01"))
            play.send(c.FinishService("A01"))
    rows, dice = [row(record) for record in play.log], random.Random(1)
    batches = []
    while rows:
        size = dice.choice((1, 1, 1, 2, 5, 20))
        batches.append(rows[:size])
        rows = rows[size:]
    return batches


def write(folder: Path, synchronous: str = FULL, checkpoint: int | None = None) -> Written:
    """Write it as controller/shell/journal.py does, telling somebody behind each transaction."""
    path = folder / "test-A.db"
    made = journal.connect(path)
    prepare(made, "test", "A")
    made.close()
    base = {path.name: path.read_bytes()}
    recording = Recording()
    connection = apsw.Connection(str(path), vfs=recording.name)
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")  # no shared memory: the VFS sees everything
    for pragma in PRAGMAS:
        connection.execute(synchronous if pragma == FULL else pragma)
    if checkpoint:
        connection.execute(f"PRAGMA wal_autocheckpoint={checkpoint}")
    head, batches = genesis("test", "A"), a_morning()
    for batch in batches:
        head = journal.write(connection, batch, head)
        recording.told(batch[-1].seq)
    connection.close()
    return Written([each for batch in batches for each in batch], base, recording)


def put(state: State, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, data in state.files.items():
        (folder / name).write_bytes(data)
    return folder / "test-A.db"


def events_kept(path: Path) -> int:
    """How many events can be read; they are whole, in order, and chained."""
    with sqlite3.connect(path) as found:
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        head = genesis("test", "A")
        kept = found.execute("SELECT seq, body, hash FROM events ORDER BY seq").fetchall()
    found.close()
    for index, (seq, body, digest) in enumerate(kept, start=1):
        head = chained(head, body)
        assert (seq, digest) == (index, head)
    return len(kept)


def lost(written: Written, folder: Path, count: int) -> tuple[int, int, int]:
    """(states that lost something told or cannot be read, most events lost in one, states tried)."""
    bad = worst = tried = 0
    for state in states(written.recording.ops, written.base, count, random.Random(2)):
        try:
            kept = events_kept(put(state, folder))
        except (sqlite3.DatabaseError, AssertionError):
            kept = 0
        bad += kept < state.told
        worst = max(worst, state.told - kept)
        tried += 1
    return bad, worst, tried


def test_the_pragma_the_journal_opens_with_is_full() -> None:
    assert FULL in PRAGMAS


@pytest.mark.parametrize("checkpoint", [None, 30])
def test_nothing_told_is_lost_when_the_power_goes(tmp_path: Path, checkpoint: int | None) -> None:
    written = write(tmp_path, checkpoint=checkpoint)
    told = sum(op.what == "told" for op in written.recording.ops)
    assert sum(op.what == "sync" for op in written.recording.ops) >= told, "every transaction is synced"
    assert lost(written, tmp_path / "cut", STATES // 2) == (0, 0, STATES // 2)


@pytest.mark.parametrize("weaker", ["NORMAL", "OFF"])
def test_a_weaker_pragma_is_found_at_once(tmp_path: Path, weaker: str) -> None:
    """The test above would be red."""
    written = write(tmp_path, synchronous=f"PRAGMA synchronous={weaker}", checkpoint=30)
    bad, worst, _ = lost(written, tmp_path / "cut", 200)
    assert bad > 100
    assert worst > 5


async def test_the_journal_itself_starts_from_every_such_state_and_forgets_nobody(tmp_path: Path) -> None:
    """The real start, with the anchor as it was told last: it is never a false alarm, and the day is whole."""
    written = write(tmp_path, checkpoint=30)
    var = tmp_path / "var"
    for state in states(written.recording.ops, written.base, 150, random.Random(3)):
        put(state, var / "journal")
        (var / "anchor").mkdir(exist_ok=True)
        head = _head(written, state.told)
        (var / "anchor" / "test-A.anchor").unlink(missing_ok=True)
        anchor = Anchor(var / "anchor" / "test-A.anchor")
        if state.told:
            anchor.write(Mark(state.told, head.hex(), 1, "A0001"), 0)
        anchor.close()
        kept = Journal(var, "test", "A")
        try:
            today = await kept.open()
        finally:
            await kept.close()
        assert len(today) >= state.told


def _head(written: Written, seq: int) -> bytes:
    head = genesis("test", "A")
    for each in written.rows[:seq]:
        head = chained(head, each.body)
    return head
