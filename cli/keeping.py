"""Keeps one room alive: starts its process, hears what it says, starts it again when it dies, stops it in the end.

A room that dies young again and again is not started for ever: it gives up (GivenUp) and the hall stops, because
a hall that flaps unseen is worse than one that says what is wrong.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
from collections.abc import Callable

from cli.logs import RoomLog
from cli.rooms import Room, python
from hall.faults import HallFault

YOUNG_S = 5.0  # a process that lived shorter died young: something at its start is wrong
YOUNG_MAX = 5  # deaths of the young within WATCHED_S, then we give up
DEATHS_MAX = 30  # deaths of any age within WATCHED_S, then we give up
WATCHED_S = 60.0
BACK_OFF_MIN_S, BACK_OFF_MAX_S = 0.1, 3.0  # before a new start; doubled after each death of the young
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


class GivenUp(HallFault):
    """A room died too often; the message names it and the end of its log."""


class Kept:
    """One room and its process."""

    def __init__(self, room: Room, log: RoomLog, env: dict[str, str], tell: Callable[[str], None]) -> None:
        self.room, self.ready = room, asyncio.Event()
        self._log, self._env, self._tell = log, env, tell
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._deaths: list[tuple[float, bool]] = []  # when, and whether young
        log.on_ready = self.ready.set

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    async def keep(self) -> None:
        """Live until stopped; GivenUp when the room will not."""
        loop = asyncio.get_running_loop()
        while not self._stopping:
            born = loop.time()
            code = await self._live()
            self.ready.clear()
            if not self._stopping:
                await asyncio.sleep(self._mourn(code, loop.time(), loop.time() - born))

    async def _live(self) -> int:
        """One life of the process, from start to death; its exit code."""
        self._process = process = await asyncio.create_subprocess_exec(
            *python(self.room.argv),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._env,
            start_new_session=True,  # Ctrl-C reaches us alone; we stop the rooms in order
            preexec_fn=die_with_us(),
        )
        assert process.stdout is not None
        if self._stopping:  # asked to stop while the process was being born
            self.kill()
        try:
            while data := await process.stdout.read(65536):
                self._log.feed(data)
            return await process.wait()
        finally:
            self.kill()

    def _mourn(self, code: int, now: float, age: float) -> float:
        """Say so; how long to wait before the next life. GivenUp when there were too many."""
        self._deaths = [(at, young) for at, young in self._deaths if now - at < WATCHED_S] + [(now, age < YOUNG_S)]
        young = sum(young for _, young in self._deaths)
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        if young >= YOUNG_MAX or len(self._deaths) >= DEATHS_MAX:
            end = "\n".join(f"    {line}" for line in self._log.last_lines())
            raise GivenUp(
                f"{self.room.name} died {len(self._deaths)} times within {WATCHED_S:.0f} s, last with {how}:\n{end}"
            )
        self._tell(f"{self.room.name} died ({how}), starting it again")
        return min(BACK_OFF_MIN_S * 2.0 ** max(0, young - 1), BACK_OFF_MAX_S)

    def stop(self) -> None:
        """Ask the room to end; `keep` returns when it has."""
        self._stopping = True
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the room and whatever it started, now."""
        self._signal(signal.SIGKILL)

    def close(self) -> None:
        """After `keep` has returned: the log is complete."""
        self._log.close()

    def _signal(self, sign: signal.Signals) -> None:
        if self._process is None:
            return
        try:
            if sign is signal.SIGKILL:
                os.killpg(self._process.pid, sign)  # its own session, so its own group, whoever is left in it
            elif self._process.returncode is None:
                self._process.send_signal(sign)
        except ProcessLookupError:
            pass  # it went by itself


def die_with_us() -> Callable[[], None]:
    """What a new process does first: tie its life to ours, so that even our `kill -9` leaves no process behind."""
    parent = os.getpid()

    def tie() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # we died between the fork and this line
            os._exit(1)

    return tie
