"""Letters wait here for the hall's one writer: bounded, rate-limited per device, calls before new tickets when full.

A letter that is not let in is not answered; its asker says it again within a second, so nothing is lost by waiting.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import structlog

from hall import codec, topics
from hall.commands import INTERNAL, IssueTicket, Letter
from hall.faults import TheirFault
from hall.names import Role
from hall.plan.model import Limits
from transport.bucket import Bucket
from transport.link import Heard

log = structlog.get_logger("inbox")

INBOX_MAX = 4096  # letters; a minute of the largest hall at sixty times its peak
ISSUE_MAX = INBOX_MAX // 2  # beyond this new tickets wait outside, so that calls are not delayed by a rush
ID_MAX = 100  # characters of a letter's id; a UUID has 36
BATCH_MAX = 512  # letters decided in one transaction: about 40 ms of work
WHAT_MAX = 300  # characters of a stranger's words in our log
DEVICES_MAX = 4096  # devices whose rate is remembered; a site has a few hundred


class Inbox:
    """`put` what the link hears; `take` what waits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._letters: list[Letter] = []
        self._came = asyncio.Event()
        self._buckets: dict[str, Bucket] = {}
        self.turned_away: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._letters)

    def put(self, heard: Heard, now_s: float) -> None:
        """Take in one message of a `cmd` topic; what cannot be a letter is counted and named."""
        parts = topics.parts(heard.topic)
        if heard.retained or parts is None or parts.family != "cmd" or len(parts.rest) != 2:
            return self._away("not a command", heard.topic)
        if not self._within_rate(parts.rest[0], now_s):  # before reading it: a flood of rubbish costs next to nothing
            return self._away("too fast", parts.rest[0])
        try:
            letter = codec.letter(heard.payload)
        except TheirFault as fault:
            return self._away("unreadable", f"{heard.topic}: {fault}")
        who, what = parts.rest
        if (who, parts.hall, what) != (letter.by.device, letter.hall, type(letter.command).__name__):
            return self._away("not its own topic", f"{heard.topic} says it is {letter.by.device}")
        if type(letter.command) in INTERNAL or letter.by.role is Role.SYSTEM:
            return self._away("not for the bus", heard.topic)
        if not 0 < len(letter.id) <= ID_MAX:
            return self._away("no proper id", who)
        if len(self._letters) >= (ISSUE_MAX if isinstance(letter.command, IssueTicket) else INBOX_MAX):
            return self._away("full", who)
        self._letters.append(letter)
        if not self._came.is_set():
            self._came.set()
        return None

    def _within_rate(self, who: str, now_s: float) -> bool:
        bucket = self._buckets.get(who)
        if bucket is None:
            if len(self._buckets) >= DEVICES_MAX:
                self._buckets.clear()
            bucket = self._buckets[who] = Bucket(self._limits.letters_burst)
        return bucket.take(now_s, self._limits.letters_per_s, self._limits.letters_burst)

    def _away(self, why: str, what: str) -> None:
        """Counted; named in the log at the first and then at each power of two, so a flood cannot fill a disk."""
        self.turned_away[why] += 1
        count = self.turned_away[why]
        if count & (count - 1) == 0:
            log.warning("letter turned away", why=why, count=count, what=what[:WHAT_MAX])

    def stir(self) -> None:
        """Let the hall take a turn although no letter came."""
        self._came.set()

    async def wait(self, most_s: float) -> None:
        """Until a letter is here, or `most_s` real seconds have passed."""
        try:
            async with asyncio.timeout(most_s):
                await self._came.wait()
        except TimeoutError:
            pass

    def take(self) -> list[Letter]:
        """The next batch, in order."""
        batch, self._letters = self._letters[:BATCH_MAX], self._letters[BATCH_MAX:]
        if not self._letters:
            self._came.clear()
        return batch
