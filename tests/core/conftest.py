"""The stage of the core's plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from plans import a_plan
from playing import Play

from hall.plan.model import Plan


@pytest.fixture
def play() -> Iterator[Play]:
    """A hall under the usual rules; when the play is over, replaying its log must give the same state."""
    stage = Play(a_plan())
    yield stage
    stage.check_replay()


@pytest.fixture
def a_play() -> Iterator[Callable[[Plan], Play]]:
    """A hall under other rules: a_play(a_plan(guard_s=0))."""
    stages: list[Play] = []

    def begin(plan: Plan) -> Play:
        stages.append(Play(plan))
        return stages[-1]

    yield begin
    for stage in stages:
        stage.check_replay()
