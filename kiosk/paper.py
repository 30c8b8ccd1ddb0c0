"""The printer on its line: what it says of itself, and whether a slip came out.

A slip is out when the printer has answered the question that follows its last byte. Answers bear no name, so we count
the questions it still owes us: after a slip that stayed uncertain the next one waits until the printer has answered,
or has been well for SETTLE_S (a printer that was switched off has forgotten the question).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import structlog

from hall.ports import Garbled, PrinterDriver, PrinterState, Slip, SlipDone
from transport.attend import Attended

ASK_EVERY_S = 1.0  # real: 12 bytes each way; with SILENT_S it bounds how late a dead printer is seen
SILENT_S = 3.0  # real: three questions without an answer: switched off; the supervisor hears of it within 5 s
OUT_MAX_S = 8.0  # real: a slip of 150 mm takes 1 s; a slow serial line and a cold head no more than this
SETTLE_S = 3.0  # real: a well printer has worked off whatever it still had
BLOCKING = frozenset({"paper_out", "cover_open", "cutter", "error", "offline"})

log = structlog.get_logger("paper")


class Paper:
    """One printer. `on_change` is called whenever `fault` becomes another word."""

    def __init__(self, driver: PrinterDriver, url: str, state_dir: Path, on_change: Callable[[], None]) -> None:
        self.fault = "offline"  # "" | "paper_low" | a word of BLOCKING
        self.heard_of = asyncio.Event()  # it has spoken, or has been silent long enough to be sure
        self.garbled = 0
        self._driver, self._on_change = driver, on_change
        self._line = Attended(url, state_dir, heard=self._heard, on_up=self._wake, on_down=self._down)
        self.torn = False  # part of a slip may stand in the printer: it is cut off before the next
        self._owed = 0
        self._slip: asyncio.Future[str] | None = None
        self._well_since: float | None = None
        self._spoke = 0.0

    async def run(self) -> None:
        """Attend the line and ask how the printer is, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._line.run())
            tasks.create_task(self._ask())

    async def blocked(self) -> str:
        """The fault that keeps it from printing, "" for none; a printer not heard of yet is given time to speak."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SILENT_S):
                await self.heard_of.wait()
        return self.fault if self.fault in BLOCKING else ""

    async def put_out(self, slip: Slip) -> str:
        """Print; "" when the slip is out, else the fault that leaves it uncertain (never the same bytes twice)."""
        if fault := await self._settled():
            return fault
        self._slip = asyncio.get_running_loop().create_future()
        self._owed += 1
        try:
            if not self._line.send((self._driver.part() if self.torn else b"") + self._driver.print(slip)):
                self._owed -= 1
                return "offline"
            self.torn = True
            async with asyncio.timeout(OUT_MAX_S):
                fault = await self._slip
            self.torn = bool(fault)
            return fault
        except TimeoutError:
            log.warning("no word of the slip", within_s=OUT_MAX_S)
            return "timeout"
        finally:
            self._slip = None
            if self._owed:  # given up: what is left of it must not come out on the next roll
                self._line.send(self._driver.clear())

    async def _settled(self) -> str:
        """Wait until nothing of an earlier slip can be mistaken for this one; a fault that stands ends the waiting."""
        loop = asyncio.get_running_loop()
        until = loop.time() + OUT_MAX_S
        while self._owed and self.fault not in BLOCKING and loop.time() < until:
            if self._well_since is not None and loop.time() - self._well_since >= SETTLE_S:
                self._owed = 0
            await asyncio.sleep(0.05)
        if self.fault in BLOCKING:
            return self.fault
        return "timeout" if self._owed else ""

    async def _ask(self) -> None:
        loop = asyncio.get_running_loop()
        self._spoke = loop.time()
        while True:
            self._line.send(self._driver.ask())
            await asyncio.sleep(ASK_EVERY_S)
            if loop.time() - self._spoke > SILENT_S:
                self._say("offline")

    def _wake(self) -> None:
        self._line.send(self._driver.clear())  # a slip of the process before us, or of the line before it was cut
        self._line.send(self._driver.wake())
        self._line.send(self._driver.ask())

    def _down(self, why: str) -> None:
        self._say("offline")

    def _heard(self, data: bytes) -> None:
        for meaning in self._driver.heard(data):
            match meaning:
                case PrinterState():
                    self._spoke = asyncio.get_running_loop().time()
                    self._say(meaning.fault)
                case SlipDone():
                    self._done(meaning)
                case Garbled():
                    self.garbled += 1
                    log.warning("the printer says what no printer says", why=meaning.why, data=meaning.data.hex())

    def _done(self, done: SlipDone) -> None:
        self._owed = max(0, self._owed - 1)
        if self._owed == 0:
            self._end("paper_out" if done.paper == "out" else "")

    def _say(self, fault: str) -> None:
        """Take its fault, telling of the first and of every other; one that blocks ends a slip under way."""
        if fault in BLOCKING:
            self._well_since = None
            self._end(fault)
        elif self._well_since is None:
            self._well_since = asyncio.get_running_loop().time()
        first = not self.heard_of.is_set()
        self.heard_of.set()
        if first or fault != self.fault:
            log.info("printer", fault=fault or "none", was=self.fault or "none")
            self.fault = fault
            self._on_change()

    def _end(self, fault: str) -> None:
        if self._slip is not None and not self._slip.done():
            self._slip.set_result(fault)
