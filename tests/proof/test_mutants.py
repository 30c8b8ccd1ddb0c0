"""The list of mutants fits the code it is planted in, and each of them is found; `make mutants` prints a table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mutants.hunting import hunt, mutated
from mutants.planted import MUTANTS, Mutant

HOUSE = Path(__file__).parents[2]
HUNT_MAX_S = 600  # by the clock, on a machine that does much else; a hunt takes some seconds of a core
SEEN_BY_PEOPLE_ALONE = ("speaks_first", "copy_unmarked", "older_panel", "speaks_old")


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


@pytest.mark.timeout(HUNT_MAX_S)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_found_and_its_promise_is_named(mutant: Mutant) -> None:
    """Within a minute of one core; those that nobody sees in the journal, where people look."""
    found = hunt(mutant)
    assert found.right, found.told or f"{mutant.bug}, and nothing broke"
    if mutant.name in SEEN_BY_PEOPLE_ALONE:
        assert "the judge" not in found.told
