"""Letters of the pages, and that a press is one press: the same id, or the same wish within a moment, is asked once.

A window's letters go out as its soft caller's, a guide's as this door's own: each principal has an Asking of its own on
the one link, for the hall reads who asks from the topic. Whoever presses twice gets the answer of the first press.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from hall.commands import Command, Principal
from hall.events import Event, Recorded
from hall.names import DeviceId, HallId, SiteId
from transport.asking import Asking
from transport.clock import Clock
from transport.link import Link

FOLD_S = 0.6  # real: the same wish again this soon is the second half of a double click
KEPT_S = 60.0  # real: the same id again within this gets the same answer without asking the hall
KEPT_MAX = 2000  # answers kept; a hall presses some ten keys a second at its peak

Answer = tuple[Recorded, ...]


class Asked(NamedTuple):
    """A press that was asked, with the answer to come or come already."""

    answer: asyncio.Task[Answer]
    at_s: float
    wish: str


class Askers:
    """Everybody who asks through this door."""

    def __init__(self, link: Link, clock: Clock, site: SiteId, hall: HallId) -> None:
        self._made: Callable[[DeviceId], Asking] = lambda who: Asking(link, clock, site, hall, who)
        self._asking: dict[DeviceId, Asking] = {}
        self._presses: dict[tuple[DeviceId, str], Asked] = {}  # who and the press's id, oldest first
        self._last: dict[DeviceId, Asked] = {}

    def heard(self, recorded: Recorded) -> None:
        """Every event of the hall: one of us may wait for it."""
        for asking in self._asking.values():
            asking.heard(recorded)

    async def ask(
        self, command: Command, by: Principal, done: type[Event], within_ms: int, letter_id: str = ""
    ) -> Answer:
        """One letter and its answer; NotAnswered when none comes."""
        asking = self._asking.get(by.device)
        if asking is None:
            asking = self._asking[by.device] = self._made(by.device)
        return await asking.ask(command, by, within_ms=within_ms, until=(done,), command_id=letter_id)

    async def once(
        self, by: Principal, press: str, wish: str, ask: Callable[[], Coroutine[Any, Any, Answer]]
    ) -> Answer:
        """The answer to a press; `ask` runs unless this press, or the same wish just now, has been asked already."""
        who, now_s = f"{by.device}/{by.staff}", time.monotonic()
        known = self._presses.get((who, press)) or self._just_now(who, wish, now_s)
        if known is None:
            known = Asked(asyncio.create_task(ask()), now_s, wish)
            known.answer.add_done_callback(lambda answer: self._over(answer, who, press))
            self._forget(now_s)
            self._presses[who, press] = self._last[who] = known
        return await asyncio.shield(known.answer)

    def _just_now(self, who: str, wish: str, now_s: float) -> Asked | None:
        last = self._last.get(who)
        return last if last is not None and last.wish == wish and now_s - last.at_s < FOLD_S else None

    def _forget(self, now_s: float) -> None:
        while self._presses:
            first = next(iter(self._presses))
            if len(self._presses) < KEPT_MAX and now_s - self._presses[first].at_s < KEPT_S:
                return
            del self._presses[first]

    def _over(self, answer: asyncio.Task[Answer], who: str, press: str) -> None:
        """An answer that did not come is not kept: the same press may be asked again, under the same letter."""
        if not answer.cancelled() and answer.exception() is None:
            return
        if (known := self._presses.get((who, press))) is not None and known.answer is answer:
            del self._presses[who, press]
        if (last := self._last.get(who)) is not None and last.answer is answer:
            del self._last[who]
