"""How one ticket stands, in words a page can show. Pure reading; nothing in it tells who anybody is."""

from __future__ import annotations

import msgspec

from controller.core import HallState
from controller.core.placing import people_ahead, wait_s
from controller.core.state import Ticket
from hall.names import AT_WINDOW, Instant, Stage, WindowId
from hall.waits import minutes, where
from hall.wording import inert

NAME_MAX = 60  # characters of a name on a phone
SETTLED = {Stage.VOID: "void", Stage.EXPIRED: "expired", Stage.NO_SHOW: "no_show"}


class Both(msgspec.Struct, frozen=True):
    """A name in both languages."""

    zh: str
    en: str


class Standing(msgspec.Struct, frozen=True):
    """A ticket as its page shows it. Minutes are -1 while no estimate can be given."""

    number: str
    site: Both
    hall: Both
    matter: Both
    stage: str  # waiting aside called serving held parked served no_show void expired
    lang: str  # what the citizen chose at the machine
    ahead: int = 0  # people before this ticket, while it waits
    low_min: int = -1  # the wait as a range, minutes
    high_min: int = -1
    windows: str = ""  # which windows call this queue, while it waits
    window: WindowId = ""  # where to go, or where the ticket is or was
    window_name: str = ""  # as the panel above it says
    recalls: int = 0
    may_return: bool = False  # a no-show that may come back today
    rating: str = ""  # "" not to be rated, "open", "done", "late"
    rating_left_s: int = 0


def standing(state: HallState, ticket: Ticket, now: Instant) -> Standing:
    """How this ticket stands at this instant."""
    shown = Standing(
        number=ticket.number,
        site=_named(state.rules.site),
        hall=_named(state.hall),
        matter=_matter(state, ticket),
        stage=_stage(ticket),
        lang=ticket.lang if ticket.lang == "en" else "zh",
    )
    if ticket.stage is Stage.WAITING:
        return _waiting(state, ticket, shown)
    if ticket.stage is Stage.PARKED:
        return msgspec.structs.replace(shown, may_return=ticket.returns < state.rules.options.return_limit)
    if ticket.stage in (*AT_WINDOW, Stage.HELD, Stage.SERVED):
        return _at_window(state, ticket, shown, now)
    return shown


def _stage(ticket: Ticket) -> str:
    if ticket.stage is Stage.WAITING and ticket.aside:
        return "aside"
    return SETTLED.get(ticket.stage, ticket.stage.value)


def _named(thing: object) -> Both:
    name = inert(getattr(thing, "name", ""), NAME_MAX)
    return Both(name, inert(getattr(thing, "name_en", ""), NAME_MAX) or name)


def _matter(state: HallState, ticket: Ticket) -> Both:
    """What was chosen on the menu; the true unit where a window set it right."""
    entry = state.entries.get(ticket.entry)
    if entry is not None and entry.unit == ticket.unit:
        return _named(entry)
    unit = state.hall.units.get(ticket.unit)
    queue = state.queues.get(ticket.queue)
    return _named(unit or entry or (queue.plan if queue is not None else None))


def _waiting(state: HallState, ticket: Ticket, shown: Standing) -> Standing:
    span = minutes(wait_s(state, ticket))
    windows = (ticket.window,) if ticket.window else tuple(sorted(state.queues[ticket.queue].serving_windows))
    return msgspec.structs.replace(
        shown,
        ahead=people_ahead(state, ticket),
        low_min=span[0] if span else -1,
        high_min=span[1] if span else -1,
        windows=where(state.hall, windows),
    )


def _at_window(state: HallState, ticket: Ticket, shown: Standing, now: Instant) -> Standing:
    window = state.windows.get(ticket.window)
    shown = msgspec.structs.replace(
        shown,
        window=ticket.window,
        window_name=inert(window.name if window is not None else ticket.window, NAME_MAX),
        recalls=ticket.recalls,
    )
    if ticket.stage is not Stage.SERVED:
        return shown
    left_ms = ticket.since + state.rules.options.rating_open_s * 1000 - now
    rating = "done" if ticket.rated else "open" if left_ms > 0 and window is not None else "late"
    left_s = max(0, left_ms // 1000) if rating == "open" else 0
    return msgspec.structs.replace(shown, rating=rating, rating_left_s=left_s)
