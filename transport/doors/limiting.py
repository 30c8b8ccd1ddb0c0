"""How much one sender may have of a door, and how much all together: requests by a bucket, connections by count.

A hall's own wireless network, and a mobile carrier, show hundreds of phones under one address; the bounds leave room
for that, and are still far below what would slow the process behind the door.
"""

from __future__ import annotations

from collections import Counter

from transport.bucket import Bucket

REQUESTS_PER_S = 100.0  # of one address; 300 phones behind it that have lost their streams and ask every five seconds
REQUESTS_BURST = 1000.0  # a hundred phones that open the page at once: six requests, up to four connections each
ALL_PER_S = 400.0  # of everybody together; about a fifth of a core, so no flood holds up a call
ALL_BURST = 2000.0
CONNECTIONS_MAX = 600  # of a door; a process may have 1,024 files, and the journal must never lack one
CONNECTIONS_PER_SENDER = 300  # half of them: nobody shuts the door for everybody else
SENDERS_MAX = 4096  # addresses whose bucket is remembered; the one asked longest ago is forgotten


class Allowances:
    """What each sender has left."""

    def __init__(
        self,
        requests_per_s: float = REQUESTS_PER_S,
        burst: float = REQUESTS_BURST,
        connections: int = CONNECTIONS_MAX,
        per_sender: int = CONNECTIONS_PER_SENDER,
        all_per_s: float = ALL_PER_S,
        all_burst: float = ALL_BURST,
    ) -> None:
        self._rate, self._burst = requests_per_s, burst
        self._all, self._all_rate, self._all_burst = Bucket(all_burst), all_per_s, all_burst
        self._connections, self._per_sender = connections, per_sender
        self._buckets: dict[str, Bucket] = {}
        self.open: Counter[str] = Counter()
        self.turned_away: Counter[str] = Counter()  # why -> how often

    def request(self, sender: str, now_s: float) -> bool:
        """May this sender ask once more?"""
        bucket = self._buckets.pop(sender, None)
        if bucket is None:
            if len(self._buckets) >= SENDERS_MAX:
                del self._buckets[next(iter(self._buckets))]
            bucket = Bucket(self._burst)
        self._buckets[sender] = bucket  # behind all others: first is who asked longest ago
        if not bucket.take(now_s, self._rate, self._burst):
            return self._away("requests of one")
        return self._all.take(now_s, self._all_rate, self._all_burst) or self._away("requests")

    def connection(self, sender: str, now_s: float, trusted: bool) -> bool:
        """May this sender have one connection more? A proxy's (`trusted`) are many people's: only all are counted."""
        if self.open.total() >= self._connections:
            return self._away("connections")
        if not trusted and self.open[sender] >= self._per_sender:
            return self._away("connections of one")
        if not trusted and not self.request(sender, now_s):
            return False
        self.open[sender] += 1
        return True

    def closed(self, sender: str) -> None:
        """A connection that was allowed has ended."""
        self.open[sender] -= 1
        if self.open[sender] <= 0:
            del self.open[sender]

    def _away(self, why: str) -> bool:
        self.turned_away[why] += 1
        return False
