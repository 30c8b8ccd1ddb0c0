"""What a driver's card.toml says: the box, its limits, its options, and how far each of it is proven.

A plan may set only options the card names; `option_problems` finds the others before anything goes live. The driver
itself holds the same options as a record and takes them with `take`, so that none is ever silently ignored.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from typing import Literal, TypeVar

import msgspec

from hall.faults import OurFault, PlanError

Value = str | int | bool
Family = Literal["panel", "keypad", "printer"]
T = TypeVar("T")


class Option(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One setting of a driver: what a plan may write under `options`."""

    default: Value
    means: str
    choices: tuple[Value, ...] = ()  # empty: any value of the default's type, within the bounds
    least: int | None = None
    most: int | None = None

    def problem(self, value: Value) -> str:
        """What is wrong with `value`, or ""."""
        if type(value) is not type(self.default):
            return f"must be of the kind {type(self.default).__name__}, is {value!r}"
        if self.choices and value not in self.choices:
            return f"must be one of {', '.join(map(str, self.choices))}, is {value!r}"
        if isinstance(value, int) and self.least is not None and value < self.least:
            return f"must be at least {self.least}, is {value}"
        if isinstance(value, int) and self.most is not None and value > self.most:
            return f"must be at most {self.most}, is {value}"
        return ""


class PlanPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a plan is measured against: the names of the options, and the usual size where a plan says none."""

    options: tuple[str, ...]
    lines: int  # of text; 0: endless (paper)
    characters: int  # half-widths of a line
    chinese: bool = True  # False: of a text it shows what is ASCII, and only that has to fit


class Proven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far we know it works. `real_hardware` is empty until somebody stood before the box."""

    real_hardware: tuple[str, ...]
    simulator: tuple[str, ...]  # shown by tests against bytes or the far side only
    unknown: tuple[str, ...]  # what the sources do not say, or say two ways


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """card.toml."""

    driver: str  # the folder's name
    family: Family
    device: str
    makers: str
    sources: tuple[str, ...]
    wires: tuple[str, ...]  # how it is connected, with examples of the plan's `line`
    answers: bool  # False: mute; repainted periodically and shown "unconfirmed"
    answer_ms: int  # an answer later than this is none; 0 for a mute box
    gap_ms: int  # least pause between two frames to one box
    fonts: str  # which characters it can show
    addresses: tuple[int, int]  # first and last a plan may give; (0, 0): the line holds one box, without address
    plan: PlanPart
    proven: Proven
    options: dict[str, Option] = {}


def read_card(text: str, where: str) -> Card:
    """The card written in `text`; OurFault when it does not have the shape of one."""
    try:
        return msgspec.convert(tomllib.loads(text), Card)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise OurFault(f"{where}: {wrong}") from wrong


def option_problems(card: Card, options: Mapping[str, Value]) -> list[str]:
    """What a plan's options for this driver get wrong, a sentence each; each begins with the option's name."""
    return [problem for name, value in options.items() if (problem := _problem(card, name, value))]


def _problem(card: Card, name: str, value: Value) -> str:
    option = card.options.get(name)
    if option is not None:
        wrong = option.problem(value)
        return f"{name}: {wrong}" if wrong else ""
    near = difflib.get_close_matches(name, card.options, n=1)
    known = f"did you mean {near[0]}?" if near else f"it has {', '.join(card.options) or 'none'}"
    return f"{name}: the driver {card.driver} has no such option; {known}"


def take(kind: type[T], options: Mapping[str, Value]) -> T:
    """The options as the driver's own record; PlanError for one it does not have or cannot take."""
    try:
        return msgspec.convert(dict(options), kind)
    except msgspec.ValidationError as wrong:
        raise PlanError(f"driver options {dict(options)!r}: {wrong}") from wrong
