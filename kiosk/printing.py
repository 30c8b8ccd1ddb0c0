"""The press: brings the open jobs of this machine onto paper, one at a time, each at most once.

The controller's `now/jobs/<kiosk>` says what is open; nothing else is ever printed. Before the first byte goes out
the controller has written down that this slip is being printed; so after a crash a job marked `printing` that this
process did not start is uncertain, and is reported so instead of printed again. A job past its time is never printed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

import structlog

from hall.commands import Command, Principal, ReportPrinted, ReportPrinting, ReportUnprinted
from hall.events import CommandRefused, Event, SlipPrinted, SlipPrinting, SlipUnprinted
from hall.names import HallId, KioskId, Role, Why
from hall.plan.model import Plan
from hall.views import Job
from kiosk.paper import Paper
from kiosk.slips import compose
from kiosk.standing import Standing
from transport.asking import Asking, NotAnswered, fresh_id
from transport.clock import Clock

REPORT_MS = 10_000  # real: one round of telling; rounds go on until the controller has heard
HANDLED_MAX = 2000  # jobs remembered as dealt with: more than a machine gives in a day
BEGUN = (SlipPrinting, SlipUnprinted)  # the controller's own clock may have found the job past its time
TRY_LATER_S = 1.0  # real
TRY_LATER = frozenset({Why.LATE, Why.TOO_FAST, Why.NOT_READY})

OnSlip = Callable[[str, Literal["printing", "printed", "unprinted"]], None]

log = structlog.get_logger("printing")


class Press:
    """Prints what stands open for one machine. `on_slip(job, stage)` tells the page."""

    def __init__(
        self,
        plan: Plan,
        hall: HallId,
        kiosk: KioskId,
        clock: Clock,
        standing: Standing,
        paper: Paper,
        on_slip: OnSlip,
    ) -> None:
        self._plan, self._hall, self._kiosk, self._clock = plan, plan.halls[hall], kiosk, clock
        self._standing, self._paper, self._on_slip = standing, paper, on_slip
        self._by = Principal(f"kiosk-{kiosk}", role=Role.DEVICE)
        self._handled: dict[str, None] = {}

    async def run(self, asking: Asking) -> None:
        """Work until cancelled: always the oldest open job not yet dealt with."""
        news = self._standing.ear()
        while True:
            await news.wait()
            news.clear()
            while (job := self._next()) is not None:
                self._remember(job.job)
                await self._bring_out(job, asking)

    def _next(self) -> Job | None:
        view = self._standing.jobs
        if view is None or self._standing.away:
            return None
        return next((job for job in view.jobs if job.job not in self._handled), None)

    def _remember(self, job: str) -> None:
        self._handled[job] = None
        if len(self._handled) > HANDLED_MAX:
            del self._handled[next(iter(self._handled))]

    async def _bring_out(self, job: Job, asking: Asking) -> None:
        fault = await self._printed(job, asking)
        if fault is None:
            return
        log.info("slip", job=job.job, number=job.number, fault=fault or "none")
        self._on_slip(job.job, "unprinted" if fault else "printed")
        if fault:
            await self._report(ReportUnprinted(number=job.number, job=job.job, fault=fault), SlipUnprinted, asking)
        else:
            await self._report(ReportPrinted(number=job.number, job=job.job), SlipPrinted, asking)

    async def _printed(self, job: Job, asking: Asking) -> str | None:
        """ "" when the slip is out, a fault when it is not certain, None when the controller wants no slip any more."""
        if job.printing:
            self._paper.torn = True
            return "kiosk_restarted"
        if fault := self._expired(job) or await self._paper.blocked():
            return fault
        no = await self._allowed(job, asking)
        if no != "":
            return no
        self._on_slip(job.job, "printing")
        return await self._paper.put_out(compose(self._plan, self._hall, self._kiosk, job))

    async def _allowed(self, job: Job, asking: Asking) -> str | None:
        """Have it written down that printing begins: durable before ink. "" go on, or as in `_printed`.

        The id is fresh: an earlier process's permission to print this job must never be given to us again.
        """
        command, command_id, at = ReportPrinting(number=job.number, job=job.job), fresh_id(), self._clock.now()
        while not (fault := self._expired(job)):
            try:
                events = await asking.ask(
                    command, self._by, within_ms=REPORT_MS, until=BEGUN, command_id=command_id, at=at
                )
            except NotAnswered as silence:
                log.warning("may not print yet", job=job.job, fault=str(silence))
                continue
            if any(isinstance(e.event, SlipPrinting) for e in events):
                return ""
            log.warning("no slip wanted", job=job.job, why=str(events[-1].event))
            return None
        return fault

    def _expired(self, job: Job) -> str:
        return "expired" if self._clock.now() >= job.expires else ""

    async def _report(self, command: Command, until: type[Event], asking: Asking) -> None:
        """Tell how it ended until the controller has heard: without it nothing more could be printed anyway."""
        while True:
            try:
                events = await asking.ask(command, self._by, within_ms=REPORT_MS, until=(until,))
            except NotAnswered as silence:
                log.warning("the end of a slip is not heard yet", command=type(command).__name__, fault=str(silence))
                continue
            last = events[-1].event
            if not isinstance(last, CommandRefused):
                return
            log.warning("the end of a slip was refused", why=last.why.value, detail=last.detail)
            if last.why not in TRY_LATER:
                return
            await asyncio.sleep(TRY_LATER_S)
