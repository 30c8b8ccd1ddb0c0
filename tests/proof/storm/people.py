"""People: citizens with paper in their hands, a guide, a supervisor. They know what they read, hear and see.

A citizen keeps the number the screen showed and the slips that fell out; follows the panel that lights the number;
may have gone for good, or for a while, when it does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hall import commands as c
from hall import events as e
from hall.events import Recorded
from hall.names import Origin, PauseReason, Role, Why
from storm.edge import NUMBER

if TYPE_CHECKING:
    from storm.day import Day

ASK_MS = 5000
TRIES_MAX = 3  # at a machine, before a citizen goes home
PRIORITIES = ("elderly", "disabled", "pregnant", "veteran")


class Citizen:
    """Somebody who came."""

    __slots__ = ("absent", "at", "case_ms", "day", "entry", "number", "slips", "touched_at", "tries", "unit", "when")

    def __init__(self, day: Day, entry: str, unit: str) -> None:
        self.day, self.entry, self.unit = day, entry, unit
        self.number = self.when = ""  # the number, and the business day it is of
        self.slips: list[int] = []  # 0 the first, n a copy marked n
        self.at = ""  # the window they stand at or walk to
        self.absent = ""  # "gone", "later"
        self.tries = self.touched_at = 0
        self.case_ms = max(20_000, int(day.world.dice.expovariate(1 / day.case_mean_ms)))

    def comes(self) -> None:
        """To a machine that is free."""
        world = self.day.world
        kiosks = self.day.kiosks
        first = int(world.dice.random() * len(kiosks))
        for step in range(len(kiosks)):
            if kiosks[first - step].touch(self):
                return
        self._later()

    def _later(self) -> None:
        self.tries += 1
        if self.tries < TRIES_MAX or self.day.world.calm:
            self.day.world.after(self.day.world.between(3000, 20_000), self.comes)
        elif self.tries < 10:
            self.day.guide.gives_number(self)  # somebody helps

    def turned_away(self, why: Why) -> None:
        if self.day.world.trace is not None:
            self.day.world.note(f"a citizen for {self.entry} is turned away: {why.value}")
        if why in (Why.LATE, Why.QUEUE_FULL, Why.NOT_READY, Why.QUEUE_UNSTAFFED) and self.tries < TRIES_MAX:
            self._later()

    def reads(self, issued: e.TicketIssued, when: str) -> None:
        """The number is theirs."""
        if self.number:
            return
        self.number, self.when = issued.number, when
        self.day.has_number(self)
        weather, dice = self.day.weather, self.day.world.dice
        if dice.random() < weather.gone:
            self.absent = "later" if dice.random() < weather.comes_back else "gone"

    def sees(self, window: str) -> None:
        """The number is lit over a window."""
        if self.at != window and not self.absent:
            self.at = window
            self.day.world.after(self.day.world.between(4000, 18_000), self._stands_there, window)

    def _stands_there(self, window: str) -> None:
        if self.at == window and self.day.people.get(self.number) is self:
            self.day.windows[window].arrives(self)

    def goes_back(self) -> None:
        """Served, sent on, or it was not their turn."""
        self.at = ""

    def missed(self, window: str) -> None:
        """过号: whoever only was away comes back and says so; some are angry, and rate."""
        if self.day.world.chance(0.2):
            self.day.windows[window].rate(1, self.number)
        if self.absent == "later":
            self.absent = ""
            self.day.world.after(self.day.world.between(60_000, 900_000), self.day.supervisor.returns, self.number)


class Desk:
    """A guide or a supervisor: a session on one device, opened again when it is gone."""

    def __init__(self, day: Day, staff: str, device: str, role: Role) -> None:
        self.day = day
        self.by = c.Principal(device, staff, role)

    def ask(
        self, command: c.Command, until: tuple[type[e.Event], ...], then: Callable[..., None] | None = None
    ) -> None:
        """Ask; without a session log in and ask once more."""

        def answered(events: list[Recorded]) -> None:
            refusals = [r.event for r in events if isinstance(r.event, e.CommandRefused)]
            if refusals and refusals[0].why is Why.NO_RIGHT:
                self.logs_in(lambda: self.day.asks.ask(command, self.by, until, ASK_MS, then or _nothing))
            elif then is not None:
                then(events)

        self.day.asks.ask(command, self.by, until, ASK_MS, answered)

    def logs_in(self, then: Callable[[], object]) -> None:
        by = c.Principal(self.by.device, role=Role.DEVICE)
        log_in = c.LogIn(self.by.staff, secret="right")
        self.day.asks.ask(log_in, by, (e.StaffLoggedIn,), ASK_MS, lambda events: then() if events else None)

    # -- the guide -----------------------------------------------------------------------------------------------------

    def gives_number(self, citizen: Citizen) -> None:
        """For somebody elderly, or whom no machine helps. An answer that never came is a number nobody took."""
        elderly = self.day.world.chance(0.7)
        kiosk = self.day.world.dice.choice(self.day.kiosks).name
        issue = c.IssueTicket(
            citizen.entry, kiosk, priority=self.day.world.dice.choice(PRIORITIES) if elderly else "ordinary",
            origin=Origin.GUIDE, reason="帮助",
        )  # fmt: skip

        def given(events: list[Recorded]) -> None:
            for record in events:
                if isinstance(record.event, e.TicketIssued):
                    citizen.reads(record.event, record.day)

        self.ask(issue, (e.TicketIssued,), given)

    # -- the supervisor ------------------------------------------------------------------------------------------------

    def returns(self, number: str) -> None:
        self.ask(c.ReturnTicket(number, "回来了"), (e.TicketReturned,))

    def reprints(self, number: str) -> None:
        """An alarm says that a slip is not certain: another one, at a machine that works."""
        kiosks = [kiosk for kiosk in self.day.kiosks if not kiosk.fault] or self.day.kiosks
        kiosk = self.day.world.dice.choice(kiosks).name
        self.ask(c.ReprintTicket(number, kiosk, "补打"), (e.ReprintAsked,))

    def walks_round(self) -> None:
        """Something a supervisor does now and then."""
        world, day = self.day.world, self.day
        idle = [name for name, window in day.windows.items() if window.box and not NUMBER.search(window.box[1])]
        window = world.dice.choice(idle or list(day.windows))
        acts: tuple[c.Command, ...] = (
            c.RenameWindow(window, world.dice.choice(("", "退税专窗", "老年优先"))),
            c.SetHelps(window, world.dice.choice(((), ("post",), ("large", "post"), ("tax",), ("large", "tax")))),
            c.SetServes(
                window, (*day.hall.windows[window].queues, *world.dice.choice(((), ("post",), ("tax",)))), "人多"
            ),
            c.CallNumber(window, self._some_number(), "有急事"),
            c.CallNumber(window, self._some_number(), "有急事"),
            c.TransferTicket(self._some_number(), to_queue=world.dice.choice(("large", "tax", "post"))),
            c.GivePriority(self._some_number(), world.dice.choice(PRIORITIES), "老人"),
            c.VoidTicket(self._some_number(), "走了"),
            c.StopIssuing(world.dice.choice(("", "post")), "满了"),
            c.ResumeIssuing(""),
            c.ResumeIssuing("post"),
            c.SetNotice(world.dice.choice(("", "请稍候", "紧急情况，请从东门离开")), "通知"),
            c.PauseWindow(window, PauseReason.BREAK),
            c.OpenWindow(window),
            c.CloseWindow(window),
            c.HandBack(window),
            c.TransferTicket(self._some_number(), to_window=window),
            c.ReturnTicket(self._some_number(), "回来了"),
            c.AcknowledgeAlarm(next(iter(day.controller.state.alarms), "slip:A0001")),
            c.IssueTicket("now", origin=Origin.SUPERVISOR, reason="帮助"),
        )
        self.ask(world.dice.choice(acts), (e.Event,))
        if not world.calm:
            world.after(world.between(60_000, 500_000), self.walks_round)
            world.after(60_000, self.ask, c.ResumeIssuing(""), (e.Event,))

    def _some_number(self) -> str:
        """Of somebody who is in the hall, or was called and did not come."""
        numbers = list(self.day.people)
        return self.day.world.dice.choice(numbers) if numbers else "A0001"


def _nothing(events: list[Recorded]) -> None:
    """Nobody looks at the answer."""
