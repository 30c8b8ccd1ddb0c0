"""`hall run`: all rooms of a plan on this machine, each a process of its own, from the first to the last moment.

Started from the broker outwards (broker and far side, then controller, then the devices' rooms), stopped in reverse.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path

from cli import clocks
from cli.console import both, tell, warn
from cli.keeping import GivenUp, Kept
from cli.logs import RoomLog
from cli.rooms import Room, surroundings
from transport.clock import Clock

FLOORS: tuple[tuple[str, ...], ...] = (("broker", "simulators"), ("controller",), ("displays", "caller", "kiosk"))
STOP_BY_S = (2.5, 1.8, 1.2)  # per floor, counted from the word to stop; then it is killed: all within 3 s
READY_MAX_S = 60.0  # a slow machine's first start; a room that takes longer is named
GRACE_S = 0.3  # for a killed process to be gone

Then = Callable[[asyncio.Event], Awaitable[int]]


class House:
    """The rooms of one hall on this machine."""

    def __init__(self, rooms: list[Room], var: Path) -> None:
        self.stop = asyncio.Event()
        self.fault = ""
        self._tasks: dict[Kept, asyncio.Task[None]] = {}
        self._var, self._rooms = var, rooms
        self._env = surroundings(dict(os.environ))

    async def start(self) -> bool:
        """All rooms, floor by floor; False when somebody asked us to stop meanwhile."""
        for families in FLOORS[:1]:
            await self._ready(self._start(families))
        started = [kept for families in FLOORS[1:] for kept in self._start(families)]
        await self._ready(started)
        return not self.stop.is_set()

    def _start(self, families: tuple[str, ...]) -> list[Kept]:
        started = []
        for room in self._rooms:
            if room.family in families:
                kept = self._kept(room)
                self._tasks[kept] = asyncio.create_task(self._keep(kept), name=room.name)
                started.append(kept)
        return started

    def _kept(self, room: Room) -> Kept:
        def shout(line: str) -> None:
            warn(f"[{room.name}] {line}")

        log = RoomLog(self._var / "log" / f"{room.name}.log", shout, asyncio.get_running_loop().time)
        return Kept(room, log, self._env, warn)

    async def _keep(self, kept: Kept) -> None:
        try:
            await kept.keep()
        except GivenUp as why:
            self.fault = str(why)
        finally:
            self.stop.set()  # no room ends by itself: whatever ended this one ends the hall (a bug too, see `end`)

    async def _ready(self, rooms: Iterable[Kept]) -> None:
        """Wait for all of them, or for the stop; a room that takes too long is named and waited for no more."""
        stopped = asyncio.create_task(self.stop.wait())
        waits = {asyncio.create_task(kept.ready.wait()): kept for kept in rooms}
        try:
            async with asyncio.timeout(READY_MAX_S):
                while waits and not stopped.done():
                    done, _ = await asyncio.wait({stopped, *waits}, return_when=asyncio.FIRST_COMPLETED)
                    for task in done - {stopped}:
                        del waits[task]
        except TimeoutError:
            names = ", ".join(kept.room.name for kept in waits.values())
            warn(both("slow", rooms=names, seconds=round(READY_MAX_S)))
        finally:
            for task in (stopped, *waits):
                task.cancel()

    async def end(self) -> None:
        """Stop everything, the outermost floor first; whoever does not go in time is killed."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for families, by_s in zip(reversed(FLOORS), reversed(STOP_BY_S), strict=True):
            floor = {kept: task for kept, task in self._tasks.items() if kept.room.family in families}
            for kept in floor:
                kept.stop()
            if floor:
                _, slow = await asyncio.wait(floor.values(), timeout=began + by_s - loop.time())
                for kept, task in floor.items():
                    if task in slow:
                        warn(f"{kept.room.name} did not stop in time and was killed")
                        kept.kill()
        await self._bury()

    async def _bury(self) -> None:
        left = [task for task in self._tasks.values() if not task.done()]
        if left:
            await asyncio.wait(left, timeout=GRACE_S)
        for kept, task in self._tasks.items():
            kept.kill()  # nothing of its group stays, whatever it started
            task.cancel()
        ends = await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for kept in self._tasks:
            kept.close()
        for end in ends:
            if isinstance(end, Exception):
                raise end


async def stand(rooms: list[Room], var: Path, clock: Clock, on_ready: Callable[[], None], then: Then | None) -> int:
    """Run until told to stop, or until `then` has done its errand; the exit code."""
    watch_children()
    house = House(rooms, var)
    code = 0
    async with _signals(house.stop), _noting(clock, var / clocks.FILE):
        try:
            if await house.start():
                on_ready()
                code = await then(house.stop) if then else 0
                if not then:
                    await house.stop.wait()
        finally:
            tell(both("stopping"))
            await house.end()
    if house.fault:
        warn(house.fault)
        warn(both("given_up", var=var))
        return 1
    tell(both("stopped"))
    return code


@contextlib.asynccontextmanager
async def _signals(stop: asyncio.Event) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    signs = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for sign in signs:
        loop.add_signal_handler(sign, stop.set)
    try:
        yield
    finally:
        for sign in signs:
            loop.remove_signal_handler(sign)


@contextlib.asynccontextmanager
async def _noting(clock: Clock, file: Path) -> AsyncIterator[None]:
    """Note the hall time now, every few seconds and at the end (see cli.clocks)."""

    async def again() -> None:
        while True:
            try:
                clocks.note(clock, file)
            except OSError as trouble:  # a full disk is the controller's to stop for, not ours
                warn(f"{file}: {trouble.strerror}")
            await asyncio.sleep(clocks.SEEN_EVERY_S)

    task = asyncio.create_task(again())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(OSError):
            clocks.note(clock, file)


def watch_children() -> None:
    """Python 3.11 would start a thread for every process; since 3.12 it watches descriptors by itself."""
    if sys.version_info < (3, 12) and hasattr(os, "pidfd_open"):
        watcher = asyncio.PidfdChildWatcher()
        watcher.attach_loop(asyncio.get_running_loop())
        asyncio.set_child_watcher(watcher)
