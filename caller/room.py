"""The callers of one hall: a process for each keypad line, or one for all of them; each line has a link of its own.

keypad -> line -> folding -> desk -> letter to the hall -> its answer -> read-back or code on the keypad
now/windows, now/queues -> standing -> read-back          evt/RatingInvited -> evaluator
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses

import structlog

from caller import pages
from caller.line import Line
from hall import codec, topics
from hall.events import RatingInvited
from hall.faults import PlanError, TheirFault
from hall.names import HallId
from hall.plan.model import KeypadLine
from hall.views import AlarmsView, QueueView, WindowView
from transport import room
from transport.asking import Asking
from transport.link import Heard
from transport.oddities import Oddities
from transport.room import Room
from transport.telling import Telling

log = structlog.get_logger("caller")


def main() -> int:
    """The door: python -m caller A --line A-1."""
    parser = room.arguments("caller", "The keypads and evaluators of one hall's windows.")
    parser.add_argument("hall", help="the hall, for instance A")
    parser.add_argument(
        "--line", default="", help="one keypad line, for instance A-1; left out: every line of the hall"
    )
    parser.add_argument("--pages", action="store_true", help="the staff's pages of the hall instead of its keypads")
    return room.run(parser, live, who=_who)


def _who(args: argparse.Namespace) -> str:
    return f"staff-{args.hall}" if args.pages else f"caller-{args.line or args.hall}"


async def live(here: Room) -> None:
    """Until asked to stop."""
    hall: HallId = here.args.hall
    if hall not in here.plan.halls:
        raise PlanError(f"the plan has no hall {hall}; it has {', '.join(here.plan.halls)}")
    if here.args.pages:
        await pages.live(here, hall)
        return
    lines = here.plan.halls[hall].keypad_lines
    if here.args.line not in ("", *lines) or not lines:
        raise PlanError(f"hall {hall} has no keypad line {here.args.line}; it has {', '.join(lines) or 'none'}")
    wanted = [line for name, line in lines.items() if here.args.line in ("", name)]
    async with asyncio.TaskGroup() as tasks:
        up = [asyncio.Event() for _ in wanted]
        for line, event in zip(wanted, up, strict=True):
            tasks.create_task(_serve(here, hall, line, event))
        for event in up:
            await event.wait()
        here.ready()


async def _serve(here: Room, hall: HallId, line: KeypadLine, up: asyncio.Event) -> None:
    """One line, in its own name: the hall lets a keypad line speak for its own windows only."""
    who = f"caller-{line.id}"
    mine = dataclasses.replace(here, who=who)
    presence, odd = mine.presence(hall), Oddities("caller")
    serving = Serving(Line(here.plan, hall, line, here.var, here.clock, presence, odd), Telling(presence, who), odd)
    site = here.plan.site.id
    hears = [topics.now(site, hall, what) for what in ("windows/+", "queues/+", "alarms")]
    hears.append(topics.evt(site, hall, "+"))
    async with (
        mine.link(presence, hears=hears, on_heard=serving.heard, client="gmqtt") as link,
        asyncio.TaskGroup() as tasks,
    ):
        serving.asking = asking = Asking(link, here.clock, site, hall, who)
        tasks.create_task(presence.run(link))
        tasks.create_task(serving.telling.run(asking))
        tasks.create_task(serving.line.run(asking))
        await link.wait_up()
        up.set()


class Serving:
    """What is heard of the hall, for one line."""

    def __init__(self, line: Line, telling: Telling, odd: Oddities) -> None:
        self.line, self.telling, self._odd = line, telling, odd
        self.asking: Asking | None = None

    def heard(self, message: Heard) -> None:
        """Whatever comes is read or counted; nothing of it ends the room."""
        parts = topics.parts(message.topic)
        try:
            if parts is None:
                raise TheirFault("no topic of ours")
            if parts.family == "evt":
                self._event(message)
            elif message.payload:  # an empty one: it has left the plan
                self._view(message.payload, parts.rest)
        except TheirFault as fault:
            self._odd.note("unreadable message", message.topic, fault=str(fault))

    def _event(self, message: Heard) -> None:
        recorded = codec.recorded(message.payload)
        if self.asking is not None:
            self.asking.heard(recorded)
        if isinstance(recorded.event, RatingInvited) and not message.retained:
            self.line.invited(recorded.event, recorded.epoch, recorded.seq, recorded.recorded)

    def _view(self, payload: bytes, rest: tuple[str, ...]) -> None:
        match rest:
            case ("windows", window):
                self.line.window_view(codec.view(payload, WindowView), window)
            case ("queues", queue):
                self.line.queue_view(codec.view(payload, QueueView), queue)
            case ("alarms",):
                self.telling.heard(codec.view(payload, AlarmsView))
            case _:
                raise TheirFault("not a topic we asked for")
