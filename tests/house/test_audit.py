"""The life of a ticket, read offline from real journals: complete, in words, while the hall runs, and never a trace."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from keeping import Kept, Now, a_kept_hall
from playing import KIOSK, LINE, ROOM

from audit import wording
from hall import commands as c
from hall import events as e
from hall.names import HoldReason, Level
from hall.wording import CATALOGUES

ROOT = Path(__file__).parents[2]


async def audit(*args: object) -> tuple[int, str, str]:
    """`python -m audit` as a person starts it: exit code, what it said, what it complained of."""
    env = {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "100"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "audit", *map(str, args), cwd=ROOT, env=env,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, wrong = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode(), wrong.decode()


async def a_life(hall: Kept, now: Now) -> None:
    """A0001 from touch to rating, with a recall, a hold over night and a second matter."""
    await hall.ask(c.IssueTicket("now", kiosk="A-K1"), KIOSK)
    now.ms += 5_000
    await hall.ask(c.ReportPrinted("A0001", hall.state.jobs["A0001"].job), ROOM)
    now.ms += 85_000
    for command in (
        c.CallNext("A01"),
        c.Recall("A01"),
        c.StartService("A01"),
        c.HoldTicket("A01", HoldReason.ESCORT_FACE),
    ):
        await hall.ask(command)
    now.ms += 24 * 3_600_000
    await hall.keeper.turn([])
    for command in (c.ResumeTicket("A01"), c.AddMatter("A01", "post"), c.FinishService("A01")):
        await hall.ask(command)
    await hall.ask(c.RateService("A01", Level.SATISFIED), LINE)


EXPECTED = [
    "TicketIssued", "SlipPrinted", "TicketCalled", "TicketRecalled", "ServiceStarted", "TicketHeld", "TicketResumed",
    "MatterAdded", "ServiceFinished", "RatingInvited", "ServiceRated",
]  # fmt: skip


async def test_the_whole_life_while_the_hall_runs(tmp_path: Path) -> None:
    now = Now()
    async with a_kept_hall(tmp_path, now=now) as hall:
        await a_life(hall, now)
        code, said, wrong = await audit("ticket", "A0001", "--var", tmp_path)
        assert (code, wrong) == (0, "")
        said = re.sub(r"[│\s]+", " ", said)
        for words in (
            "A厅",
            "号码 A0001 的一生",
            "09:30:00",
            "取号",
            "issued",
            "工号 1001",
            "staff 1001",
            "caller-A-1",
            "本队列",
            "own queue",
            "已等 90 秒",
            "waited 90 s",
            "领去面签",
            "（large）",
            "(large)",
            "face-signing",
            "2026-11-24",
        ):
            assert words in said, words
        assert "\x1b" not in said, "no colours where nobody looks"
        await hall.issue()  # we held nobody up


async def test_json_is_the_journals_own_records(tmp_path: Path) -> None:
    now = Now()
    async with a_kept_hall(tmp_path, now=now) as hall:
        await a_life(hall, now)
    code, said, _ = await audit("ticket", "A0001", "--var", tmp_path, "--hall", "A", "--json")
    events = msgspec.json.decode(said, type=tuple[e.Recorded, ...])
    assert code == 0
    assert [type(record.event).__name__ for record in events] == EXPECTED


async def test_a_number_given_again_is_another_ticket(tmp_path: Path) -> None:
    now = Now()
    async with a_kept_hall(tmp_path, now=now) as hall:
        await hall.issue()
        await hall.ask(c.CallNext("A01"))
        await hall.ask(c.StartService("A01"))
        await hall.ask(c.FinishService("A01"))
        now.ms += 24 * 3_600_000
        await hall.keeper.turn([])
        assert await hall.issue() == "A0001"
    lives = {}
    for day in ("", "2026-11-23", "2026-11-24"):
        _, said, _ = await audit("ticket", "A0001", "--var", tmp_path, "--day", day, "--json")
        lives[day] = [type(record.event).__name__ for record in msgspec.json.decode(said, type=tuple[e.Recorded, ...])]
    assert lives["2026-11-23"] == ["TicketIssued", "TicketCalled", "ServiceStarted", "ServiceFinished", "RatingInvited"]
    assert lives["2026-11-24"] == lives[""] == ["TicketIssued"]


async def test_a_journal_left_by_a_crash_is_read_to_its_end(tmp_path: Path) -> None:
    async with a_kept_hall(tmp_path / "var") as hall:
        await hall.issue()
        shutil.copytree(tmp_path / "var", tmp_path / "crashed", ignore=shutil.ignore_patterns("*-shm"))
    code, said, wrong = await audit("ticket", "A0001", "--var", tmp_path / "crashed")
    assert (code, wrong) == (0, "")
    assert "取号" in said


async def test_reading_changes_no_byte(tmp_path: Path) -> None:
    async with a_kept_hall(tmp_path) as hall:
        await hall.issue()
    path = tmp_path / "journal" / "test-A.db"
    before = path.read_bytes()
    await audit("ticket", "A0001", "--var", tmp_path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(("args", "words"), [
    (("A9999",), "no number A9999"),
    (("A0001", "--day", "1999-01-01"), "on 1999-01-01"),
    (("A0001", "--hall", "Z"), "no journal of hall Z"),
    (("\x1b[31mA'; DROP TABLE events",), "no number [31mA'; DROP TAB"),
])  # fmt: skip
async def test_what_is_not_there_is_said_in_a_line(tmp_path: Path, args: tuple[str, ...], words: str) -> None:
    async with a_kept_hall(tmp_path) as hall:
        await hall.issue()
    code, said, wrong = await audit("ticket", *args, "--var", tmp_path)
    assert (code, said) == (1, "")
    assert words in wrong
    assert len(wrong.splitlines()) == 1
    assert "\x1b" not in wrong


async def test_no_journal_and_rubbish_are_said_in_a_line(tmp_path: Path) -> None:
    code, _, wrong = await audit("ticket", "A0001", "--var", tmp_path)
    assert code == 1
    assert "no journal under" in wrong
    (tmp_path / "journal").mkdir()
    for rubbish in (b"", b"rubbish" * 999):
        (tmp_path / "journal" / "test-A.db").write_bytes(rubbish)
        code, _, wrong = await audit("ticket", "A0001", "--var", tmp_path)
        assert code == 1
        assert len(wrong.splitlines()) == 1, wrong


async def test_a_newer_journal_is_refused(tmp_path: Path) -> None:
    async with a_kept_hall(tmp_path):
        pass
    with sqlite3.connect(tmp_path / "journal" / "test-A.db") as newer:
        newer.execute("PRAGMA user_version = 9")
    code, _, wrong = await audit("ticket", "A0001", "--var", tmp_path)
    assert code == 1
    assert "use the newer program" in wrong


async def test_the_hall_command_opens_the_same_door(tmp_path: Path) -> None:
    async with a_kept_hall(tmp_path) as hall:
        await hall.issue()
    command = (sys.executable, "-m", "cli", "ticket", "A0001", "--var", str(tmp_path), "--json")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert [r.event.number for r in msgspec.json.decode(said, type=tuple[e.Recorded, ...])] == ["A0001"]  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", get_args(e.AnyEvent), ids=lambda kind: kind.__name__)
def test_every_event_has_words_and_every_placeholder_a_field(kind: type[e.Event]) -> None:
    assert f"console.event.{kind.__name__}" in CATALOGUES["zh"]
    for lang in ("zh", "en"):
        text = CATALOGUES[lang].get(f"audit.detail.{kind.__name__}", "")
        fields = {*kind.__struct_fields__, *({"estimate"} if kind is e.TicketIssued else ())}
        assert set(re.findall(r"{(\w+)}", text)) <= fields


def test_markup_and_marks_in_a_reason_are_inert() -> None:
    foreign = c.Principal("kiosk-[red]A\x1b", "1001", c.Role.GUIDE)
    record = e.Recorded(
        v=1, id="s/A/1", site="s", hall="A", seq=1, epoch=1, day="2026-11-23", at=0, recorded=0, cause="x", by=foreign,
        reason="[bold]\u202e\x1b[2J老人", event=e.PriorityGiven(number="A0001", priority="elderly"),
    )  # fmt: skip
    told = [*wording.what(record), *wording.who(record), *wording.why(record)]
    assert not any("\x1b" in text or "\u202e" in text for text in told)
    assert "[bold][2J老人" in wording.why(record)[0]
