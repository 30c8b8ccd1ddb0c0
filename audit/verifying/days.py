"""The turn of the day, plans and phases, judged and followed: nobody is lost over night, numbers begin anew (I6, I13).

A DayOpened holds everything older that still matters. What it says is compared with what we followed (I25), then the
day begins from it alone.
"""

from __future__ import annotations

from dataclasses import fields
from typing import cast

from audit.verifying import hours, plans
from audit.verifying.books import OVER, Books, Misshaped, Queue, Record, Seating, Ticket, Window

Plain = dict[str, object]
SAME = ("day", "queue", "unit", "entry", "issued_at")  # what a ticket keeps whatever happens (I11)
CARRIED = (
    "priority", "origin", "kiosk", "due_at", "place", "stage", "window", "staff", "called_at", "started_at", "recalls",
    "slip", "copies", "returns", "matters", "linked_to", "holds", "lang",
)  # fmt: skip
LIVE_DEFAULTS: Plain = {
    "window": "", "staff": "", "called_at": 0, "started_at": 0, "recalls": 0, "slip": "none", "copies": 0,
    "returns": 0, "matters": 1, "linked_to": "", "holds": 0, "lang": "zh",
}  # fmt: skip


def day_opened(books: Books, rec: Record) -> None:
    day, court = rec.text("day"), books.court
    court.expects("I13", not books.day or day > books.day, "", f"day {day} opens after {books.day}")
    tickets = [_plain(live) for live in _list(rec, "tickets")]
    reserved = _list(rec, "reserved")
    numbers = [str(live.get("number")) for live in tickets]
    court.expects("I13", sorted(map(str, reserved)) == sorted(numbers), "", "reserved numbers are not the carried ones")
    if books.plan is not None:
        _compare(books, rec, {str(live.get("number")): live for live in tickets})
    _begin(books, rec, day)
    books.reserved = {str(number) for number in reserved}
    for live in _list(rec, "windows"):
        _window_put_back(books, _plain(live), rec)
    for live in tickets:
        _ticket_put_back(books, live)
    for name in books.windows:
        books.serve_again(name)


def _list(rec: Record, name: str) -> list[object]:
    value = rec.event.get(name, [])
    if not isinstance(value, list):
        raise Misshaped(f"{name} is no list")
    return value


def _table(rec: Record, name: str) -> Plain:
    return _plain(rec.event.get(name, {}))


def _plain(value: object) -> Plain:
    if not isinstance(value, dict):
        raise Misshaped(f"{value!r} is no table")
    return cast(Plain, value)


# -- what was followed against what is said ------------------------------------------------------------------------


def _compare(books: Books, rec: Record, said: dict[str, Plain]) -> None:
    court = books.court
    live = {t.number: t for t in books.tickets.values() if t.stage not in OVER}
    for number in sorted(live.keys() | said.keys()):
        if number not in said:
            court.breaks("I6", number, f"was {live[number].stage} and is not carried into {rec.text('day')}: lost")
        elif number not in live:
            court.breaks("I6", number, "is carried into the day but was not alive: out of nowhere")
        else:
            _same_ticket(books, live[number], said[number])
    court.looks("I6", len(live))
    _same_windows(books, rec)
    _same_rest(books, rec)


def _same_ticket(books: Books, ticket: Ticket, live: Plain) -> None:
    expected: Plain = {name: getattr(ticket, name) for name in CARRIED}
    if ticket.slip in ("reserved", "printing"):
        expected["slip"] = "unprinted"
    if ticket.stage == "waiting" and ticket.window and not _works_on(books.window(ticket.window)):
        expected |= {"window": "", "place": (ticket.arrival, 0, ticket.arrival)}
    for name in SAME:
        told = live.get(name, "")
        books.court.expects("I11", told == getattr(ticket, name), ticket.number, f"{name} became {told!r} over night")
    for name, value in expected.items():
        told = live.get(name, LIVE_DEFAULTS.get(name))
        told = tuple(told) if isinstance(told, list) else told
        books.court.expects("I25", told == value, ticket.number, f"{name} is carried as {told!r}, it was {value!r}")


def _works_on(window: Window) -> bool:
    return bool(window.ticket or window.held)


def _same_windows(books: Books, rec: Record) -> None:
    said = {str(_plain(live).get("window")): _plain(live) for live in _list(rec, "windows")}
    kept = {name: window for name, window in books.windows.items() if _works_on(window)}
    right = said.keys() == kept.keys()
    books.court.expects("I25", right, "", f"windows with work {sorted(kept)}, carried {sorted(said)}")
    for name in said.keys() & kept.keys():
        told = (said[name].get("status"), said[name].get("staff", ""), said[name].get("pause", ""))
        was = (kept[name].status, kept[name].staff, kept[name].pause)
        books.court.expects("I25", told == was, kept[name].ticket, f"window {name} is carried as {told}, it was {was}")


def _same_rest(books: Books, rec: Record) -> None:
    plan = books.hall.windows
    names = {w: window.name for w, window in books.windows.items() if w in plan and window.name != plan[w].name}
    helps = {
        w: list(window.helps) for w, window in books.windows.items() if w in plan and window.helps != plan[w].helps
    }
    serves = {w: list(window.own) for w, window in books.windows.items() if w in plan and window.own != plan[w].queues}
    followed = {
        "names": names, "helps": helps, "serves": serves, "stopped": books.stopped, "faults": books.faults,
        "notice": books.notice, "plan_hash": books.plan_hash,
    }  # fmt: skip
    for name, was in followed.items():
        told = rec.event.get(name, "" if name == "notice" else {})
        books.court.expects("I25", told == was, "", f"{name} is carried as {told!r}, it was {was!r}")


# -- a day begins --------------------------------------------------------------------------------------------------


def _begin(books: Books, rec: Record, day: str) -> None:
    books.plan = plans.read(rec.event.get("plan"))
    books.day, books.plan_hash = day, rec.text("plan_hash")
    books.phase, books.issuing = "closed", False
    books.tickets, books.given, books.last = {}, set(), {}
    books.queues = {name: Queue() for name in books.hall.queues}
    names, helps, serves = _table(rec, "names"), _table(rec, "helps"), _table(rec, "serves")
    strange = sorted({*names, *helps, *serves} - books.hall.windows.keys())
    books.court.expects("I3", not strange, "", f"says something of {strange}, which are no windows of this hall")
    books.windows = {
        name: Window(
            name=str(names.get(name, plan.name)),
            own=_names(serves.get(name), plan.queues),
            helps=_names(helps.get(name), plan.helps),
        )
        for name, plan in books.hall.windows.items()
    }
    books.stopped = {queue: str(reason) for queue, reason in _table(rec, "stopped").items()}
    books.faults = {device: str(fault) for device, fault in _table(rec, "faults").items()}
    books.notice = rec.text("notice")
    for seating in books.seats.values():
        seating.until = rec.recorded
    books.seats = {}


def _names(value: object, default: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list) else default


def _window_put_back(books: Books, live: Plain, rec: Record) -> None:
    name, staff = str(live.get("window")), str(live.get("staff", ""))
    if name not in books.windows:
        return
    window = books.windows[name]
    window.status, window.staff, window.pause = str(live.get("status")), staff, str(live.get("pause", ""))
    window.role, window.kind = str(live.get("role", "window")), str(live.get("kind", "integrated"))
    if staff:
        books.seats[staff] = Seating(staff, name, rec.recorded, rec.seq)
        books.seatings.append(books.seats[staff])


def _ticket_put_back(books: Books, live: Plain) -> None:
    known = {each.name for each in fields(Ticket)}
    own = {name: value for name, value in (LIVE_DEFAULTS | live).items() if name in known}
    place = own.get("place")
    if not isinstance(place, list) or len(place) != 3:
        raise Misshaped(f"a carried ticket's place is {place!r}")
    own["place"] = tuple(place)
    ticket = Ticket(arrival=place[2], **own)  # type: ignore[arg-type]  # checked against what was followed
    ticket.last_call_at = ticket.called_at
    books.tickets[ticket.number] = ticket
    if ticket.stage == "waiting":
        books.enter(ticket)
    elif ticket.window in books.windows:
        window = books.windows[ticket.window]
        if ticket.stage == "held":
            window.held.append(ticket.number)
        elif ticket.stage != "parked":
            window.ticket, window.called_at = ticket.number, ticket.called_at


# -- plans and phases ----------------------------------------------------------------------------------------------


def plan_adopted(books: Books, rec: Record) -> None:
    """Windows and queues that stay go on; what a supervisor set of them stands."""
    before, books.plan = books.hall, plans.read(rec.event.get("plan"))
    books.plan_hash = rec.text("hash")
    hall = books.hall
    for name in hall.queues:
        queue = books.queue(name)
        queue.unsure, queue.gone = queue.unsure or queue.gone, False
    for name, queue in books.queues.items():
        queue.gone = name not in hall.queues
        queue.serving = set()
    books.windows = {name: _replanned(books, name, hall, before) for name in hall.windows}
    for name in books.windows:
        books.serve_again(name)


def _replanned(books: Books, name: str, hall: plans.Hall, before: plans.Hall) -> Window:
    plan, known = hall.windows[name], books.windows.get(name)
    if known is None:
        return Window(name=plan.name, own=plan.queues, helps=plan.helps)
    old = before.windows.get(name, plan)
    known.name = plan.name if known.name == old.name else known.name
    known.helps = plan.helps if known.helps == old.helps else tuple(q for q in known.helps if q in hall.queues)
    lets = {q for q, queue in hall.queues.items() if q in plan.queues or not queue.restricted}
    stands = plan.queues if known.own == old.queues else tuple(q for q in known.own if q in lets)
    known.own = stands or plan.queues
    return known


def phase_changed(books: Books, rec: Record) -> None:
    issuing = rec.event.get("issuing", False)
    books.phase, books.issuing = rec.text("phase"), issuing is True
    plan, zone = books.hall.hours, books.rules.site.time_zone
    if plan is not None:
        over = books.phase == "closed" and hours.date_at(zone, rec.recorded) != books.day  # found closed a day later
        right = (over and not books.issuing) or hours.may_be(plan, zone, rec.recorded, books.phase, books.issuing)
        told = "gives numbers" if books.issuing else "gives no numbers"
        books.court.expects("I10", right, "", f"{books.phase} and {told}, against the plan's hours")


TABLE = {"DayOpened": day_opened, "PlanAdopted": plan_adopted, "PhaseChanged": phase_changed}
