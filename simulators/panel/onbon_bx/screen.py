"""What the card keeps in RAM and shows: the table of dynamic areas and the lamps they light. A power cut empties it."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.panel.frame_buffer import FrameBuffer
from simulators.panel.onbon_bx.areas import Area, Update, reading_order
from simulators.panel.onbon_bx.drawing import Page, draw, next_turn, page_at, pages
from simulators.panel.onbon_bx.letters import readable

AREAS_MAX = 32  # in the table; how many a model really holds is not published
TEXT_MAX = 2048  # bytes in one area, likewise


class OutOfMemory(Exception):
    """More areas or text than the card holds; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Held:
    """An area in the table, laid out, and since when it runs."""

    area: Area
    pages: tuple[Page, ...]
    since_ms: int

    def page(self, now_ms: int) -> Page | None:
        lit = page_at(self.area, len(self.pages), self.since_ms, now_ms)
        return None if lit is None else self.pages[lit]


class Screen:
    """The area table and its picture; `version` counts every change of the picture."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.version = 0
        self.lit_at_ms = 0  # when the words last changed; a page that turns is no new word
        self.rows = FrameBuffer(width, height).rows()
        self._table: dict[int, Held] = {}

    @property
    def ids(self) -> list[int]:
        return sorted(self._table)

    def update(self, asked: Update, now_ms: int) -> None:
        """All of it or nothing: FontMissing and OutOfMemory leave the table as it was."""
        fresh = {area.id: Held(area, tuple(pages(area)), now_ms) for area in asked.areas}
        gone = set(self._table) if asked.clear or asked.delete is None else set(asked.delete)
        table = {key: held for key, held in self._table.items() if key not in gone} | fresh
        if len(table) > AREAS_MAX or any(len(area.text) > TEXT_MAX for area in asked.areas):
            raise OutOfMemory
        if _words(table) != _words(self._table):
            self.lit_at_ms = now_ms
        self._table = table

    def clear(self) -> None:
        self._table.clear()

    def redraw(self, now_ms: int, lit: bool) -> None:
        """Bring the lamps up to date."""
        buffer = FrameBuffer(self.width, self.height)
        for key in self.ids if lit else []:
            held = self._table[key]
            draw(buffer, held.area, held.page(now_ms) or [])
        rows = buffer.rows()
        if rows != self.rows:
            self.rows = rows
            self.version += 1

    def next_turn(self, now_ms: int) -> int | None:
        """When a page will change by itself."""
        turns = [next_turn(h.area, len(h.pages), h.since_ms, now_ms) for h in self._table.values()]
        return min((turn for turn in turns if turn is not None), default=None)

    def lines(self, now_ms: int) -> list[str]:
        """The lines that are lit now, top first."""
        held = sorted(self._table.values(), key=lambda h: reading_order(h.area))
        lit = [line for h in held for line in h.page(now_ms) or []]
        return ["".join(cell.character for cell in line) for line in lit]

    def areas(self) -> list[dict[str, int | str]]:
        """The table, for the back door."""
        return [_told(self._table[key].area) for key in self.ids]


def _words(table: dict[int, Held]) -> dict[int, bytes]:
    return {key: held.area.text for key, held in table.items()}


def _told(area: Area) -> dict[str, int | str]:
    place = {"id": area.id, "x": area.x, "y": area.y, "width": area.width, "height": area.height}
    return {**place, "effect": area.effect, "run_mode": area.run_mode, "text": readable(area.text)}
