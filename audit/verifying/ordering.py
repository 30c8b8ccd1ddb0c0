"""Who came first is called first (I5), unless the rule kept with the call is true and names the exception.

The rules' own conditions are worked out here again: whose turn a lane is, who is past the bound, who may be helped.
"""

from __future__ import annotations

from audit.verifying import choosing
from audit.verifying.books import Books, Queue, Record, Ticket
from audit.verifying.plans import Window

BY_TURN = ("own", "priority", "help", "help_bound", "help_ratio")  # the lanes' turns and the order in them decide
HELPS = ("help", "help_bound", "help_ratio")


def judge_call(books: Books, rec: Record, ticket: Ticket) -> None:
    """Before the call is followed: everybody still stands where they stood when it was decided."""
    why = rec.event.get("why")
    why = why if isinstance(why, dict) else {}
    rule = str(why.get("rule", ""))
    _reason_is_true(books, rec, ticket, why)
    queue = books.queue(ticket.queue)
    if rule in BY_TURN:
        _in_turn(books, rec, ticket, queue, rule)
        _whose_queue(books, rec, ticket, rule)
    elif rule == "finally":
        _past_bound(books, rec, ticket, queue)
    elif rule == "directed":
        _directed(books, rec, ticket)
    elif rule == "number":
        person = rec.role in ("window", "supervisor")
        books.court.expects("I5", person, ticket.number, f"called by number, by {rec.role}: no person")
    else:
        books.court.breaks("I5", ticket.number, f"called by the rule {rule!r}, which we do not know")
    if rule != "number":
        choosing.judge(books, rec, ticket, rule)
    _count_turn(queue, rule, ticket.lane)


def _reason_is_true(books: Books, rec: Record, ticket: Ticket, why: dict[str, object]) -> None:
    """What is kept beside the call, against how it stood."""
    queue = books.queue(ticket.queue)
    stood: dict[str, object] = {
        "queue": ticket.queue, "lane": ticket.lane, "contended": queue.contended, "waiting": queue.waiting,
        "waited_s": max(0, rec.recorded - ticket.issued_at) // 1000,
    }  # fmt: skip
    usual: dict[str, object] = {"queue": "", "lane": "ordinary", "contended": False, "waiting": 0, "waited_s": 0}
    for name, was in stood.items():
        told = why.get(name, usual[name])
        invariant = "I18" if name in ("waiting", "waited_s") else "I5"
        books.court.expects(invariant, told == was, ticket.number, f"the call says {name}={told!r}, it was {was!r}")


def _in_turn(books: Books, rec: Record, ticket: Ticket, queue: Queue, rule: str) -> None:
    """The first of the lane whose turn it is; nobody of the queue is past the bound."""
    court, number = books.court, ticket.number
    if ticket.window or ticket.aside:
        where = f"directed to {ticket.window}" if ticket.window else "set aside for its slip"
        court.breaks("I5", number, f"called by rule {rule} while {where}")
        return
    lane = queue.lanes[ticket.lane]
    first = lane[0][1] if lane else number
    court.expects(
        "I5", first == number, number, f"{first} came before it in {ticket.queue}; the rule {rule} says no why"
    )
    late = bool(queue.due) and queue.due[0][0] <= rec.recorded
    late_one = queue.due[0][2] if queue.due else ""
    court.expects("I5", not late, number, f"{late_one} was past its bound in {ticket.queue} and goes first")
    if not queue.unsure:
        turn = choosing.lane_in_turn(queue, books.rules.priority)
        court.expects("I5", turn == ticket.lane, number, f"it was the turn of the {turn} lane of {ticket.queue}")


def _count_turn(queue: Queue, rule: str, lane: str) -> None:
    if rule in ("directed", "number"):
        return
    if not queue.contended:
        queue.run = queue.taken["priority"] = queue.taken["ordinary"] = 0
        return
    queue.taken[lane] += 1
    queue.run = queue.run + 1 if lane == "priority" else 0


def _whose_queue(books: Books, rec: Record, ticket: Ticket, rule: str) -> None:
    """Own people by rule own or priority, others only where the window may help now."""
    court, name = books.court, rec.text("window")
    plan = books.hall.windows.get(name)
    if plan is None:
        return
    own = ticket.queue in books.window(name).own
    court.expects("I5", own is (rule not in HELPS), ticket.number, f"rule {rule}, but {ticket.queue} is its own: {own}")
    _not_restricted_elsewhere(books, ticket, plan)
    if not own:
        _may_help(books, rec, ticket, plan, rule)
    else:
        word = "priority" if ticket.lane == "priority" else "own"
        court.expects("I5", rule == word, ticket.number, f"rule {rule} for the {ticket.lane} lane of its own queue")


def _not_restricted_elsewhere(books: Books, ticket: Ticket, plan: Window) -> None:
    """A restricted queue is for the windows the plan gives it to, whatever anybody set since."""
    queue = books.hall.queues.get(ticket.queue)
    right = queue is None or not queue.restricted or ticket.queue in plan.queues
    books.court.expects("I5", right, ticket.number, f"{ticket.queue} is restricted to its own windows")


def _may_help(books: Books, rec: Record, ticket: Ticket, plan: Window, rule: str) -> None:
    court, window = books.court, books.window(plan.id)
    court.expects("I5", ticket.queue in window.helps, ticket.number, f"{plan.id} may not help {ticket.queue}")
    if plan.policy not in choosing.KNOWN_POLICIES:
        return
    busy = any(books.queue(queue).waiting for queue in window.own)
    if rule == "help":
        court.expects("I5", not busy, ticket.number, f"{plan.id} helps {ticket.queue} while its own people wait")
    elif rule == "help_bound":
        oldest = books.tickets[books.queue(ticket.queue).arrivals[0][1]]
        waited = max(0, rec.recorded - oldest.issued_at) // 1000
        court.expects("I5", waited >= plan.help_bound_s, ticket.number, f"helped after {waited} s only")
    else:
        enough = window.own_calls >= plan.help_every
        court.expects("I5", enough, ticket.number, f"helped after {window.own_calls} own calls only")


def _past_bound(books: Books, rec: Record, ticket: Ticket, queue: Queue) -> None:
    """It must be late, and nobody of its queue later than it."""
    court = books.court
    late = ticket.due_at <= rec.recorded
    court.expects("I5", late, ticket.number, "called as past its bound before that")
    first = queue.due[0][2] if queue.due else ticket.number
    court.expects("I5", first == ticket.number, ticket.number, f"{first} passed its bound earlier")


def _directed(books: Books, rec: Record, ticket: Ticket) -> None:
    name = rec.text("window")
    right = ticket.window == name
    books.court.expects("I5", right, ticket.number, f"called as directed to {name}, but directed to {ticket.window!r}")
    directed = books.window(name).directed
    first = directed[0][1] if directed else ticket.number
    books.court.expects("I5", not right or first == ticket.number, ticket.number, f"{first} was directed there before")


def judge_return(books: Books, rec: Record, ticket: Ticket) -> None:
    """A no-show that came after all stands behind as many as the plan says (or behind all), and as many as are told."""
    queue, place, behind = books.queue(ticket.queue), rec.place(), rec.whole("behind")
    people = [spot for lane in queue.lanes.values() for spot, _ in lane]
    before = sum(spot < place for spot in people)
    most = books.rules.options.return_after
    text = f"returns behind {before} of {len(people)}, told {behind}, the plan says {most}"
    books.court.expects("I5", before == behind == min(most, len(people)), ticket.number, text)
