"""What the keys of a keypad mean: the grammar of a line's `keys`, and a matcher from frames to commands.

A sequence is written as the keypad sends it, steps in order, the function key last:

    "0C"                呼叫 alone
    "06 0F"             digit 6, then 确认; a digit is 00..09, a function key 0A..FF in the maker's numbering
    "01 staff4 0F"      digit 1, four digits of a staff number, 确认
    "08 number4 0F"     digit 8, the last four digits of a ticket number, 确认
    "target1 13"        one digit that names a target of the line, 转移
    "07 unit1 0F"       digit 7, one digit that names a unit of the line, 确认

and its meaning as a word, for some with an argument behind a colon: "CallNext", "HoldTicket:escort_face",
"TransferTicket:queue:tax", "ServeHere:tax". Up to two digits and a key are one frame of the maker's; such a sequence
counts only when it comes in one frame. Longer entries are our extension: digits come first in frames without a key (one
to three digits each), then the key alone. So the rest of an entry whose beginning was forgotten (6, 确认) is never
taken for the short sequence.
"""

from __future__ import annotations

import re

import msgspec

from hall.names import HoldReason, PauseReason
from hall.plan.problems import Unfit, nearest

FRAME_DIGITS_MAX = 2  # the maker's frame holds two digits and a key
ENTRY_DIGITS_MAX = 8  # 1, staff4 is five; more is somebody leaning on the keypad

PLAIN = (
    *("CallNext", "Recall", "StartService", "FinishService", "InviteRating", "Finish", "MarkNoShow"),
    *("ResumeTicket", "HandBack", "LogOut", "OpenWindow", "CloseWindow", "Clear", "ServeHere", "AddMatter"),
)
REASONED: dict[str, tuple[str, ...]] = {
    "HoldTicket": tuple(reason.value for reason in HoldReason),
    "PauseWindow": tuple(reason.value for reason in PauseReason),
    "PauseOrResume": tuple(reason.value for reason in PauseReason),
}
DIGITS_FOR: dict[str, str] = {  # which argument's digits a word takes
    "LogIn": "staff",
    "CallNumber": "number",
    "TransferTicket": "target",
    "ServeHere": "unit",
    "AddMatter": "unit",
}
WORDS = frozenset({*PLAIN, *REASONED, *DIGITS_FOR})
"""Words that are no command of hall.commands: Finish (FinishService, and the rating is invited), PauseOrResume
(PauseWindow, or OpenWindow when paused), Clear (forget the digits typed so far). Without digits ServeHere takes the
window's first unit, AddMatter the ticket's own, ResumeTicket the ticket held longest."""

FF68_KEYS: dict[str, str] = {
    "0B": "Finish",
    "0C": "CallNext",
    "0D": "Recall",
    "0E": "Clear",
    "11": "StartService",
    "12": "PauseOrResume",
    "00 0F": "HoldTicket",
    "03 0F": "ResumeTicket",
    "06 0F": "MarkNoShow",
    "00 01 0F": "HoldTicket:escort_face",
    "00 02 0F": "HoldTicket:escort_fingerprint",
    "02 0F": "AddMatter",
    "05 0F": "HandBack",
    "07 0F": "ServeHere",
    "07 unit1 0F": "ServeHere",
    "09 0F": "LogOut",
    "01 staff4 0F": "LogIn",
    "08 number4 0F": "CallNumber",
    "target1 13": "TransferTicket",
    "target2 13": "TransferTicket",
}
"""The default for the FF 68 keypad; 0, 3 and 6 with 确认 are the maker's, the rest of 确认 is ours."""

_ARGUMENT = re.compile(r"(?P<name>staff|number|target|unit)(?P<count>[1-6])")


class Step(msgspec.Struct, frozen=True):
    """One digit of a sequence: a given one, or any digit of an argument."""

    digit: int = -1
    argument: str = ""


class Sequence(msgspec.Struct, frozen=True):
    """A parsed sequence and its meaning."""

    text: str
    steps: tuple[Step, ...]
    key: int
    word: str
    argument: str = ""

    @property
    def takes(self) -> str:
        """The argument its digits give: staff, number, target, unit or nothing."""
        return next((step.argument for step in self.steps if step.argument), "")

    def fits(self, digits: tuple[int, ...]) -> bool:
        return len(digits) == len(self.steps) and all(
            step.digit in (-1, digit) for step, digit in zip(self.steps, digits, strict=True)
        )

    def clashes(self, other: Sequence) -> bool:
        """Whether the same presses could mean both."""
        if self.key != other.key or len(self.steps) != len(other.steps):
            return False
        pairs = zip(self.steps, other.steps, strict=True)
        return all(mine.digit == yours.digit or -1 in (mine.digit, yours.digit) for mine, yours in pairs)


def parse(text: str, meaning: str) -> Sequence:
    """One row of a key table; raises Unfit, saying what is wrong with it."""
    *before, last = text.split(" ")
    key = _code(last)
    if key is None or key <= 9:
        raise Unfit(f"the sequence {text!r} does not end with a function key", 'end it with one, "06 0F"', "bad-keys")
    word, _, argument = meaning.partition(":")
    if word not in WORDS:
        raise Unfit(f"{word!r} is no command of a keypad", nearest(word, WORDS), "bad-keys")
    steps = tuple(step for part in before for step in _steps(text, part))
    sequence = Sequence(text, steps, key, word, argument)
    _check_digits(sequence)
    _check_argument(sequence)
    return sequence


def _code(part: str) -> int | None:
    return int(part, 16) if re.fullmatch(r"[0-9A-F]{2}", part) else None


def _steps(text: str, part: str) -> tuple[Step, ...]:
    code = _code(part)
    if code is not None and code <= 9:
        return (Step(digit=code),)
    found = _ARGUMENT.fullmatch(part)
    if found:
        return (Step(argument=found["name"]),) * int(found["count"])
    mend = "write digits as 00..09, arguments as staff4, number4, target1, unit1, one function key at the end"
    raise Unfit(f"{part!r} in {text!r} is no digit and no argument", mend, "bad-keys")


def _check_digits(sequence: Sequence) -> None:
    given = {step.argument for step in sequence.steps if step.argument}
    if given - {DIGITS_FOR.get(sequence.word, "")}:
        what = f"{sequence.word} takes no {min(given)}"
        raise Unfit(what, "see the grammar of keys in docs/settings.md", "bad-keys")
    if sequence.takes == "staff" and sum(step.argument == "staff" for step in sequence.steps) != 4:
        raise Unfit(f"{sequence.text!r} keys in a staff number that has not four digits", "write staff4", "bad-keys")
    if sequence.takes in ("staff", "number") and len(sequence.steps) <= FRAME_DIGITS_MAX:
        mend = "let it have three digits or more, so that it is an entry of its own"
        raise Unfit(f"{sequence.text!r} could be mistaken for a short sequence", mend, "bad-keys")
    if len(sequence.steps) > ENTRY_DIGITS_MAX:
        raise Unfit(f"{sequence.text!r} is too long", f"at most {ENTRY_DIGITS_MAX} digits", "bad-keys")


def _check_argument(sequence: Sequence) -> None:
    word, argument = sequence.word, sequence.argument
    if argument and sequence.takes:
        raise Unfit(f"{word} has its argument twice", "write it in the sequence or behind the colon", "bad-keys")
    if word in ("LogIn", "CallNumber", "TransferTicket") and not sequence.takes and not argument:
        mend = f"write {DIGITS_FOR[word]} digits into the sequence"
        raise Unfit(f"{word} needs digits, {sequence.text!r} gives none", mend, "bad-keys")
    if argument and word in REASONED and argument not in REASONED[word]:
        raise Unfit(f"{argument!r} is no reason of {word}", nearest(argument, REASONED[word]), "bad-keys")
    if argument and word not in REASONED and word not in ("TransferTicket", "ServeHere", "AddMatter"):
        raise Unfit(f"{word} takes no argument", f"write {word!r} alone", "bad-keys")
