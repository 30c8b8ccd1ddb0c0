"""One event after the other: its envelope, the letter that caused it (I7, I8), then its own rule.

An event that cannot be understood is a finding (I25), never the end of the work.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from audit.verifying import days, people, slips, tickets
from audit.verifying.books import Books, Misshaped, Record
from audit.verifying.plans import hall_of_device

TABLE: dict[str, Callable[[Books, Record], None]] = {**days.TABLE, **tickets.TABLE, **slips.TABLE, **people.TABLE}
TELLING_ONLY = frozenset({"ControllerStarted", "AlarmRaised", "AlarmCleared", "AlarmAcknowledged"})
"""Events no rule here needs."""
ONCE = ("TicketIssued", "TicketCalled", "ServiceRated", "ReprintAsked")  # what one letter brings about once at most
JUMP_MS = 1000  # a clock this much behind was set back


class Follower:
    """Keeps the books of one hall."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.kinds_unknown: dict[str, int] = {}
        self._before = Record(seq=0)
        self._brought: set[str] = set()  # by the letter being followed

    def follow(self, rec: Record) -> None:
        books, before = self.books, self._before
        if rec.recorded < before.recorded - JUMP_MS and not books.set_back:
            books.set_back = rec.seq
        self._envelope(rec)
        self._letter(rec, before)
        self._before = rec
        rule = TABLE.get(rec.what)
        if rule is None:
            if rec.what not in TELLING_ONLY:
                self.kinds_unknown[rec.what] = self.kinds_unknown.get(rec.what, 0) + 1
            return
        if books.plan is None and rec.what != "DayOpened":
            books.court.breaks("I25", rec.number, f"{rec.what} before any day was opened: nothing to fold it into")
            return
        try:
            rule(books, rec)
            books.court.looks("I25")
        except (Misshaped, msgspec.ValidationError) as fault:
            books.court.breaks("I25", "", f"{rec.what} cannot be folded: {fault}")

    def _envelope(self, rec: Record) -> None:
        books, court = self.books, self.books.court
        own = (rec.site, rec.hall) == (books.site, books.hall_id)
        court.expects(
            "I3", own, "", f"an event of {rec.site}/{rec.hall} in the journal of {books.site}/{books.hall_id}"
        )
        if rec.what != "DayOpened" and books.day:
            court.expects("I13", rec.day == books.day, "", f"of day {rec.day}, while {books.day} is open")
        court.expects("I28", rec.at <= rec.recorded, rec.number, "asked after it was written down")
        device = rec.by.get("device", "")
        where = hall_of_device(books.plan, device, books.hall_id) if books.plan and device else ""
        court.expects("I3", where in ("", books.hall_id), "", f"caused by {device}, which stands in hall {where}")

    def _letter(self, rec: Record, before: Record) -> None:
        """All answers to one letter were decided at one moment, for one asker, and bring each thing about once."""
        court = self.books.court
        if rec.cause != before.cause:
            self._brought.clear()
        else:
            moment = (rec.recorded, rec.at, rec.by, rec.epoch) == (before.recorded, before.at, before.by, before.epoch)
            court.expects("I7", moment, rec.number, f"a second answer to {rec.cause}, of another moment or asker")
        court.expects("I7", bool(rec.cause), rec.number, "nothing that was asked stands behind it")
        if rec.what in ONCE:
            twice = rec.what in self._brought
            court.expects("I8", not twice, rec.number, f"{rec.what} a second time for the one letter {rec.cause}")
            self._brought.add(rec.what)
