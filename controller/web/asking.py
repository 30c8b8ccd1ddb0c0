"""A door's letters to a hall and the hall's answers: through the inbox like everybody's, inside one process.

Every spoken event passes here, so this is also where a door learns that something has changed.
"""

from __future__ import annotations

import asyncio
import time

from controller.shell.keeper import Keeper
from hall import codec, topics
from hall.commands import Letter
from hall.events import Recorded
from transport.clock import Clock
from transport.link import Heard

AGAIN_S = 1.0  # real: a letter the inbox did not let in is said again
PATIENCE_S = 5.0  # real: so long a page waits for the hall


class Asking:
    """Asks one hall."""

    def __init__(self, site: str, keeper: Keeper, clock: Clock) -> None:
        self._site, self._keeper, self._clock = site, keeper, clock
        self._open: dict[str, list[asyncio.Future[list[Recorded]]]] = {}

    def heard(self, spoken: list[Recorded]) -> None:
        """What the hall has just said; an answer comes whole."""
        for cause in {record.cause for record in spoken if record.cause in self._open}:
            answer = [record for record in spoken if record.cause == cause]
            for future in self._open.pop(cause):
                if not future.done():
                    future.set_result(answer)

    async def ask(self, letter: Letter) -> list[Recorded]:
        """The events of the answer; TimeoutError when the hall is too busy or cannot write."""
        payload = codec.encode(letter)
        topic = topics.cmd(self._site, letter.hall, letter.by.device, type(letter.command).__name__)
        future: asyncio.Future[list[Recorded]] = asyncio.get_running_loop().create_future()
        self._open.setdefault(letter.id, []).append(future)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    self._keeper.inbox.put(Heard(topic, payload, False), time.monotonic() * self._clock.rate)
                    done, _ = await asyncio.wait({future}, timeout=AGAIN_S)
                    if done:
                        return future.result()
        finally:
            self._forget(letter.id, future)

    def _forget(self, cause: str, future: asyncio.Future[list[Recorded]]) -> None:
        waiting = self._open.get(cause, [])
        if future in waiting:
            waiting.remove(future)
        if not waiting:
            self._open.pop(cause, None)
