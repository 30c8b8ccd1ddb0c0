"""The lives of tickets, as far as this console has heard them since it started; the journal knows the rest."""

from __future__ import annotations

from collections import OrderedDict, deque
from itertools import islice

from hall.events import CommandRefused, Recorded
from hall.names import TicketNumber

LIVES_MAX = 20_000  # tickets remembered: two of the largest days
STEPS_MAX = 200  # events of one ticket: nobody is called two hundred times
DOUBLES_AMONG = 64  # the newest events: a message said again comes soon or not at all
RECENT_MAX = 200  # events of the hall shown as they come


class Lives:
    """Feed it every event; doubles (the same seq again) change nothing."""

    def __init__(self) -> None:
        self._of: OrderedDict[tuple[str, TicketNumber], dict[int, Recorded]] = OrderedDict()
        self._days: dict[TicketNumber, str] = {}
        self.recent: deque[Recorded] = deque(maxlen=RECENT_MAX)

    def heard(self, recorded: Recorded) -> bool:
        """Take an event; False when it was heard before."""
        if any(known.seq == recorded.seq for known in islice(reversed(self.recent), DOUBLES_AMONG)):
            return False
        self.recent.append(recorded)
        number = getattr(recorded.event, "number", "")
        if number and not (isinstance(recorded.event, CommandRefused) and number not in self._days):
            self._keep(number, recorded)
        return True

    def _keep(self, number: TicketNumber, recorded: Recorded) -> None:
        """Numbers are given again the next day: a life is that of the day it was last heard of."""
        key = (recorded.day, number)
        self._days[number] = recorded.day
        steps = self._of.setdefault(key, {})
        if len(steps) < STEPS_MAX:
            steps[recorded.seq] = recorded
        self._of.move_to_end(key)
        if len(self._of) > LIVES_MAX:
            (_, gone), _ = self._of.popitem(last=False)
            self._days.pop(gone, None)

    def of(self, number: TicketNumber) -> tuple[Recorded, ...]:
        """What was heard of a number, in the order it happened."""
        steps = self._of.get((self._days.get(number, ""), number), {})
        return tuple(steps[seq] for seq in sorted(steps))
