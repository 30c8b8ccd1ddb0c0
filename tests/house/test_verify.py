"""`hall verify` on journals of the real core, which hold; on damaged files; on traces of devices; as a command."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from playing import Play
from storms import Storm
from written import a_lived_play, broken, helping, judge, opened_up, rewritten, written

from audit.verifying.judging import verify
from audit.verifying.source import CannotRead
from audit.verifying.verdicts import JUDGED, Example
from hall import codec
from hall import events as e

ROOT = Path(__file__).parents[2]
FLIPS = 60  # bit flips tried on a journal


# -- what the core writes ------------------------------------------------------------------------------------------


def test_a_lived_day_holds_and_everything_a_journal_tells_is_looked_at(tmp_path: Path) -> None:
    judged = judge(a_lived_play().log, tmp_path, anchor=True)
    assert not broken(judged)
    unjudged = {name for name, verdict in judged.verdicts.items() if verdict.word == "not_judged"}
    assert unjudged == {"I4", "I19", "I21"}, judged.verdicts
    assert all(judged.verdicts[name].why for name in unjudged)


@pytest.mark.parametrize("seed", range(200, 208))
def test_storms_hold(seed: int, tmp_path: Path) -> None:
    """Clocks jump, plans change, days turn, nonsense is asked: the core keeps its promises, and its judge agrees."""
    storm = Storm(seed)
    storm.blow(700)
    judged = judge(storm.play.log, tmp_path)
    assert not broken(judged)
    assert judged.events == len(storm.play.log)


def test_the_sums_are_the_events(tmp_path: Path) -> None:
    storm = Storm(3)
    storm.blow(900)
    happened = Counter(type(record.event) for record in storm.play.log)
    total = judge(storm.play.log, tmp_path).books.counts.total()
    final = sum(isinstance(r.event, e.TicketNoShow) and r.event.final for r in storm.play.log)
    kinds = {
        "tickets": e.TicketIssued, "calls": e.TicketCalled, "recalls": e.TicketRecalled, "served": e.ServiceFinished,
        "transfers": e.TicketTransferred, "wrong_numbers": e.TicketRelabelled, "rated": e.ServiceRated,
        "voided": e.TicketVoided, "expired": e.TicketExpired, "reprints": e.ReprintAsked, "refused": e.CommandRefused,
        "returns": e.TicketReturned,
    }  # fmt: skip
    assert {name: total[name] for name in kinds} == {name: happened[kind] for name, kind in kinds.items()}
    assert total["no_shows"] == happened[e.TicketNoShow] - final
    assert total["service_s"] == sum(
        r.event.service_s for r in storm.play.log if isinstance(r.event, e.ServiceFinished)
    )


def test_recorded_journals_of_older_versions_hold(tmp_path: Path) -> None:
    files = sorted((ROOT / "tests" / "core" / "journals").glob("*.jsonl"))
    assert files
    for file in files:
        log = [codec.from_journal(line, 1) for line in file.read_bytes().splitlines()]
        assert not broken(judge(log, tmp_path / file.stem))


# -- the file itself -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory with one good journal and its anchor; to be copied, never changed."""
    var = tmp_path_factory.mktemp("lived") / "var"
    written(a_lived_play().log, var, anchor=True)
    return var


@pytest.fixture
def journal(lived: Path, tmp_path: Path) -> Path:
    shutil.copytree(lived, tmp_path / "var")
    return tmp_path / "var" / "journal" / "test-A.db"


def _found(journal: Path) -> dict[str, Example]:
    [judged] = verify([journal], [])
    return broken(judged)


HANDS: dict[str, str] = {
    "a_body": """UPDATE events SET body = CAST(replace(body, '"at":1', '"at":2') AS BLOB) WHERE seq = 9""",
    "a_row_gone": "DELETE FROM events WHERE seq = 9",
    "a_column": "UPDATE events SET what = 'NoticeSet' WHERE seq = 9",
    "a_ticket_column": "UPDATE events SET ticket = 'A0099' WHERE what = 'TicketCalled'",
    "a_type": "UPDATE events SET body = 'text' WHERE seq = 9",
    "a_hash": "UPDATE events SET hash = zeroblob(32) WHERE seq = 9",
}


@pytest.mark.parametrize("hand", HANDS)
def test_hands_in_the_table_break_the_chain(hand: str, journal: Path) -> None:
    found = _found(opened_up(journal, lambda db: db.execute(HANDS[hand])))
    assert "I24" in found and found["I24"].seq >= 9, found


def test_a_table_without_its_triggers_is_named(journal: Path) -> None:
    with contextlib.closing(sqlite3.connect(journal)) as db:
        db.execute("DROP TRIGGER events_never_change")
    assert "events_never_change" in _found(journal)["I24"].text


def test_a_chain_made_right_again_hides_nothing(journal: Path) -> None:
    """Whoever can write the file can mend the chain; the story is still false, and the anchor saw another one."""

    def an_hour_earlier(record: dict[str, Any]) -> None:
        if record["event"]["what"] == "ServiceFinished":
            record["event"]["service_s"] = 3

    found = _found(rewritten(journal, an_hour_earlier))
    assert "I24" not in found and {"I28", "I26"} <= found.keys(), found


def test_a_lost_tail_is_noticed(journal: Path) -> None:
    last = opened_up(journal, lambda db: db.execute("DELETE FROM events WHERE seq > (SELECT max(seq) - 3 FROM events)"))
    assert _found(last).keys() == {"I26"}


def test_another_halls_anchor_is_noticed(journal: Path) -> None:
    anchor = journal.parent.parent / "anchor" / "test-A.anchor"
    anchor.write_bytes(anchor.read_bytes().replace(b"0", b"1"))
    assert "not whole" in _found(journal)["I26"].text


def test_a_record_that_is_no_json_is_a_finding(journal: Path) -> None:
    def spoil(db: sqlite3.Connection) -> None:
        db.execute("UPDATE events SET body = ? WHERE seq = 9", (b'{"seq":9,"event":{"what":7}}',))
        db.execute("UPDATE events SET body = ? WHERE seq = 10", (b"\xff" * 9,))

    found = _found(opened_up(journal, spoil))
    assert found["I25"].seq in (9, 10)


def test_a_file_cut_in_two_is_told_not_thrown(journal: Path) -> None:
    data = journal.read_bytes()
    journal.write_bytes(data[: len(data) // 2])
    with contextlib.suppress(CannotRead):
        assert "I24" in _found(journal)


def test_any_flipped_bits_give_a_verdict_or_one_sentence(journal: Path) -> None:
    """Never a trace; and bytes that changed inside a record never go unnoticed."""
    data, dice = journal.read_bytes(), random.Random(4)
    bodies = [at for at in range(0, len(data), 7) if data[at : at + 1].isalnum()]
    for _ in range(FLIPS):
        spoilt = bytearray(data)
        at = dice.choice(bodies)
        spoilt[at] ^= 1 << dice.randrange(8)
        journal.write_bytes(bytes(spoilt))
        with contextlib.suppress(CannotRead):
            _found(journal)


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough for a header" * 3, b"\0" * 5000])
def test_what_is_no_journal_is_said_so(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "some.db"
    file.write_bytes(content)
    with pytest.raises(CannotRead, match=r"some\.db"):
        verify([file], [])


def test_a_newer_layout_and_a_newer_record_are_not_judged_by_guessing(journal: Path) -> None:
    newer = rewritten(journal, lambda record: record.update(v=2))
    [judged] = verify([newer], [])
    assert "newer" in judged.verdicts["I25"].why or judged.verdicts["I25"].word == "broken"
    opened_up(journal, lambda db: db.execute("PRAGMA user_version = 9"))
    with pytest.raises(CannotRead, match="layout 9"):
        verify([journal], [])


def test_one_person_in_two_halls_is_found_between_their_journals(tmp_path: Path) -> None:
    """The same hall twice is a site where everybody sits in two halls at once."""
    play = Play(helping())
    first, second = (written(play.log, tmp_path / name) for name in ("one", "two"))
    found = verify([first, second], [])
    assert {name for judged in found for name in broken(judged)} == {"I16"}


def test_reading_leaves_nothing_behind(journal: Path) -> None:
    before = sorted(journal.parent.iterdir())
    _found(journal)
    assert sorted(journal.parent.iterdir()) == before


# -- as a command --------------------------------------------------------------------------------------------------


def _asked(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "audit", "verify", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_says_it_in_words_in_json_and_in_its_exit_code(journal: Path) -> None:
    whole = _asked("--var", str(journal.parent.parent))
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "没有发现不成立的" in whole.stdout and all(f"  {name}" in whole.stdout for name in JUDGED)
    opened_up(journal, lambda db: db.execute(HANDS["a_body"]))
    spoilt = _asked(str(journal), "--json")
    told = json.loads(spoilt.stdout)
    assert spoilt.returncode == 1 and not told["holds"]
    verdict = told["journals"][0]["verdicts"]["I24"]
    assert verdict["word"] == "broken" and verdict["examples"][0]["seq"] == 9
    missing = _asked(str(journal.parent / "none.db"))
    assert missing.returncode == 1 and "none.db" in missing.stderr and "Traceback" not in missing.stderr
