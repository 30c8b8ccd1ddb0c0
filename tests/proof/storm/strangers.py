"""Letters nobody should send: the nonsense of tests/support/storms.py, asked of a storm's hall."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import TYPE_CHECKING

import storms

from hall import events as e

if TYPE_CHECKING:
    from storm.day import Day


class Stranger(storms.Storm):
    """The generators of a random storm, looking at another hall's state; nothing of it is run."""

    def __init__(self, dice: random.Random, day: Day) -> None:
        self.dice, self._day = dice, day

    @property
    def play(self) -> SimpleNamespace:  # type: ignore[override]
        return SimpleNamespace(state=self._day.controller.state)

    def window(self) -> str:
        windows = list(self._day.windows)
        return self.dice.choice(storms.NAMES) if self.dice.random() < 0.05 else self.dice.choice(windows)

    def asks(self) -> None:
        """One letter from anybody."""
        if not self._day.controller.up:
            return
        command = self.dice.choice(storms.COMMANDS)(self)
        by = self.dice.choice(storms.PEOPLE[:-2])
        self._day.world.fault("stranger's letter", self._day.wires.stage_of(command), type(command).__name__)
        self._day.asks.ask(command, by, (e.Event,), 3000, lambda events: None)
