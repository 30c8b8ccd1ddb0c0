"""`python -m audit verify`: which journals, which traces; what is said, and with which exit code."""

from __future__ import annotations

import argparse
from pathlib import Path

from audit import journals
from audit.verifying.judging import verify
from audit.verifying.telling import as_json, as_text

TRACE_SUFFIX = ".jsonl"
EPILOG = "Exit code: 0 nothing is broken, 1 something is (or a file cannot be read), 2 asked wrongly."


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The subcommand."""
    about = "judge journals, and what devices showed, against what must always hold"
    parser = commands.add_parser("verify", help=about, description=f"{about.capitalize()}.", epilog=EPILOG)
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="journals (*.db) and traces of devices (*.jsonl)"
    )
    parser.add_argument("--var", type=Path, help="a state directory: all journals in it (var, when no file is named)")
    parser.add_argument("--hall", default="", help="only this hall's journal of --var")
    parser.add_argument("--json", action="store_true", help="verdicts, counter-examples and sums as JSON")
    parser.set_defaults(tells=told)


def told(args: argparse.Namespace) -> str:
    """What was found; `args.exit_code` is 1 when anything is broken."""
    traces = [file for file in args.files if file.suffix == TRACE_SUFFIX]
    paths = [file for file in args.files if file.suffix != TRACE_SUFFIX]
    if args.var is not None or not paths:
        paths += journals.of(args.var or Path("var"), args.hall)
    found = verify(paths, traces)
    args.exit_code = 0 if all(judged.holds for judged in found) else 1
    return as_json(found) if args.json else as_text(found)
