"""Who may speak on a keypad line, and when: the echo at once, then results of presses, then what others changed.

At 9600 baud a display frame takes 16 ms. A device that waits for its echo sends its press again after a moment, so no
more than one other frame may ever be in front of an echo: frames leave one at a time, as fast as the wire carries
them, and a display that changed five times meanwhile is written once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from hall.plan.lines import Serial, parse_line

BAUD = 9600  # of the bus itself, also behind a pty or a serial server that does not say
BITS = 10  # of a byte on the wire: start, eight, stop
RESULTS_MAX = 256  # frames of results waiting: four for each keypad of a full line
REFUSED_S = 2.0  # seconds of the hall's time a refusal's code stands before the keypad shows the hall again
REFUSED_REAL_MIN_S = 0.05  # however fast that time runs


def baud_of(url: str) -> int:
    at = parse_line(url)
    return at.baud if isinstance(at, Serial) else BAUD


class Bus:
    """Frames on their way to one line. `send` puts bytes on it; `read_back` makes the frame of an address.

    A simulated hall whose clock runs `rate` times as fast has lines as much faster, or its staff would read old digits.
    """

    def __init__(
        self, send: Callable[[bytes], bool], read_back: Callable[[int], bytes], baud: int, rate: float = 1.0
    ) -> None:
        self._send, self._read_back, self._byte_s = send, read_back, BITS / baud / rate
        self._refused_s = max(REFUSED_S / rate, REFUSED_REAL_MIN_S)
        self._free_s = 0.0  # when the wire will have carried all that was sent
        self._results: deque[bytes] = deque(maxlen=RESULTS_MAX)
        self._stale: dict[int, None] = {}  # addresses to be written, in order
        self._shown: dict[int, bytes] = {}
        self._rests: dict[int, float] = {}  # address: until when its refusal stands
        self._news = asyncio.Event()

    def echo(self, data: bytes) -> None:
        """Frame received: at once, whatever else waits."""
        self._put(data)

    def tell(self, frame: bytes) -> None:
        """Something to happen once at a keypad: an invitation to rate."""
        self._results.append(frame)
        self._news.set()

    def refuse(self, address: int, frames: list[bytes]) -> None:
        """A refusal: it stands for a while or until the next press has its result."""
        self._results.extend(frames)
        self._shown.pop(address, None)
        self._rests[address] = asyncio.get_running_loop().time() + self._refused_s
        self._stale[address] = None
        self._news.set()

    def show(self, address: int, first: bool = False, again: bool = False) -> None:
        """Something may be different there. `first`: its own press did it. `again`: write it though it is the same."""
        if first:
            self._rests.pop(address, None)
            self._stale = {address: None} | self._stale
        if again:
            self._shown.pop(address, None)
        self._stale.setdefault(address)
        self._news.set()

    def everything_is_stale(self, addresses: list[int]) -> None:
        """The line came up: nothing is known of what the keypads show, and no old result is of use."""
        self._results.clear()
        self._shown.clear()
        self._rests.clear()
        self._free_s = 0.0
        for address in addresses:
            self.show(address)

    async def run(self) -> None:
        """Send what waits, as the wire becomes free, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            now_s = loop.time()
            if self._free_s > now_s:
                await asyncio.sleep(self._free_s - now_s)
            elif frame := self._next(now_s):
                self._put(frame)
            else:
                await self._wait(now_s)

    def _next(self, now_s: float) -> bytes:
        if self._results:
            return self._results.popleft()
        for address in [a for a in self._stale if self._rests.get(a, 0.0) <= now_s]:
            del self._stale[address]
            self._rests.pop(address, None)
            frame = self._read_back(address)
            if frame and frame != self._shown.get(address):
                self._shown[address] = frame
                return frame
        return b""

    async def _wait(self, now_s: float) -> None:
        self._news.clear()
        rests = [self._rests[a] for a in self._stale if a in self._rests]
        try:
            async with asyncio.timeout(max(0.0, min(rests) - now_s) if rests else None):
                await self._news.wait()
        except TimeoutError:
            pass

    def _put(self, data: bytes) -> None:
        now_s = asyncio.get_running_loop().time()
        self._free_s = max(self._free_s, now_s) + len(data) * self._byte_s
        self._send(data)
