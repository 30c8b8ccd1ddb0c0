"""What every room is given: the common arguments, its plan, its clock, its log-in, its presence, and a clean end.

def main() -> int:
    parser = room.arguments("kiosk", "The ticket machine: touch page and slip.")
    parser.add_argument("id", help="the machine, for instance A-K1")
    return room.run(parser, live, who=lambda args: f"kiosk-{args.id}")

async def live(room: Room) -> None:
    presence = room.presence(hall)
    ...
    async with asyncio.TaskGroup() as tasks, room.link(presence, hears=[...], on_heard=..., on_up=...) as link:
        tasks.create_task(presence.run(link))
        room.ready("http://127.0.0.1:8101")
        ...
"""

from __future__ import annotations

import argparse
import contextlib
import secrets
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from hall.faults import HallFault, PlanError
from hall.names import HallId
from hall.plan import Plan
from transport import logs
from transport.clock import Clock
from transport.here import Presence
from transport.link import Client, Link, OnHeard, OnUp, open_link
from transport.logins import login_of
from transport.notifying import notify
from transport.plans import load_plan
from transport.running import run_process

log = structlog.get_logger("room")


@dataclass(frozen=True)
class Room:
    """A running room. `boot` is new at each start."""

    who: str
    args: argparse.Namespace
    plan: Plan
    var: Path
    clock: Clock
    boot: str

    def presence(self, hall: HallId) -> Presence:
        return Presence(self.plan.site.id, hall, self.who, self.clock, self.boot)

    def link(
        self,
        presence: Presence | None = None,
        *,
        hears: Iterable[str] = (),
        on_heard: OnHeard | None = None,
        on_up: OnUp | None = None,
        on_down: Callable[[str], None] | None = None,
        who: str = "",
        client: Client = "aiomqtt",
    ) -> AbstractAsyncContextManager[Link]:
        """The room's link, which tells of its presence. A room that speaks for several halls opens one for each.

        `who` is the client's name and, where the password file has a line for it, its log-in.
        """
        who = who or self.who

        async def greet(link: Link) -> None:
            if presence is not None:
                presence.say(link)
            if on_up is not None:
                await on_up(link)

        gone = presence.gone() if presence is not None else None
        return open_link(
            login_of(self.plan, who, self.var),
            who,
            hears=hears,
            on_heard=on_heard,
            on_up=greet,
            on_down=on_down,
            will=gone,
            goodbye=gone,
            client=client,
        )

    def ready(self, where: str = "") -> None:
        """Say that the room does its work now; whoever started it waits for the word."""
        say_ready(self.who, where)


Live = Callable[[Room], Coroutine[Any, Any, None]]


def arguments(program: str, about: str) -> argparse.ArgumentParser:
    """A parser with the arguments every room takes."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=about)
    parser.add_argument("--plan", required=True, type=Path, help="the plan: compiled JSON (hall check --json) or TOML")
    parser.add_argument("--var", required=True, type=Path, help="the state directory")
    parser.add_argument("--clock", default="real", help="'real' or '<hall_ms>@<real_ms>x<rate>'")
    parser.add_argument("--log-level", default="info", choices=logs.LEVELS)
    parser.add_argument(
        "--parent", type=int, default=0, metavar="PID", help="stop when this process, which started us, ends"
    )
    return parser


def run(
    parser: argparse.ArgumentParser, live: Live, who: Callable[[argparse.Namespace], str], argv: list[str] | None = None
) -> int:
    """Run a room until it is asked to stop; the exit code."""
    args = parser.parse_args(argv)
    logs.set_up(args.log_level, Clock())
    try:
        room = _furnish(args, who(args))
    except HallFault as fault:
        log.error("not started", why=str(fault))
        return 1
    logs.set_up(args.log_level, room.clock)
    return run_process(live(room), args.parent)


def _furnish(args: argparse.Namespace, who: str) -> Room:
    plan = load_plan(args.plan)
    try:
        args.var.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise PlanError(f"--var {args.var}: {fault.strerror}") from None
    var = args.var.resolve()
    return Room(who, args, plan, var, Clock.from_text(args.clock), secrets.token_hex(6))


def say_ready(who: str, where: str = "") -> None:
    """On stdout, whatever the log level: the one line another program waits for; and to systemd, if it asked."""
    notify("READY=1")
    with contextlib.suppress(OSError):  # nobody waits
        print(f"ready {who} {where}".rstrip(), flush=True)
