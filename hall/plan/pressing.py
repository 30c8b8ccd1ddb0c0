"""From frames of a keypad to words: the matcher of a key table (grammar: `keying`), one for each keypad.

It holds the digits of a longer entry and when the last of them came, nothing else. Time is passed in.
"""

from __future__ import annotations

import msgspec

from hall.names import Instant
from hall.plan.keying import ENTRY_DIGITS_MAX, FRAME_DIGITS_MAX, Sequence, parse
from hall.plan.model import KeypadLine


class Meant(msgspec.Struct, frozen=True):
    """What was pressed: a word of keying.WORDS; argument: staff or ticket digits, "queue:tax", a unit or a reason."""

    word: str
    argument: str = ""


class Typed(msgspec.Struct, frozen=True):
    """Digits of a longer entry so far; the key is still to come."""

    digits: str


class Unclear(msgspec.Struct, frozen=True):
    """Keys that mean nothing here; the keypad should beep."""

    digits: str
    key: int


class Pressing:
    """The keys of one keypad."""

    def __init__(self, line: KeypadLine) -> None:
        self._table: dict[int, list[Sequence]] = {}  # by the function key they end with
        for text, meaning in line.keys.items():
            sequence = parse(text, meaning)
            self._table.setdefault(sequence.key, []).append(sequence)
        self._named = {"target": line.targets, "unit": line.units}
        self._entry_ms = line.entry_ms
        self._digits: tuple[int, ...] = ()
        self._since: Instant = 0

    def press(self, keys: tuple[int, ...], now: Instant) -> Meant | Typed | Unclear:
        """One frame's keys and the instant it came; never raises, whatever the keys."""
        if not 0 <= now - self._since <= self._entry_ms:
            self._digits = ()
        typed = tuple(key for key in keys if 0 <= key <= 9)
        if len(typed) == len(keys):
            self._digits = (*self._digits, *typed)[: ENTRY_DIGITS_MAX + 1]  # one too many fits no sequence
            self._since = now
            return Typed(_text(self._digits))
        digits, apart = (*self._digits, *typed), bool(self._digits)
        self._digits = ()
        if len(typed) != len(keys) - 1 or keys[-1] in typed:
            return Unclear(_text(digits), keys[-1])
        return self._meaning(digits, keys[-1], apart) or Unclear(_text(digits), keys[-1])

    def _meaning(self, digits: tuple[int, ...], key: int, apart: bool) -> Meant | None:
        for sequence in self._table.get(key, ()):
            if sequence.word == "Clear" and not sequence.steps:
                return Meant("Clear")  # takes digits back, however many
            if sequence.fits(digits):
                return None if apart and len(digits) <= FRAME_DIGITS_MAX else self._meant(sequence, digits)
        return None

    def _meant(self, sequence: Sequence, digits: tuple[int, ...]) -> Meant | None:
        pairs = zip(sequence.steps, digits, strict=True)
        said = _text(tuple(digit for step, digit in pairs if step.argument))
        named = self._named.get(sequence.takes)
        if named is None:
            return Meant(sequence.word, said or sequence.argument)
        return Meant(sequence.word, named[said]) if said in named else None


def _text(digits: tuple[int, ...]) -> str:
    return "".join(str(digit) for digit in digits)
