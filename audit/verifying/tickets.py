"""The life of a ticket, judged and followed: one place at a time (I6), one window (I2, I16), its history kept (I11),
过号 only in time (I12), no negative span (I28)."""

from __future__ import annotations

from collections.abc import Callable

from audit.verifying import issuing, ordering
from audit.verifying.books import AT_WINDOW, OVER, Books, Record, Ticket

FROM: dict[str, tuple[str, ...]] = {
    "TicketCalled": ("waiting",),
    "TicketRecalled": ("called", "serving"),
    "ServiceStarted": ("called",),
    "ServiceFinished": ("called", "serving"),
    "TicketHeld": ("called", "serving"),
    "TicketResumed": ("held",),
    "TicketHandedBack": ("waiting", "called", "serving", "held"),
    "TicketTransferred": ("waiting", "called", "serving", "held"),
    "TicketRelabelled": ("called", "serving"),
    "MatterAdded": ("serving",),
    "PriorityGiven": ("waiting",),
    "TicketVoided": ("waiting", "called", "serving", "held", "parked"),
    "TicketExpired": ("waiting", "held"),
    "TicketNoShow": ("called", "serving", "parked"),
    "TicketReturned": ("parked",),
}
"""Where each step may begin. What a ticket comes to is in the steps below."""
AT_ITS_WINDOW = frozenset(
    {"TicketRecalled", "ServiceStarted", "ServiceFinished", "TicketHeld", "TicketResumed", "TicketRelabelled",
     "MatterAdded", "TicketVoided"}
)  # fmt: skip


def stepped(books: Books, rec: Record) -> None:
    """One step of one ticket: is it there, may it come now, is it its window's."""
    court, what, number = books.court, rec.what, rec.number
    ticket = books.tickets.get(number)
    if ticket is None:
        court.breaks("I6", number, f"{what}, but this number was never given, or its day is over")
        return
    if ticket.stage in FROM[what]:
        court.looks("I6")
    elif what == "TicketCalled" and ticket.stage in (*AT_WINDOW, "held"):
        court.breaks("I2", number, f"called to {rec.text('window')} while {ticket.stage} at {ticket.window}")
    else:
        over = " (its end)" if ticket.stage in OVER else ""
        court.breaks("I6", number, f"{what} while {ticket.stage}{over}")
    if what in AT_ITS_WINDOW or (what == "TicketNoShow" and ticket.stage != "parked"):
        _at_its_window(books, rec, ticket)
    STEPS[what](books, rec, ticket)


def _at_its_window(books: Books, rec: Record, ticket: Ticket) -> None:
    name = rec.text("window")
    text = f"{rec.what} at {name}, the ticket is at {ticket.window or 'no window'}"
    books.court.expects("I2", ticket.window == name, ticket.number, text)


# -- at a window ---------------------------------------------------------------------------------------------------


def _called(books: Books, rec: Record, ticket: Ticket) -> None:
    court, name, number = books.court, rec.text("window"), ticket.number
    window, options = books.window(name), books.rules.options
    court.expects("I3", name in books.hall.windows, number, f"called to {name}, which is no window of this hall")
    court.looks("I2")
    court.expects("I16", not window.ticket, number, f"called to {name}, which has {window.ticket} in hand")
    court.expects("I16", window.serves, number, f"called to {name}, which is {window.status}")
    staff = rec.text("staff")
    court.expects("I16", staff == window.staff, number, f"called by {staff}, {window.staff or 'nobody'} sits there")
    since = rec.recorded - window.called_at
    free = rec.role == "supervisor" or not 0 <= since < options.guard_s * 1000
    court.expects("I20", free, number, f"{name} called {since} ms after its last call")
    if ticket.stage == "waiting":
        ordering.judge_call(books, rec, ticket)
    books.leave_anything(ticket)
    window.own_calls = window.own_calls + 1 if ticket.queue in window.own else 0
    _count_call(books, rec, ticket, name)
    ticket.stage, ticket.window, ticket.staff, ticket.recalls = "called", name, staff, 0
    ticket.called_at = ticket.last_call_at = window.called_at = rec.recorded
    window.ticket, window.served = number, ""


def _count_call(books: Books, rec: Record, ticket: Ticket, window: str) -> None:
    books.counts.add(books.day, "calls", 1, ticket.queue, window)
    if not ticket.called_at:
        waited = max(0, rec.recorded - ticket.issued_at) // 1000
        books.counts.add(books.day, "first_calls", 1, ticket.queue, window)
        books.counts.add(books.day, "waited_s", waited, ticket.queue, window)


def _recalled(books: Books, rec: Record, ticket: Ticket) -> None:
    recalls, options = rec.whole("recalls"), books.rules.options
    right = recalls == ticket.recalls + 1 <= options.recall_limit
    books.court.expects("I2", right, ticket.number, f"recall {recalls} follows {ticket.recalls}")
    started = ticket.stage != "serving" or options.start_on_call
    books.court.expects("I2", started, ticket.number, "called again while being served")
    ticket.recalls, ticket.last_call_at = recalls, rec.recorded
    books.window(rec.text("window")).called_at = rec.recorded
    books.counts.add(books.day, "recalls", 1, ticket.queue, ticket.window)


def _started(books: Books, rec: Record, ticket: Ticket) -> None:
    ticket.stage, ticket.started_at = "serving", rec.recorded


def _finished(books: Books, rec: Record, ticket: Ticket) -> None:
    court, name, staff = books.court, rec.text("window"), rec.text("staff")
    window = books.window(name)
    court.expects(
        "I16", staff == window.staff, ticket.number, f"served by {staff}, {window.staff or 'nobody'} sits there"
    )
    began = ticket.stage == "serving" or books.rules.options.next_on_called == "finish"
    court.expects("I6", began, ticket.number, "finished, but its service never began")
    took, told = max(0, rec.recorded - (ticket.started_at or ticket.called_at)) // 1000, rec.whole("service_s")
    court.expects("I28", told == took, ticket.number, f"served {told} s, between the events lie {took} s")
    matters = rec.whole("matters", 1)
    court.expects(
        "I11", matters == ticket.matters, ticket.number, f"finished with {matters} of {ticket.matters} matters"
    )
    books.leave_anything(ticket)
    ticket.stage, ticket.staff, ticket.ended_at, window.served = "served", staff, rec.recorded, ticket.number
    _remember_service(books, ticket.queue, told)
    books.counts.add(books.day, "served", 1, ticket.queue, name)
    books.counts.add(books.day, "service_s", told, ticket.queue, name)


def _remember_service(books: Books, name: str, took: int) -> None:
    queue = books.queue(name)
    queue.services.append(took)
    queue.services_sum += took
    if len(queue.services) > books.rules.options.estimate_window:
        queue.services_sum -= queue.services.popleft()


def _held(books: Books, rec: Record, ticket: Ticket) -> None:
    window, most = books.window(rec.text("window")), books.rules.options.hold_limit
    books.court.expects("I16", len(window.held) < most, ticket.number, f"the window holds {len(window.held)} already")
    books.leave_anything(ticket)
    ticket.stage, ticket.holds = "held", ticket.holds + 1
    window.held.append(ticket.number)


def _resumed(books: Books, rec: Record, ticket: Ticket) -> None:
    name = rec.text("window")
    window = books.window(name)
    books.court.expects(
        "I16", not window.ticket, ticket.number, f"resumed at {name}, which has {window.ticket} in hand"
    )
    books.leave_anything(ticket)
    window.ticket, window.served = ticket.number, ""
    ticket.stage, ticket.started_at = "serving", ticket.started_at or rec.recorded


def _relabelled(books: Books, rec: Record, ticket: Ticket) -> None:
    was = rec.text("was")
    books.court.expects("I11", was == ticket.unit, ticket.number, f"relabelled from {was}, it was {ticket.unit}")
    _unit_of_the_hall(books, rec)
    ticket.unit = rec.text("unit")
    books.counts.add(books.day, "wrong_numbers", 1, ticket.queue, ticket.window)


def _matter(books: Books, rec: Record, ticket: Ticket) -> None:
    matters = rec.whole("matters")
    books.court.expects("I11", matters == ticket.matters + 1, ticket.number, f"matter {matters} after {ticket.matters}")
    ticket.matters = matters
    _unit_of_the_hall(books, rec)


def _unit_of_the_hall(books: Books, rec: Record) -> None:
    unit, known = rec.text("unit"), books.hall.units
    books.court.expects("I3", not unit or not known or unit in known, rec.number, f"{unit} is no unit of this hall")


# -- back into a line ----------------------------------------------------------------------------------------------


def _waits_again(books: Books, ticket: Ticket) -> None:
    ticket.stage, ticket.started_at = "waiting", 0
    books.enter(ticket)


def _handed_back(books: Books, rec: Record, ticket: Ticket) -> None:
    name = rec.text("window")
    books.court.expects(
        "I2", ticket.window == name, ticket.number, f"handed back by {name}, it was {ticket.window!r}'s"
    )
    books.leave_anything(ticket)
    ticket.window, ticket.place = "", (ticket.arrival, 0, ticket.arrival)
    _waits_again(books, ticket)


def _transferred(books: Books, rec: Record, ticket: Ticket) -> None:
    """Another queue or window; when it came stays. A new plan moves tickets as they stood before it."""
    court, name, place = books.court, rec.text("queue"), rec.place()
    court.expects("I3", name in books.hall.queues, ticket.number, f"moved to {name}, which is no queue of this hall")
    court.expects("I11", place[2] == ticket.arrival, ticket.number, "its arrival changed on the way")
    asked = rec.role != "system"
    by_arrival = rec.text("how", "arrival") != "arrival" or place == (ticket.arrival, 0, ticket.arrival)
    court.expects("I11", by_arrival or not asked, ticket.number, f"placed at {place} instead of by its arrival")
    came_from = rec.text("window") == ticket.window
    court.expects("I11", came_from or not asked, ticket.number, f"came from {ticket.window!r}, told otherwise")
    if asked and name in books.hall.queues:
        _goes_on_there(books, rec, ticket, name)
    books.counts.add(books.day, "transfers", 1, ticket.queue, ticket.window if ticket.stage != "waiting" else "")
    books.leave_anything(ticket)
    ticket.queue, ticket.unit, ticket.window = name, rec.text("unit"), rec.text("to_window")
    ticket.place, ticket.due_at = place, rec.whole("due_at")
    _waits_again(books, ticket)


def _goes_on_there(books: Books, rec: Record, ticket: Ticket, name: str) -> None:
    """In its own queue all stays; in another one its bound begins anew, and the matter is one of that queue's."""
    court, queue, unit = books.court, books.hall.queues[name], rec.text("unit")
    same = name == ticket.queue
    right = unit == ticket.unit if same else unit in queue.units or not queue.units
    court.expects("I11", right, ticket.number, f"came as {ticket.unit}, goes on in {name} as {unit}")
    due = ticket.due_at if same else rec.recorded + queue.finally_by_s * 1000
    court.expects("I5", rec.whole("due_at") == due, ticket.number, "its bound is not its plan's")


def _returned(books: Books, rec: Record, ticket: Ticket) -> None:
    court, place = books.court, rec.place()
    court.expects("I11", place[2] == ticket.arrival, ticket.number, "its arrival changed on the way back")
    few = ticket.returns < books.rules.options.return_limit
    court.expects("I12", few, ticket.number, f"returns for the {ticket.returns + 1}. time")
    ordering.judge_return(books, rec, ticket)
    queue = books.hall.queues.get(ticket.queue)
    bound = rec.recorded + (queue.finally_by_s if queue else 0) * 1000
    court.expects("I5", queue is None or rec.whole("due_at") == bound, ticket.number, "its bound is not its plan's")
    ticket.returns, ticket.window, ticket.place, ticket.due_at = ticket.returns + 1, "", place, rec.whole("due_at")
    ticket.stage = "waiting"
    books.enter(ticket)
    books.counts.add(books.day, "returns", 1, ticket.queue)


def _priority(books: Books, rec: Record, ticket: Ticket) -> None:
    person = rec.role != "citizen" and bool(rec.reason.strip())
    books.court.expects("I5", person, ticket.number, "another lane without a person's reason")
    classes = books.rules.priority.classes
    known = rec.text("priority") in ("ordinary", *classes) or not classes
    books.court.expects("I5", known, ticket.number, f"in another lane as {rec.text('priority')}, which is in no plan")
    books.leave(ticket)
    ticket.priority = rec.text("priority")
    books.enter(ticket)


# -- ends ----------------------------------------------------------------------------------------------------------


def _no_show(books: Books, rec: Record, ticket: Ticket) -> None:
    court, options = books.court, books.rules.options
    final = rec.event.get("final", False) is True
    court.expects(
        "I6", final == (ticket.stage == "parked"), ticket.number, f"过号 (final: {final}) while {ticket.stage}"
    )
    if final:
        court.expects("I12", books.phase == "closed", ticket.number, "final before the hall closed")
        ticket.stage = "no_show"
        return
    calls, since = 1 + ticket.recalls, rec.recorded - ticket.last_call_at
    court.expects("I12", calls >= options.no_show_after_calls, ticket.number, f"过号 after {calls} calls")
    long_enough = since < 0 or since >= options.no_show_after_s * 1000  # a clock set back locks nobody in
    court.expects("I12", long_enough, ticket.number, f"过号 {since} ms after the last call")
    books.counts.add(books.day, "no_shows", 1, ticket.queue, ticket.window)
    books.leave_anything(ticket)
    ticket.stage, ticket.window = "parked", ""


def _voided(books: Books, rec: Record, ticket: Ticket) -> None:
    books.court.expects("I6", bool(rec.reason.strip()), ticket.number, "taken out without a reason")
    books.leave_anything(ticket)
    ticket.stage, ticket.ended_at = "void", rec.recorded
    books.counts.add(books.day, "voided", 1, ticket.queue)


def _expired(books: Books, rec: Record, ticket: Ticket) -> None:
    """Closing drops nobody, unless the plan says that waiting ends then."""
    allowed = books.rules.options.at_close == "expire" and books.phase == "closed"
    books.court.expects("I10", allowed, ticket.number, f"dropped from the line (phase {books.phase})")
    books.leave_anything(ticket)
    ticket.stage, ticket.ended_at = "expired", rec.recorded
    books.counts.add(books.day, "expired", 1, ticket.queue)


STEPS: dict[str, Callable[[Books, Record, Ticket], None]] = {
    "TicketCalled": _called, "TicketRecalled": _recalled, "ServiceStarted": _started, "ServiceFinished": _finished,
    "TicketHeld": _held, "TicketResumed": _resumed, "TicketRelabelled": _relabelled, "MatterAdded": _matter,
    "TicketHandedBack": _handed_back, "TicketTransferred": _transferred, "TicketReturned": _returned,
    "PriorityGiven": _priority, "TicketNoShow": _no_show, "TicketVoided": _voided, "TicketExpired": _expired,
}  # fmt: skip
TABLE = {"TicketIssued": issuing.issued, **dict.fromkeys(STEPS, stepped)}
