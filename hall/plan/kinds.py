"""The kinds of value a plan's keys may have: each reads one TOML value, or says why it does not fit.

A kind also describes itself in a few words; docs/settings.md and the messages of the checker use the same ones.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Protocol

import msgspec

from hall.plan.problems import Unfit, nearest

TEXT_MAX_CHARS = 200  # a name or a notice; the widest slip holds 24 Chinese characters on a line
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})  # control, surrogate, private, line
MINUTE_S = 60
DAY_MIN = 24 * 60


class Kind(Protocol):
    """Reads a TOML value into the compiled one; raises Unfit."""

    @property
    def says(self) -> str: ...
    @property
    def blank(self) -> object: ...  # stands in for a value that did not fit, so that checking can go on
    def read(self, value: object) -> object: ...


def shown(value: object) -> str:
    word = repr(value)
    return word if len(word) <= 60 else word[:57] + "..."


def wrong(kind: Kind, value: object) -> Unfit:
    return Unfit(f"{shown(value)} does not fit", f"expected {kind.says}")


class Text(msgspec.Struct, frozen=True):
    """A text for people: no control or direction characters, they would act on a terminal or a page."""

    says: str = "a text"
    blank: str = ""
    empty: bool = False  # may be empty
    max_chars: int = TEXT_MAX_CHARS

    def read(self, value: object) -> str:
        if not isinstance(value, str):
            raise wrong(self, value)
        odd = [sign for sign in value if sign in BIDI or unicodedata.category(sign) in FORBIDDEN_CATEGORIES]
        if odd:
            raise Unfit(f"the text holds the character U+{ord(odd[0]):04X}", "take control characters out")
        if not value.strip() and not (self.empty and not value):
            raise Unfit("the text is empty", "write one")
        if len(value) > self.max_chars:
            raise Unfit(f"the text has {len(value)} characters", f"at most {self.max_chars} are allowed")
        return value


class Shape(msgspec.Struct, frozen=True):
    """An identifier."""

    pattern: str
    says: str
    blank: str = ""

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not self.fits(value):
            raise wrong(self, value)
        return value

    def fits(self, value: str) -> bool:
        return re.fullmatch(self.pattern, value, re.ASCII) is not None


class Whole(msgspec.Struct, frozen=True):
    """A whole number within bounds."""

    low: int
    high: int
    mend: str = ""

    @property
    def says(self) -> str:
        return f"a whole number {self.low} to {self.high}"

    @property
    def blank(self) -> int:
        return self.low

    def read(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong(self, value)
        if not self.low <= value <= self.high:
            raise Unfit(f"{value} is out of range", self.mend or f"expected {self.says}", "out-of-range")
        return value


class Minutes(msgspec.Struct, frozen=True):
    """A duration written in minutes (decimals allowed), compiled to whole seconds."""

    low_s: int
    high_s: int

    @property
    def says(self) -> str:
        return f"minutes {self.low_s / MINUTE_S:g} to {self.high_s / MINUTE_S:g}"

    @property
    def blank(self) -> int:
        return self.low_s

    def read(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong(self, value)
        if not self.low_s <= value * MINUTE_S <= self.high_s:  # also refuses nan
            raise Unfit(f"{shown(value)} is out of range", f"expected {self.says}", "out-of-range")
        return round(value * MINUTE_S)


class Flag(msgspec.Struct, frozen=True):
    """Yes or no."""

    says: str = "true or false"
    blank: bool = False

    def read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise wrong(self, value)
        return value


class Choice(msgspec.Struct, frozen=True):
    """One word of a closed list."""

    words: tuple[str, ...]

    @property
    def says(self) -> str:
        return "one of " + ", ".join(self.words)

    @property
    def blank(self) -> str:
        return self.words[0]

    def read(self, value: object) -> str:
        if not isinstance(value, str):
            raise wrong(self, value)
        if value not in self.words:
            raise Unfit(f"{shown(value)} is not {self.says}", nearest(value, self.words))
        return value


class TimeOfDay(msgspec.Struct, frozen=True):
    """Local time "HH:MM", compiled to minutes after midnight; 24:00 is the end of the day."""

    says: str = 'a time of day, "09:00"'
    blank: int = 0

    def read(self, value: object) -> int:
        found = re.fullmatch(r"([01]\d|2[0-4]):([0-5]\d)", value, re.ASCII) if isinstance(value, str) else None
        if not found:
            raise wrong(self, value)
        minutes = int(found[1]) * 60 + int(found[2])
        if minutes > DAY_MIN:
            raise wrong(self, value)
        return minutes
