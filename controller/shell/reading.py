"""Looking at a hall's state from outside its loop: only at moments when all of it is durable.

Between folding a batch and its transaction the state holds what a power cut may still undo, and nobody may see that
(I4). Whoever looks in such a moment is answered by the keeper itself, directly behind the transaction.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from hall.faults import HallFault

LOOKS_WAITING = 2048  # looks that may wait; all open pages of a door, four times over
LOOKS_A_TURN = 32  # looked at behind one transaction: two milliseconds of work

T = TypeVar("T")


class TooManyLook(HallFault):
    """More look at this hall than can be shown it; come back in a few seconds."""


class Reading:
    """The durable moments of one hall."""

    def __init__(self) -> None:
        self._dirty = False
        self._asked: deque[tuple[Callable[[], Any], asyncio.Future[Any]]] = deque()

    def begin(self) -> None:
        """From here on the state holds what is not durable."""
        self._dirty = True

    def over(self) -> None:
        """All of it is durable now: show it to some of those who wait, to the others in the next free moments."""
        self._dirty = False
        if self._asked:
            self._show()

    async def look(self, at: Callable[[], T]) -> T:
        """What `at` sees, at a durable moment; it must be quick and change nothing."""
        if not self._dirty and not self._asked:
            return at()
        if len(self._asked) >= LOOKS_WAITING:
            raise TooManyLook("too many look at this hall")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._asked.append((at, future))
        return await future

    def _show(self) -> None:
        for _ in range(min(LOOKS_A_TURN, len(self._asked))):
            at, future = self._asked.popleft()
            if future.cancelled():
                continue
            try:
                future.set_result(at())
            except Exception as fault:  # noqa: BLE001 - the one who looks hears of it, the keeper goes on
                future.set_exception(fault)
        if self._asked:
            asyncio.get_running_loop().call_soon(self._more)

    def _more(self) -> None:
        if not self._dirty:
            self._show()
