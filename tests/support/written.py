"""Journals on the disk out of a play's log, by the controller's own writer; and forgeries no core would write."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
from plans import a_plan, queue, window
from playing import Play

from audit.verifying.judging import Judged, verify
from audit.verifying.verdicts import Example
from controller.shell.anchor import Anchor, Mark
from controller.shell.journal import chained, connect, genesis, row, write
from controller.shell.schema import prepare
from hall import commands as c
from hall import events as e
from hall.commands import Principal
from hall.names import Level, Role
from hall.plan.model import Plan

SITE, HALL = "test", "A"
Log = Iterable[e.Recorded]


def written(log: Log, var: Path, anchor: bool = False, twice: bool = False) -> Path:
    """The log as a journal in a state directory. `twice`: without the index that forbids a number given twice."""
    path = var / "journal" / f"{SITE}-{HALL}.db"
    path.parent.mkdir(parents=True)
    db = connect(path)
    prepare(db, SITE, HALL)
    if twice:
        db.execute("DROP INDEX one_number_a_day")
    records = in_epochs(log)
    rows = [row(record) for record in records]
    head = write(db, rows, genesis(SITE, HALL))
    db.close()
    if anchor:
        mark = Anchor(var / "anchor" / f"{SITE}-{HALL}.anchor")
        mark.write(Mark(rows[-1].seq, head.hex(), records[-1].epoch, ""), 0)
        mark.close()
    return path


def in_epochs(log: Log) -> list[e.Recorded]:
    """A play has one epoch; each start of a controller but the first opens another, as the keeper does."""
    epoch, starts, out = 1, 0, []
    for record in log:
        if isinstance(record.event, e.ControllerStarted):
            starts += 1
            epoch += starts > 1
        out.append(msgspec.structs.replace(record, epoch=record.epoch if record.epoch != 1 else epoch))
    return out


def forged(play: Play, *events: e.Event, seconds: float = 0, **envelope: Any) -> list[e.Recorded]:
    """The play's log and, at its end, events no decision stands behind; one letter, by the window's keypad."""
    log = list(play.log)
    at = play.now + round(seconds * 1000)
    for event in events:
        seq = log[-1].seq + 1
        usual: dict[str, Any] = {
            "v": 1, "id": f"{SITE}/{HALL}/{seq}", "site": SITE, "hall": HALL, "seq": seq, "epoch": 1,
            "day": getattr(event, "day", play.state.day), "at": at, "recorded": at, "cause": "forged",
            "by": Principal("caller-A-1", role=Role.WINDOW), "reason": "", "event": event,
        }  # fmt: skip
        log.append(e.Recorded(**(usual | envelope)))
    return log


def altered(play: Play, kind: type[e.Event], which: int = -1, **fields: Any) -> list[e.Recorded]:
    """The play's log with one event of a kind saying something else."""
    log = list(play.log)
    at = [index for index, record in enumerate(log) if isinstance(record.event, kind)][which]
    log[at] = msgspec.structs.replace(log[at], event=msgspec.structs.replace(log[at].event, **fields))
    return log


def opened_up(path: Path, change: Callable[[sqlite3.Connection], object]) -> Path:
    """Hands in the file itself: triggers off, changed, triggers on again; the chain is left as it is."""
    db = sqlite3.connect(path, isolation_level=None)
    triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    change(db)
    for _, sql in triggers:
        db.execute(sql)
    db.close()
    return path


def rewritten(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Every record through `change` (its JSON as a dict), and the chain made right again."""

    def all_of_it(db: sqlite3.Connection) -> None:
        head = genesis(SITE, HALL)
        for seq, body in db.execute("SELECT seq, body FROM events ORDER BY seq").fetchall():
            record = json.loads(body)
            change(record)
            new = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
            head = chained(head, new)
            db.execute("UPDATE events SET body = ?, hash = ? WHERE seq = ?", (new, head, seq))

    return opened_up(path, all_of_it)


# -- judged --------------------------------------------------------------------------------------------------------


def broken(judged: Judged) -> dict[str, Example]:
    """What is broken, each with its first counter-example."""
    return {name: verdict.examples[0] for name, verdict in judged.verdicts.items() if verdict.word == "broken"}


def judge(log: Log, var: Path, **how: bool) -> Judged:
    [judged] = verify([written(log, var, **how)], [])
    return judged


def helping() -> Plan:
    """A04 helps whoever waits when its own people do not."""
    windows = {
        "A01": window("A01", ("general",), 1, policy="large_cycle"),
        "A02": window("A02", ("general",), 2, policy="large_cycle"),
        "A03": window("A03", ("tax",), 3),
        "A04": window("A04", ("post",), 4, helps=("large", "tax")),
    }
    return a_plan(windows=windows, queues={q: queue(q) for q in ("large", "tax", "post")})


def a_lived_play() -> Play:
    """A day and a half in which everything happens that a journal tells of."""
    play = Play(helping())
    first = play.issue("now", kiosk="A-K1")
    job = play.state.jobs[first].job
    play >> c.ReportPrinting(first, job) >> c.ReportPrinted(first, job)
    play.issue("now", count=4)
    play.issue("tax", count=2)
    play >> c.GivePriority("A0004", "elderly", "腿脚不便")
    assert play.call("A01") == "A0004"
    play >> c.StartService("A01")
    play.at(seconds=90) >> c.FinishService("A01")
    play.send(c.RateService("A01", Level.SATISFIED))
    play.send(c.ReprintTicket(first, "A-K2"))
    play.call("A01")
    play.at(seconds=30) >> c.Recall("A01")
    play.at(seconds=30) >> c.MarkNoShow("A01")
    play.send(c.ReturnTicket(first))
    play.call("A02")
    play >> c.StartService("A02")
    play >> c.ServeHere("A02", "post")
    play >> c.TransferTicket(window="A02", to_window="A01")
    play.serve("A01")
    play.call("A04")
    play >> c.StartService("A04") >> c.HoldTicket("A04") >> c.ResumeTicket("A04")
    play.call("A03")
    play >> c.HandBack("A03")
    play.send(c.StartController("again"))
    play.at(minutes=60 * 24).settle()
    play.issue("now", count=3)
    play.serve("A01")
    return play
