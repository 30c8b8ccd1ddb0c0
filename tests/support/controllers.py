"""The controller as a process on a real broker: two halls, started, killed, asked over MQTT as rooms ask."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from brokers import PASSWORD, USER, Mosquitto
from plans import a_plan, window
from playing import MORNING
from waiting import until

from hall import codec, topics
from hall import commands as c
from hall import plan as plans
from hall.commands import Principal
from hall.events import Recorded, TicketIssued
from hall.names import HallId, Instant, Role
from hall.plan.model import Hall, Plan
from hall.views import HallView, PanelView
from transport.asking import Asking
from transport.clock import Clock
from transport.link import Heard, Link, open_link

ROOT = Path(__file__).parents[2]
READY_MAX_S = 80.0
FAST = {"letters_per_s": 2000, "letters_burst": 2000}


def two_halls(broker: Mosquitto, **limits: int) -> Plan:
    """The plays' hall A and a hall B of its own prefixes, windows and kiosk; staff 1099 may sit in either."""
    plan = a_plan()
    hall = plan.halls["A"]
    external = msgspec.structs.replace(
        plan.broker, kind="external", host="127.0.0.1", port=broker.port, user=USER, password_file="broker-password"
    )
    most = msgspec.structs.replace(plan.limits, **limits)
    return msgspec.structs.replace(plan, halls={"A": hall, "B": _second(hall)}, broker=external, limits=most)


def _second(hall: Hall) -> Hall:
    line = msgspec.structs.replace(window("A01", ("general",), 1).seat, line="B-1")
    windows = {
        f"B0{n}": msgspec.structs.replace(
            window(f"B0{n}", ("general",), n), seat=msgspec.structs.replace(line, address=n), staff=""
        )
        for n in (1, 2)
    }
    queues = {"large": msgspec.structs.replace(hall.queues["large"], prefix="B")}
    entries = tuple(msgspec.structs.replace(entry, id="now-b") for entry in hall.entries if entry.queue == "large")
    kiosks = {"B-K1": msgspec.structs.replace(hall.kiosks["A-K1"], id="B-K1")}
    return msgspec.structs.replace(
        hall, id="B", name="B厅", windows=windows, queues=queues, entries=entries, kiosks=kiosks
    )


class Controller:
    """python -m controller, on its own state directory."""

    def __init__(self, plan: Plan, var: Path, starts_at: Instant) -> None:
        self.var, self.plan = var, plan
        self.clock = Clock.starting_at(starts_at, 1.0)
        self._process: asyncio.subprocess.Process | None = None
        var.mkdir(parents=True, exist_ok=True)
        (var / "broker-password").write_text(PASSWORD)
        (var / "plan.json").write_bytes(plans.to_json(plan))

    async def start(self, ready: bool = True) -> None:
        command = [sys.executable, "-m", "controller", "--plan", self.var / "plan.json", "--var", self.var]
        with (self.var / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *map(str, command), "--clock", self.clock.text(), cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=log,
                env={**os.environ, "PYTHONUTF8": "1"},
            )  # fmt: skip
        if ready:
            assert self._process.stdout is not None
            line = await asyncio.wait_for(self._process.stdout.readline(), READY_MAX_S)
            assert line.startswith(b"ready controller"), self.log()

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process

    async def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """As asked; the exit code."""
        self.process.terminate()
        return await self.ended()

    async def ended(self, most_s: float = 40.0) -> int:
        return await asyncio.wait_for(self.process.wait(), most_s)

    def log(self) -> str:
        return (self.var / "log").read_text()

    def rows(self, sql: str, hall: HallId = "A") -> list[tuple[object, ...]]:
        """The journal as a stranger reads it."""
        path = self.var / "journal" / f"{self.plan.site.id}-{hall}.db"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as db:
            return db.execute(sql).fetchall()


class Asker:
    """A room on the bus: asks one hall, and keeps everything it hears from it."""

    def __init__(self, link: Link, clock: Clock, plan: Plan, hall: HallId, who: str) -> None:
        self.asking = Asking(link, clock, plan.site.id, hall, who)
        self.link, self.who, self._clock, self._plan, self._hall = link, who, clock, plan, hall
        self.heard: list[Recorded] = []
        self.views: dict[str, list[bytes]] = {}
        self.on_event: Callable[[Recorded], None] = lambda record: None

    def hear(self, message: Heard) -> None:
        parts = topics.parts(message.topic)
        assert parts is not None
        if parts.family == "now":
            self.views.setdefault("/".join(parts.rest), []).append(message.payload)
            return
        record = codec.recorded(message.payload)
        self.heard.append(record)
        self.on_event(record)
        self.asking.heard(record)

    async def ask(
        self, command: c.Command, role: Role, command_id: str = "", within_s: float = 20.0, staff: str = ""
    ) -> tuple[Recorded, ...]:
        by = Principal(self.who, staff, role)
        return await self.asking.ask(command, by, within_ms=round(within_s * 1000), command_id=command_id)

    async def issue(self, command_id: str = "", entry: str = "now", within_s: float = 20.0) -> str:
        [record] = await self.ask(c.IssueTicket(entry), Role.CITIZEN, command_id, within_s)
        assert isinstance(record.event, TicketIssued), record.event
        return record.event.number

    def panels(self, window: str) -> list[PanelView]:
        return [codec.view(payload, PanelView) for payload in self.views.get(f"panels/{window}", []) if payload]

    def hall_view(self) -> HallView | None:
        payloads = self.views.get("hall")
        return codec.view(payloads[-1], HallView) if payloads else None


@asynccontextmanager
async def an_asker(broker: Mosquitto, controller: Controller, who: str, hall: HallId = "A") -> AsyncIterator[Asker]:
    """A room called `who`, linked and hearing."""
    site = controller.plan.site.id
    box: list[Asker] = []
    hears = [f"{site}/{hall}/evt/#", f"{site}/{hall}/now/#"]

    def hear(message: Heard) -> None:
        box[0].hear(message)

    async with open_link(broker.at, who, hears=hears, on_heard=hear) as link:
        box.append(Asker(link, controller.clock, controller.plan, hall, who))
        await until(lambda: link.up, what="link up")
        yield box[0]


@asynccontextmanager
async def a_controller(
    plan: Plan, var: Path, ready: bool = True, starts_at: Instant = MORNING
) -> AsyncIterator[Controller]:
    """A running controller; killed at the end whatever happened."""
    controller = Controller(plan, var, starts_at)
    try:
        await controller.start(ready)
        yield controller
    finally:
        if controller.process.returncode is None:
            await controller.kill()
