"""The life of one ticket: a table for people, Chinese and English, or the journal's records as JSON."""

from __future__ import annotations

import argparse
import io

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from audit import journals, wording
from audit.journals import NotTold, Opened, both
from hall.calendar import local
from hall.events import Recorded, ServiceFinished, TicketCalled
from hall.wording import inert

COLUMNS = {"time": 14, "what": 44, "who": 26, "why": 50}  # half-width letters at most
WIDTH_MIN, WIDTH_MAX = 80, 140  # half-width letters of a table; more is hard to follow with the eye


def told(args: argparse.Namespace) -> str:
    """The life that was asked for; NotTold when nobody has heard of the number."""
    found: list[tuple[str, list[Recorded]]] = []
    for path in journals.of(args.var, args.hall):
        with journals.opened(path) as journal:
            events = journals.life(journal, args.number, args.day)
            if events:
                found.append(("" if args.json else _table(journal, events, args.number), events))
    if not found:
        where = args.hall or args.var
        key = "no_number_day" if args.day else "no_number"
        raise NotTold(both(key, number=inert(args.number, 20), where=where, day=args.day))
    if args.json:
        return msgspec.json.encode([event for _, events in found for event in events]).decode() + "\n"
    return "\n".join(table for table, _ in found)


def _table(journal: Opened, events: list[Recorded], number: str) -> str:
    plan = journals.plan(journal, events[0].seq)
    hall = plan.halls.get(journal.hall)
    where = f"{plan.site.name or journal.site} {hall.name if hall else journal.hall} · {events[0].day}"
    title = f"{where} · {both('title', number=number)}"
    table = Table(title=Text(title), show_lines=True)
    for column, widest in COLUMNS.items():
        table.add_column(Text(both(column)), overflow="fold", max_width=widest)
    day, staff = events[0].day, ""
    names = wording.Names(plan, journal.hall)
    for event in events:
        at = local(event.recorded, plan.site.time_zone).strftime("%H:%M:%S")
        if event.day != day:
            day = event.day
            at = f"{both('later_day', day=day)}\n{at}"
        staff = event.event.staff if isinstance(event.event, (TicketCalled, ServiceFinished)) else staff
        told = (wording.what(event, names), wording.who(event, staff), wording.why(event, names))
        table.add_row(Text(at), *map(_cell, told))
    return _printed(table)


def _cell(lines: tuple[str, str]) -> Text:
    """Chinese, and English dimmed below it; once, where both are the same."""
    zh, en = lines
    return Text.assemble(zh, *(() if en in ("", zh) else ("\n", (en, "dim"))))


def _printed(table: Table) -> str:
    """As the terminal shows it; as plain letters where nobody looks."""
    screen = Console()
    width = min(WIDTH_MAX, max(WIDTH_MIN, screen.width)) if screen.is_terminal else WIDTH_MAX
    page = Console(file=io.StringIO(), width=width, force_terminal=screen.is_terminal, no_color=screen.no_color,
                   emoji=False, highlight=False)  # fmt: skip
    page.print(table)
    assert isinstance(page.file, io.StringIO)
    return page.file.getvalue()
