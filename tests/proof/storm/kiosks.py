"""Ticket machines: a touch, a number on the screen, a slip that falls out, or does not. Protocol of kiosk/issuing.py
and kiosk/printing.py; the order of views and the text on the paper are the room's own code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hall import commands as c
from hall import events as e
from hall.events import Recorded
from hall.names import Role, Why
from hall.views import Job, JobsView
from kiosk.slips import compose
from kiosk.standing import _newer

if TYPE_CHECKING:
    from storm.day import Day
    from storm.people import Citizen

ASK_MS = 5000
REPORT_MS = 10_000
INK_MS = (1500, 3000)  # a slip takes this long
SWITCHED_OFF = 0.6  # of the kills: the machine stays dark for minutes
SPINNER_ROUNDS = 24  # two minutes of asking: longer than any trouble here lasts
READ = 0.1  # of the first slips
AGAIN = (Why.LATE, Why.TOO_FAST, Why.NOT_READY)
_MARK = re.compile(r"\d+")


class Kiosk:
    """One machine with its printer and page. A kill forgets what the process knew; the paper is out or it is not."""

    def __init__(self, day: Day, name: str) -> None:
        self.day, self.world, self.name = day, day.world, name
        self.citizen_by = c.Principal(f"kiosk-{name}", role=Role.CITIZEN)
        self.device_by = c.Principal(f"kiosk-{name}", role=Role.DEVICE)
        self.fault = ""
        self.touching: tuple[Citizen, str] | None = None
        self._asks: list[object] = []
        self._life = 0
        self.off = self.doomed = False
        self._begin()

    def _begin(self) -> None:
        self.view: JobsView | None = None
        self._handled: set[str] = set()
        self._job: Job | None = None

    def kill(self) -> None:
        """kill -9 of the machine's process; its page asks again with the same touch when it is back."""
        self.world.fault("kiosk killed")
        self._life += 1
        self.off = True
        for ask in self._asks:
            ask.close()  # type: ignore[attr-defined]
        self._asks.clear()
        self._begin()
        dice = self.world.dice
        off = dice.randint(120_000, 480_000) if dice.random() < SWITCHED_OFF else dice.randint(1000, 4000)
        self.world.after(off, self._back, self._life)

    def _back(self, life: int) -> None:
        if life == self._life:
            self.off = False
            self.day.controller.stands(f"jobs/{self.name}")
            if self.touching is not None:
                self._touched(*self.touching, 0)

    # -- a touch -------------------------------------------------------------------------------------------------------

    def touch(self, citizen: Citizen) -> bool:
        """A finger; False when the machine is busy or out of paper and says so."""
        if self.touching is not None or self.fault or self.off:
            return False
        touch = self.day.asks.fresh_id(f"{self.name}-touch")
        self.touching = citizen, touch
        citizen.touched_at = self._clock()
        self._touched(citizen, touch, 0)
        if self.world.chance(self.day.weather.reloads):
            self.world.fault("page reloaded")
            self.world.after(int(self.world.dice.random() * 4000), self._reloaded, citizen, touch)
        return True

    def _reloaded(self, citizen: Citizen, touch: str) -> None:
        """The page tells its touch once more, also behind the answer: it must be the same number (I7)."""
        letter_id = f"{self.name}-{touch}"
        if letter_id not in self.day.asks.open:
            self.day.asks.ask(
                self._issue(citizen.entry), self.citizen_by, (e.TicketIssued,), ASK_MS,
                lambda events: self._screen(touch, events), letter_id, at=citizen.touched_at,
            )  # fmt: skip

    def _issue(self, entry: str) -> c.IssueTicket:
        return c.IssueTicket(entry, kiosk=self.name)

    def _touched(self, citizen: Citizen, touch: str, round_: int) -> None:
        """One round of asking under the touch's own id."""
        if self.touching is None or self.touching[1] != touch:
            return
        if round_ >= SPINNER_ROUNDS:
            self.day.edge.broken("I31", "", f"{self.name} still asks for {citizen.entry}, touched two minutes ago")
        life, at = self._life, citizen.touched_at
        self._asks.append(self.day.asks.ask(
            self._issue(citizen.entry), self.citizen_by, (e.TicketIssued,), ASK_MS,
            lambda events: self._answered(citizen, touch, round_, events, life), f"{self.name}-{touch}", at=at,
        ))  # fmt: skip
        del self._asks[:-4]

    def _answered(self, citizen: Citizen, touch: str, round_: int, events: list[Recorded], life: int) -> None:
        if life != self._life:
            return
        if not events:
            self._touched(citizen, touch, round_ + 1)
            return
        self.touching = None
        self._screen(touch, events)
        for record in events:
            if isinstance(record.event, e.TicketIssued):
                citizen.reads(record.event, record.day)
            elif isinstance(record.event, e.CommandRefused):
                citizen.turned_away(record.event.why)

    def _screen(self, touch: str, events: list[Recorded]) -> None:
        """What the page shows."""
        for record in events:
            if isinstance(record.event, e.TicketIssued):
                self.day.edge.screen(self.name, touch, record.event.number, record.day)

    # -- paper ---------------------------------------------------------------------------------------------------------

    def jobs(self, view: JobsView) -> None:
        if self.doomed and any(not job.printing for job in view.jobs):
            self.doomed = False
            self.kill()
        if self.off:
            return
        self.view = _newer(self.view, view)
        self._work()

    def _work(self) -> None:
        if self._job is not None or self.view is None:
            return
        job = next((job for job in self.view.jobs if job.job not in self._handled), None)
        if job is None:
            return
        self._handled.add(job.job)
        self._job = job
        if job.printing:
            self._tell_unprinted(job, "kiosk_restarted")
        elif self._expired(job):
            self._tell_unprinted(job, "expired")
        elif self.fault:
            self._tell_unprinted(job, self.fault)
        else:
            self._may_i(job, self.day.asks.fresh_id(self.name), self._clock())

    def _expired(self, job: Job) -> bool:
        return self._clock() >= job.expires

    def _clock(self) -> int:
        return self.world.clock() - self.day.weather.kiosk_skew

    def _may_i(self, job: Job, letter: str, at: int) -> None:
        """Written down before ink."""
        life = self._life
        self._asks.append(self.day.asks.ask(
            c.ReportPrinting(job.number, job.job), self.device_by, (e.SlipPrinting, e.SlipUnprinted), REPORT_MS,
            lambda events: self._allowed(job, letter, at, events, life), letter, at=at,
        ))  # fmt: skip

    def _allowed(self, job: Job, letter: str, at: int, events: list[Recorded], life: int) -> None:
        if life != self._life:
            return
        if not events:
            if self._expired(job):
                self._tell_unprinted(job, "expired")
            else:
                self._may_i(job, letter, at)
        elif any(isinstance(record.event, e.SlipPrinting) for record in events):
            self.world.after(self.world.between(*INK_MS), self._ink, job, life)
        else:
            self._over()

    def _ink(self, job: Job, life: int) -> None:
        """Bytes reach the paper, unless something happens in the middle of it; the process may be dead by now."""
        torn = self.fault or (not self.world.calm and self.world.chance(self.day.weather.torn))
        half = torn and self.world.chance(0.5)
        if torn:
            self.world.fault("slip torn", self.day.wires.stage_of(job), job.number)
        if not torn or half:
            self.day.edge.slip(self.name, job.number, job.day, self._mark(job), job.job)
        if life != self._life:
            return
        if torn:
            self._tell_unprinted(job, "cut")
        else:
            self._tell(c.ReportPrinted(job.number, job.job), (e.SlipPrinted,))

    def _mark(self, job: Job) -> int:
        """The copy the paper says it is. Every copy is read, and some of the first slips: composing takes its time."""
        if not job.copy and not self.world.chance(READ):
            return 0
        slip = compose(self.day.weather.plan, self.day.hall, self.name, job)
        mark = _MARK.search(slip.copy_mark)
        return int(mark[0]) if mark else 0

    def _tell_unprinted(self, job: Job, fault: str) -> None:
        self._tell(c.ReportUnprinted(job.number, job.job, fault), (e.SlipUnprinted,))

    def _tell(self, report: c.Command, until: tuple[type[e.Event], ...]) -> None:
        """Until the controller has heard."""
        life = self._life

        def heard(events: list[Recorded]) -> None:
            if life != self._life:
                return
            last = events[-1].event if events else None
            if last is None or (isinstance(last, e.CommandRefused) and last.why in AGAIN):
                self.world.after(1000, self._tell_again, report, until, life)
            else:
                self._over()

        self._asks.append(self.day.asks.ask(report, self.device_by, until, REPORT_MS, heard))
        del self._asks[:-4]

    def _tell_again(self, report: c.Command, until: tuple[type[e.Event], ...], life: int) -> None:
        if life == self._life:
            self._tell(report, until)

    def _over(self) -> None:
        self._job = None
        self._work()

    # -- the printer's own trouble -------------------------------------------------------------------------------------

    def breaks(self, fault: str, ms: int) -> None:
        self.world.fault(f"printer {fault}")
        self.fault = fault
        self._device()
        self.world.after(ms, self.mended)

    def mended(self) -> None:
        if self.fault:
            self.fault = ""
            self._device()

    def _device(self) -> None:
        """The room tells how its printer is."""
        report = c.ReportDevice(f"printer-{self.name}", self.fault)
        self.day.asks.ask(report, self.device_by, (e.DeviceFaulted, e.DeviceHealed), REPORT_MS, lambda events: None)
