"""Staff of the recorded day. They know what a person knows: the digits of the keypad and the panel above the window."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulators.clock import Clock
from simulators.replay.far import Far, Look
from simulators.replay.people import Citizen, Crowd

NUMBER = re.compile(r"(?<![A-Z0-9])[A-Z]{1,2}\d{4,}(?!\d)")
WALK_S = 6  # hall time, from the call until the citizen sits
LIGHT_S = 5.0  # real: longer than this from key to light is a fault
GUARD_S = 9  # hall time between two presses: the plan's guard and a second
NO_SHOW_S = 25  # hall time from the last call until 过号 is allowed, and a little
PRESSES_MAX = 3  # of one key, with a breath between, before a person would call for help
WAKE_S = 2.0  # real: how often an idle desk looks at its keypad though nothing changed


@dataclass(slots=True)
class Tally:
    """What all desks saw together. Latencies are real milliseconds."""

    press_to_light: list[float] = field(default_factory=list)
    calls: int = 0
    nobody: int = 0  # pressed, and nobody was left: another window had called them a moment before
    faults: list[str] = field(default_factory=list)
    called_at: dict[tuple[str, str], str] = field(default_factory=dict)  # (hall, number) -> window
    busy: dict[str, list[tuple[int, int]]] = field(default_factory=dict)  # window -> from, until with a citizen


class Desk:
    """One window: its keypad, its panel, its member of staff."""

    def __init__(
        self, hall: str, window: str, seat: tuple[str, int], keys: dict[str, str], far: Far, clock: Clock, tally: Tally
    ) -> None:
        self.hall, self.window = hall, window
        self._line, self._address = f"{hall}.keypad.{seat[0]}", seat[1]
        self._panel = f"{hall}.panel.{window}"
        self._keys, self._far, self._clock, self._tally = keys, far, clock, tally
        self._news = asyncio.Event()
        tally.busy[window] = []
        for device in (self._line, self._panel):
            far.changed[device].append(self._woken)

    def _woken(self, _: Look) -> None:
        self._news.set()

    # -- what can be seen ----------------------------------------------------------------------------------------------

    def _pad(self) -> Look:
        pad: Any = self._far.looks[self._line]["pads"][str(self._address)]
        return dict(pad)

    def waiting(self) -> int:
        """The left three digits."""
        left = str(self._pad()["digits"]).ljust(6)[:3].strip()
        return int(left) if left.isdecimal() else 0

    def shown(self) -> str:
        """The number on the panel, or ""."""
        found = NUMBER.search(" ".join(str(line) for line in self._far.looks[self._panel].get("lines", [])[1:]))
        return found[0] if found else ""

    def open(self) -> bool:
        """Does the panel say that somebody serves here?"""
        return str(self._pad()["digits"]).strip() != ""

    # -- what is done --------------------------------------------------------------------------------------------------

    async def press(self, word: str) -> None:
        """The keys of a word, as the plan's table gives them."""
        await self._far.act(self._line, "press", {"address": self._address, "keys": self._keys[word]})

    async def work(self, crowd: Crowd, over: asyncio.Event) -> None:
        """Call and serve until the day is over."""
        while not over.is_set():
            if not self.waiting():
                await self._until(lambda: self.waiting() > 0 or over.is_set(), WAKE_S)
                continue
            number = await self._call()
            if number:
                await self._serve(number, crowd)
            else:
                await self._hall_s(GUARD_S)

    async def leave(self) -> None:
        """Nobody sits here today: log out."""
        await self.press("LogOut")

    async def _call(self) -> str:
        before, beeps = self.shown(), self._pad()["beeps"]
        pressed_ms = self._clock.now_ms()
        await self.press("CallNext")
        self._tally.calls += 1
        await self._until(lambda: self.shown() not in ("", before) or self._pad()["beeps"] != beeps, LIGHT_S)
        number = self.shown()
        if number in ("", before):
            if self._pad()["beeps"] == beeps:
                self._tally.faults.append(f"{self.window}: pressed 呼叫, no light and no beep within {LIGHT_S:g} s")
            self._tally.nobody += 1
            return ""
        lit_ms = self._far.looks[self._panel].get("lit_at_ms") or self._clock.now_ms()
        self._tally.press_to_light.append(max(0.0, (lit_ms - pressed_ms) / self._clock.rate))
        return number

    async def _serve(self, number: str, crowd: Crowd) -> None:
        key = (self.hall, number)
        if self._tally.called_at.setdefault(key, self.window) != self.window:
            self._tally.faults.append(f"{number} at {self.window} and at {self._tally.called_at[key]}")
        citizen = await self._known(crowd, key)
        if citizen is None:
            self._tally.faults.append(f"{self.window} called {number}, which no citizen has")
            return await self._end_unknown()
        begins_ms = self._clock.now_ms()
        citizen.called_ms, citizen.window = citizen.called_ms or begins_ms, self.window
        if citizen.arrival.gives_up:
            return await self._no_show(citizen, crowd)
        await self._hall_until(begins_ms + WALK_S * 1000)
        await self.press("StartService")
        citizen.started_ms = self._clock.now_ms()
        await self._hall_until(begins_ms + (WALK_S + max(GUARD_S, citizen.arrival.service_s)) * 1000)
        await self._end(citizen, "Finish", "served", crowd)
        return None

    async def _known(self, crowd: Crowd, key: tuple[str, str]) -> Citizen | None:
        """The citizen of a number; the page's answer may be a moment behind the panel."""
        for _ in range(40):
            if key in crowd.by_number:
                break
            await asyncio.sleep(0.05)
        return crowd.by_number.get(key)

    async def _end_unknown(self) -> None:
        await self.press("StartService")
        await self._hall_s(GUARD_S)
        await self.press("Finish")

    async def _no_show(self, citizen: Citizen, crowd: Crowd) -> None:
        """Call again, wait, mark 过号."""
        await self._hall_s(GUARD_S)
        await self.press("Recall")
        await self._hall_s(NO_SHOW_S)
        await self._end(citizen, "MarkNoShow", "no_show", crowd)

    async def _end(self, citizen: Citizen, word: str, outcome: str, crowd: Crowd) -> None:
        """Press until the panel tells that the ticket has left the window; a beep means "not yet", as to people."""
        for _ in range(PRESSES_MAX):
            if await self._left(citizen.number, word):
                break
            await self._hall_s(GUARD_S)
        else:
            self._tally.faults.append(f"{self.window}: {citizen.number} does not end ({outcome})")
        citizen.ended_ms, citizen.outcome = self._clock.now_ms(), outcome
        crowd.gone.set()
        self._tally.busy[self.window].append((citizen.called_ms, citizen.ended_ms))

    async def _left(self, number: str, word: str) -> bool:
        """One press; whether the panel let go of the number. A beep ends the wait."""
        beeps = self._pad()["beeps"]
        await self.press(word)
        await self._until(lambda: self.shown() != number or self._pad()["beeps"] != beeps, LIGHT_S)
        return self.shown() != number

    async def _until(self, seen: Callable[[], bool], within_s: float) -> bool:
        try:
            async with asyncio.timeout(within_s):
                while not seen():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return seen()
        return True

    async def _hall_until(self, hall_ms: int) -> None:
        """By the clock, not so much longer: what a key took of real time is not added to the matter."""
        await asyncio.sleep(self._clock.seconds_until(hall_ms))

    async def _hall_s(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._clock.rate)
