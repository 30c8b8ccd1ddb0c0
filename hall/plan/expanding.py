"""Short ways of writing many: ranges ("A01-A08") and templates ("tcp://127.0.1.{index}:5005")."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hall.plan.problems import Unfit, nearest

NO_IDS: tuple[str, ...] = ()
RANGE_MAX = 1000  # ids in one range; the shapes allow no more windows in a plan than this per letter


def expand(words: Iterable[str]) -> tuple[str, ...]:
    """All ids a list of ids and ranges means, in order; raises Unfit on a range that makes no sense."""
    ids: list[str] = []
    for word in words:
        ids += _range(word)
    return tuple(ids)


def _range(word: str) -> list[str]:
    first, dash, last = word.partition("-")
    if not dash:
        return [first]
    letter, low = _split(first)
    letter_of_last, high = _split(last)
    if letter != letter_of_last or len(low) != len(high) or int(low) > int(high):
        raise Unfit(f"{word!r} is no range", 'write the first and the last of one row, "A01-A08"', "bad-range")
    if int(high) - int(low) >= RANGE_MAX:
        raise Unfit(f"{word!r} has more than {RANGE_MAX} ids", "write smaller ranges", "bad-range")
    return [f"{letter}{number:0{len(low)}}" for number in range(int(low), int(high) + 1)]


def _split(word: str) -> tuple[str, str]:
    letter = word[:1] if word[:1].isalpha() else ""
    return letter, word[len(letter) :]


def fill(template: str, values: dict[str, str]) -> str:
    """The template with its {words} filled in; raises Unfit on a word nobody fills."""
    for word in re.findall(r"\{([^{}]*)\}", template):
        if word not in values:
            raise Unfit(f"{{{word}}} means nothing here", nearest(word, values), "bad-template")
    text = re.sub(r"\{([^{}]*)\}", lambda found: values[found[1]], template)
    if "{" in text or "}" in text:
        raise Unfit("a brace stands alone", "write {window} or {index}", "bad-template")
    return text
