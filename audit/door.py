"""The door of the room that reads journals: one subcommand each. Nothing here needs a running hall, or disturbs one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from audit import life
from audit.reporting import door as reporting
from audit.verifying import door as verifying
from hall.faults import HallFault


def main(argv: list[str] | None = None) -> int:
    """0: done. 1: it cannot be told, and why stands on stderr in a line; or something is broken. 2: asked wrongly."""
    args = _parser().parse_args(argv)
    try:
        sys.stdout.write(args.tells(args))
    except HallFault as fault:
        print(fault, file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read us has seen enough
        sys.stderr.close()
    return int(args.exit_code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m audit", description="Reads the journals of a site, read-only; the hall may be running."
    )
    parser.set_defaults(exit_code=0)
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    ticket = commands.add_parser("ticket", help="the life of one ticket, event by event, with who did it and why")
    ticket.add_argument("number", help="the number on the slip, e.g. A0012")
    ticket.add_argument("--var", required=True, type=Path, help="the state directory of the hall")
    ticket.add_argument(
        "--day", default="", help="the business day it was issued on, e.g. 2026-11-23; default: the last"
    )
    ticket.add_argument("--hall", default="", help="only this hall's journal; default: every hall's")
    ticket.add_argument("--json", action="store_true", help="the events as they lie in the journal")
    ticket.set_defaults(tells=life.told)
    verifying.add(commands)
    reporting.add(commands)
    return parser
