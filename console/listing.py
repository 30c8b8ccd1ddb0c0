"""A list of rows in columns: only the rows on the screen are drawn, so a thousand cost what ten cost.

Columns give way when the pane is narrow (the highest rank first) and the growing ones share what is left. Every text is
made inert and drawn as it is; nothing in it is markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from hall.wording import inert

TEXT_MAX = 400  # characters of one cell: wider than any screen
TONES = ("now", "soon", "look", "know", "good", "dim", "plain")


class Column(NamedTuple):
    """`width` in half-width letters; `grow` is its share of what is left; a higher `rank` gives way earlier."""

    title: str
    width: int
    grow: int = 0
    rank: int = 0
    right: bool = False


class Row(NamedTuple):
    """`tone` colours the first cell, or with `whole` all of them."""

    key: str
    cells: tuple[str, ...]
    tone: str = "plain"
    whole: bool = False


class Listing(ScrollView, can_focus=True):
    """Rows with a cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "listing--head", "listing--cursor", "listing--rest", *(f"listing--{tone}" for tone in TONES),
    }  # fmt: skip
    DEFAULT_CSS = """
    Listing {
        background: $surface;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
        overflow-x: hidden;
        & > .listing--head { background: $panel; color: $text-muted; text-style: bold; }
        & > .listing--cursor { background: $primary 30%; }
        & > .listing--rest { color: $text-disabled; }
        & > .listing--plain { color: $foreground; }
        & > .listing--dim { color: $text-muted; }
        & > .listing--good { color: $text-success; }
        & > .listing--know { color: $text-accent; }
        & > .listing--look { color: $text-warning; }
        & > .listing--soon { color: $text-error; text-style: bold; }
        & > .listing--now { background: $error; color: $text; text-style: bold; }
    }
    Listing:focus > .listing--head { background: $primary; color: $text; }
    Listing:focus > .listing--cursor { background: $primary 70%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("up", "step(-1)", ""),
        ("down", "step(1)", ""),
        ("pageup", "page(-1)", ""),
        ("pagedown", "page(1)", ""),
        ("home", "step(-100000)", ""),
        ("end", "step(100000)", ""),
        ("enter", "choose", ""),
    ]
    cursor: reactive[int] = reactive(0)

    class Moved(Message):
        """Somebody went to another row."""

    class Chosen(Message):
        """Enter, or a click on the row that has the cursor."""

        def __init__(self, listing: Listing, key: str) -> None:
            super().__init__()
            self.listing, self.key = listing, key

    def __init__(self, name: str, columns: Sequence[Column] = (), empty: str = "") -> None:
        super().__init__(id=name)
        self._columns, self._rows = tuple(columns), tuple[Row, ...]()
        self.empty = empty  # said when there is no row

    # -- content -------------------------------------------------------------------------------------------------------

    def show(self, rows: Sequence[Row], columns: Sequence[Column] | None = None) -> None:
        """Other rows; the cursor stays with its row wherever that has gone."""
        new, at = tuple(rows), self.key
        if new == self._rows and (columns is None or tuple(columns) == self._columns):
            return
        self._columns = tuple(columns) if columns is not None else self._columns
        self._rows = new
        self.virtual_size = Size(self._width, len(new) + 1)
        places = [place for place, row in enumerate(new) if row.key == at] if at else []
        self.cursor = places[0] if places else max(0, min(self.cursor, len(new) - 1))
        self.refresh()

    def width_of(self, columns: Sequence[Column], place: int) -> int:
        """How wide a column will be: for what is drawn to fit, not cut."""
        return _widths(tuple(columns), self._width)[place] or columns[place].width

    @property
    def _width(self) -> int:
        """What the scrollbar leaves."""
        return self.scrollable_content_region.width

    @property
    def key(self) -> str:
        """The key of the row under the cursor, "" when there is none."""
        return self._rows[self.cursor].key if 0 <= self.cursor < len(self._rows) else ""

    @property
    def rows(self) -> tuple[Row, ...]:
        return self._rows

    def go(self, key: str) -> bool:
        """Put the cursor on a row; False when it is not there."""
        for place, row in enumerate(self._rows):
            if row.key == key:
                self.cursor = place
                self._into_view()
                return True
        return False

    # -- keys and mouse ------------------------------------------------------------------------------------------------

    def action_step(self, by: int) -> None:
        self.cursor = max(0, min(self.cursor + by, len(self._rows) - 1))
        self._into_view()
        self.post_message(self.Moved())

    def action_page(self, by: int) -> None:
        self.action_step(by * max(1, self.size.height - 2))

    def action_choose(self) -> None:
        if self.key:
            self.post_message(self.Chosen(self, self.key))

    def on_click(self, event: events.Click) -> None:
        place = self.scroll_offset.y + event.y - 1
        if event.y == 0 or place >= len(self._rows):
            return
        again, self.cursor = place == self.cursor and event.chain > 1, place
        self.post_message(self.Moved())
        if again:
            self.action_choose()

    def _into_view(self) -> None:
        """The head takes the first line, so a row is visible from line 1 on."""
        self.scroll_to_region(Region(0, self.cursor, 1, 2), animate=False, force=True)

    def watch_cursor(self) -> None:
        self.refresh()

    # -- drawing -------------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width = self._width
        if y == 0:
            titles = tuple(column.title for column in self._columns)
            return self._drawn(titles, ("listing--head",) * len(titles), width, "listing--head")
        place = self.scroll_offset.y + y - 1
        if place >= len(self._rows):
            note = self.empty if not self._rows and y == 1 else ""
            return Strip([Segment(set_cell_size(" " + note, width), self._style("listing--rest", ""))], width)
        row = self._rows[place]
        first = f"listing--{row.tone}"
        rest = first if row.whole else "listing--plain"
        under = "listing--cursor" if place == self.cursor else ""
        return self._drawn(row.cells, (first, *(rest for _ in row.cells[1:])), width, under)

    def _drawn(self, cells: tuple[str, ...], styles: tuple[str, ...], width: int, under: str) -> Strip:
        between = self._style("listing--plain", under)
        widths = _widths(self._columns, width)
        segments = []
        for column, text, style, wide in zip(self._columns, cells, styles, widths, strict=False):
            if wide:
                segments += [Segment(_fit(text, wide, column.right), self._style(style, under)), Segment(" ", between)]
        return Strip(segments).adjust_cell_length(width, between)

    def _style(self, name: str, under: str) -> Style:
        """A colour of the theme upon what lies under it: a strip knows no see-through colours, they are mixed here."""
        ground = self.background_colors[1]
        if under:
            ground += self.get_component_styles(under).background
        style = self.get_component_styles(name)
        ground += style.background
        ink = ground + (ground.get_contrast_text(style.color.a) if style.auto_color else style.color)
        return Style(color=ink.rich_color, bgcolor=ground.rich_color) + style.text_style


@lru_cache(maxsize=64)
def _widths(columns: tuple[Column, ...], width: int) -> tuple[int, ...]:
    """How wide each column is in a pane of this width; 0 for one that gives way."""
    kept = list(range(len(columns)))
    while len(kept) > 1 and sum(columns[k].width + 1 for k in kept) > width + 1:
        kept.remove(max(kept, key=lambda k: (columns[k].rank, k)))
    spare = max(0, width - sum(columns[k].width + 1 for k in kept))
    shares = sum(columns[k].grow for k in kept) or 1
    return tuple(
        column.width + spare * column.grow // shares if place in kept else 0 for place, column in enumerate(columns)
    )


def _fit(text: str, width: int, right: bool) -> str:
    """Exactly `width` half-width letters; what is cut is marked."""
    text = inert(text, TEXT_MAX)
    length = cell_len(text)
    if length > width:
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)
    return " " * (width - length) + text if right else set_cell_size(text, width)
