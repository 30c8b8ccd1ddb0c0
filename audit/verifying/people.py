"""Windows, staff, ratings and what else stands in a hall: one ticket and one person per window, one seat per person
(I16); one rating per served ticket, from the right place, in time (I15)."""

from __future__ import annotations

from audit.verifying.books import Books, Record, Seating


def logged_in(books: Books, rec: Record) -> None:
    staff, name, court = rec.text("staff"), rec.text("window"), books.court
    if not name:
        return
    seat = books.seats.get(staff)
    court.expects("I16", seat is None, "", f"{staff} sits at {seat.window if seat else ''} and again at {name}")
    court.expects("I3", name in books.hall.windows, "", f"{staff} sits at {name}, which is no window of this hall")
    known = staff in books.rules.staff or not books.rules.staff
    court.expects("I16", known, "", f"{staff} sits at {name}, and is nobody of the plan")
    window = books.window(name)
    court.expects("I16", not window.staff, "", f"{staff} sits down at {name}, where {window.staff} sits")
    window.staff, window.role, window.kind = staff, rec.text("role"), rec.text("kind", "integrated")
    books.seats[staff] = Seating(staff, name, rec.recorded, rec.seq)
    books.seatings.append(books.seats[staff])


def logged_out(books: Books, rec: Record) -> None:
    staff, name, court = rec.text("staff"), rec.text("window"), books.court
    if not name:
        return
    window = books.window(name)
    court.expects("I16", window.staff == staff, "", f"{staff} leaves {name}, where {window.staff or 'nobody'} sits")
    court.expects("I6", not window.ticket, window.ticket, f"{staff} leaves {name} with a ticket in hand")
    seating = books.seats.pop(staff, None)
    if seating is not None:
        seating.until = rec.recorded
    window.staff, window.role = "", "window"
    _stands(books, rec, "closed")


def opened(books: Books, rec: Record) -> None:
    name = rec.text("window")
    _changes(books, rec, ("closed", "paused"))
    books.court.expects("I16", bool(books.window(name).staff), "", f"{name} opens with nobody there")
    _stands(books, rec, "open")


def paused(books: Books, rec: Record) -> None:
    _changes(books, rec, ("open",))
    _empty_handed(books, rec)
    _stands(books, rec, "paused")
    books.window(rec.text("window")).pause = rec.text("why", "break")


def _changes(books: Books, rec: Record, were: tuple[str, ...]) -> None:
    """A window that opens was not open: what lies between is missing otherwise."""
    name = rec.text("window")
    status = books.window(name).status
    books.court.expects("I25", status in were, "", f"{rec.what} of {name}, which is {status}")


def _empty_handed(books: Books, rec: Record) -> None:
    name = rec.text("window")
    number = books.window(name).ticket
    books.court.expects("I6", not number, number, f"{name} stops with a ticket in hand")


def closed(books: Books, rec: Record) -> None:
    _changes(books, rec, ("open", "paused"))
    _empty_handed(books, rec)
    _stands(books, rec, "closed")


def _stands(books: Books, rec: Record, status: str) -> None:
    name = rec.text("window")
    window = books.window(name)
    window.status, window.pause = status, ""
    books.serve_again(name)


def renamed(books: Books, rec: Record) -> None:
    books.window(rec.text("window")).name = rec.text("name")


def serves_set(books: Books, rec: Record) -> None:
    serves = rec.event.get("serves", [])
    books.window(rec.text("window")).own = tuple(map(str, serves)) if isinstance(serves, list) else ()
    books.serve_again(rec.text("window"))


def helps_set(books: Books, rec: Record) -> None:
    helps = rec.event.get("helps", [])
    books.window(rec.text("window")).helps = tuple(map(str, helps)) if isinstance(helps, list) else ()


def rated(books: Books, rec: Record) -> None:
    """Once, for a served ticket, its window and whoever served, from that window's device or the ticket's own page."""
    court, number, name = books.court, rec.number, rec.text("window")
    ticket = books.tickets.get(number)
    if ticket is None:
        court.breaks("I15", number, "a rating for a number that is not of this day")
        return
    court.expects("I15", ticket.stage == "served", number, f"rated while {ticket.stage}")
    court.expects("I15", not ticket.rated, number, "rated a second time")
    who = (name, rec.text("staff"))
    court.expects("I15", who == (ticket.window, ticket.staff), number, f"rated for {who}, served by {ticket.window}")
    late = rec.recorded - ticket.ended_at > books.rules.options.rating_open_s * 1000
    court.expects("I15", not late or not ticket.ended_at, number, "rated after its time")
    court.expects("I15", 1 <= rec.whole("level") <= 5, number, f"level {rec.event.get('level')!r}")
    court.expects("I15", _may_rate(books, name, rec.by.get("device", "")), number, f"rated from {rec.by.get('device')}")
    ticket.rated = True
    books.counts.add(books.day, "rated", 1, ticket.queue, name)
    books.counts.add(books.day, f"level_{rec.whole('level')}")


def invited(books: Books, rec: Record) -> None:
    """Whoever was served there last may rate, as long as the plan says."""
    court, number, name = books.court, rec.number, rec.text("window")
    served, ticket = books.window(name).served, books.tickets.get(number)
    if ticket is None or number != served:
        court.breaks("I15", number, f"is asked at {name} to rate, where {served or 'nobody'} was served last")
        return
    until = ticket.ended_at + books.rules.options.rating_open_s * 1000
    court.expects("I15", rec.whole("until") == until, number, "may rate for another time than the plan's")


def _may_rate(books: Books, window: str, device: str) -> bool:
    """No device of another window or line rates here; one that belongs to no window (a phone) does."""
    kind, _, rest = device.partition("-")
    plan = books.hall.windows.get(window)
    if kind == "caller":
        return plan is not None and plan.seat is not None and rest == plan.seat.line
    if kind == "kiosk":
        return False
    own = device.endswith(f"-{window}")
    return own or not any(device.endswith(f"-{other}") for other in books.hall.windows)


def stopped(books: Books, rec: Record) -> None:
    books.stopped[rec.text("queue")] = rec.reason


def resumed_issuing(books: Books, rec: Record) -> None:
    books.stopped.pop(rec.text("queue"), None)


def notice_set(books: Books, rec: Record) -> None:
    books.notice = rec.text("text")


def faulted(books: Books, rec: Record) -> None:
    books.faults[rec.text("device")] = rec.text("fault")


def healed(books: Books, rec: Record) -> None:
    books.faults.pop(rec.text("device"), None)


def refused(books: Books, rec: Record) -> None:
    books.counts.add(books.day, "refused")


TABLE = {
    "StaffLoggedIn": logged_in, "StaffLoggedOut": logged_out, "WindowOpened": opened, "WindowPaused": paused,
    "WindowClosed": closed, "WindowRenamed": renamed, "ServesSet": serves_set, "HelpsSet": helps_set,
    "ServiceRated": rated, "RatingInvited": invited,
    "IssuingStopped": stopped, "IssuingResumed": resumed_issuing, "NoticeSet": notice_set, "DeviceFaulted": faulted,
    "DeviceHealed": healed, "CommandRefused": refused,
}  # fmt: skip
