"""A touch becomes one ticket, however often it is repeated: the touch id makes the command id.

A touch lives through `asked` (the letter is on its way, repeated until answered) to an answer: a ticket or a refusal.
While one touch is asked, the machine takes no other. What the controller never saw costs nothing; what it saw and we
did not hear is asked again under the same id, so an unknown outcome always becomes a known one.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

import msgspec
import structlog

from hall.commands import IssueTicket, Principal
from hall.events import CommandRefused, Recorded, TicketIssued
from hall.names import ORDINARY, HallId, Instant, KioskId, Role, SlipStage, Why
from hall.plan.model import Plan
from kiosk.menu import PAPER_LESS, Both, MenuMaker, both
from kiosk.paper import Paper
from kiosk.standing import Standing
from kiosk.waits import minutes, where
from transport.asking import Asking, NotAnswered
from transport.clock import Clock

ANSWER_PATIENCE_S = 2.0  # real: a page whose try takes longer than 3 s has reason to think the machine dead
ASK_MS = 5000  # real: one round of asking; rounds go on while the outcome is unknown
UNKNOWN_ROUNDS_MAX = 120  # ten minutes of asking; by then the citizen has long been helped by a guide
TOUCHES_MAX = 2000  # remembered answers: more than a machine gives in a day

UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
SlipShown = Literal["none", "printing", "printed", "unprinted"]

log = structlog.get_logger("issuing")


class Touch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the page sends. `touch` is made by the page once per finger, before the first try."""

    touch: Annotated[str, msgspec.Meta(pattern=UUID, max_length=36)]  # `$` alone would let a line's end pass
    entry: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    lang: Literal["zh", "en"] = "zh"
    priority: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] = ORDINARY
    again: bool = False  # sent before and its answer not heard: it may have its ticket already


class Refused(msgspec.Struct, frozen=True):
    """Why there is no number, in words for the citizen."""

    why: str
    text: Both


class Answer(msgspec.Struct, frozen=True):
    """What the page is told. `pending`: the outcome is not known yet, ask again with the same touch."""

    touch: str
    ok: bool = False
    pending: bool = False
    number: str = ""
    ahead: int = 0
    estimate_min: tuple[int, int] | None = None
    windows: tuple[str, ...] = ()
    where: str = ""
    slip: SlipShown = "none"
    refusal: Refused | None = None


class Touched:
    """One touch on its way."""

    def __init__(self, touch: Touch, at: Instant) -> None:
        self.touch, self.at = touch, at
        self.issued: TicketIssued | None = None
        self.issued_seq = 0
        self.refused: Refused | None = None
        self.slip: SlipShown = "none"
        self.known = asyncio.Event()


class Issuing:
    """The touches of one machine."""

    def __init__(
        self,
        plan: Plan,
        hall_id: HallId,
        kiosk: KioskId,
        clock: Clock,
        standing: Standing,
        paper: Paper,
        menu: MenuMaker,
    ) -> None:
        self._plan, self._hall, self._kiosk, self._clock = plan, plan.halls[hall_id], kiosk, clock
        self._standing, self._paper, self._menu = standing, paper, menu
        self._by = Principal(f"kiosk-{kiosk}", role=Role.CITIZEN)
        self._touches: dict[str, Touched] = {}
        self._jobs: dict[str, Touched] = {}
        self._asked: Touched | None = None  # the one under way
        self._touched = asyncio.Event()

    @property
    def last(self) -> Answer | None:
        """The newest touch and how it stands: the page looks here for its slip."""
        touched = next(reversed(self._touches.values()), None)
        return self.answer(touched) if touched else None

    async def touch(self, touch: Touch) -> Answer:
        """The answer to a touch, at most ANSWER_PATIENCE_S late; then `pending` says to ask again."""
        touched = self._touches.get(touch.touch)
        if touched is None:
            if no := self._refuse_here(touch):
                return Answer(touch.touch, refusal=no)
            touched = self._remember(touch)
            self._touched.set()
        try:
            async with asyncio.timeout(ANSWER_PATIENCE_S):
                await touched.known.wait()
        except TimeoutError:
            pass  # the answer says so
        return self.answer(touched)

    def slip(self, job: str, slip: SlipShown) -> None:
        """News of a slip. Paper that is out stays out, whatever is said later."""
        touched = self._jobs.get(job)
        if touched is not None and touched.slip not in ("printed", slip):
            touched.slip = slip
            self._standing.tell()

    def answer(self, touched: Touched) -> Answer:
        issued, touch = touched.issued, touched.touch.touch
        if issued is None:
            return Answer(touch, pending=touched.refused is None, refusal=touched.refused)
        return Answer(
            touch,
            ok=True,
            number=issued.number,
            ahead=issued.ahead,
            estimate_min=minutes(issued.estimate_s),
            windows=issued.windows,
            where=where(self._hall, issued.windows),
            slip="none" if self._forgotten(touched) else touched.slip,
        )

    def _forgotten(self, touched: Touched) -> bool:
        """Its slip was settled before this process began: nobody here knows how, so nothing is claimed of it."""
        view, issued = self._standing.jobs, touched.issued
        if view is None or issued is None or touched.slip != "printing" or view.revision <= touched.issued_seq:
            return False
        return all(job.job != issued.job for job in view.jobs)

    def _refuse_here(self, touch: Touch) -> Refused | None:
        """What needs no controller to be refused; the controller still judges everything else."""
        if not any(e.id == touch.entry for e in self._hall.entries):
            go = self._menu.elsewhere(touch.entry)
            return Refused(Why.OTHER_HALL.value, go) if go else _refused(Why.UNKNOWN_ENTRY)
        if touch.priority != ORDINARY and not self._may_declare(touch.priority):
            return _refused(Why.NO_PRIORITY_HERE)
        if self._asked is not None:
            return Refused("busy", both("kiosk.busy"))
        return None if touch.again else self._refuse_now()

    def _refuse_now(self) -> Refused | None:
        """What would refuse a first try; a repeated one is asked all the same, for it may have its ticket already."""
        if self._standing.away == "not_ready":
            return _refused(Why.NOT_READY)
        if self._standing.away:
            return Refused("away", both("kiosk.away"))
        if self._paper.fault not in PAPER_LESS:
            banner = self._menu.printer_banner(self._paper.fault)
            return Refused(banner.why, _joined(banner.title, banner.line))
        return None

    def _may_declare(self, priority: str) -> bool:
        return self._plan.options.self_declared_priority and priority in self._plan.priority.classes

    def _remember(self, touch: Touch) -> Touched:
        touched = self._touches[touch.touch] = Touched(touch, self._clock.now())
        self._asked = touched
        while len(self._touches) > TOUCHES_MAX:
            old = self._touches.pop(next(iter(self._touches)))
            if old.issued is not None:
                self._jobs.pop(old.issued.job, None)
        return touched

    async def run(self, asking: Asking) -> None:
        """Ask for whatever was touched, until cancelled."""
        while True:
            await self._touched.wait()
            self._touched.clear()
            if self._asked is not None:
                await self._ask(self._asked, asking)

    async def _ask(self, touched: Touched, asking: Asking) -> None:
        """Ask, round after round under the same id, until the outcome is known."""
        try:
            for _ in range(UNKNOWN_ROUNDS_MAX):
                if await self._asked_once(touched, asking):
                    return
            touched.refused = Refused("unknown", both("kiosk.unknown"))
        finally:
            self._asked = None
            touched.known.set()
            self._standing.tell()

    async def _asked_once(self, touched: Touched, asking: Asking) -> bool:
        """One round. The letter keeps its id and its time of asking, so a late one is refused, never issued late."""
        touch = touched.touch
        command = IssueTicket(entry=touch.entry, kiosk=self._kiosk, priority=touch.priority, lang=touch.lang)
        try:
            events = await asking.ask(
                command,
                self._by,
                within_ms=ASK_MS,
                until=(TicketIssued,),
                command_id=f"{self._kiosk}-{touch.touch}",
                at=touched.at,
            )
        except NotAnswered as fault:
            log.warning("no answer to a touch yet", touch=touch.touch, fault=str(fault))
            return False
        self._take(touched, events)
        return True

    def _take(self, touched: Touched, events: tuple[Recorded, ...]) -> None:
        for recorded in events:
            match recorded.event:
                case TicketIssued() as issued:
                    touched.issued, touched.issued_seq = issued, recorded.seq
                    touched.slip = "none" if issued.slip is SlipStage.NONE else "printing"
                    self._jobs[issued.job] = touched
                case CommandRefused(why=why, detail=detail):
                    touched.refused = _refused(why, detail)


def _refused(why: Why, detail: str = "") -> Refused:
    return Refused(why.value, both(f"refusal.{why.value}", detail=detail))


def _joined(first: Both, then: Both) -> Both:
    return Both(f"{first.zh}。{then.zh}", f"{first.en}. {then.en}")
