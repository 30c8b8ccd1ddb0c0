"""The offline judge (audit/verifying) over a storm's journal: rules of order, number and conservation written apart."""

from __future__ import annotations

import msgspec

from audit.verifying.books import Books, Record
from audit.verifying.chaining import Epochs
from audit.verifying.following import Follower
from audit.verifying.verdicts import Court
from storm.disk import Disk
from storm.world import Broken

_decoder = msgspec.json.Decoder(Record)


def judge(disk: Disk, site: str, hall: str) -> int:
    """Follow every durable event; Broken at the first promise that did not hold. How many facts were looked at."""
    court = Court()
    follower, epochs = Follower(Books(court, site, hall)), Epochs(court)
    for row in disk.rows:
        court.seq = row.seq
        record = _decoder.decode(row.body)
        epochs.follows(record)
        follower.follow(record)
    verdicts = court.verdicts()
    for name, verdict in verdicts.items():
        if verdict.broken:
            first = verdict.examples[0]
            raise Broken(name, f"the judge, at event {first.seq}: {first.text}", first.number)
    return sum(verdict.looked_at for verdict in verdicts.values())
