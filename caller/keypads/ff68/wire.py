"""The FF 68 keypads and evaluators: presses become words with the echo they wait for, words become display frames.

The device talks first and waits for its own frame to come back: the echo says "received" and nothing more. What came of
the press is told afterwards on its six digits: people waiting on the left, the number or a refusal's code on the right.
"""

from __future__ import annotations

import msgspec

from caller.keypads.ff68.frame import Frame, Frames, encode
from hall.cards import Value, take
from hall.ports import EvaluatorPressed, Garbled, KeyPressed, Readback

KEYS = 0x01  # function: from a keypad, and from the host "start rating" or the echo to an evaluator
DISPLAY = 0x02
BEEP = 0x03
EVALUATOR = 0x11
HOST_ONLY = frozenset({DISPLAY, BEEP})
START_RATING = 0x0B
BLANK = 0x0A  # a dark digit
DIGITS = 3  # on either side of the display
WAITING_MOST = 999
CODE_MOST = 99
DIGIT_MOST = 9


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """This bus has nothing to set."""


class Ff68:
    """Driver of one FF 68 bus with many addresses."""

    def __init__(self, *, options: dict[str, Value]) -> None:
        take(Options, options)
        self._frames = Frames()

    def read_back(self, shown: Readback) -> bytes:
        """People waiting on the left three digits, the last three of the number on the right three."""
        number = [int(char) for char in shown.number if char in "0123456789"][-DIGITS:]
        return _display(shown.address, _waiting(shown.waiting), _right(number))

    def refuse(self, address: int, code: int, waiting: int | None = None) -> list[bytes]:
        """A blank and the two-digit code on the right, then a beep."""
        assert 0 <= code <= CODE_MOST, code
        return [_display(address, _waiting(waiting), _right([code // 10, code % 10])), self.beep(address)]

    def beep(self, address: int) -> bytes:
        """One beep."""
        return encode(Frame(address=address, function=BEEP))

    def invite_rating(self, address: int) -> bytes:
        """Ask the citizen at the evaluator to press a key."""
        return encode(Frame(address=address, function=KEYS, data=bytes([START_RATING])))

    def heard(self, data: bytes) -> list[KeyPressed | EvaluatorPressed | Garbled]:
        """Presses, in order. A frame only a host may send says nothing."""
        said = [_press(found) if isinstance(found, Frame) else found for found in self._frames.heard(data)]
        return [word for word in said if word is not None]


def _press(frame: Frame) -> KeyPressed | EvaluatorPressed | Garbled | None:
    if frame.function in HOST_ONLY:
        return None
    if frame.function == EVALUATOR:
        return _rating(frame)
    if any(digit > DIGIT_MOST for digit in frame.data[:-1]):
        return Garbled(why="a key among the digits", data=encode(frame))
    return KeyPressed(address=frame.address, keys=tuple(frame.data), echo=encode(frame))


def _rating(frame: Frame) -> EvaluatorPressed | Garbled:
    if len(frame.data) != 1:
        return Garbled(why="an evaluator sends one key", data=encode(frame))
    echo = encode(Frame(address=frame.address, function=KEYS, data=frame.data))  # so its sum is smaller by 10
    return EvaluatorPressed(address=frame.address, key=frame.data[0], echo=echo)


def _display(address: int, left: list[int], right: list[int]) -> bytes:
    return encode(Frame(address=address, function=DISPLAY, data=bytes(left + right)))


def _waiting(waiting: int | None) -> list[int]:
    if waiting is None:
        return [BLANK] * DIGITS
    return [int(digit) for digit in f"{min(max(waiting, 0), WAITING_MOST):03d}"]


def _right(digits: list[int]) -> list[int]:
    return [BLANK] * (DIGITS - len(digits)) + digits
