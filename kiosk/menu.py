"""What the touch page shows: plan, standing and printer become one record, in both languages. Pure.

The page holds no text and no rule of its own: a banner here takes the place of its buttons, `entries` are its menu.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from hall.names import EntryId, HallId, Instant, KioskId, QueueId
from hall.plan.model import Entry, Hall, Kiosk, Plan
from hall.views import HallView, QueueView
from hall.wording import LANGS, inert, say
from kiosk.standing import Standing
from kiosk.waits import lunch, opening

PAPER_LESS = frozenset({"", "paper_low"})  # states of a printer that still prints


class Both(msgspec.Struct, frozen=True):
    """A text in the languages of the page."""

    zh: str
    en: str


class Banner(msgspec.Struct, frozen=True):
    """Why no number can be had here now, and what to do instead."""

    why: str
    title: Both
    line: Both


class EntryShown(msgspec.Struct, frozen=True):
    """A line of the menu. `elsewhere` is None for this hall's own; `waiting` -1 while unknown."""

    id: EntryId
    name: Both
    button: Literal["now", "help"]
    page: Literal["main", "points"]
    waiting: int
    issuing: bool
    queue: QueueId = ""
    elsewhere: Both | None = None


class Priority(msgspec.Struct, frozen=True):
    id: str
    name: Both


class Menu(msgspec.Struct, frozen=True):
    """The page's state of the world."""

    kiosk: KioskId
    title: Both
    time: str  # 10:32, hall time
    date: str
    banner: Banner | None
    notices: tuple[Both, ...]
    entries: tuple[EntryShown, ...]
    elsewhere: Both  # heading over the other halls' entries
    priorities: tuple[Priority, ...]  # empty unless the plan lets citizens declare themselves
    idle_s: int
    result_s: int
    boot: str


def both(key: str, **values: object) -> Both:
    return Both(*(say(key, lang, **values) for lang in LANGS))


def named(thing: Entry | Hall, most: int = 40) -> Both:
    name = inert(thing.name, most)
    return Both(name, inert(thing.name_en, most) or name)


def in_hall(key: str, halls: list[Hall]) -> Both:
    """A text that names halls, each language with its own names."""
    zh, en = "、".join(named(h).zh for h in halls), ", ".join(named(h).en for h in halls)
    return Both(say(key, "zh", hall=zh), say(key, "en", hall=en))


class MenuMaker:
    """Makes the menu of one machine; what only the plan decides is made once."""

    def __init__(self, plan: Plan, hall_id: HallId, kiosk: Kiosk, boot: str) -> None:
        self._plan, self._hall, self._kiosk, self._boot = plan, plan.halls[hall_id], kiosk, boot
        self._zone = ZoneInfo(plan.site.time_zone)
        self._others = [hall for other, hall in plan.halls.items() if other != hall_id]
        self._elsewhere = tuple(_elsewhere(entry, hall) for hall in self._others for entry in hall.entries)
        site = Both(inert(plan.site.name, 40), inert(plan.site.name_en, 60) or inert(plan.site.name, 40))
        hall = named(self._hall)
        self._title = Both(
            say("kiosk.title", "zh", site=site.zh, hall=hall.zh), say("kiosk.title", "en", site=site.en, hall=hall.en)
        )
        self._priorities = _priorities(plan) if plan.options.self_declared_priority else ()

    def make(self, standing: Standing, printer_fault: str, now: Instant) -> Menu:
        local = datetime.fromtimestamp(now / 1000, UTC).astimezone(self._zone)
        minute = local.hour * 60 + local.minute
        return Menu(
            kiosk=self._kiosk.id,
            title=self._title,
            time=local.strftime("%H:%M"),
            date=local.strftime("%Y-%m-%d"),
            banner=self._banner(standing, printer_fault, minute),
            notices=self._notices(standing.hall),
            entries=tuple(
                _own(entry, standing.queues.get(entry.queue))
                for entry in self._hall.entries
                if entry.queue not in standing.gone
            )
            + tuple(e for e in self._elsewhere if e.button == "help"),
            elsewhere=in_hall("kiosk.elsewhere_list", self._others),
            priorities=self._priorities,
            idle_s=self._kiosk.idle_s,
            result_s=self._kiosk.result_s,
            boot=self._boot,
        )

    def elsewhere(self, entry: EntryId) -> Both | None:
        """The answer to an entry that only other halls have: where to go."""
        halls = [hall for hall in self._others if any(e.id == entry for e in hall.entries)]
        return in_hall("kiosk.elsewhere", halls) if halls else None

    def printer_banner(self, fault: str) -> Banner:
        """Out of paper or out of order: which machines of this hall are left."""
        others = [k for k in self._hall.kiosks.values() if k.id != self._kiosk.id]
        go = _to_machines(others) if others else both("kiosk.go_guide")
        key = "kiosk.paper_out" if fault == "paper_out" else "kiosk.printer_fault"
        return Banner(fault, both(key), go)

    def _banner(self, standing: Standing, printer_fault: str, minute: int) -> Banner | None:
        view = standing.hall
        if standing.away == "not_ready":
            return Banner("not_ready", both("kiosk.not_ready"), both("kiosk.go_guide"))
        if standing.away or view is None:
            return Banner("away", both("kiosk.away"), both("kiosk.away_line"))
        if not view.issuing:
            return self._closed(view, minute)
        if printer_fault not in PAPER_LESS:
            return self.printer_banner(printer_fault)
        return None

    def _closed(self, view: HallView, minute: int) -> Banner:
        hours = self._hall.hours
        open_line = Both(*(opening(hours, lang) for lang in LANGS))
        if view.phase == "lunch":
            return Banner("lunch", both("kiosk.lunch_closed", **lunch(hours)), open_line)
        if view.phase == "open" and minute < hours.closes - hours.stop_issuing_before_close_min:
            return Banner("stopped", both("kiosk.not_ready"), both("kiosk.stopped"))
        return Banner("closed", both("kiosk.closed"), open_line)

    def _notices(self, view: HallView | None) -> tuple[Both, ...]:
        if view is None or view.phase != "lunch" or not view.issuing:
            return ()
        own = {lang: inert(self._hall.notices.get(key, "")) for lang, key in (("zh", "lunch"), ("en", "lunch_en"))}
        usual = both("kiosk.lunch", **lunch(self._hall.hours))
        return (Both(own["zh"] or usual.zh, own["en"] or usual.en),)


def _to_machines(kiosks: Sequence[Kiosk]) -> Both:
    """Which machines to go to; a machine's name is Chinese alone, its id stands on every machine."""
    return Both(
        say("kiosk.go_elsewhere", "zh", kiosks="、".join(inert(k.name, 20) for k in kiosks)),
        say("kiosk.go_elsewhere", "en", kiosks=", ".join(k.id for k in kiosks)),
    )


def _priorities(plan: Plan) -> tuple[Priority, ...]:
    names, names_en = plan.priority.names, plan.priority.names_en
    return tuple(
        Priority(c, Both(inert(names.get(c, c)), inert(names_en.get(c, "") or names.get(c, c))))
        for c in plan.priority.classes
    )


def _own(entry: Entry, queue: QueueView | None) -> EntryShown:
    waiting, issuing = (queue.waiting, queue.issuing) if queue else (-1, True)
    return EntryShown(entry.id, named(entry), entry.button, entry.page, waiting, issuing, entry.queue)


def _elsewhere(entry: Entry, hall: Hall) -> EntryShown:
    go = in_hall("kiosk.elsewhere", [hall])
    return EntryShown(entry.id, named(entry), entry.button, entry.page, -1, issuing=False, elsewhere=go)
