"""A number is given: once (I1), the next one of the day (I13), where numbers are given (I10), and told right (I18)."""

from __future__ import annotations

from audit.verifying import hours, slips
from audit.verifying.books import Books, Queue, Record, Ticket
from audit.verifying.plans import Entry
from audit.verifying.plans import Queue as QueuePlan

PRIOR_WEIGHT = 3  # services the plan's expected service time is worth in an estimate
ROUNDING_S = 1  # two ways of adding floats may round to neighbouring seconds


def issued(books: Books, rec: Record) -> None:
    number, name, court = rec.number, rec.text("queue"), books.court
    plan = books.hall.queues.get(name)
    court.expects("I3", plan is not None, number, f"given for {name}, which is no queue of this hall")
    again = number in books.given or number in books.reserved
    court.expects("I1", not again, number, f"given twice in hall {books.hall_id} on {books.day}")
    if plan is not None:
        _next_of_day(books, number, plan)
        _may_be_given(books, rec, plan)
        _told_right(books, rec, plan)
    books.given.add(number)
    ticket = Ticket(
        number=number, day=rec.day, queue=name, unit=rec.text("unit"), entry=rec.text("entry"),
        priority=rec.text("priority", "ordinary"), origin=rec.text("origin", "kiosk"), kiosk=rec.text("kiosk"),
        issued_at=rec.recorded, arrival=rec.seq, place=(rec.seq, 0, rec.seq), due_at=rec.whole("due_at"),
        slip=rec.text("slip", "none"), linked_to=rec.text("linked_to"), lang=rec.text("lang", "zh"),
    )  # fmt: skip
    slips.issued(books, rec, ticket)
    _replace(books, ticket)
    books.enter(ticket)
    books.counts.add(books.day, "tickets", 1, name)


def _replace(books: Books, ticket: Ticket) -> None:
    """A number given twice: the second one is followed, the first is out of every line."""
    before = books.tickets.get(ticket.number)
    if before is not None:
        books.leave_anything(before)
    books.tickets[ticket.number] = ticket


def _next_of_day(books: Books, number: str, plan: QueuePlan) -> None:
    """Prefix and the next count, stepping over numbers carried from the day before."""
    count = books.last.get(plan.prefix, 0) + 1
    while (wanted := plan.prefix + str(count).zfill(plan.digits)) in books.reserved:
        count += 1
    books.court.expects("I13", number == wanted, number, f"the next number of {plan.prefix} on {books.day} is {wanted}")
    digits = number.removeprefix(plan.prefix)
    books.last[plan.prefix] = int(digits) if digits.isascii() and digits.isdigit() else count


def _may_be_given(books: Books, rec: Record, plan: QueuePlan) -> None:
    court, queue, number = books.court, books.queue(plan.id), rec.number
    court.expects("I10", books.issuing, number, f"given while the hall gives no numbers (phase {books.phase})")
    _as_it_was_asked(books, rec, plan)
    stop = "" in books.stopped or plan.id in books.stopped
    court.expects("I10", not stop, number, f"given while issuing for {plan.id} was stopped")
    full = queue.waiting >= plan.max_waiting
    court.expects("I10", not full, number, f"given while {plan.id} was full ({queue.waiting} of {plan.max_waiting})")
    staffed = bool(queue.serving) or books.rules.options.issue_unstaffed
    court.expects("I10", staffed, number, f"given while no window served {plan.id}")


def _as_it_was_asked(books: Books, rec: Record, plan: QueuePlan) -> None:
    """In the hours of the plan, for the entry's own queue and unit; another lane by a person, with a reason."""
    court, hall, number = books.court, books.hall, rec.number
    if hall.hours is not None:
        phase, issuing = hours.in_force(hall.hours, books.rules.site.time_zone, rec.recorded)
        right = issuing or hours.may_be(
            hall.hours, books.rules.site.time_zone, rec.recorded, books.phase, books.issuing
        )
        court.expects("I10", right, number, f"given when by the plan's hours the hall is {phase} and gives none")
    if hall.entries and rec.text("entry"):
        entry = next((each for each in hall.entries if each.id == rec.text("entry")), Entry(id=""))
        right = (plan.id, rec.text("unit")) == (entry.queue, entry.unit)
        leads = f"leads to {entry.queue}, {entry.unit}" if entry.id else "is not in the plan"
        text = f"given for {plan.id}, {rec.text('unit')}; its entry {rec.text('entry')} {leads}"
        court.expects("I10", right, number, text)
    if rec.text("priority", "ordinary") != "ordinary":
        known = rec.text("priority") in books.rules.priority.classes or not books.rules.priority.classes
        court.expects("I5", known, number, f"in another lane as {rec.text('priority')}, which the plan does not know")
        person = rec.role != "citizen" and bool(rec.reason.strip())
        right = person or (rec.role == "citizen" and books.rules.options.self_declared_priority)
        court.expects("I5", right, number, "in another lane without a person's reason")


def _told_right(books: Books, rec: Record, plan: QueuePlan) -> None:
    """People ahead, the estimate, the windows, the bound: as they follow from everything before."""
    court, number, queue = books.court, rec.number, books.queue(plan.id)
    lane = "ordinary" if rec.text("priority", "ordinary") == "ordinary" else "priority"
    ahead, wanted = rec.whole("ahead"), people_ahead(books, queue, lane)
    court.expects("I18", ahead == wanted, number, f"told {ahead} people ahead, there were {wanted}")
    court.expects("I18", ahead >= 0, number, f"told {ahead} people ahead")
    estimate = rec.whole("estimate_s", -1)
    if not queue.unsure:
        own = estimated_s(books, plan, queue, wanted)
        close = abs(estimate - own) <= ROUNDING_S and (estimate == -1) == (own == -1)
        court.expects("I18", close, number, f"told to wait {estimate} s, it works out as {own} s")
    windows = rec.event.get("windows", [])
    court.expects("I18", windows == sorted(queue.serving), number, f"told the windows {windows}")
    due = rec.recorded + plan.finally_by_s * 1000
    court.expects("I5", rec.whole("due_at") == due, number, "its bound is not its plan's")


def people_ahead(books: Books, queue: Queue, lane: str) -> int:
    """Everybody, for an ordinary ticket; for a priority one, its lane and those the ratio lets pass."""
    first, second = len(queue.lanes["priority"]), len(queue.lanes["ordinary"])
    if lane == "ordinary":
        return first + second
    ratio = books.rules.priority
    return first + min(second, first * ratio.ordinary // max(1, ratio.priority))


def estimated_s(books: Books, plan: QueuePlan, queue: Queue, ahead: int) -> int:
    """(people ahead, and half a service when nobody is free) x mean service / the windows' share for this queue."""
    if not queue.serving:
        return -1
    shares = 0.0
    for name in sorted(queue.serving):
        own = books.window(name).own
        shares += 1 / sum(1 for q in own if q == plan.id or books.queue(q).waiting)
    free = any(not books.window(name).ticket for name in queue.serving)
    mean = (plan.service_prior_s * PRIOR_WEIGHT + queue.services_sum) / (PRIOR_WEIGHT + len(queue.services))
    return round((ahead + (0 if free else 0.5)) * mean / shares)
