"""A liar with the file in his hands: every field of a good day changed, whole events left out or put in, chain mended.

What nobody can know from a journal stands in TOLD_ONLY, with the reason; everything else is noticed.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from storms import Storm
from written import HALL, SITE, a_lived_play, broken, written

from audit.verifying.judging import Judged, verify
from controller.shell.anchor import Anchor, Mark
from controller.shell.journal import chained, genesis
from hall import codec

Story = list[dict[str, Any]]

TOLD_ONLY = {
    ("TicketHandedBack", "why"), ("TicketHeld", "why"),  # a person's word
    ("StaffLoggedIn", "device"), ("StaffLoggedIn", "kind"), ("StaffLoggedIn", "role"),  # no queue and no call by it
    ("TicketIssued", "lang"), ("SlipUnprinted", "fault"),  # what a machine said of itself
    ("ControllerStarted", "version"), ("ReprintAsked", "kiosk"),  # any machine of the hall
    ("DayOpened", "plan"), ("DayOpened", "plan_hash"), ("TicketRelabelled", "unit"), ("MatterAdded", "unit"),
    ("TicketTransferred", "how"), ("PriorityGiven", "priority"),  # another of the plan's words
}  # fmt: skip
NOBODYS = frozenset({"AlarmRaised", "AlarmCleared", "CommandRefused", "NoticeSet"})  # no promise speaks of them


def judged(story: Story, var: Path) -> Judged:
    """The story as a journal whose chain, columns and sequence are right, and without the index on numbers."""
    path = var / "journal" / f"{SITE}-{HALL}.db"
    if path.exists():
        path.unlink()
    else:
        written((), var / "empty", twice=True)
        path.parent.mkdir()
    shutil.copy(var / "empty" / "journal" / path.name, path)
    head, rows = genesis(SITE, HALL), []
    for each in story:
        body = json.dumps(each, ensure_ascii=False).encode()
        head = chained(head, body)
        event = each["event"]
        columns = (each["seq"], each["day"], each["recorded"], event["what"], each["cause"])
        rows.append((*columns, event.get("number") or None, each.get("v", 1), body, head))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous=OFF")
        db.execute("BEGIN")
        db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        db.execute("COMMIT")
    [found] = verify([path], [])
    return found


@pytest.fixture(scope="module")
def good() -> str:
    """The lived day as JSON, for everybody to spoil a copy of."""
    epoch, records = 1, []
    for record in a_lived_play().log:
        each = json.loads(codec.encode(record))
        epoch += each["event"]["what"] == "ControllerStarted"
        records.append({**each, "epoch": epoch})
    return json.dumps(records)


def test_the_good_day_is_good(good: str, tmp_path: Path) -> None:
    found = judged(json.loads(good), tmp_path / "var")
    assert not broken(found) and found.events == len(json.loads(good))


# -- every field -------------------------------------------------------------------------------------------------------


def another(value: Any) -> Any:
    """A value of the same kind that is not this one, and not absurd."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1000
    if isinstance(value, str):
        tail = {"A0001": "A0002", "A01": "A02", "1001": "1002", "large": "tax", "general": "tax"}
        return tail.get(value, "A0001" if value[:1] == "A" and len(value) > 3 else f"{value}x")
    if isinstance(value, list):
        return value[1:] if value else ["A01"]
    return {name: another(each) for name, each in value.items()} if value else {"x": "y"}


def fields_of(story: Story) -> dict[tuple[str, str], list[int]]:
    """(kind of event, field) -> where it is told, at most three times."""
    found: dict[tuple[str, str], list[int]] = {}
    for at, each in enumerate(story):
        for name in each["event"]:
            if name != "what" and each["event"]["what"] not in NOBODYS:
                found.setdefault((each["event"]["what"], name), []).append(at)
    return {key: places[-3:] for key, places in found.items() if key not in TOLD_ONLY}


def test_every_field_of_every_event_that_says_something_else_is_noticed(good: str, tmp_path: Path) -> None:
    fields = fields_of(json.loads(good))
    assert len(fields) > 60
    unnoticed = []
    for (what, name), places in fields.items():
        for at in places:
            story = json.loads(good)
            story[at]["event"][name] = another(story[at]["event"][name])
            found = broken(judged(story, tmp_path / "var"))
            assert all(example.text for example in found.values())
            if not found:
                unnoticed.append((what, name, at, story[at]["event"][name]))
    assert unnoticed == [], json.dumps(unnoticed)


ENVELOPE = {"site": "I3", "hall": "I3", "day": "I13", "epoch": "I27", "id": "I24"}


@pytest.mark.parametrize("name", ENVELOPE)
def test_every_word_of_an_envelope_is_noticed(name: str, good: str, tmp_path: Path) -> None:
    for at in (5, 20, 40):
        story = json.loads(good)
        story[at][name] = another(story[at][name])
        assert ENVELOPE[name] in broken(judged(story, tmp_path / "var"))


# -- whole events ------------------------------------------------------------------------------------------------------


def kinds(story: Story, what: str, which: int = 0) -> int:
    """Where the n-th event of a kind stands."""
    return [at for at, each in enumerate(story) if each["event"]["what"] == what][which]


def left_out(story: Story, at: int) -> None:
    """As if it had never been: numbers of events, and places that are numbers of events, move up."""
    gone = story.pop(at)["seq"]

    def moved(seq: int) -> int:
        return seq - 1 if seq > gone else seq

    for each in story[at:]:
        each["seq"] = moved(each["seq"])
        each["id"] = f"{SITE}/{HALL}/{each['seq']}"
        for told in (each["event"], *each["event"].get("tickets", [])):
            if "place" in told:
                spot, bump, arrival = told["place"]
                told["place"] = [moved(spot), bump, moved(arrival)]


def put_in(story: Story, event: dict[str, Any], **envelope: Any) -> None:
    """One more event at the end."""
    last = story[-1]
    seq = last["seq"] + 1
    by = {"device": "caller-A-1", "staff": "", "role": "window"}
    usual = {"seq": seq, "id": f"{SITE}/{HALL}/{seq}", "cause": "a lie", "by": by, "reason": "", "event": event}
    story.append({**last, **usual, **envelope})


MISSED = {
    "TicketIssued": "I13", "TicketCalled": "I6", "TicketRecalled": "I12", "ServiceFinished": "I16",
    "TicketResumed": "I6", "TicketHeld": "I6", "TicketNoShow": "I6", "StaffLoggedIn": "I16", "WindowOpened": "I16",
    "ReprintAsked": "I11", "PhaseChanged": "I10", "ControllerStarted": "I27", "DayOpened": "I13",
    "TicketTransferred": "I6", "PriorityGiven": "I5", "TicketReturned": "I6", "TicketHandedBack": "I6",
}  # fmt: skip


@pytest.mark.parametrize("what", MISSED)
def test_an_event_that_was_taken_out_is_missed(what: str, good: str, tmp_path: Path) -> None:
    story = json.loads(good)
    found: set[str] = set()
    for which in range(sum(each["event"]["what"] == what for each in story)):
        story = json.loads(good)
        if kinds(story, what, which):
            left_out(story, kinds(story, what, which))
            found |= broken(judged(story, tmp_path / "var")).keys()
    assert found, f"nobody misses a {what}"


# -- two more lies for each promise, made where the day ends or within it ----------------------------------------------


def _at(story: Story, what: str, which: int = -1, **fields: Any) -> None:
    story[kinds(story, what, which)]["event"].update(fields)


def _same_moment(story: Story, what: str) -> None:
    """A kind of event a second time, for the same letter."""
    at = kinds(story, what, -1)
    del story[at + 1 :]
    put_in(story, story[at]["event"], cause=story[at]["cause"], by=story[at]["by"], at=story[at]["at"])


LIES: tuple[tuple[str, str, Callable[[Story], object]], ...] = (
    ("I1", "an old number of the day again", lambda s: _at(s, "TicketIssued", number="A0001")),
    ("I1", "a number that was carried into the day", lambda s: _at(s, "TicketIssued", number="A0003")),
    ("I2", "finished at another window", lambda s: _at(s, "ServiceFinished", window="A02", staff="1002")),
    ("I2", "过号 at a window where it never was", lambda s: _at(s, "TicketNoShow", 0, window="A03")),
    ("I3", "printed at a machine of no hall of ours", lambda s: _at(s, "ReprintAsked", kiosk="B-K1")),
    ("I3", "called to a window of another hall", lambda s: _at(s, "TicketCalled", window="B01")),
    ("I5", "another rule is told", lambda s: s[kinds(s, "TicketCalled")]["event"]["why"].update(rule="own")),
    ("I5", "a bound that is not the plan's", lambda s: _at(s, "TicketIssued", due_at=1)),
    ("I5", "another lane without a reason", lambda s: s[kinds(s, "PriorityGiven")].update(reason=" ")),
    ("I6", "out of nowhere into the day", lambda s: s[kinds(s, "DayOpened", 1)]["event"]["tickets"][0].update(
        number="A0077")),
    ("I6", "served without being called", lambda s: left_out(s, kinds(s, "TicketCalled", -1))),
    ("I7", "nothing was asked", lambda s: s[kinds(s, "TicketRecalled")].update(cause="")),
    ("I7", "an answer from another asker", lambda s: s[kinds(s, "RatingInvited")].update(by={"device": "guide-1"})),
    ("I8", "two calls for one press", lambda s: _same_moment(s, "TicketCalled")),
    ("I8", "two ratings for one letter", lambda s: _same_moment(s, "ServiceRated")),
    ("I9", "a job of another letter", lambda s: _at(s, "TicketIssued", 0, job="letter-77.0")),
    ("I9", "a copy with no number", lambda s: _at(s, "ReprintAsked", copy=0)),
    ("I9", "a job that never ends", lambda s: _at(s, "TicketIssued", 0, job_expires=1 << 50)),
    ("I10", "given for a queue its entry does not lead to", lambda s: _at(s, "TicketIssued", 0, entry="tax")),
    ("I10", "the hall opens at night", lambda s: put_in(
        s, {"what": "PhaseChanged", "phase": "open", "issuing": True}, recorded=s[-1]["recorded"] + 12 * 3_600_000)),
    ("I11", "finished with more matters than it had", lambda s: _at(s, "ServiceFinished", matters=9)),
    ("I11", "its unit changes on the way", lambda s: _at(s, "TicketTransferred", unit="tax")),
    ("I12", "final while the hall is open", lambda s: put_in(
        s, {"what": "TicketNoShow", "number": "A0003", "final": True})),
    ("I12", "returned once too often", lambda s: [
        each["options"].update(return_limit=0) for each in (s[kinds(s, "DayOpened")]["event"]["plan"],)]),
    ("I13", "the first number of the day is not the first", lambda s: _at(s, "TicketIssued", 7, number="A0009")),
    ("I13", "an event of another day", lambda s: s[-1].update(day="2026-12-31")),
    ("I15", "a level that is none", lambda s: _at(s, "ServiceRated", level=6)),
    ("I15", "rated at a machine", lambda s: s[kinds(s, "ServiceRated")].update(by={"device": "kiosk-A-K1"})),
    ("I15", "somebody else is asked to rate", lambda s: _at(s, "RatingInvited", number="A0003")),
    ("I16", "called to a window where nobody sits", lambda s: [
        each["event"].update(staff="1009") for each in s if each["event"].get("staff") == "1001"
        and each["event"]["what"] == "StaffLoggedIn"]),
    ("I16", "opened with nobody there", lambda s: left_out(s, kinds(s, "StaffLoggedIn"))),
    ("I18", "fewer than nobody ahead", lambda s: _at(s, "TicketIssued", ahead=-1)),
    ("I18", "no time at all", lambda s: _at(s, "TicketIssued", estimate_s=0)),
    ("I18", "waited less than it did", lambda s: s[kinds(s, "TicketCalled", -1)]["event"]["why"].update(waited_s=1)),
    ("I25", "a window that is open opens", lambda s: put_in(s, {"what": "WindowOpened", "window": "A01"})),
    ("I25", "a field of another kind", lambda s: _at(s, "ServiceFinished", window=7)),
    ("I25", "an event before any day", lambda s: s[0]["event"].update(what="NoticeSet", text="x")),
    ("I27", "a second controller speaks in between", lambda s: s[-3].update(epoch=99)),
    ("I27", "a controller starts within an epoch", lambda s: put_in(s, {"what": "ControllerStarted", "version": "1"})),
    ("I28", "asked after it was written", lambda s: s[-1].update(at=s[-1]["recorded"] + 1)),
)  # fmt: skip


@pytest.mark.parametrize(("name", "lie"), [(n, f) for n, _, f in LIES], ids=[f"{n}-{t}" for n, t, _ in LIES])
def test_a_lie_within_a_day_is_named(name: str, lie: Callable[[Story], object], good: str, tmp_path: Path) -> None:
    story = json.loads(good)
    lie(story)
    found = broken(judged(story, tmp_path / "var"))
    assert name in found and found[name].text, found


def test_every_promise_a_journal_tells_of_has_two_lies_here_or_beside() -> None:
    told = {name for name, _, _ in LIES}
    assert told >= {f"I{n}" for n in (*range(1, 4), *range(5, 14), 15, 16, 18, 25, 27, 28)}


# -- the file and its anchor -------------------------------------------------------------------------------------------


def test_triggers_that_refuse_nothing_are_none(tmp_path: Path) -> None:
    path = written(a_lived_play().log, tmp_path / "var")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DROP TRIGGER events_never_go")
        db.execute("CREATE TRIGGER events_never_go BEFORE DELETE ON events BEGIN SELECT 1; END")
    [found] = verify([path], [])
    assert "events_never_go" in broken(found)["I24"].text


@pytest.mark.parametrize(("mark", "words"), [
    ({"epoch": 9}, "in epoch 9"), ({"numbers": "A0999"}, "A0999"), ({"hash": "0" * 64}, "not the event the anchor saw"),
    ({"seq": 10_000}, "a lost tail"),
])  # fmt: skip
def test_an_anchor_that_saw_another_story_is_noticed(mark: dict[str, Any], words: str, tmp_path: Path) -> None:
    path = written(a_lived_play().log, tmp_path / "var", anchor=True)
    file = tmp_path / "var" / "anchor" / f"{SITE}-{HALL}.anchor"
    anchor = Anchor(file)
    seen = anchor.read()
    assert seen is not None
    anchor.close()
    file.unlink()
    anchor = Anchor(file)
    anchor.write(Mark(**{**seen._asdict(), **mark}), 0)
    anchor.close()
    [found] = verify([path], [])
    assert broken(found).keys() == {"I26"} and words in broken(found)["I26"].text


# -- no false alarms ---------------------------------------------------------------------------------------------------


def test_a_storm_of_days_told_in_plain_json_holds(tmp_path: Path) -> None:
    storm = Storm(21)
    storm.blow(900)
    epoch, story = 0, []
    for record in storm.play.log:
        epoch += type(record.event).__name__ == "ControllerStarted"
        story.append({**json.loads(codec.encode(record)), "epoch": max(1, epoch)})
    assert not broken(judged(story, tmp_path / "var"))


def test_a_journal_in_which_nothing_happened_yet_breaks_nothing_and_proves_nothing(tmp_path: Path) -> None:
    path = written((), tmp_path / "var")
    [found] = verify([path], [])
    assert found.holds and {verdict.word for verdict in found.verdicts.values()} == {"not_judged"}


def test_kinds_of_events_that_are_not_known_are_told_and_passed_over(good: str, tmp_path: Path) -> None:
    story = json.loads(good)
    put_in(story, {"what": "RobotGreeted", "window": "A01"})
    found = judged(story, tmp_path / "var")
    assert found.holds and any("RobotGreeted" in note for note in found.notes)
