"""The life of a ticket as a table: nothing missing, nothing that cannot happen, and the picture in the docs is it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from controller.core.deciding import TABLE as DECIDING
from controller.core.evolving import TABLE as EVOLVING
from controller.core.moves import MOVES, after, allows, mermaid
from hall import commands as c
from hall import events as e
from hall.names import TERMINAL, Stage

EVENTS = set(get_args(e.AnyEvent))
CHANGE_NOTHING = {e.ControllerStarted, e.CommandRefused}  # kept, spoken, but the state is as before
ARCHITECTURE = Path(__file__).parents[2] / "docs" / "ARCHITECTURE.md"


def test_every_event_has_a_fold_and_every_command_a_decision() -> None:
    assert EVENTS - set(EVOLVING) == CHANGE_NOTHING
    assert set(EVOLVING) <= EVENTS
    assert set(DECIDING) == {kind for kind in vars(c).values() if isinstance(kind, type) and _is_command(kind)}


def _is_command(kind: type) -> bool:
    return issubclass(kind, c.Command) and kind is not c.Command


def test_every_stage_is_reached_and_every_life_ends() -> None:
    reached = {Stage.WAITING}
    while more := {behind for (before, _), behind in MOVES.items() if before in reached} - reached:
        reached |= more
    assert reached == set(Stage)
    for stage in set(Stage) - TERMINAL:
        ends, seen = {stage}, set[Stage]()
        while ends - seen:
            seen |= ends
            ends |= {behind for (before, _), behind in MOVES.items() if before in ends}
        assert ends & TERMINAL, f"a ticket that is {stage.value} never ends"


def test_what_is_over_stays_over() -> None:
    assert not {before for before, _ in MOVES} & TERMINAL


def test_moves_are_of_events_about_a_ticket() -> None:
    for _, kind in MOVES:
        assert "number" in kind.__struct_fields__, kind


@pytest.mark.parametrize("stage", Stage)
def test_a_step_that_is_not_in_the_table_is_our_bug(stage: Stage) -> None:
    called = e.TicketRecalled(number="A0001", window="A01", recalls=1)
    if allows(stage, e.TicketRecalled):
        assert after(stage, called) is stage
    else:
        with pytest.raises(AssertionError, match="cannot happen"):
            after(stage, called)


def test_the_picture_shows_every_move() -> None:
    picture = mermaid()
    assert picture.startswith("stateDiagram-v2\n")
    arrows = dict(re.findall(r"^    (\S+ --> \S+): (.+)$", picture, re.MULTILINE))
    for (before, kind), behind in MOVES.items():
        assert kind.__name__ in arrows[f"{before.value} --> {behind.value}"].split(", ")
    assert arrows["[*] --> waiting"] == "TicketIssued"
    assert set(re.findall(r"^    (\S+) --> \[\*\]$", picture, re.MULTILINE)) == {s.value for s in TERMINAL}


def test_the_picture_in_the_docs_is_drawn_from_the_table() -> None:
    assert ARCHITECTURE.exists(), "docs/ARCHITECTURE.md holds the picture of a ticket's life"
    assert f"```mermaid\n{mermaid()}\n```" in ARCHITECTURE.read_text(encoding="utf-8")
