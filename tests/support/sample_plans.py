"""The sample plans as text, and what the house offers them, for tests that compile plans."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hall.plan import Compiled, Problem, compile_plan
from hall.plan.known import Known
from transport.plans import known

HALLS = Path(__file__).parents[2] / "halls"
SAMPLES = sorted(HALLS.glob("*.toml"))


@cache
def the_house() -> Known:
    return known()


@cache
def sample(name: str) -> str:
    return (HALLS / f"{name}.toml").read_text(encoding="utf-8")


def compiled(text: str, port_shift: int = 0) -> Compiled:
    return compile_plan(text, "p.toml", the_house(), port_shift)


def changed(text: str, old: str, new: str) -> str:
    """The text with one passage changed; the passage must be there once."""
    assert text.count(old) == 1, f"{text.count(old)} times in the plan: {old!r}"
    return text.replace(old, new)


def line_of(text: str, passage: str, since: int = 0) -> int:
    """The line of the passage: its first place from the line of `since` on, else (and with "^") in the text."""
    begin = text.rfind("\n", 0, since) + 1
    at = -1 if passage.startswith("^") else text.find(passage, begin)
    at = at if at >= 0 else text.find(passage.removeprefix("^"))
    assert at >= 0, f"not in the plan: {passage!r}"
    return text.count("\n", 0, at) + 1


def errors(found: Compiled) -> list[Problem]:
    return [problem for problem in found.problems if problem.weight == "error"]
