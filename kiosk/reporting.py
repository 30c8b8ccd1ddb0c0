"""Tells the controller how the printer is: every change of its fault, once, until heard."""

from __future__ import annotations

import asyncio

import structlog

from hall.commands import Principal, ReportDevice
from hall.events import CommandRefused, DeviceFaulted, DeviceHealed
from hall.names import KioskId, Role, Why
from kiosk.paper import Paper
from kiosk.standing import Standing
from transport.asking import Asking, NotAnswered

TELL_MS = 3000  # real: one round of telling; the next tells how it is then
AGAIN_S = 1.0  # real: between rounds that did not get through

log = structlog.get_logger("reporting")


class Reporting:
    """The printer of one machine, as the controller knows it."""

    def __init__(self, kiosk: KioskId, paper: Paper, standing: Standing) -> None:
        self.device = f"printer-{kiosk}"
        self._by = Principal(f"kiosk-{kiosk}", role=Role.DEVICE)
        self._paper, self._standing = paper, standing
        self._told: str | None = None

    async def run(self, asking: Asking) -> None:
        """Tell until cancelled, beginning with the printer's first word (an earlier process may have left a fault)."""
        news = self._standing.ear()
        await self._paper.heard_of.wait()
        while True:
            await news.wait()
            news.clear()
            while self._paper.fault != self._told and not self._standing.away:
                await self._tell(self._paper.fault, asking)

    async def _tell(self, fault: str, asking: Asking) -> None:
        command = ReportDevice(device=self.device, fault=fault)
        try:
            events = await asking.ask(command, self._by, within_ms=TELL_MS, until=(DeviceFaulted, DeviceHealed))
        except NotAnswered as silence:
            log.warning("the printer's state is not heard yet", fault=str(silence))
            return
        last = events[-1].event
        if isinstance(last, CommandRefused) and last.why is not Why.ALREADY_SO:
            log.warning("the printer's state was refused", why=last.why.value)
            await asyncio.sleep(AGAIN_S)
            return
        self._told = fault
