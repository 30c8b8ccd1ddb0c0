"""The journal of a storm: what is written stands in memory, and becomes durable a moment later, or never.

The interface of controller.shell.journal.Journal as far as the keeper asks it. No law of the file is kept here (one
number a day, no gap): a mistake shall reach people's hands, where it is looked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator

from controller.shell.journal import Row
from hall import codec
from hall.events import Recorded


class Synced:
    """Awaited until the disk has it; whoever drives the coroutine decides when that is."""

    def __await__(self) -> Generator[Synced, None, None]:
        yield self


class Disk:
    """Rows that survive any crash, and the transaction that may not."""

    path = "journal in memory"

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.records: dict[int, Recorded] = {}  # as they were decided, so that a restart need not read all of them
        self.pending: list[Row] = []
        self._by_cause: defaultdict[str, list[int]] = defaultdict(list)
        self._day_at = 0  # index of the last DayOpened
        self._epoch = 0

    @property
    def seq(self) -> int:
        return self.rows[-1].seq if self.rows else 0

    async def open(self) -> list[Recorded]:
        return [self._record(row) for row in self.rows[self._day_at :]]

    async def last_epoch(self) -> int:
        return self._epoch

    async def append(self, rows: list[Row], now_ms: int, epoch: int, numbers: str) -> None:
        self.pending, self._pending_epoch = rows, epoch
        await Synced()
        assert not self.pending, "the keeper goes on and its transaction is not durable"

    async def find(self, cause: str) -> list[Recorded]:
        return [self._record(self.rows[index]) for index in self._by_cause.get(cause, ())]

    async def answered(self, causes: list[str]) -> set[str]:
        return {cause for cause in causes if cause in self._by_cause}

    def commit(self) -> None:
        """The transaction is durable."""
        for row in self.pending:
            self._by_cause[row.cause].append(len(self.rows))
            if row.what == "DayOpened":
                self._day_at = len(self.rows)
            self.rows.append(row)
        self._epoch = self._pending_epoch
        self.pending = []

    def lose(self) -> None:
        """The crash came first."""
        self.pending = []

    def read_anew(self) -> None:
        """Whoever reads next reads bytes."""
        self.records.clear()

    def _record(self, row: Row) -> Recorded:
        kept = self.records.get(row.seq)
        return kept if kept is not None else codec.from_journal(row.body, row.version)
