"""The list of mutants fits the code it is planted in; `make mutants` hunts all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mutants.hunting import hunt, mutated
from mutants.planted import MUTANTS, Mutant

HOUSE = Path(__file__).parents[2]


def test_there_are_enough_and_each_is_another() -> None:
    assert len(MUTANTS) >= 20
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert len({mutant.words for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_fits_and_is_still_python(mutant: Mutant) -> None:
    for name, text in mutated(mutant).items():
        compile(text, name, "exec")
    known = set(re.findall(r"^\| (I\d+) \|", (HOUSE / "docs/invariants.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(mutant.promises) <= known


@pytest.mark.parametrize("name", ["speaks_first", "copy_unmarked", "older_panel"])
def test_some_are_found_where_people_look(name: str) -> None:
    """Three that no look into the journal would find."""
    found = hunt(next(mutant for mutant in MUTANTS if mutant.name == name))
    assert found.right, found.told
    assert "the judge" not in found.told
