"""Sheets one looks at and leaves: the life of a ticket, and help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from console import words
from console.acts import ACTS, names_of
from console.board import Board
from console.forms import plain
from console.journal import NotRead
from console.listing import Column, Listing, Row
from console.words import say
from hall.events import CommandRefused, Recorded
from hall.names import TicketNumber

READ = Callable[[TicketNumber], Awaitable[tuple[Recorded, ...]]]
TROUBLED = ("TicketNoShow", "TicketVoided", "SlipUnprinted", "TicketExpired")
OTHER_KEYS = (
    ("a", "acknowledge"), ("t", "life"), ("/", "find"), ("w", "sort"), ("l", "log_in"), ("z", "language"),
    ("?", "help"), ("^P", "palette"), ("^Q", "leave"),
)  # fmt: skip


class Life(ModalScreen[None]):
    """Every event of one number: when, what, who, why."""

    DEFAULT_CSS = """
    Life { align: center middle; }
    Life > Vertical {
        width: 96%; height: 90%; background: $surface; border: round $primary; border-title-style: bold;
    }
    Life Listing { height: 1fr; }
    Life #from { height: auto; color: $text-muted; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q,t", "dismiss", "")]

    def __init__(self, number: TicketNumber, board: Board, read: READ, lang: str) -> None:
        super().__init__()
        self._number, self._heard, self._read, self.lang = number, board.lives.of(number), read, lang
        self._zone, self._names = board.plan.site.time_zone, names_of(board, lang)

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = plain(say("life.title", self.lang, number=self._number))
            yield Listing("steps", self._columns(), empty=say("life.none", self.lang, number=self._number))
            yield Static(say("life.reading", self.lang), id="from", markup=False)

    def on_mount(self) -> None:
        self._show(self._heard)
        self.query_one(Listing).focus()
        self.run_worker(self._look_up())

    async def _look_up(self) -> None:
        try:
            events = await self._read(self._number)
            told = say("life.from_journal", self.lang, n=len(events))
            self._show(events or self._heard)
        except NotRead as fault:
            told = say("life.from_heard", self.lang, n=len(self._heard), why=fault)
        if self.is_attached:
            self.query_one("#from", Static).update(told)

    def _show(self, events: Sequence[Recorded]) -> None:
        if self.is_attached:
            self.query_one(Listing).show([self._row(recorded) for recorded in events])

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column(say("life.time", self.lang), 8),
            Column(say("life.what", self.lang), 30, grow=2),
            Column(say("life.who", self.lang), 16, grow=1, rank=1),
            Column(say("life.why", self.lang), 12, grow=1),
        )

    def _row(self, recorded: Recorded) -> Row:
        by = recorded.by
        who = f"{by.staff} {by.device}".strip()
        what = type(recorded.event).__name__
        tone = "soon" if isinstance(recorded.event, CommandRefused) else "look" if what in TROUBLED else "plain"
        happened = words.event(recorded, self.lang, self._names)
        cells = (words.clock(recorded.recorded, self._zone), happened, who, recorded.reason)
        return Row(str(recorded.seq), cells, tone, whole=tone != "plain")


class Help(ModalScreen[None]):
    """What the keys do and what the lines mean."""

    DEFAULT_CSS = """
    Help { align: center middle; }
    Help > VerticalScroll {
        width: 78; max-width: 98%; height: auto; max-height: 96%;
        background: $surface; border: round $primary; border-title-style: bold; padding: 0 1;
    }
    Help Static { height: auto; margin: 0 0 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q,question_mark,enter", "dismiss", "")]
    COLUMNS = 3

    def __init__(self, lang: str) -> None:
        super().__init__()
        self.lang = lang

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = say("help.title", self.lang)
            yield Static(self._keys(), markup=False)
            for text in ("move", "row", "reason", "colours", "seen", "marks"):
                yield Static(say(f"help.{text}", self.lang), markup=False)

    def _keys(self) -> str:
        """All keys in columns."""
        keys = [(act.key, act.id) for act in ACTS] + list(OTHER_KEYS)
        cells = [words.fitted(f"{key:>2} {say(f'act.{name}', self.lang)}", 24) for key, name in keys]
        rows = -(-len(cells) // self.COLUMNS)
        return "\n".join("".join(cells[row::rows]) for row in range(rows))
