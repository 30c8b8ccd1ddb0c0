"""Whom a window should call next, worked out a second time from the plan's rules: the whole order, not the lane alone.

Directed to it; past the bound, among the queues it may serve now; help that is due; its own queues, the oldest after
ageing first; help when idle. In a queue: the lane whose turn it is, the first of it.
"""

from __future__ import annotations

from audit.verifying.books import Books, Queue, Record, Ticket
from audit.verifying.plans import Priority, Window

KNOWN_POLICIES = ("large_cycle", "small_cycle")  # of others we cannot say when they may help
Choice = tuple[str, str]  # number, rule


def judge(books: Books, rec: Record, ticket: Ticket, rule: str) -> None:
    """The one called is the one to be called, by the rule that is told."""
    plan = books.hall.windows.get(rec.text("window"))
    if plan is None or plan.policy not in KNOWN_POLICIES or any(books.queue(q).unsure for q in books.queues):
        return
    number, by = expected(books, plan, rec.recorded)
    text = f"called by rule {rule}, but {number or 'nobody'} was to be called, by rule {by or 'none'}"
    books.court.expects("I5", (number, by) == (ticket.number, rule), ticket.number, text)


def expected(books: Books, plan: Window, now: int) -> Choice:
    """The number and its rule; empty when nobody it may serve waits."""
    directed = books.window(plan.id).directed
    if directed:
        return directed[0][1], "directed"
    own, helps = [(queue, "own") for queue in books.window(plan.id).own], _helps(books, plan, now)
    late = [books.queue(q).due[0] for q, _ in (*own, *helps) if books.queue(q).due and books.queue(q).due[0][0] <= now]
    if late:
        return min(late)[2], "finally"
    urgent = [offer for offer in helps if offer[1] != "help"]
    return _best(books, urgent, now) or _best(books, own, now) or _best(books, helps, now) or ("", "")


def _helps(books: Books, plan: Window, now: int) -> list[Choice]:
    """(queue, rule) of the others it may help at this moment."""
    window = books.window(plan.id)
    plans = books.hall.queues
    free = [q for q in window.helps if q not in window.own and (q not in plans or not plans[q].restricted)]
    if not any(books.queue(q).waiting for q in window.own):
        return [(q, "help") for q in free]
    if plan.policy != "small_cycle":
        return []
    if plan.help_when == "bound":
        return [(q, "help_bound") for q in free if oldest_s(books, books.queue(q), now) >= plan.help_bound_s]
    enough = plan.help_when == "ratio" and window.own_calls >= plan.help_every
    return [(q, "help_ratio") for q in free] if enough else []


def oldest_s(books: Books, queue: Queue, now: int) -> int:
    """How long the one who came first has waited; 0 when nobody waits."""
    if not queue.arrivals:
        return 0
    return max(0, now - books.tickets[queue.arrivals[0][1]].issued_at) // 1000


def _best(books: Books, offers: list[Choice], now: int) -> Choice | None:
    """Out of the queue whose oldest has waited longest, by its ageing; who came first where that is equal."""
    filled = [(q, rule) for q, rule in offers if books.queue(q).waiting]
    if not filled:
        return None
    weights = {q: books.hall.queues[q].ageing_percent if q in books.hall.queues else 100 for q, _ in filled}
    even = len(set(weights.values())) == 1

    def rank(offer: Choice) -> tuple[int, int]:
        arrival, number = books.queue(offer[0]).arrivals[0]
        waited = max(0, now - books.tickets[number].issued_at)
        return (0 if even else -waited * weights[offer[0]], arrival)

    name, rule = min(filled, key=rank)
    queue = books.queue(name)
    lane = lane_in_turn(queue, books.rules.priority)
    return queue.lanes[lane][0][1], "priority" if rule == "own" and lane == "priority" else rule


def lane_in_turn(queue: Queue, ratio: Priority) -> str:
    """`priority` calls for every `ordinary` ones while both lanes wait, `in_a_row` at most; alone, a lane has it."""
    if not queue.contended:
        return "priority" if queue.lanes["priority"] else "ordinary"
    if queue.run >= ratio.in_a_row:
        return "ordinary"
    share = queue.taken["priority"] * ratio.ordinary <= queue.taken["ordinary"] * ratio.priority
    return "priority" if share else "ordinary"
