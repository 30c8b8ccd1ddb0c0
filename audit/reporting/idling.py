"""Idle while others waited: a window that serves, has nobody in hand, and people wait whom it may call.

Kept up event by event: only windows an event may have changed are looked at again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from hall.names import Instant, QueueId, StaffId, TicketNumber, WindowId


@dataclass(slots=True)
class Window:
    """What of a window matters here."""

    own: tuple[QueueId, ...] = ()
    helps: tuple[QueueId, ...] = ()
    open: bool = False
    staff: StaffId = ""
    ticket: TicketNumber = ""
    directed: int = 0  # people sent to this very window
    idle_since: Instant = 0  # 0: not idle
    idle_staff: StaffId = ""  # who sat there then


class Idle(NamedTuple):
    """A span in which a window stood idle while somebody waited."""

    window: WindowId
    staff: StaffId
    since: Instant
    until: Instant


@dataclass(slots=True)
class Idling:
    windows: dict[WindowId, Window] = field(default_factory=dict)
    waiting: Counter[QueueId] = field(default_factory=Counter)
    hall_open: bool = False  # at lunch and after closing nobody stands idle
    restricted: frozenset[QueueId] = frozenset()
    over: list[Idle] = field(default_factory=list)  # spans that ended; whoever reads them takes them away
    _servers: dict[QueueId, set[WindowId]] = field(default_factory=dict)
    _changed: set[WindowId] = field(default_factory=set)

    def who_serves_whom(self) -> None:
        """After a plan, or what a window helps, changed."""
        self._servers = {}
        for name, window in self.windows.items():
            for queue in self._may_serve(window):
                self._servers.setdefault(queue, set()).add(name)
        self.look_at_all()

    def look_at_all(self) -> None:
        self._changed.update(self.windows)

    def _may_serve(self, window: Window) -> Iterable[QueueId]:
        return (*window.own, *(queue for queue in window.helps if queue not in self.restricted))

    def waits(self, queue: QueueId, change: int) -> None:
        """One person more, or less, in a queue."""
        before = self.waiting[queue] > 0
        self.waiting[queue] += change
        if before != (self.waiting[queue] > 0):
            self._changed |= self._servers.get(queue, set())

    def window(self, name: WindowId) -> Window:
        """To be changed by the caller."""
        self._changed.add(name)
        return self.windows.setdefault(name, Window())

    def settle(self, now: Instant) -> None:
        """Behind each event: spans begin and end."""
        for name in self._changed:
            window = self.windows.get(name)
            if window is None:
                continue
            free = self.hall_open and window.open and bool(window.staff) and not window.ticket
            idle = free and self._somebody(window)
            if idle and not window.idle_since:
                window.idle_since, window.idle_staff = now, window.staff
            elif window.idle_since and not idle:
                self._end(name, window, now)
        self._changed.clear()

    def end(self, now: Instant) -> None:
        """Nobody looks any further: whatever span is open ends here."""
        for name, window in self.windows.items():
            if window.idle_since:
                self._end(name, window, now)

    def _end(self, name: WindowId, window: Window, now: Instant) -> None:
        if now > window.idle_since:  # a clock set back makes no time
            self.over.append(Idle(name, window.idle_staff, window.idle_since, now))
        window.idle_since = 0

    def _somebody(self, window: Window) -> bool:
        return window.directed > 0 or any(self.waiting[queue] > 0 for queue in self._may_serve(window))
