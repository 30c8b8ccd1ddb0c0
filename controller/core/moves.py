"""The life of a ticket as a table: (stage, event) -> stage. What is not in it cannot happen.

The picture in docs/ARCHITECTURE.md is drawn from this table (`mermaid`), so it cannot lie.
"""

from __future__ import annotations

from hall import events as e
from hall.names import Stage

S = Stage

MOVES: dict[tuple[Stage, type[e.Event]], Stage] = {
    (S.WAITING, e.TicketCalled): S.CALLED,
    (S.WAITING, e.TicketTransferred): S.WAITING,
    (S.WAITING, e.PriorityGiven): S.WAITING,
    (S.WAITING, e.TicketVoided): S.VOID,
    (S.WAITING, e.TicketExpired): S.EXPIRED,
    (S.WAITING, e.TicketHandedBack): S.WAITING,  # directed to a window that left: back into the queue
    (S.CALLED, e.TicketRecalled): S.CALLED,
    (S.CALLED, e.ServiceStarted): S.SERVING,
    (S.CALLED, e.ServiceFinished): S.SERVED,
    (S.CALLED, e.TicketNoShow): S.PARKED,
    (S.CALLED, e.TicketHeld): S.HELD,
    (S.CALLED, e.TicketHandedBack): S.WAITING,
    (S.CALLED, e.TicketTransferred): S.WAITING,
    (S.CALLED, e.TicketRelabelled): S.CALLED,
    (S.CALLED, e.TicketVoided): S.VOID,
    (S.SERVING, e.TicketRecalled): S.SERVING,  # where the plan starts service on call
    (S.SERVING, e.ServiceFinished): S.SERVED,
    (S.SERVING, e.TicketNoShow): S.PARKED,  # likewise
    (S.SERVING, e.TicketHeld): S.HELD,
    (S.SERVING, e.TicketHandedBack): S.WAITING,
    (S.SERVING, e.TicketTransferred): S.WAITING,
    (S.SERVING, e.TicketRelabelled): S.SERVING,
    (S.SERVING, e.MatterAdded): S.SERVING,
    (S.SERVING, e.TicketVoided): S.VOID,
    (S.HELD, e.TicketResumed): S.SERVING,
    (S.HELD, e.TicketHandedBack): S.WAITING,
    (S.HELD, e.TicketTransferred): S.WAITING,
    (S.HELD, e.TicketVoided): S.VOID,
    (S.HELD, e.TicketExpired): S.EXPIRED,
    (S.PARKED, e.TicketReturned): S.WAITING,
    (S.PARKED, e.TicketNoShow): S.NO_SHOW,  # final, at closing
    (S.PARKED, e.TicketVoided): S.VOID,
}


def after(stage: Stage, event: e.Event) -> Stage:
    """The stage behind `event`; a step that is not in the table is our bug."""
    step = MOVES.get((stage, type(event)))
    assert step is not None, f"{type(event).__name__} cannot happen to a ticket that is {stage.value}"
    return step


def allows(stage: Stage, kind: type[e.Event]) -> bool:
    """May this event happen to a ticket in this stage?"""
    return (stage, kind) in MOVES


def mermaid() -> str:
    """The table as a mermaid state diagram, one arrow per pair of stages."""
    arrows: dict[tuple[str, str], list[str]] = {("[*]", S.WAITING.value): ["TicketIssued"]}
    for (before, kind), behind in MOVES.items():
        arrows.setdefault((before.value, behind.value), []).append(kind.__name__)
    lines = [f"    {a} --> {b}: {', '.join(names)}" for (a, b), names in arrows.items()]
    ends = sorted({stage.value for stage in MOVES.values()} - {before.value for before, _ in MOVES})
    return "\n".join(["stateDiagram-v2", *lines, *(f"    {end} --> [*]" for end in ends)])
