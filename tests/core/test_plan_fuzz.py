"""Whatever stands in a plan, compiling ends, and ends with a plan or with problems that have lines."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_plans import compiled, sample, the_house

from hall.faults import PlanError
from hall.plan import from_json, load, to_json

WORDS = re.findall(r"[A-Za-z0-9_\"'\[\]{}=:,.-]+|\n", sample("small"))
VALUES = [
    "true",
    "-1",
    "0",
    "1e999",
    "nan",
    "[]",
    "{}",
    '""',
    '"A"',
    "[[]]",
    "1979-05-27",
    "07:32:00",
    '"{x}"',
    "99999999",
]
LINES = sample("small").splitlines()


def judged(text: str) -> None:
    """Compiles or names its problems; nothing else."""
    found = compiled(text)
    if found.plan is not None:
        assert from_json(to_json(found.plan)) == found.plan
        return
    last = text.count("\n") + 1
    assert found.problems
    assert all(1 <= problem.line <= last and problem.what and problem.mend for problem in found.problems)
    with pytest.raises(PlanError):
        load(text, "p.toml", the_house())


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(LINES) - 1), st.sampled_from(VALUES))
def test_any_key_may_hold_any_value(row, value):
    key, is_pair, _ = LINES[row].partition("=")
    lines = [*LINES]
    lines[row] = f"{key}= {value}" if is_pair else value
    judged("\n".join(lines))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_lines_may_be_lost_doubled_and_moved(seed, times):
    dice, lines = random.Random(seed), [*LINES]
    for _ in range(times):
        row, other = dice.randrange(len(lines)), dice.randrange(len(lines))
        lines[other:other] = lines[row : row + dice.randrange(3)]
        del lines[dice.randrange(len(lines))]
    judged("\n".join(lines))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_words_of_a_plan_in_any_order(words):
    judged(" ".join(words))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.integers(0, 4000))
def test_any_text_anywhere(text, at):
    whole = sample("small")
    judged(whole[:at] + text + whole[at:])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_json_that_is_no_plan_is_refused(data):
    with pytest.raises(PlanError):
        from_json(data)
    with pytest.raises(PlanError):
        from_json(to_json(load(sample("small"), "p.toml", None))[: len(data)])


def test_json_nested_beyond_sense_is_refused():
    with pytest.raises(PlanError):
        from_json(b"[" * 100_000)
