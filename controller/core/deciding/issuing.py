"""Numbers: giving one, giving it priority, taking it out, letting a no-show come back."""

from __future__ import annotations

from controller.core import lanes
from controller.core.deciding.saying import Decision, no
from controller.core.deciding.serving import owns
from controller.core.estimating import estimate_s
from controller.core.moves import allows
from controller.core.rights import ORIGIN_ROLE
from controller.core.state import HallState, QueueState
from hall import commands as c
from hall import events as e
from hall.names import ORDINARY, Instant, Origin, Role, SlipStage, Stage, TicketNumber, Why
from hall.plan.model import Entry


def issue(state: HallState, ask: c.IssueTicket, letter: c.Letter, now: Instant) -> Decision:
    """Give the next number of the entry's queue, or say what to do instead."""
    entry = state.entries.get(ask.entry)
    if entry is None:
        return no(letter, *_elsewhere(state, ask.entry))
    why = _may_issue(state, state.queues[entry.queue]) or _may_ask(state, ask, letter)
    return no(letter, why) if why else _issued(state, ask, entry, letter, now)


def _elsewhere(state: HallState, entry: str) -> tuple[Why, str]:
    """An entry of another hall is answered with that hall's name."""
    for hall in state.rules.halls.values():
        if any(known.id == entry for known in hall.entries):
            return Why.OTHER_HALL, hall.name
    return Why.UNKNOWN_ENTRY, ""


def _may_issue(state: HallState, queue: QueueState) -> Why | None:
    """Closed, stopped, full, unstaffed (in this order, the most general first)."""
    if not state.issuing:
        return Why.HALL_CLOSED
    if "" in state.stopped or queue.plan.id in state.stopped:
        return Why.ISSUING_STOPPED
    if queue.waiting >= queue.plan.max_waiting:
        return Why.QUEUE_FULL
    if not queue.serving_windows and not state.rules.options.issue_unstaffed:
        return Why.QUEUE_UNSTAFFED
    return None


def _may_ask(state: HallState, ask: c.IssueTicket, letter: c.Letter) -> Why | None:
    """Origin and role agree; a priority needs a person's reason, or the plan's leave to declare it oneself."""
    if letter.by.role not in ORIGIN_ROLE[ask.origin]:
        return Why.NO_RIGHT
    if ask.kiosk and ask.kiosk not in state.hall.kiosks:
        return Why.BAD_VALUE
    if ask.origin is Origin.LINKED and not ask.linked_to:
        return Why.BAD_VALUE
    if ask.priority == ORDINARY:
        return None
    if ask.priority not in state.rules.priority.classes:
        return Why.BAD_VALUE
    if letter.by.role is Role.CITIZEN:
        return None if state.rules.options.self_declared_priority else Why.NO_PRIORITY_HERE
    return None if ask.reason.strip() else Why.REASON_NEEDED


def _issued(state: HallState, ask: c.IssueTicket, entry: Entry, letter: c.Letter, now: Instant) -> Decision:
    queue = state.queues[entry.queue]
    options = state.rules.options
    lane = ORDINARY if ask.priority == ORDINARY else "priority"
    ahead = lanes.ahead_of(queue, lane, (state.rules.priority.priority, state.rules.priority.ordinary))
    return (
        e.TicketIssued(
            number=next_number(state, queue),
            queue=entry.queue,
            unit=entry.unit,
            entry=entry.id,
            priority=ask.priority,
            origin=ask.origin,
            kiosk=ask.kiosk,
            ahead=ahead,
            estimate_s=estimate_s(state, entry.queue, ahead),
            windows=tuple(sorted(queue.serving_windows)),
            slip=SlipStage.RESERVED if ask.kiosk else SlipStage.NONE,
            job=f"{letter.id}.0" if ask.kiosk else "",
            job_expires=now + options.print_job_expires_s * 1000 if ask.kiosk else 0,
            due_at=now + queue.plan.finally_by_s * 1000,
            linked_to=ask.linked_to if ask.origin is Origin.LINKED else "",
            lang=ask.lang,
        ),
    )


def next_number(state: HallState, queue: QueueState) -> TicketNumber:
    """Prefix and the next count of the day; past 9999 it widens, and it steps over numbers carried from yesterday."""
    count = state.prefixes.get(queue.plan.prefix, 0) + 1
    while (number := f"{queue.plan.prefix}{count:0{queue.plan.digits}d}") in state.reserved:
        count += 1
    return number


def bring_back(state: HallState, ask: c.ReturnTicket, letter: c.Letter, now: Instant) -> Decision:
    """A parked no-show waits again behind the first few of its queue; its issue time stays."""
    ticket = state.tickets.get(ask.number)
    if ticket is None:
        return no(letter, Why.UNKNOWN_NUMBER)
    if ticket.stage is not Stage.PARKED:
        return no(letter, Why.WRONG_STAGE)
    if ticket.returns >= state.rules.options.return_limit:
        return no(letter, Why.TOO_MANY_RETURNS)
    queue = state.queues.get(ticket.queue)
    if queue is None:
        return no(letter, Why.UNKNOWN_QUEUE)
    place, behind = lanes.behind_nth(queue, state.rules.options.return_after, ticket.place[2])
    due = now + queue.plan.finally_by_s * 1000
    return (e.TicketReturned(number=ticket.number, place=place, due_at=due, behind=behind),)


def give_priority(state: HallState, ask: c.GivePriority, letter: c.Letter, now: Instant) -> Decision:
    """A person gives a waiting ticket priority, with a reason."""
    ticket = state.tickets.get(ask.number)
    if ticket is None:
        return no(letter, Why.UNKNOWN_NUMBER)
    if ask.priority not in (*state.rules.priority.classes, ORDINARY):
        return no(letter, Why.BAD_VALUE)
    if not ask.reason.strip():
        return no(letter, Why.REASON_NEEDED)
    if not allows(ticket.stage, e.PriorityGiven):
        return no(letter, Why.WRONG_STAGE)
    if ticket.priority == ask.priority:
        return no(letter, Why.ALREADY_SO)
    return (e.PriorityGiven(number=ticket.number, priority=ask.priority),)


def void(state: HallState, ask: c.VoidTicket, letter: c.Letter, now: Instant) -> Decision:
    """Out of the queue for good: a window its own ticket, a supervisor any."""
    ticket = state.tickets.get(ask.number)
    if ticket is None:
        return no(letter, Why.UNKNOWN_NUMBER)
    if not ask.reason.strip():
        return no(letter, Why.REASON_NEEDED)
    if letter.by.role is Role.WINDOW and not owns(ticket, ask.window):
        return no(letter, Why.NOT_YOURS)
    if not allows(ticket.stage, e.TicketVoided):
        return no(letter, Why.WRONG_STAGE)
    return (e.TicketVoided(number=ticket.number, window=ticket.window),)
