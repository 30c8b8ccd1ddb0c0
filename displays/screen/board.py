"""The hall screen without its page: folds views and calls into a picture. It reads no clock and touches no wire.

Who is called stands in the retained views of the windows, so a screen is right at once after any restart. Only what
rings (flashes) and the order of the last calls come from the calls as they are heard.
"""

from __future__ import annotations

from typing import TypeVar

from displays.screen.picture import Both, Call, Line, Picture
from hall.events import Recorded, TicketCalled, TicketRecalled
from hall.names import AT_WINDOW, Instant, QueueId, Stage, TicketNumber, WindowId
from hall.plan.model import Hall, Plan
from hall.views import HallView, QueueView, View, WindowView
from hall.wording import inert, say

NAME_MAX = 40  # characters of a name that are shown; the longest of the sample plans has 12
NUMBER_MAX = 12
STARTED_MS = 45_000  # where a call starts service at once, it stands on the screen this long
PAST_MAX = 24  # last calls kept; a page shows those it has room for
PAST_MS = 30 * 60 * 1000  # an older call is no news to anybody in the hall
MINUTE_S = 60

V = TypeVar("V", bound=View)


class Board:
    """What is known of one hall."""

    def __init__(self, plan: Plan, hall: Hall) -> None:
        self._site_plan, self.plan = plan, hall
        self.hall: HallView | None = None
        self.windows: dict[WindowId, WindowView] = {}
        self.queues: dict[QueueId, QueueView] = {}
        self._past: dict[TicketNumber, Call] = {}

    # -- what comes ----------------------------------------------------------------------------------------------------

    def show_hall(self, view: HallView) -> bool:
        """False for a view older than the last; so do the others."""
        if not _newer(view, self.hall):
            return False
        if self.hall is not None and view.day != self.hall.day:
            self._past.clear()
        self.hall = view
        return True

    def show_queue(self, view: QueueView) -> bool:
        if view.queue not in self.plan.queues or not _newer(view, self.queues.get(view.queue)):
            return False
        self.queues[view.queue] = view
        return True

    def show_window(self, view: WindowView) -> bool:
        if view.window not in self.plan.windows or not _newer(view, self.windows.get(view.window)):
            return False
        self.windows[view.window] = view
        known = self._past.get(view.number)
        if view.number and view.stage in AT_WINDOW and (known is None or known.window != view.window):
            self._remember(Call(view.number, view.window, view.name, view.since))
        return True

    def called(self, recorded: Recorded) -> None:
        """A call or recall that is fresh (displays.fresh)."""
        event = recorded.event
        if isinstance(event, TicketCalled | TicketRecalled) and event.window in self.plan.windows:
            ring, at = f"{recorded.epoch}.{recorded.seq}", recorded.recorded
            self._remember(Call(event.number, event.window, self.name(event.window), at, ring, at))

    def _remember(self, call: Call) -> None:
        self._past[call.number] = call
        if len(self._past) > PAST_MAX + len(self.plan.windows):
            oldest = min(self._past.values(), key=lambda one: one.at)
            del self._past[oldest.number]

    # -- what is asked -------------------------------------------------------------------------------------------------

    def name(self, window: WindowId) -> str:
        """What a window is called now."""
        view = self.windows.get(window)
        return view.name if view is not None else self.plan.windows[window].name

    def still_called(self, number: TicketNumber, window: WindowId, since: tuple[int, int]) -> bool:
        """Whether a call told at `since` (epoch, seq) holds: no newer view of its window says otherwise."""
        view = self.windows.get(window)
        if view is None or (view.epoch, view.revision) < since:
            return True
        return view.number == number and self._at_call(view.stage)

    def picture(self, now: Instant, page: str, rate: float, away: str) -> Picture:
        site, hall = self._site_plan.site, self.plan
        calling = sorted(self._calling(now), key=lambda call: (call.at, call.ring), reverse=True)
        phase = self.hall.phase if self.hall is not None else ""
        return Picture(
            page=page,
            site=Both(_name(site.name), _name(site.name_en)),
            hall=Both(_name(hall.name), _name(hall.name_en)),
            area=_name(hall.area),
            at=now,
            rate=rate,
            zone=site.time_zone,
            phase=phase,
            issuing=self.hall is not None and self.hall.issuing,
            notice=inert(self.hall.notice) if self.hall is not None else "",
            lunch=self._lunch() if phase == "lunch" else "",
            opens=_clock(hall.hours.opens),
            closes=_clock(hall.hours.closes),
            away=away,
            calling=tuple(map(_inert, calling)),
            past=tuple(map(_inert, self._last({call.number for call in calling}, now))),
            queues=tuple(self._line(queue) for queue in hall.queues),
        )

    # -- parts of the picture ------------------------------------------------------------------------------------------

    def _at_call(self, stage: Stage | None) -> bool:
        return stage is Stage.CALLED or (stage is Stage.SERVING and self._site_plan.options.start_on_call)

    def _calling(self, now: Instant) -> list[Call]:
        found = []
        for view in self.windows.values():
            known = self._past.get(view.number)
            if not view.number or not self._at_call(view.stage):
                continue
            call = Call(view.number, view.window, view.name, view.since)
            if known is not None and known.window == view.window and known.ring:
                at = max(known.at, view.since)
                call = Call(view.number, view.window, view.name, at, known.ring, known.rang)
            if view.stage is Stage.CALLED or now - call.at < STARTED_MS:
                found.append(call)
        return found

    def _last(self, calling: set[TicketNumber], now: Instant) -> list[Call]:
        past = [call for call in self._past.values() if call.number not in calling and now - call.at < PAST_MS]
        return sorted(past, key=lambda call: (call.at, call.ring), reverse=True)[:PAST_MAX]

    def _line(self, queue: QueueId) -> Line:
        plan, view = self.plan.queues[queue], self.queues.get(queue)
        if view is None:
            return Line(queue, Both(_name(plan.name), _name(plan.name_en)), 0, -1, 0, "")
        minutes = -(-view.estimate_s // MINUTE_S) if view.estimate_s >= 0 else -1
        name = Both(_name(view.name), _name(view.name_en))
        return Line(queue, name, view.waiting, minutes, view.open_windows, "" if view.issuing else view.why_not)

    def _lunch(self) -> str:
        hours, own = self.plan.hours, self.plan.notices.get("lunch", "")
        if own or hours.lunch_to is None:
            return inert(own)
        return say("screen.lunch", time=_clock(hours.lunch_to))


def _newer(view: V, known: V | None) -> bool:
    return known is None or (view.epoch, view.revision) >= (known.epoch, known.revision)


def _clock(minutes: int) -> str:
    """Minutes after midnight as 08:30."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _name(text: str) -> str:
    return inert(text, NAME_MAX)


def _inert(call: Call) -> Call:
    return Call(inert(call.number, NUMBER_MAX), call.window, _name(call.name), call.at, call.ring, call.rang)
