"""A report as text for a terminal, and as CSV for a table program."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator

from audit.reporting.asking import Report
from audit.reporting.summing import BY, Line
from hall.wording import inert, say

FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "\t",
    "\r",
    "\n",
)  # a table program would take a text that begins so for a formula
BOM = "\ufeff"  # without it, the usual table program takes UTF-8 for something else
SECONDS = frozenset(
    {"wait_mean", "wait_p50", "wait_p90", "wait_p99", "service_mean", "service_p50", "service_p90", "idle_s"}
)
COLUMNS = (
    "tickets", "calls", "wait_p50", "wait_p90", "wait_p99", "served", "service_mean", "service_p50", "service_p90",
    "no_shows", "transfers", "wrong_numbers", "ratings", "satisfied", "idle_s",
)  # fmt: skip
NOT_THEIRS = frozenset({("window", "tickets"), ("staff", "tickets"), ("queue", "idle_s")})  # nobody's doing there
IN_TEXT = tuple(
    c for c in COLUMNS if c not in ("calls", "wait_p99", "service_p50", "service_p90")
)  # a terminal's width


def both(key: str, **values: object) -> str:
    """A text of the catalogue in Chinese and English."""
    return f"{say(f'report.{key}', 'zh', **values)} {say(f'report.{key}', 'en', **values)}"


def tables(report: Report, hall: str) -> Iterator[tuple[str, list[Line]]]:
    """The tables of a hall, each with what it is by; a report of one day needs none by day."""
    for by in BY:
        lines = report.sums.lines(hall, by)
        if lines and (by != "day" or len(lines) > 1):
            yield by, lines


def label(report: Report, line: Line) -> str:
    """What stands before a row: the name and the key, unless the name says it."""
    zh, _ = report.name(line.hall, line.by, line.key)
    shown = f"{line.key}:00" if line.by == "hour" else line.key
    return inert(zh if shown in zh else f"{zh} {shown}".strip(), 60)


def heading(report: Report, hall: str) -> str:
    """A hall's name and area; its id before them, unless the name says it."""
    plan = report.halls.get(hall)
    named = inert(f"{plan.name} {plan.area}" if plan else "", 60)
    return named if hall in named else f"{hall} {named}".strip()


def standing(report: Report, hall: str) -> str:
    """That the day is not over yet, and how it stood; "" when it is."""
    now = report.still_open.get(hall)
    return both("still_open", time=now.time, waiting=now.waiting) if now else ""


def cell(line: Line, column: str) -> str:
    """A figure for a person: seconds as minutes and seconds, ratings as a share."""
    value = getattr(line, column)
    if value is None or (line.by, column) in NOT_THEIRS:
        return "–"
    if column == "satisfied":
        return f"{100 * value / line.ratings:.0f}%" if line.ratings else "–"
    return duration(value) if column in SECONDS else str(value)


def duration(seconds: int) -> str:
    """4:05, 1:04:05."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def title(report: Report) -> str:
    span = report.span.first if report.span.first == report.span.last else f"{report.span.first} – {report.span.last}"
    return f"{inert(report.site, 60)} · {both('title')} · {span}"


# -- text ----------------------------------------------------------------------------------------------------------


def as_text(report: Report) -> str:
    return "\n".join(_text(report)) + "\n"


def _text(report: Report) -> Iterator[str]:
    yield title(report)
    for hall in report.sums.halls():
        yield ""
        yield heading(report, hall)
        yield from filter(None, (standing(report, hall),))
        whole = report.sums.whole(hall)
        yield from _grid([("hall", [whole])], report)
        yield from _grid(list(tables(report, hall)), report)
    yield ""
    yield both("about")


def _grid(found: list[tuple[str, list[Line]]], report: Report) -> Iterator[str]:
    for by, lines in found:
        head = [both(f"by.{by}"), *(say(f"report.column.{column}", "zh") for column in IN_TEXT)]
        second = ["", *(say(f"report.column.{column}", "en") for column in IN_TEXT)]
        rows = [[label(report, line) or both("whole"), *(cell(line, column) for column in IN_TEXT)] for line in lines]
        widths = [max(map(_width, column)) for column in zip(head, second, *rows, strict=True)]
        for row in (head, second, *rows):
            first, *rest = map(_padded, row, widths, [True] + [False] * len(IN_TEXT))
            yield "  ".join([first, *rest]).rstrip()
        yield ""


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int, left: bool) -> str:
    room = " " * (width - _width(text))
    return text + room if left else room + text


# -- CSV -----------------------------------------------------------------------------------------------------------


def as_csv(report: Report) -> str:
    """One row per line of every table; seconds as whole seconds, so that a table program can go on with them."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    head = ("hall", "by", "key", "name", *(c for c in Line._fields if c not in ("hall", "by", "key")))
    rows.writerow([f"{say(f'report.column.{c}', 'zh')} {c}{' (s)' if c in SECONDS else ''}" for c in head])
    for hall in report.sums.halls():
        for line in (report.sums.whole(hall), *(line for by in BY for line in report.sums.lines(hall, by))):
            zh, en = report.name(hall, line.by, line.key)
            named = (line.hall, say(f"report.by.{line.by or 'hall'}", "zh"), line.key, f"{zh} {en}".strip())
            figures = (_plain(line, column) for column in head[4:])
            rows.writerow([*map(harmless, named), *figures])
    return BOM + out.getvalue()


def _plain(line: Line, column: str) -> int | str:
    value = getattr(line, column)
    return "" if value is None or (line.by, column) in NOT_THEIRS else int(value)


def harmless(text: str) -> str:
    """A text no table program takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
