"""What the handlers of the staff's pages share: the plan, how the hall stands, who asks; and answers in words."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from caller.pages.asking import Answer, Askers
from caller.pages.logins import Logins
from caller.pages.standing import Standing
from caller.pages.tablets import Tablets
from caller.pages.words import Both, Done
from hall.events import CommandRefused
from hall.names import DeviceId, Why, WindowId
from hall.plan.model import Hall, Plan, Window
from hall.wording import LANGS, inert, say
from transport.clock import Clock
from transport.doors import Streams

NAME_MAX = 40  # characters of a name on a page
PATIENCE_MS = 5000  # real: nobody looks at a pressed key longer; a broker or controller restarts in half of it


@dataclass(slots=True)
class House:
    """One hall's pages."""

    plan: Plan
    hall: Hall
    clock: Clock
    standing: Standing
    streams: Streams
    logins: Logins
    tablets: Tablets
    askers: Askers | None = None  # none before the link is open

    @property
    def who(self) -> DeviceId:
        """This door's own name on the bus."""
        return f"staff-{self.hall.id}"

    def asking(self) -> Askers:
        if self.askers is None or self.standing.away:
            raise web.HTTPServiceUnavailable(reason="away", headers={"Retry-After": "2"})
        return self.askers

    def window_of(self, request: web.Request) -> Window:
        """The window of a path; 404 where the hall has none of that name."""
        window = self.hall.windows.get(request.match_info["window"])
        if window is None:
            raise web.HTTPNotFound
        return window

    def notice(self) -> str:
        return inert(self.standing.hall.notice, 200) if self.standing.hall is not None else ""


def soft(window: WindowId) -> DeviceId:
    """The name a window's pages have on the bus."""
    return f"soft-{window}"


def named(name: str, name_en: str) -> Both:
    zh = inert(name, NAME_MAX)
    return Both(zh, inert(name_en, NAME_MAX) or zh)


def refusal(answer: Answer) -> CommandRefused | None:
    return next((said.event for said in answer if isinstance(said.event, CommandRefused)), None)


def refused(why: Why, number: str = "", detail: str = "") -> Done:
    """No, and the words for it."""
    return Done(number, why.value, Both(*(say(f"refusal.{why.value}", lang, detail=detail) for lang in LANGS)))


def done(answer: Answer) -> Done:
    """What came of a press, in words."""
    no = refusal(answer)
    if no is not None:
        return refused(no.why, no.number, no.detail)
    found = Done()
    for said in answer:
        event = said.event
        number = getattr(event, "number", "") or found.number
        ahead, estimate_s = getattr(event, "ahead", found.ahead), getattr(event, "estimate_s", found.estimate_s)
        found = Done(number, ahead=ahead, estimate_s=estimate_s)
    return found
