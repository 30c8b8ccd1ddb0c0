"""The paper: what stands on it and how much is left. All lengths across and down are dots, 8 to the millimetre."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from simulators.box import Json

DOTS_PER_MM = 8  # 203 dots per inch
WIDTH = 576  # printable dots on 80 mm paper: 48 half-width characters
HALF = 12  # dots across of a half-width character; a Chinese one takes 24
ALIGNS = ("left", "center", "right")
SLIPS_KEPT = 200  # the catch tray: older slips are thrown away
ELEMENTS_MAX = 4000  # lines of one slip kept; a host that never cuts would fill the memory


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one look beside each other."""

    text: str
    full: bool
    width: int  # 1..8 times
    height: int
    bold: bool = False

    @property
    def dots(self) -> int:
        return len(self.text) * HALF * (2 if self.full else 1) * self.width


@dataclass(frozen=True, slots=True)
class Line:
    runs: tuple[Run, ...]
    align: int
    dots: int  # how far the paper moved

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    def look(self) -> dict[str, Json]:
        width, height = max((r.width for r in self.runs), default=1), max((r.height for r in self.runs), default=1)
        return {"text": self.text, "width": width, "height": height, "align": ALIGNS[self.align]}


@dataclass(frozen=True, slots=True)
class Code:
    """A QR or bar code, kept as what it says."""

    kind: str  # "qr" | "bar"
    says: str
    data: bytes
    module: int
    level: str
    align: int
    dots: int

    def look(self) -> dict[str, Json]:
        return {self.kind: self.says, "module": self.module, "level": self.level, "align": ALIGNS[self.align]}


@dataclass(frozen=True, slots=True)
class Picture:
    """Dots, a row at a time, the leftmost in the highest bit."""

    across: int  # bytes
    rows: bytes
    align: int
    dots: int

    def look(self) -> dict[str, Json]:
        return {"picture": [self.across * 8, self.dots], "align": ALIGNS[self.align]}


@dataclass(frozen=True, slots=True)
class Blank:
    dots: int


Element = Line | Code | Picture | Blank


@dataclass(slots=True)
class Slip:
    """What hangs between two cuts. `cut` is "" while it is in the printer, else "partial", "full" or "torn"."""

    number: int
    elements: list[Element] = field(default_factory=list)
    cut: str = ""
    dots: int = 0
    done_at_ms: int = 0

    def look(self) -> dict[str, Json]:
        lines = [e.look() for e in self.elements if not isinstance(e, Blank) and (not isinstance(e, Line) or e.runs)]
        mm = round(self.dots / DOTS_PER_MM, 1)
        return {"no": self.number, "cut": self.cut, "mm": mm, "done_at_ms": self.done_at_ms, "lines": lines}

    @property
    def texts(self) -> list[str]:
        """Its lines of text, without the empty ones."""
        return [e.text for e in self.elements if isinstance(e, Line) and e.text.strip()]

    @property
    def codes(self) -> list[str]:
        return [e.says for e in self.elements if isinstance(e, Code)]


class Roll:
    """The roll and what was printed from it."""

    def __init__(self, left_mm: int) -> None:
        self.left_dots = left_mm * DOTS_PER_MM
        self.slip = Slip(1)
        self.tray: deque[Slip] = deque(maxlen=SLIPS_KEPT)

    def put(self, element: Element) -> None:
        """Print it: the paper moves on, to below zero at the end of the roll (the sensor sits before the head)."""
        self.slip.dots += element.dots
        self.left_dots -= element.dots
        if len(self.slip.elements) < ELEMENTS_MAX:
            self.slip.elements.append(element)

    def part(self, how: str, now_ms: int) -> None:
        """Cut or torn: the slip falls into the tray. An empty piece of paper is no slip."""
        if not self.slip.dots:
            return
        self.slip.cut, self.slip.done_at_ms = how, now_ms
        self.tray.append(self.slip)
        self.slip = Slip(self.slip.number + 1)
