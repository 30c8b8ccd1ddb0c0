"""One window's desk: a keypad with six digits and a beeper, and the evaluator before it, at one address of the bus.

A press is sent until its echo comes, a few times; the next waits for it. A frame holds at most three bytes: two digits
and a key. A longer entry is our extension: its digits go in frames of their own at the pace of a typing hand, the key
alone at the end.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from simulators.box import Json
from simulators.keypad.ff68.frames import BEEP, DISPLAY, KEYS, RATED, Frame

ECHO_MS = 300  # real ms until a press is sent again; not certain, no manual says
SENDS_MAX = 3  # then the press is lost, and the pad shows it
FRAME_DIGITS = 2  # before a key in one frame
CHUNK_DIGITS = 3  # in a frame without a key: as many bytes as a host takes
TYPING_MS = 200  # a digit, by hand
WAITING_MAX = 32  # presses kept while no echo comes; a stuck key would fill the memory
START_RATING, FIVE_STARS, BLANK = 0x0B, 0x05, 0x0A


@dataclass(frozen=True, slots=True)
class Press:
    frame: Frame
    echo: Frame
    not_before_ms: int


class Sender:
    """Frames on their way to the host, one at a time until its echo comes."""

    def __init__(self, echo_ms: int) -> None:
        self.lost = self.echoed = 0
        self._echo_ms = echo_ms
        self._queue: deque[Press] = deque(maxlen=WAITING_MAX)
        self._sends = 0
        self._again_ms = 0

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def put(self, frame: Frame, echo: Frame, not_before_ms: int) -> None:
        self._queue.append(Press(frame, echo, not_before_ms))

    def due(self, now_ms: int) -> list[Frame]:
        """What is to be sent now."""
        wake = self.next_wake()
        if wake is None or wake > now_ms:
            return []
        if self._sends >= SENDS_MAX:
            self.lost += 1
            self._next()
            return self.due(now_ms)
        self._sends += 1
        self._again_ms = now_ms + self._echo_ms
        return [self._queue[0].frame]

    def heard(self, frame: Frame) -> bool:
        """Whether this is the echo that was waited for."""
        if not self._sends or not self._queue or self._queue[0].echo != frame:
            return False
        self.echoed += 1
        self._next()
        return True

    def next_wake(self) -> int | None:
        if not self._queue:
            return None
        return self._again_ms if self._sends else self._queue[0].not_before_ms

    def forget(self) -> None:
        self._queue.clear()
        self._sends = 0

    def _next(self) -> None:
        self._queue.popleft()
        self._sends = 0


class Pad:
    def __init__(self, address: int, window: str, echo_ms: int) -> None:
        self.address, self.window = address, window
        self.digits = " " * 6
        self.beeps = self.stars = self.invited = self.presses = 0
        self.inviting = False
        self.keys, self.evaluator = Sender(echo_ms), Sender(echo_ms)

    def press(self, keys: bytes, now_ms: int) -> None:
        """Keys struck one after the other."""
        self.presses += 1
        at = now_ms
        for part in parts(keys):
            frame = Frame(self.address, KEYS, part)
            self.keys.put(frame, frame, at)
            at += TYPING_MS * len(part)

    def rate(self, key: int, now_ms: int) -> None:
        """One of the evaluator's four keys, 0..3."""
        self.inviting = False
        data = bytes([key])
        self.evaluator.put(Frame(self.address, RATED, data), Frame(self.address, KEYS, data), now_ms)

    def heard(self, frame: Frame) -> None:
        if self.keys.heard(frame) or self.evaluator.heard(frame):
            return
        if frame.function == BEEP:
            self.beeps += 1
        elif frame.function == DISPLAY and len(frame.data) == 6:
            self.digits = "".join(str(d) if d <= 9 else " " if d == BLANK else "-" for d in frame.data)
        elif frame.function == DISPLAY and frame.data == bytes([FIVE_STARS]):
            self.stars += 1
        elif frame.function == KEYS and frame.data == bytes([START_RATING]):
            self.inviting = True
            self.invited += 1

    def due(self, now_ms: int) -> list[Frame]:
        return [*self.keys.due(now_ms), *self.evaluator.due(now_ms)]

    def next_wake(self) -> int | None:
        return min((w for w in (self.keys.next_wake(), self.evaluator.next_wake()) if w is not None), default=None)

    def look(self) -> dict[str, Json]:
        """`digits`: three of people waiting, three of the number called."""
        return {
            "window": self.window,
            "digits": self.digits,
            "beeps": self.beeps,
            "inviting": self.inviting,
            "invited": self.invited,
            "stars": self.stars,
            "presses": self.presses,
            "waiting": self.keys.waiting + self.evaluator.waiting,
            "echoed": self.keys.echoed,
            "rated": self.evaluator.echoed,
            "lost": self.keys.lost + self.evaluator.lost,
        }


def parts(keys: bytes) -> list[bytes]:
    """The frames' data of one entry."""
    digits = keys[: len(keys) - 1] if keys[-1] > 9 else keys
    if keys[-1] > 9 and len(digits) <= FRAME_DIGITS:
        return [keys]
    chunks = [digits[at : at + CHUNK_DIGITS] for at in range(0, len(digits), CHUNK_DIGITS)]
    return [*chunks, keys[-1:]] if keys[-1] > 9 else chunks
