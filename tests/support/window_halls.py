"""A hall with real windows for a test: a real broker, the real controller, rooms of panels and keypads, far sides.

    async with a_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "displays", "caller")
        await hall.issue("large")
        hall.press("A01", "0C")
        await hall.lit("A01", "综合受理窗口A01", "请A0001号")

The far sides stand on ptys (or where a test puts them), so halls beside each other share no port.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from brokers import PASSWORD, USER, Mosquitto, free_port
from kiosks import TEN, Running, kaiyang, with_door
from waiting import until

from hall import codec, topics
from hall import commands as c
from hall import plan as plans
from hall.events import Event, Recorded, StaffLoggedIn, TicketIssued
from hall.faults import TheirFault
from hall.names import Role
from hall.plan.model import Broker, Plan
from hall.views import AlarmsView, Here, PanelView, WindowView
from simulators.clock import Clock as FarClock
from simulators.clock import clock_from
from simulators.device import Device
from simulators.far_side import FarSide
from transport.asking import Asking
from transport.clock import Clock
from transport.link import Heard, Link, open_link
from transport.plans import known

SITE = "kaiyang"
WINDOWS = ("A01", "A02", "A03")
ASK_MS = 30_000  # two busy cores

SMALL = """
[site]
id = "kaiyang"
name = "小厅"
time_zone = "Asia/Shanghai"
mode = "simulated"

[options]
roster_logs_in = true

[hours]
weekdays = [1, 2, 3, 4, 5, 6, 7]
opens = "09:00"
closes = "17:00"

[units]
general = { name = "综合事项" }
tax = { name = "税务服务", restricted = true }

[[staff]]
ids = ["1001-1009"]

[[staff]]
ids = ["9001"]
role = "supervisor"

[halls.A]
name = "A厅"
area = "法人"
windows_named = "综合受理窗口{window}"

[halls.A.panels]
driver = "onbon_bx"
line = "pty:panel-{window}"

[halls.A.keypads]
line = "A-1"

[[halls.A.keypad_lines]]
id = "A-1"
driver = "ff68"
line = "pty:keypads-A-1"
targets = { 1 = "queue:large", 2 = "queue:tax", 3 = "window:A02" }
units = { 1 = "tax", 2 = "general" }

[halls.A.queues]
large = { prefix = "A", units = ["general"] }
tax = { prefix = "AS", units = ["tax"] }

[[halls.A.entries]]
id = "now"
name = "马上办"
button = "now"
queue = "large"

[[halls.A.entries]]
id = "tax"

[[halls.A.windows]]
ids = ["A01-A03"]
policy = "large_cycle"
units = ["general"]
staff = ["1001-1003"]

[[halls.A.windows]]
ids = ["A04"]
units = ["tax"]
staff = ["1004"]

[[halls.A.kiosks]]
id = "A-K1"
page = "127.0.0.1:8711"
printer = { driver = "escpos", line = "pty:printer-A-K1" }
"""


def small(text: str = SMALL, **options: Any) -> Plan:
    """The small hall, checked as `hall check` checks it, with other rules."""
    return with_options(plans.load(text, "small.toml", known()), **options)


def with_options(plan: Plan, **options: Any) -> Plan:
    return msgspec.structs.replace(plan, options=msgspec.structs.replace(plan.options, **options))


def whole_kaiyang(**options: Any) -> Plan:
    """The Kaiyang hall with every device on a pty of its own."""
    return with_options(on_ptys(kaiyang()), **options)


def on_ptys(plan: Plan) -> Plan:
    replace = msgspec.structs.replace
    halls = {}
    for name, hall in plan.halls.items():
        windows = {
            w: replace(one, panel=one.panel and replace(one.panel, line=f"pty:panel-{w}"))
            for w, one in hall.windows.items()
        }
        kiosks = {k: replace(one, printer_line=f"pty:printer-{k}") for k, one in hall.kiosks.items()}
        halls[name] = replace(hall, windows=windows, kiosks=kiosks)
    return replace(plan, halls=halls)


def with_screens(plan: Plan) -> Plan:
    """Every hall's screen on a free port of this machine."""
    replace = msgspec.structs.replace
    halls = {name: replace(hall, screen=replace(hall.screen, port=free_port())) for name, hall in plan.halls.items()}
    return replace(plan, halls=halls)


class WindowHall:
    """One site under test, seen from its hall A unless told otherwise."""

    def __init__(self, plan: Plan, var: Path, clock: Clock, far_side: FarSide, broker: Mosquitto) -> None:
        self.plan, self.var, self.clock, self.far_side, self.broker = plan, var, clock, far_side, broker
        self.rooms: dict[str, Running] = {}
        self.events: list[Recorded] = []
        self.views: dict[str, bytes] = {}  # retained ones by the topic behind <site>/<hall>/, hall A's
        self.link: Link
        self._asking: dict[str, Asking] = {}
        self._at_desk = False
        self._file = var / "plan.json"
        self._file.write_bytes(plans.to_json(plan))

    # -- rooms ---------------------------------------------------------------------------------------------------------

    async def start(self, *names: str) -> None:
        """Start rooms: "controller", "displays", "caller", or "displays-B", "caller-B-1"."""
        await asyncio.gather(*(self.room(name).start() for name in names))

    def room(self, name: str) -> Running:
        if name not in self.rooms:
            what, who = self._command(name)
            common = ["--plan", str(self._file), "--var", str(self.var), "--clock", self.clock.text()]
            command = [sys.executable, "-m", *what, *common, "--parent", str(os.getpid())]
            self.rooms[name] = Running(name, who, command, self.var / f"{name}.log")
        return self.rooms[name]

    @staticmethod
    def _command(name: str) -> tuple[list[str], str]:
        room, _, of = name.partition("-")
        if room == "controller":
            return ["controller"], "controller"
        hall = of[:1] or "A"
        if room == "displays":
            return ["displays", hall], f"displays-{hall}"
        if room == "staff":
            return ["caller", hall, "--pages"], f"staff-{hall}"
        return (["caller", hall, "--line", of], f"caller-{of}") if of else (["caller", "A"], "caller-A")

    async def close(self) -> None:
        for room in reversed(self.rooms.values()):
            await room.stop()

    # -- asking --------------------------------------------------------------------------------------------------------

    def heard(self, message: Heard) -> None:
        parts = topics.parts(message.topic)
        assert parts is not None, message.topic
        if parts.family == "evt":
            try:
                recorded = codec.recorded(message.payload)
            except TheirFault:  # a test's own nonsense
                return
            self.events.append(recorded)
            for asking in self._asking.values():
                asking.heard(recorded)
        elif parts.family in ("now", "here") and parts.hall == "A":
            self.views["/".join((parts.family, *parts.rest))] = message.payload

    async def ask(self, device: str, command: c.Command, role: Role, staff: str = "", hall: str = "A") -> list[Event]:
        asking = self._asking.setdefault(f"{hall}/{device}", Asking(self.link, self.clock, SITE, hall, device))
        answer = await asking.ask(command, c.Principal(device, staff, role), within_ms=ASK_MS)
        return [recorded.event for recorded in answer]

    async def issue(self, entry: str = "now", times: int = 1, hall: str = "A") -> list[str]:
        """Take numbers at the hall's first machine, without paper."""
        asked = [self.ask(f"kiosk-{hall}-K1", c.IssueTicket(entry), Role.CITIZEN, hall=hall) for _ in range(times)]
        issued = [events[0] for events in await asyncio.gather(*asked)]
        assert all(isinstance(one, TicketIssued) for one in issued), issued
        return sorted(one.number for one in issued if isinstance(one, TicketIssued))

    async def supervise(self, command: c.Command) -> list[Event]:
        """What the supervisor asks from the desk, logged in at the first time."""
        if not self._at_desk:
            words = (self.var / "keys/first-passwords.txt").read_text().split()
            log_in = c.LogIn("9001", secret=words[words.index("9001") + 1])
            sits = await self.ask("console-A", log_in, Role.DEVICE)
            assert isinstance(sits[0], StaffLoggedIn), sits
            self._at_desk = True
        return await self.ask("console-A", command, Role.SUPERVISOR, "9001")

    async def time_passes(self, hall_ms: int) -> None:
        """Until the hall's clock is so much further: for what depends on nothing but time."""
        then = self.clock.now() + hall_ms
        await until(lambda: self.clock.now() >= then, hall_ms / 1000 / self.clock.rate + 5.0)

    # -- far sides -----------------------------------------------------------------------------------------------------

    def panel(self, window: str) -> Device:
        return self.far_side.devices[f"{window[0]}.panel.{window}"]

    def lines(self, window: str) -> list[str]:
        """What can be read on a panel, without the blanks around it."""
        lines = self.panel(window).box.look()["lines"]
        assert isinstance(lines, list)
        return [str(line).strip() for line in lines]

    async def lit(self, window: str, *lines: str, most_s: float = 10.0) -> None:
        await until(
            lambda: self.lines(window) == list(lines), most_s, f"{lines} on {window}, there is {self.lines(window)}"
        )

    def keypads(self, line: str = "A-1") -> Device:
        return self.far_side.devices[f"{line[0]}.keypad.{line}"]

    def press(self, window: str, keys: str) -> None:
        self.keypads(f"{window[0]}-1").act("press", {"window": window, "keys": keys})

    def rate(self, window: str, key: int) -> None:
        self.keypads(f"{window[0]}-1").act("rate", {"window": window, "key": key})

    def pad(self, window: str) -> Mapping[str, Any]:
        pads: Any = self.keypads(f"{window[0]}-1").box.look()["pads"]
        return next(pad for pad in pads.values() if pad["window"] == window)  # type: ignore[no-any-return]

    async def reads(self, window: str, digits: str, most_s: float = 10.0) -> None:
        await until(
            lambda: self.pad(window)["digits"] == digits, most_s, f"{digits!r} on {window}, there is {self.pad(window)}"
        )

    # -- what stands ---------------------------------------------------------------------------------------------------

    def of(self, kind: type[Event]) -> list[Any]:
        return [recorded.event for recorded in self.events if isinstance(recorded.event, kind)]

    async def happened(self, kind: type[Event], times: int = 1, most_s: float = 10.0) -> list[Any]:
        await until(lambda: len(self.of(kind)) >= times, most_s, f"{times} {kind.__name__}, there are {self.of(kind)}")
        return self.of(kind)

    def alarms(self) -> dict[str, str]:
        payload = self.views.get("now/alarms")
        return {a.subject: a.detail for a in codec.view(payload, AlarmsView).alarms} if payload else {}

    def here(self, who: str) -> Here | None:
        payload = self.views.get(f"here/{who}")
        return codec.here(payload) if payload else None

    def state(self, who: str, device: str) -> tuple[str, str]:
        here = self.here(who)
        found = here.devices.get(device) if here is not None else None
        return (found.state, found.fault) if found is not None else ("", "")

    async def stands(self, who: str, device: str, state: str, fault: str = "", most_s: float = 10.0) -> None:
        what = f"{device} {state} {fault}"
        await until(lambda: self.state(who, device) == (state, fault), most_s, what)

    def window(self, window: str) -> WindowView | None:
        payload = self.views.get(f"now/windows/{window}")
        return codec.view(payload, WindowView) if payload else None

    async def panel_view(self, window: str) -> PanelView:
        await until(lambda: self.views.get(f"now/panels/{window}"), 5.0, f"the view of {window}'s panel")
        return codec.view(self.views[f"now/panels/{window}"], PanelView)


@asynccontextmanager
async def a_hall(
    broker: Mosquitto, folder: Path, plan: Plan | None = None, *, at: datetime = TEN, rate: float = 1.0
) -> AsyncIterator[WindowHall]:
    """The far sides of a plan, and somebody who hears everything; the rooms are started by the test."""
    at_broker = Broker(kind="external", host="127.0.0.1", port=broker.port, user=USER, password_file="broker-password")
    plan = with_screens(with_door(msgspec.structs.replace(plan if plan is not None else small(), broker=at_broker)))
    var = folder / "var"
    var.mkdir(parents=True, exist_ok=True)
    (var / "broker-password").write_text(PASSWORD)
    clock = Clock.starting_at(int(at.timestamp() * 1000), rate)
    far_side = FarSide(json.loads(plans.to_json(plan)), var, _far(clock), seed=1)
    hall = WindowHall(plan, var, clock, far_side, broker)
    async with AsyncExitStack() as stack:
        stack.callback(far_side.close)
        far_side.open()
        stack.push_async_callback(hall.close)
        hall.link = await stack.enter_async_context(
            open_link(
                broker.at,
                "witness",
                hears=[f"{SITE}/+/evt/+", f"{SITE}/A/now/#", f"{SITE}/A/here/+"],
                on_heard=hall.heard,
            )
        )
        await hall.link.wait_up()
        yield hall


def _far(clock: Clock) -> FarClock:
    return clock_from(clock.text())
