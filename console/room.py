"""The console's process: one link for every hall it watches, a log of its own (the screen is not for log lines)."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from console.app import Console
from console.session import Desk
from console.watch import Watch
from hall.faults import PlanError
from hall.wording import LANGS
from transport import logs, room
from transport.room import Room

GOODBYE_MAX_S = 0.5  # leaving the desks; whoever quits does not wait for a broker that is gone
SEATS = 32  # consoles on one machine


def main() -> int:
    """The door: python -m console."""
    parser = room.arguments("console", "The supervisor's console: watches the halls of a site, and acts in them.")
    parser.add_argument("--hall", default="", help="watch this hall alone, for instance A")
    parser.add_argument("--lang", default="zh", choices=LANGS, help="language to begin with; z changes it")
    parser.add_argument("--id", default="", help="name of this console on the bus; a free number when not given")
    with contextlib.ExitStack() as stack:

        def who(args: argparse.Namespace) -> str:
            return f"console-{args.id or stack.enter_context(a_seat(args.var))}"

        return room.run(parser, live, who)


@contextlib.contextmanager
def a_seat(var: Path) -> Iterator[str]:
    """The first free number of this machine: two consoles with one name would throw each other off the broker."""
    folder = var / "console"
    folder.mkdir(parents=True, exist_ok=True)
    for seat in range(1, SEATS + 1):
        lock = os.open(folder / f"{seat}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        try:
            yield str(seat)
        finally:
            os.close(lock)
        return
    raise PlanError(f"{SEATS} consoles run on {var} already: give --id")


async def live(here: Room) -> None:
    """Until the person leaves."""
    halls = [here.args.hall] if here.args.hall else list(here.plan.halls)
    if here.args.hall and here.args.hall not in here.plan.halls:
        raise PlanError(f"the plan has no hall {here.args.hall}; it has {', '.join(here.plan.halls)}")
    watch = Watch(here.plan, halls, here.clock)
    with _log_file(here):
        async with here.link(hears=watch.hears(), on_heard=watch.heard, on_up=watch.up, on_down=watch.down) as link:
            watch.link = link
            watch.desk = Desk(link, here.clock, watch.boards, here.who)
            if not sys.stdout.isatty():
                here.ready()
            try:
                await Console(watch, watch.desk, here.var, here.args.lang).run_async()
            finally:
                await _leave(watch.desk, halls)


async def _leave(desk: Desk, halls: list[str]) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GOODBYE_MAX_S):
            for hall in halls:
                await desk.log_out(hall)


@contextlib.contextmanager
def _log_file(here: Room) -> Iterator[None]:
    """Log lines go to a file while the screen is ours."""
    folder = here.var / "log"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{here.who}.log").open("a", encoding="utf-8") as file:
        logs.set_up(here.args.log_level, here.clock, file)
        try:
            yield
        finally:
            logs.set_up(here.args.log_level, here.clock)
