"""A hall with real ticket machines for a test: a real broker, the real controller, simulated printers, real pages.

    async with a_kiosk_hall(a_broker, tmp_path) as hall:
        await hall.start("controller", "A-K1")
        answer = await hall.touch("A-K1", "now")
        await hall.paper("A-K1", answer["number"])

Processes are started from this tree, killed and started again at will, and gone when the test is.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import msgspec
from brokers import PASSWORD, USER, Mosquitto, free_port
from waiting import PATIENCE, until

from hall import plan as plans
from hall.plan.model import Broker, Doors, Kiosk, Options, Plan, StaffDoor
from simulators.device import Device
from simulators.for_tests import a_printer
from transport.clock import Clock

ROOT = Path(__file__).parents[2]
READY_MAX_S = 20.0  # two cores with everything else on them
TEN = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Monday morning, the hall is open


def kaiyang() -> Plan:
    return plans.load((ROOT / "halls/kaiyang.toml").read_text(encoding="utf-8"), "halls/kaiyang.toml", None)


class Running:
    """One of our rooms as a process."""

    def __init__(self, name: str, who: str, command: list[str], log: Path) -> None:
        self.name, self.who, self.log = name, who, log
        self.command = command
        self._process: asyncio.subprocess.Process | None = None
        self._readies = 0

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(*self.command, stdout=log, stderr=log, cwd=ROOT)
        self._readies += 1
        await until(lambda: self._ready() or self._ended(), READY_MAX_S, f"{self.name} ready")
        assert not self._ended(), self.log.read_text()[-4000:]

    def _ready(self) -> bool:
        return self.log.read_text(errors="replace").count(f"ready {self.who}") >= self._readies

    def _ended(self) -> bool:
        return self._process is None or self._process.returncode is not None

    def freeze(self) -> None:
        """The process stands still; its connections stay."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    @property
    def code(self) -> int | None:
        """How it ended: -9 when somebody had to kill it."""
        return self._process.returncode if self._process is not None else None

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self.thaw()
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), 5)
            except TimeoutError:
                await self.kill()


class KioskHall:
    """The Kaiyang hall as far as its machines go."""

    def __init__(self, plan: Plan, var: Path, clock: Clock, printers: dict[str, Device]) -> None:
        self.plan, self.var, self.clock, self.printers = plan, var, clock, printers
        self.rooms: dict[str, Running] = {}
        self._http: aiohttp.ClientSession | None = None
        self._file = var / "plan.json"
        var.mkdir(parents=True, exist_ok=True)
        (var / "broker-password").write_text(PASSWORD)
        self._file.write_bytes(plans.to_json(plan))

    async def start(self, *names: str) -> None:
        """Start rooms: "controller" or a machine's id."""
        for name in names:
            await self.room(name).start()

    def room(self, name: str) -> Running:
        if name not in self.rooms:
            what = ["controller"] if name == "controller" else ["kiosk", name]
            common = ["--plan", str(self._file), "--var", str(self.var), "--clock", self.clock.text()]
            command = [sys.executable, "-m", *what, *common, "--parent", str(os.getpid())]
            who = name if name == "controller" else f"kiosk-{name}"
            self.rooms[name] = Running(name, who, command, self.var / f"{name}.log")
        return self.rooms[name]

    def kiosk(self, name: str) -> Kiosk:
        return next(hall.kiosks[name] for hall in self.plan.halls.values() if name in hall.kiosks)

    def page(self, name: str) -> str:
        return f"http://127.0.0.1:{self.kiosk(name).port}/"

    @property
    def http(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15 * PATIENCE))
        return self._http

    async def touch(self, name: str, entry: str = "now", touch: str = "", **more: object) -> dict[str, Any]:
        """One touch, asked again while it is pending, as the page does."""
        body: dict[str, object] = {"touch": touch or str(uuid.uuid4()), "entry": entry, **more}
        for _ in range(20):
            async with self.http.post(self.page(name) + "touch", json=body) as response:
                assert response.status == 200, await response.text()
                answer: dict[str, Any] = await response.json()
            if not answer["pending"]:
                return answer
            body["again"] = True
        raise AssertionError(f"still pending: {answer}")

    async def live(self, name: str, seen: Callable[[dict[str, Any]], object], most_s: float = 10.0) -> dict[str, Any]:
        """The first live state that satisfies `seen`."""
        async with asyncio.timeout(most_s * PATIENCE), self.http.get(self.page(name) + "live") as response:
            async for line in response.content:
                if line.startswith(b"data: "):
                    state: dict[str, Any] = json.loads(line[6:])
                    if seen(state):
                        return state
        raise AssertionError("the stream ended")

    async def open_for_touch(self, *names: str) -> None:
        """Until the machines offer numbers: the controller is heard, the printer is well."""
        for name in names:
            await self.live(name, lambda state: state["menu"]["banner"] is None, 15.0)

    def slips(self, name: str) -> str:
        """What can be read on the paper of a machine."""
        return self.printers[name].box.text()

    async def paper(self, name: str, words: str, most_s: float = 10.0) -> str:
        await until(lambda: words in self.slips(name), most_s, f"{words!r} on the paper of {name}")
        return self.slips(name)

    async def close(self) -> None:
        for room in reversed(self.rooms.values()):
            await room.stop()
        if self._http is not None:
            await self._http.close()


@asynccontextmanager
async def a_kiosk_hall(
    broker: Mosquitto,
    folder: Path,
    kiosks: tuple[str, ...] = ("A-K1",),
    *,
    options: dict[str, Any] | None = None,
    at: datetime = TEN,
    rate: float = 1.0,
    change: Callable[[Plan], Plan] = lambda plan: plan,
    **kiosk: Any,
) -> AsyncIterator[KioskHall]:
    """The machines `kiosks` with a printer each; `options` of the plan, `kiosk` settings of every machine."""
    async with AsyncExitStack() as stack:
        printers = {name: await stack.enter_async_context(a_printer()) for name in kiosks}
        lines = {name: {"printer_line": printers[name].line} for name in kiosks}
        plan = change(_placed(kaiyang(), broker, lines, kiosk, options or {}))
        clock = Clock.starting_at(int(at.timestamp() * 1000), rate)
        hall = KioskHall(plan, folder / "var", clock, printers)
        stack.push_async_callback(hall.close)
        yield hall


def _placed(
    plan: Plan, broker: Mosquitto, lines: dict[str, dict[str, str]], kiosk: dict[str, Any], options: dict[str, Any]
) -> Plan:
    """The plan on free ports of this machine."""
    halls = {
        name: msgspec.structs.replace(
            hall,
            kiosks={
                k: msgspec.structs.replace(one, **({"port": free_port()} | kiosk | lines.get(k, {})))
                for k, one in hall.kiosks.items()
            },
        )
        for name, hall in plan.halls.items()
    }
    at = Broker(kind="external", host="127.0.0.1", port=broker.port, user=USER, password_file="broker-password")
    changed: Options = msgspec.structs.replace(plan.options, **options)
    return with_door(msgspec.structs.replace(plan, halls=halls, broker=at, options=changed))


def with_door(plan: Plan) -> Plan:
    """The doors for people on free ports of this machine, and the slips' codes leading there."""
    port = free_port()
    halls = {
        hall.id: msgspec.structs.replace(hall, staff_door=StaffDoor(port=free_port())) for hall in plan.halls.values()
    }
    site = msgspec.structs.replace(plan.site, status_url=f"http://127.0.0.1:{port}")
    return msgspec.structs.replace(plan, site=site, halls=halls, doors=Doors(public_port=port))
