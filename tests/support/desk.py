"""A supervisor at a desk for a test: asks over the bus as the console would, and hears every event of a hall."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from waiting import until

from hall import codec, topics
from hall.commands import Command, LogIn, Principal
from hall.events import AnyEvent, Recorded, StaffLoggedIn
from hall.names import Role
from hall.plan.model import Plan
from transport.asking import Asking
from transport.clock import Clock
from transport.link import Broker, Heard, open_link

ASK_MS = 20_000

E = TypeVar("E", bound=AnyEvent)


class Desk:
    """What was heard, and a mouth."""

    def __init__(self, device: str, staff: str) -> None:
        self.heard: list[Recorded] = []
        self.asking: Asking | None = None
        self.by = Principal(device, staff=staff, role=Role.SUPERVISOR)

    async def ask(self, command: Command, by: Principal | None = None) -> tuple[AnyEvent, ...]:
        assert self.asking is not None
        return tuple(r.event for r in await self.asking.ask(command, by or self.by, within_ms=ASK_MS))

    def all(self, kind: type[E]) -> list[E]:
        return [r.event for r in self.heard if isinstance(r.event, kind)]

    async def hears(self, kind: type[E], count: int = 1, most_s: float = 10.0) -> E:
        """The newest event of a kind, once there are `count` of them."""
        await until(lambda: len(self.all(kind)) >= count, most_s, f"{count} x {kind.__name__}")
        return self.all(kind)[-1]

    def take(self, heard: Heard) -> None:
        recorded = codec.recorded(heard.payload)
        if self.asking is not None:
            self.asking.heard(recorded)
        if recorded.id not in {r.id for r in self.heard}:
            self.heard.append(recorded)


def _password(var: Path, staff: str) -> str:
    shown = dict(line.split(" ", 1) for line in (var / "keys" / "first-passwords.txt").read_text().splitlines())
    return shown[staff]


@asynccontextmanager
async def a_desk(
    broker: Broker, plan: Plan, clock: Clock, var: Path, hall: str = "A", device: str = "desk-1"
) -> AsyncIterator[Desk]:
    """The first supervisor of the plan, logged in at a desk of the hall with the password the controller made."""
    staff = next(s.id for s in plan.staff.values() if s.role is Role.SUPERVISOR)
    desk = Desk(device, staff)
    hears = [topics.evt(plan.site.id, hall, "+")]
    async with open_link(broker, device, hears=hears, on_heard=desk.take) as link:
        await link.wait_up()
        desk.asking = Asking(link, clock, plan.site.id, hall, device)
        asked = LogIn(staff=staff, secret=_password(var, staff))
        answer = await desk.ask(asked, Principal(device, role=Role.DEVICE))
        assert isinstance(answer[0], StaffLoggedIn), answer
        yield desk
