"""The cable between an end and the devices on it: everything a cable can do to bytes happens here.

A serial bus has many devices on one wire; all of them hear everything, and a cable fault hits all of them.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import Protocol

from simulators.box import Fault, Json, Record, whole
from simulators.clock import Clock
from simulators.ends import End, TcpEnd
from simulators.faults import CABLE, REFUSE

BYTES_MAX = 10_000_000  # a cut further away than this many bytes is no cut
DELAY_MAX_MS = 600_000
DRIBBLE_MAX = 64 * 1024  # bytes waiting to dribble out; behind that they are lost


class Plugged(Protocol):
    """A device on the wire."""

    def heard(self, data: bytes) -> bytes: ...
    def connected(self) -> bytes: ...
    def noticed(self) -> None: ...


class Wire:
    """Implements the ends' Listener for the devices on it."""

    def __init__(self, end: End, clock: Clock, dice: random.Random) -> None:
        self.end, self.clock, self.dice = end, clock, dice
        self.devices: list[Plugged] = []
        self.menu: tuple[Fault, ...] = (*CABLE, REFUSE) if isinstance(end, TcpEnd) else CABLE
        self.standing: dict[str, Record] = {}
        self.heard_bytes = self.sent_bytes = 0
        self._cut_in: int | None = None
        self._late: deque[Callable[[], None]] = deque()
        self._dribble: deque[int] = deque(maxlen=DRIBBLE_MAX)
        self._dribbling = False

    def open(self) -> None:
        self.end.plug(self)

    def close(self) -> None:
        self.end.pull()

    def connected(self) -> None:
        for device in self.devices:
            self.send(device.connected())

    def left(self) -> None:
        for device in self.devices:
            device.noticed()

    def heard(self, data: bytes) -> None:
        cut_in = self._cut_in
        if cut_in is not None:
            self._cut_in = cut_in - len(data)
            data = data[:cut_in]
        self.heard_bytes += len(data)
        if data and "half_open" not in self.standing:
            data = self._noisy(data)
            self._after_delay(lambda: self._deliver(data))
        if self._cut_in is not None and self._cut_in <= 0:
            self._cut_in = None
            self.end.pull()
        for device in self.devices:
            device.noticed()

    def send(self, data: bytes) -> None:
        """What a device says, asked or unasked."""
        if not data or "half_open" in self.standing:
            return
        data = self._noisy(data)
        self._after_delay(lambda: self._speak(data))

    def fault(self, name: str, args: Record) -> None:
        if name == "cut_cable":
            self._cut_in = whole(args, "after_bytes", 40, 1, BYTES_MAX)
        elif name == "slow_line":
            whole(args, "ms", 500, 0, DELAY_MAX_MS)
        elif name == "dribble":
            whole(args, "gap_ms", 5, 1, DELAY_MAX_MS)
        elif name == "noise":
            whole(args, "percent", 5, 0, 100)
        self.standing[name] = args
        if name == "cable_pulled":
            self.end.pull()
        if name == "refuse" and isinstance(self.end, TcpEnd):
            self.end.refuse()

    def heal(self, name: str) -> None:
        self.standing.pop(name, None)
        if name == "cut_cable":
            self._cut_in = None
        if name in ("cable_pulled", "cut_cable") and not {"cable_pulled", "cut_cable"} & set(self.standing):
            self.end.plug(self)
        if isinstance(self.end, TcpEnd) and self.end.plugged:
            (self.end.refuse if "refuse" in self.standing else self.end.accept_again)()

    def look(self) -> dict[str, Json]:
        return {**self.end.look(), "heard": self.heard_bytes, "sent": self.sent_bytes}

    def _deliver(self, data: bytes) -> None:
        for device in self.devices:
            self.send(device.heard(data))

    def _speak(self, data: bytes) -> None:
        self.sent_bytes += len(data)
        if "dribble" not in self.standing:
            self.end.send(data)
            return
        self._dribble.extend(data)
        if not self._dribbling:
            self._dribbling = True
            self._drip()

    def _drip(self) -> None:
        self._dribbling = bool(self._dribble)
        if not self._dribble:
            return
        self.end.send(bytes([self._dribble.popleft()]))
        self._later(self._setting("dribble", "gap_ms"), self._drip)

    def _after_delay(self, do: Callable[[], None]) -> None:
        """In order, even while the delay changes."""
        late_ms = self._setting("slow_line", "ms")
        if not late_ms and not self._late:
            do()
            return
        self._late.append(do)
        self._later(late_ms, self._do_late)

    def _do_late(self) -> None:
        self._late.popleft()()

    def _later(self, hall_ms: int, do: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(hall_ms / self.clock.rate / 1000, do)

    def _setting(self, fault: str, name: str) -> int:
        value = self.standing.get(fault, {}).get(name, 0)
        assert isinstance(value, int)
        return value

    def _noisy(self, data: bytes) -> bytes:
        percent = self._setting("noise", "percent")
        if not percent:
            return data
        return bytes(b ^ self.dice.randrange(1, 256) if self.dice.random() * 100 < percent else b for b in data)
