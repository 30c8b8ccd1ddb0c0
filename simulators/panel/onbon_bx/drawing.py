"""How the card lays an area's text out: cells into lines, lines into pages, a page onto the lamps.

Effects (quick, scrolling) are shown as their end state; what matters to a test is what stands there.
"""

from __future__ import annotations

from simulators.fonts import HEIGHT
from simulators.panel.frame_buffer import FrameBuffer
from simulators.panel.onbon_bx.areas import Area
from simulators.panel.onbon_bx.letters import Cell, cells

Line = list[Cell]
Page = list[Line]

LOOPS, ENDING = (0, 2, 3), (2, 3)  # run modes that begin again; that go dark after their timeout (others stay)
HALF_SECOND = 500  # ms, the unit of `hold`
RIGHT, CENTRE = 1, 2  # alignment bits 1-0; the same values mean bottom, middle in bits 3-2


def pages(area: Area) -> list[Page]:
    """The pages of an area; always at least one, perhaps empty."""
    lines = [part for line in _lines(area) for part in _wrapped(line, area)]
    per_page = 1 if area.single_line else max(1, (area.height + area.spacing) // (HEIGHT + area.spacing))
    return [lines[at : at + per_page] for at in range(0, len(lines), per_page)] or [[]]


def _lines(area: Area) -> list[Line]:
    lines: list[Line] = [[]]
    for cell in cells(area.text):
        if cell.character:
            lines[-1].append(cell)
        else:
            lines.append([])
    return lines


def _wrapped(line: Line, area: Area) -> list[Line]:
    """A long line goes on in the next (single-line areas: on the next page); with manual wrap it is cut by the edge."""
    if not (area.auto_wrap or area.single_line):
        return [line]
    parts: list[Line] = [[]]
    used = 0
    for cell in line:
        if used + cell.width > area.width and parts[-1]:
            parts.append([])
            used = 0
        parts[-1].append(cell)
        used += cell.width
    return parts


def page_at(area: Area, count: int, since_ms: int, now_ms: int) -> int | None:
    """Which page is lit so long after the area came; None when its run mode has put it out."""
    if (ends := _ends(area, since_ms)) is not None and now_ms >= ends:
        return None
    turn = max(0, now_ms - since_ms) // _hold_ms(area)
    return turn % count if area.run_mode in LOOPS else min(turn, count - 1)


def next_turn(area: Area, count: int, since_ms: int, now_ms: int) -> int | None:
    """When the page will change by itself."""
    lit, ends = page_at(area, count, since_ms, now_ms), _ends(area, since_ms)
    if lit is None:
        return None
    if count == 1 or (area.run_mode not in LOOPS and lit == count - 1):
        return ends
    turn = since_ms + (max(0, now_ms - since_ms) // _hold_ms(area) + 1) * _hold_ms(area)
    return turn if ends is None else min(turn, ends)


def _ends(area: Area, since_ms: int) -> int | None:
    """When the area goes dark."""
    return since_ms + area.timeout_s * 1000 if area.run_mode in ENDING and area.timeout_s else None


def _hold_ms(area: Area) -> int:
    return max(1, area.hold) * HALF_SECOND


def draw(screen: FrameBuffer, area: Area, page: Page) -> None:
    """Put the rectangle out and write the page into it."""
    screen.wipe(area.x, area.y, area.width, area.height)
    tall = len(page) * (HEIGHT + area.spacing) - area.spacing
    top = area.y + _shift(area.alignment >> 2 & 3, area.height - tall)
    for line in page:
        left = area.x + _shift(area.alignment & 3, area.width - sum(cell.width for cell in line))
        for cell in line:
            clip = (area.x, area.y, area.width, area.height)
            screen.draw(cell.character, cell.width, cell.colour, left, top, clip)
            left += cell.width
        top += HEIGHT + area.spacing


def _shift(code: int, free: int) -> int:
    """Dots from the left (or top) edge; what is too long starts at the edge."""
    if code == RIGHT:
        return max(0, free)
    return max(0, free // 2) if code == CENTRE else 0
