"""`python -m audit report`: which days and halls, and in which form."""

from __future__ import annotations

import argparse
from pathlib import Path

from audit.reporting.asking import asked_days, gathered
from audit.reporting.page import as_page
from audit.reporting.telling import as_csv, as_text

EPILOG = "Without days: the last business day there is. Seconds in the CSV, minutes and hours elsewhere."


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The subcommand."""
    about = "what a day, or a span of days, came to: per hall, queue, window, staff and hour"
    parser = commands.add_parser("report", help=about, description=f"{about.capitalize()}.", epilog=EPILOG)
    parser.add_argument("--var", type=Path, default=Path("var"), help="the state directory of the hall (var)")
    parser.add_argument("--hall", default="", help="only this hall; default: every hall")
    days = parser.add_mutually_exclusive_group()
    days.add_argument("--day", default="", help="one business day, e.g. 2026-11-23")
    days.add_argument("--from", dest="first", default="", metavar="DAY", help="the first business day")
    parser.add_argument("--to", dest="last", default="", metavar="DAY", help="the last business day")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="one table for a table program (UTF-8)")
    form.add_argument("--html", action="store_true", help="a page with charts that needs no network")
    parser.set_defaults(tells=told)


def told(args: argparse.Namespace) -> str:
    report = gathered(args.var, args.hall, asked_days(args.day, args.first, args.last))
    return as_csv(report) if args.csv else as_page(report) if args.html else as_text(report)
