"""One loop that joins any driver to any line: open, hear, write in order, back off when the line is down, again.

    attended = Attended(url, state_dir, heard=feed, on_up=wake, on_down=tell)
    tasks.create_task(attended.run())
    attended.send(driver.show(...))     # False: the line is down or choked, nothing of it will be written

What waits when a line goes down is dropped, never written later: a panel is repainted from what holds then, and a
printer must not print a stale backlog. So whoever sends hears of `on_up` and says anew what still matters.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from pathlib import Path

import structlog

from hall.faults import LineDown
from transport.lines import Line, open_line

BACK_OFF_MIN_S, BACK_OFF_MAX_S = 0.2, 5.0  # between attempts to open, doubled each time, with jitter
STEADY_S = 5.0  # a line up this long has earned a fresh back-off
OUTGOING_MAX = 64 * 1024  # bytes waiting for a line: a minute of a 9600 baud line; a slip with its QR is 2 KiB

log = structlog.get_logger("line")

Heard = Callable[[bytes], None]


class Attended:
    """A line under attendance. `heard` gets bytes as they come; `on_up` and `on_down(why)` tell how the line is."""

    def __init__(
        self,
        url: str,
        state_dir: Path,
        heard: Heard,
        on_up: Callable[[], None] | None = None,
        on_down: Callable[[str], None] | None = None,
        back_off_max_s: float = BACK_OFF_MAX_S,
    ) -> None:
        self.url, self.up, self.trouble = url, False, "not opened yet"
        self.ups = 0  # how often the line came up
        self.refused = 0  # sends that found the line down or choked
        self._state_dir, self._heard, self._on_up, self._on_down = state_dir, heard, on_up, on_down
        self._back_off_max_s = back_off_max_s
        self._again, self._again_why = asyncio.Event(), ""  # set: the line is to be opened anew
        self._outgoing: deque[bytes] = deque()
        self._outgoing_bytes = 0
        self._wake, self._written = asyncio.Event(), asyncio.Event()
        self._written.set()

    def send(self, data: bytes) -> bool:
        """Queue bytes to be written in order. False when the line is down or OUTGOING_MAX already wait."""
        if not data:
            return self.up
        if not self.up or self._outgoing_bytes + len(data) > OUTGOING_MAX:
            self.refused += 1
            return False
        self._outgoing.append(data)
        self._outgoing_bytes += len(data)
        self._written.clear()
        self._wake.set()
        return True

    async def written(self) -> None:
        """Wait until all that was sent is handed to the system, or the line went down."""
        await self._written.wait()

    def reopen(self, why: str) -> None:
        """Close a line that is up but seems to lead nowhere, and open it anew."""
        self._again_why = why
        self._again.set()

    async def run(self) -> None:
        """Attend the line until cancelled. PlanError, from an address that can never be opened, passes through."""
        loop = asyncio.get_running_loop()
        pause_s = BACK_OFF_MIN_S
        while True:
            began = loop.time()
            why = await self._live()
            if loop.time() - began > STEADY_S:
                pause_s = BACK_OFF_MIN_S
            self._went_down(why)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
            pause_s = min(pause_s * 2, self._back_off_max_s)

    async def _live(self) -> str:
        """The line from opening to its end; returns why it ended."""
        try:
            line = await open_line(self.url, self._state_dir)
        except LineDown as fault:
            return str(fault)
        why = ""
        try:
            self._again.clear()
            self._came_up()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write(line))
                tasks.create_task(self._read(line))
                tasks.create_task(self._until_told())
        except* LineDown as gone:
            why = str(gone.exceptions[0])
        finally:
            line.close()
        return why

    async def _until_told(self) -> None:
        await self._again.wait()
        raise LineDown(f"{self.url}: {self._again_why}")

    async def _read(self, line: Line) -> None:
        while True:
            data = await line.read()
            try:
                self._heard(data)
            except Exception as fault:  # whatever a device sends, the line goes on being read (I35)
                said = f"{type(fault).__name__}: {fault}"
                log.error("reading what came failed", line=self.url, fault=said, data=data[:32].hex(), exc_info=fault)

    async def _write(self, line: Line) -> None:
        while True:
            while self._outgoing:
                data = self._outgoing.popleft()
                await line.write(data)
                self._outgoing_bytes -= len(data)
            self._wake.clear()
            self._written.set()
            await self._wake.wait()

    def _came_up(self) -> None:
        self.up, self.trouble = True, ""
        self.ups += 1
        log.info("line up", line=self.url, ups=self.ups)
        if self._on_up is not None:
            self._on_up()

    def _went_down(self, why: str) -> None:
        self._outgoing.clear()
        self._outgoing_bytes = 0
        self._written.set()
        was_up, self.up = self.up, False
        if was_up or why != self.trouble:
            log.warning("line down", line=self.url, why=why)
            self.trouble = why
            if self._on_down is not None:
                self._on_down(why)
