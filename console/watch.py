"""Everything the console hears, sorted to the boards of the halls it watches; and whether there is news to show."""

from __future__ import annotations

from collections.abc import Iterable

from console.board import Board
from console.session import Desk
from hall import topics
from hall.names import HallId
from hall.plan.model import Plan
from transport.clock import Clock
from transport.link import Heard, Link


class Watch:
    """The boards and the link's ears. `news` is raised by whatever was heard and lowered by whoever shows it."""

    def __init__(self, plan: Plan, halls: Iterable[HallId], clock: Clock) -> None:
        self.plan, self.clock = plan, clock
        self.boards: dict[HallId, Board] = {hall: Board(plan, hall, clock.rate) for hall in halls}
        self.desk: Desk | None = None
        self.link: Link | None = None
        self.news = True

    @property
    def linked(self) -> bool:
        return all(board.linked for board in self.boards.values())

    @property
    def trouble(self) -> str:
        """Why the link is down, in words."""
        return self.link.trouble if self.link is not None else ""

    def hears(self) -> list[str]:
        return [pattern for board in self.boards.values() for pattern in board.hears()]

    def heard(self, message: Heard) -> None:
        parts = topics.parts(message.topic)
        board = self.boards.get(parts.hall) if parts is not None else None
        if parts is None or board is None:
            return
        recorded = board.take(parts, message.payload, message.retained, self.clock.now())
        if recorded is not None and self.desk is not None:
            self.desk.heard(recorded)
        self.news = True

    async def up(self, _: Link) -> None:
        for board in self.boards.values():
            board.link_up(self.clock.now())
        self.news = True

    def down(self, _: str) -> None:
        for board in self.boards.values():
            board.link_down(self.clock.now())
        self.news = True
