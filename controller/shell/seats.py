"""Where each member of staff sits in the whole site. One place at a time, also across halls and across a crash.

A seat is taken when the log-in is decided and given free only when the log-out is durable; so whatever a crash
forgets, no journal can hold the same number at two windows.
"""

from __future__ import annotations

from hall.names import HallId, StaffId, WindowId


class Seats:
    """hall -> staff -> window, kept by the halls' loops of one controller."""

    def __init__(self) -> None:
        self._taken: dict[HallId, dict[StaffId, WindowId]] = {}

    def elsewhere(self, staff: StaffId, hall: HallId) -> WindowId:
        """The window of another hall where this staff sits, or ""."""
        return next((seats[staff] for where, seats in self._taken.items() if where != hall and staff in seats), "")

    def in_other_halls(self, hall: HallId) -> tuple[StaffId, ...]:
        """Everybody who sits in another hall."""
        return tuple(staff for where, seats in self._taken.items() if where != hall for staff in seats)

    def take(self, staff: StaffId, hall: HallId, window: WindowId) -> None:
        """A log-in was decided."""
        self._taken.setdefault(hall, {})[staff] = window

    def settle(self, hall: HallId, seats: dict[StaffId, WindowId]) -> None:
        """This is durable now: the seats of a hall are exactly these."""
        if self._taken.get(hall) != seats:
            self._taken[hall] = dict(seats)
