"""The journal on real files: what it refuses, what it notices, what it never loses (I4, I7, I24-I29)."""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from keeping import Kept, Now, a_kept_hall
from plans import a_plan
from playing import KIOSK, MORNING

from controller.core import HallState, evolve
from controller.core.canon import canonical_hash
from controller.shell.anchor import SLOT, Anchor, Mark
from controller.shell.journal import Journal, Row, connect
from controller.shell.speaking import _light
from hall import codec
from hall import commands as c
from hall import events as e
from hall.faults import JournalFault
from hall.names import HoldReason, Stage

ROOT = Path(__file__).parents[2]


def db(var: Path) -> Path:
    return var / "journal" / "test-A.db"


def anchor(var: Path) -> Path:
    return var / "anchor" / "test-A.anchor"


async def a_morning(var: Path, tickets: int = 20) -> int:
    """A hall that gave some numbers and stopped cleanly; its last seq."""
    async with a_kept_hall(var) as hall:
        for _ in range(tickets):
            await hall.issue()
        return hall.journal.seq


async def refusal(var: Path) -> str:
    """How a start is refused, in words."""
    with pytest.raises(JournalFault) as fault:
        async with a_kept_hall(var):
            pass
    return str(fault.value)


# -- append-only ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sql", [
    "UPDATE events SET body = x'00' WHERE seq = 3",
    "UPDATE events SET seq = 999 WHERE seq = 3",
    "DELETE FROM events WHERE seq = 3",
    "DELETE FROM events",
    "INSERT INTO events SELECT seq + 1000, day, recorded, what, cause, ticket, version, body, hash FROM events LIMIT 1",
    "INSERT OR REPLACE INTO events SELECT * FROM events WHERE seq = 3",
    "INSERT INTO events SELECT seq - 1000, day, recorded, what, cause, ticket, version, body, hash FROM events LIMIT 1",
])  # fmt: skip
async def test_nobody_changes_what_was_written(tmp_path: Path, sql: str) -> None:
    await a_morning(tmp_path)
    with sqlite3.connect(db(tmp_path)) as stranger, pytest.raises(sqlite3.IntegrityError):
        stranger.execute(sql)


async def test_one_number_a_day_is_a_law_of_the_file(tmp_path: Path) -> None:
    await a_morning(tmp_path)
    again = """INSERT INTO events SELECT (SELECT max(seq) + 1 FROM events), day, recorded, what, cause, ticket, version,
               body, hash FROM events WHERE what = 'TicketIssued' LIMIT 1"""
    with sqlite3.connect(db(tmp_path)) as stranger, pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        stranger.execute(again)


async def test_every_commit_is_synced(tmp_path: Path) -> None:
    async with a_kept_hall(tmp_path) as hall:
        settings = {
            name: hall.journal._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2}


async def test_a_gap_is_refused_and_nothing_of_the_batch_is_there(tmp_path: Path) -> None:
    async with a_kept_hall(tmp_path) as hall:
        seq = hall.journal.seq
        rows = [Row(seq + step, "2026-11-23", 1, "X", "x", None, 1, b"{}") for step in (1, 3)]
        with pytest.raises(JournalFault, match="somebody else writes here"):
            await hall.journal.append(rows, 0, 1, "")
        assert hall.journal._db.execute("SELECT max(seq) FROM events").fetchone()[0] == seq


async def test_a_second_writer_that_slipped_past_the_lock_is_found_at_its_first_word(tmp_path: Path) -> None:
    """Two controllers that fought over one file system without locks: the one deposed stops (I27, F11)."""
    async with a_kept_hall(tmp_path) as hall:
        await hall.issue()
        row = hall.journal._db.execute("SELECT * FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        with connect(db(tmp_path)) as other:
            other.execute(
                "INSERT INTO events VALUES (?, ?, ?, 'Foreign', 'f', NULL, 1, x'7b7d', x'00')", (row[0] + 1, *row[1:3])
            )
        with pytest.raises(JournalFault, match="somebody else writes here"):
            await hall.ask(c.IssueTicket("now"), KIOSK)


# -- one writer ----------------------------------------------------------------------------------------------------


async def test_a_second_controller_is_refused(tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
sys.path[:0] = [{str(ROOT)!r}]
from pathlib import Path
from controller.shell.journal import Journal
try:
    Journal(Path({str(tmp_path)!r}), "test", "A")
except Exception as fault:
    print(type(fault).__name__, fault)
"""
    async with a_kept_hall(tmp_path):
        with pytest.raises(JournalFault, match="in use by another controller"):
            Journal(tmp_path, "test", "A")
        other = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
        told, _ = await other.communicate()
        assert told.startswith(b"JournalFault")
        assert b"in use by another controller" in told


async def test_each_start_has_a_higher_epoch_even_when_the_clock_went_back(tmp_path: Path) -> None:
    epochs = []
    for hours in (0, 0, -5, -24 * 400, 2):
        async with a_kept_hall(tmp_path, now=Now(MORNING + hours * 3_600_000)) as hall:
            epochs.append(hall.state.epoch)
    assert epochs == sorted(set(epochs))


# -- restart -------------------------------------------------------------------------------------------------------


async def test_a_restart_folds_to_the_same_state(tmp_path: Path) -> None:
    async with a_kept_hall(tmp_path) as hall:
        for _ in range(5):
            await hall.issue()
        await hall.ask(c.CallNext("A01"))
        await hall.ask(c.HoldTicket("A01", HoldReason.ESCORT_FACE))
        [held] = await hall.journal.find(f"{hall.state.epoch}-7")
        assert held.reason == "escort_face", "the word of the list, not Python's name for it"
        before, seq = hall.state, hall.journal.seq
    async with a_kept_hall(tmp_path) as again:
        assert again.state.tickets == before.tickets
        assert again.state.windows == before.windows
        assert again.journal.seq == seq + 1, "ControllerStarted and nothing else"
        assert await again.issue() == "A0006"


async def test_snapshot_and_tail_equal_the_whole(tmp_path: Path) -> None:
    """Folding from the last DayOpened is folding from the first event (I25)."""
    now = Now()
    async with a_kept_hall(tmp_path, now=now) as hall:
        for _ in range(3):
            for _ in range(4):
                await hall.issue()
            now.ms += 24 * 3_600_000
            await hall.keeper.turn([])
        live = canonical_hash(hall.state)
        whole = HallState("test", "A")
        for version, body in hall.journal._db.execute("SELECT version, body FROM events ORDER BY seq"):
            evolve(whole, codec.from_journal(body, version))
        assert canonical_hash(whole) == live
    async with a_kept_hall(tmp_path, now=now) as hall:
        assert len(hall.state.tickets) == 12


async def test_a_letter_answered_is_answered_again_and_changes_nothing(tmp_path: Path) -> None:
    async with a_kept_hall(tmp_path) as hall:
        first = await hall.ask(c.IssueTicket("now"), KIOSK, "touch")
        seq = hall.journal.seq
        assert await hall.ask(c.IssueTicket("now"), KIOSK, "touch") == first
        twice = [hall.letter(c.IssueTicket("now"), KIOSK, "double")] * 2
        await hall.keeper.turn(twice)
        assert hall.journal.seq == seq + 1
    async with a_kept_hall(tmp_path) as hall:
        seq = hall.journal.seq
        assert await hall.ask(c.IssueTicket("now"), KIOSK, "touch") == first
        assert hall.journal.seq == seq
        assert await hall.issue() == "A0003"


async def test_a_letter_of_yesterday_is_not_answered_twice(tmp_path: Path) -> None:
    """The same touch, asked at 04:59:58 and again at 05:00:03 of the next business day."""
    now = Now()
    plan = a_plan(hours={"opens": 0, "closes": 1439}, roster_logs_in=False, issue_unstaffed=True)
    async with a_kept_hall(tmp_path, plan, now) as hall:
        now.ms += (19 * 60 + 29) * 60_000 + 58_000
        letter = hall.letter(c.IssueTicket("now"), KIOSK, "touch")
        await hall.keeper.turn([letter])
        [first] = await hall.journal.find("touch")
        now.ms += 5_000
        await hall.keeper.turn([letter])
        assert hall.state.day == "2026-11-24"
        assert await hall.journal.find("touch") == [first]
    async with a_kept_hall(tmp_path, plan, now) as hall:
        await hall.keeper.turn([letter])
        assert await hall.journal.find("touch") == [first]


async def test_a_day_with_a_thousand_live_tickets_can_be_read_back(tmp_path: Path) -> None:
    now = Now()
    plan = a_plan(issue_unstaffed=True, queues=None)
    async with a_kept_hall(tmp_path, plan, now) as hall:
        for batch in range(4):
            asks = [c.IssueTicket(entry) for entry in ("now", "post", "tax") * 120]
            letters = [hall.letter(ask, KIOSK, f"{batch}-{index}") for index, ask in enumerate(asks)]
            await hall.keeper.turn(letters)
        waiting = hall.state.waiting
        assert waiting == 1440
        now.ms += 24 * 3_600_000
        await hall.keeper.turn([])
        sql = "SELECT body FROM events WHERE what = 'DayOpened' ORDER BY seq DESC LIMIT 1"
        [opened] = hall.journal._db.execute(sql).fetchone()
        assert len(opened) > codec.PAYLOAD_MAX, "too long for any message"
        spoken = _light(codec.from_journal(opened, 1))
        assert len(codec.encode(spoken)) < 10_000, "so it is spoken without what every room knows"
    async with a_kept_hall(tmp_path, plan, now) as hall:
        assert hall.state.waiting == waiting


async def test_power_gone_while_the_tables_are_made(tmp_path: Path) -> None:
    async with a_kept_hall(tmp_path):
        pass
    for cut in ("DROP TRIGGER events_without_gap", "DROP TABLE meta", "DROP TABLE events"):
        shutil.rmtree(tmp_path)
        (tmp_path / "journal").mkdir(parents=True)
        async with a_kept_hall(tmp_path / "other"):
            pass
        with (
            sqlite3.connect(tmp_path / "other" / "journal" / "test-A.db") as made,
            sqlite3.connect(db(tmp_path)) as half,
        ):
            half.execute(next(sql for (sql,) in made.execute("SELECT sql FROM sqlite_master WHERE name = 'events'")))
            half.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)")
            if cut.startswith("DROP TABLE"):
                half.execute(cut)
        assert await a_morning(tmp_path) > 20


# -- what a disk may do --------------------------------------------------------------------------------------------


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A full disk, without root: no file may grow past `size`."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def until_it_stops(hall: Kept, told: list[str]) -> None:
    for _ in range(100):
        told += [await hall.issue()]


async def test_a_full_disk_stops_the_hall_and_loses_nothing_told(tmp_path: Path) -> None:
    told: list[str] = []
    async with a_kept_hall(tmp_path) as hall:
        told.append(await hall.issue())
        wal = db(tmp_path).with_name("test-A.db-wal")
        with (
            files_no_larger_than(wal.stat().st_size + 20_000),
            pytest.raises(JournalFault, match="Free space") as fault,
        ):
            await until_it_stops(hall, told)
        assert "disk" in str(fault.value).lower(), "the first fault, not the one of the roll-back"
    async with a_kept_hall(tmp_path) as hall:
        assert set(told) <= set(hall.state.tickets)
        assert await hall.issue() == f"A{len(told) + 1:04d}"


async def test_a_flipped_bit_never_passes_unnoticed(tmp_path: Path) -> None:
    """400 flips in the database file: refused, or nothing that is folded has changed; never another story."""
    await a_morning(tmp_path / "good", 40)
    with sqlite3.connect(db(tmp_path / "good")) as whole:
        whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        story = whole.execute("SELECT body FROM events ORDER BY seq").fetchall()
    good, dice, refused = db(tmp_path / "good").read_bytes(), random.Random(1), 0
    for flip in range(400):
        var = tmp_path / "flipped"
        shutil.rmtree(var, ignore_errors=True)
        (var / "journal").mkdir(parents=True)
        bad = bytearray(good)
        bad[dice.randrange(len(bad))] ^= 1 << dice.randrange(8)
        db(var).write_bytes(bad)
        shutil.copytree(tmp_path / "good" / "anchor", var / "anchor")
        journal = Journal(var, "test", "A")
        try:
            read = await journal.open()
        except JournalFault:
            refused += 1
        else:
            assert [(codec.encode(record),) for record in read] == story, f"flip {flip}"
        finally:
            await journal.close()
    assert refused > 100, "the flips hit the events"


async def test_a_cut_log_is_behind_the_anchor(tmp_path: Path) -> None:
    """SQLite opens it and calls it whole (reliability I26); the anchor knows better."""
    var, copy = tmp_path / "var", tmp_path / "copy"
    async with a_kept_hall(var) as hall:
        for _ in range(20):
            await hall.issue()
        shutil.copytree(var, copy)  # as a power cut would leave it: the WAL still beside the database
    wal = db(copy).with_name("test-A.db-wal")
    wal.write_bytes(wal.read_bytes()[: wal.stat().st_size // 2])
    with sqlite3.connect(db(copy)) as fooled:
        assert fooled.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    why = await refusal(copy)
    assert "events are lost" in why
    assert "Put back a copy of this file that has event" in why
    assert "A0020" in why, "which numbers are in people's hands"


async def test_yesterdays_backup_is_refused(tmp_path: Path) -> None:
    await a_morning(tmp_path, 5)
    backup = db(tmp_path).read_bytes()
    await a_morning(tmp_path, 5)
    db(tmp_path).write_bytes(backup)
    assert "events are lost" in await refusal(tmp_path)


async def test_a_missing_journal_is_refused_until_the_anchor_is_moved_away(tmp_path: Path) -> None:
    await a_morning(tmp_path, 5)
    db(tmp_path).unlink()
    assert "ends at event 0" in await refusal(tmp_path)
    anchor(tmp_path).rename(tmp_path / "moved-away")
    db(tmp_path).unlink(missing_ok=True)
    assert await a_morning(tmp_path) > 0


async def test_another_story_of_the_same_length_is_refused(tmp_path: Path) -> None:
    seq = await a_morning(tmp_path / "one", 5)
    async with a_kept_hall(tmp_path / "two") as hall:
        for window in ("A01", "A02", "A03", "A04", "A01"):
            await hall.ask(c.CallNext(window))
        assert hall.journal.seq == seq
    shutil.copy(db(tmp_path / "two"), db(tmp_path / "one"))
    assert "this is another journal" in await refusal(tmp_path / "one")


async def test_another_halls_file_is_refused(tmp_path: Path) -> None:
    await a_morning(tmp_path)
    with sqlite3.connect(db(tmp_path)) as moved:
        moved.execute("UPDATE meta SET value = 'B' WHERE key = 'hall'")
    why = await refusal(tmp_path)
    assert "of test/B, not of test/A" in why


async def test_a_newer_programs_journal_is_refused(tmp_path: Path) -> None:
    await a_morning(tmp_path / "tables")
    with sqlite3.connect(db(tmp_path / "tables")) as newer:
        newer.execute("PRAGMA user_version = 99")
    assert "start the newer program" in await refusal(tmp_path / "tables")
    async with a_kept_hall(tmp_path / "records") as hall:
        rows = [Row(hall.journal.seq + 1, "2026-11-23", 1, "Future", "x", None, 99, b'{"v":99}')]
        await hall.journal.append(rows, 0, 1, "")
    assert "start the newer program" in await refusal(tmp_path / "records")


async def test_an_event_nobody_here_knows_is_refused_in_words(tmp_path: Path) -> None:
    async with a_kept_hall(tmp_path) as hall:
        body = json.dumps({"v": 1, "event": {"what": "TicketTeleported"}}).encode()
        await hall.journal.append([Row(hall.journal.seq + 1, "2026-11-23", 1, "X", "x", None, 1, body)], 0, 1, "")
    assert "Recorded:" in await refusal(tmp_path)


async def test_a_break_in_the_chain_is_named(tmp_path: Path) -> None:
    await a_morning(tmp_path)
    with sqlite3.connect(db(tmp_path)) as thief:
        thief.execute("DROP TRIGGER events_never_change")
        thief.execute("UPDATE events SET body = replace(CAST(body AS TEXT), 'A0007', 'A0999') WHERE ticket = 'A0007'")
    why = await refusal(tmp_path)
    assert "the hash chain breaks at event" in why


@pytest.mark.parametrize("rubbish", [b"", b"x" * 50_000, b"SQLite format 3\0" + b"\xff" * 5000])
async def test_rubbish_for_a_journal(tmp_path: Path, rubbish: bytes) -> None:
    await a_morning(tmp_path)
    db(tmp_path).write_bytes(rubbish)
    assert await refusal(tmp_path)


async def test_a_foreign_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    with sqlite3.connect(db(tmp_path)) as foreign:
        foreign.execute("CREATE TABLE bank (money INTEGER)")
    assert "another program's" in await refusal(tmp_path)
    with sqlite3.connect(db(tmp_path)) as foreign:
        assert foreign.execute("SELECT count(*) FROM bank").fetchone() == (0,)


@pytest.mark.parametrize("where", ["journal", "anchor"])
async def test_a_folder_that_cannot_be_used_is_told_in_words(tmp_path: Path, where: str) -> None:
    (tmp_path / where).write_text("a file where a folder should be")
    with pytest.raises(JournalFault, match="give the controller's user the right"):
        Journal(tmp_path, "test", "A")


# -- the anchor ----------------------------------------------------------------------------------------------------


def test_a_torn_anchor_slot_leaves_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a.anchor"
    mark = Anchor(path)
    for seq in (10, 20, 31, 44):  # whatever their parity, the slots take turns
        mark.write(Mark(seq, "ab" * 32, 1, "A0012 AS0003"), 0)
    mark.close()
    slots = path.read_bytes()
    newest = 0 if b" 44 " in slots[:SLOT].replace(b"44 ", b" 44 ", 1) and b"44" in slots[9:12] else 1
    torn = bytearray(slots)
    torn[newest * SLOT + 5 : newest * SLOT + 30] = os.urandom(25)
    path.write_bytes(torn)
    again = Anchor(path)
    found = again.read()
    assert found is not None
    assert found.seq == 31
    again.write(Mark(45, "cd" * 32, 1, ""), 0)
    assert again.read() == Mark(45, "cd" * 32, 1, "")
    again.close()


def test_an_anchor_torn_twice_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.anchor"
    path.write_bytes(os.urandom(2 * SLOT))
    mark = Anchor(path)
    with pytest.raises(JournalFault, match="cannot be read"):
        mark.read()
    mark.close()


def test_an_anchor_keeps_whole_numbers_only(tmp_path: Path) -> None:
    mark = Anchor(tmp_path / "a.anchor")
    numbers = " ".join(f"AA{n:05d}" for n in range(500))
    mark.write(Mark(1, "ab" * 32, 1, numbers), 0)
    found = mark.read()
    mark.close()
    assert found is not None
    assert numbers.startswith(found.numbers)
    assert all(len(number) == 7 for number in found.numbers.split())


class SlowDisk(sqlite3.Connection):
    """Takes 30 ms for a commit, as a disk that turns may."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if sql == "COMMIT":
            time.sleep(0.03)
        return super().execute(sql, parameters)


async def test_a_slow_disk_holds_up_nobody_else(tmp_path: Path) -> None:
    """The loop goes on while the disk takes its time: another hall is served by it."""

    def connects(path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=SlowDisk)
        connection.execute("PRAGMA journal_mode=WAL")
        return connection

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    turns, journal = 0, Journal(tmp_path, "test", "A", connects)
    await journal.open()
    beside = asyncio.create_task(others())
    await asyncio.sleep(0)
    seen = []
    for seq in range(1, 6):
        before = turns
        await journal.append([Row(seq, "2026-11-23", 1, "X", f"c{seq}", None, 1, b"{}")], 0, 1, "")
        seen.append(turns - before)
    beside.cancel()
    await journal.close()
    assert min(seen) > 20, "thousands of turns fit into 30 ms"


async def test_a_crash_between_commit_and_anchor_is_no_loss(tmp_path: Path) -> None:
    """The journal may be ahead of its anchor; only behind is a loss."""
    seq = await a_morning(tmp_path, 5)
    old = anchor(tmp_path).read_bytes()
    await a_morning(tmp_path, 5)
    anchor(tmp_path).write_bytes(old)
    async with a_kept_hall(tmp_path) as hall:
        assert hall.journal.seq > seq
        assert await hall.issue() == "A0011"
        assert hall.state.tickets["A0001"].stage is Stage.WAITING


async def test_a_refusal_is_kept_like_any_other_event(tmp_path: Path) -> None:
    async with a_kept_hall(tmp_path) as hall:
        [no] = await hall.ask(c.CallNext("A01"))
        assert isinstance(no.event, e.CommandRefused)
        rows = hall.journal._db.execute("SELECT what FROM events WHERE seq = ?", (no.seq,)).fetchall()
    assert rows == [("CommandRefused",)]
