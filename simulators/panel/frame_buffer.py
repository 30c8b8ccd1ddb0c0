"""What a panel's lamps show: two planes of dots, red and green (both lit is yellow), as rows of whole numbers.

Written out, a row is text: '.' dark, '#' red, 'g' green, 'y' yellow.
"""

from __future__ import annotations

from simulators import fonts

RED, GREEN = 1, 2
LAMPS = ".#gy"


class FrameBuffer:
    """`width` x `height` lamps; the leftmost lamp is the highest bit of a row."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._planes = {RED: [0] * height, GREEN: [0] * height}

    def rows(self) -> list[str]:
        """The lamps as text, top row first."""
        return [self._row(red, green) for red, green in zip(self._planes[RED], self._planes[GREEN], strict=True)]

    def wipe(self, x: int, y: int, width: int, height: int) -> None:
        """Put a rectangle out."""
        keep = ~self._mask(x, width)
        for plane in self._planes.values():
            for row in range(max(0, y), min(self.height, y + height)):
                plane[row] &= keep

    def draw(self, character: str, cell: int, colour: int, x: int, y: int, clip: tuple[int, int, int, int]) -> None:
        """One character in a cell of `cell` dots; nothing outside clip (x, y, width, height) is touched."""
        left, top, width, height = clip
        mask = self._mask(left, width)
        shift = self.width - x - cell
        for row, dots in enumerate(fonts.in_cell(character, cell), start=y):
            if dots and max(0, top) <= row < min(self.height, top + height):
                lamps = (dots << shift if shift >= 0 else dots >> -shift) & mask
                for plane in (RED, GREEN):
                    self._planes[plane][row] |= lamps if colour & plane else 0

    def _mask(self, x: int, width: int) -> int:
        """Bits of the columns from x on, inside the screen."""
        left, right = max(0, x), min(self.width, x + width)
        return ((1 << max(0, right - left)) - 1) << (self.width - right) if right > left else 0

    def _row(self, red: int, green: int) -> str:
        text = format(red, f"0{self.width}b").replace("0", LAMPS[0]).replace("1", LAMPS[RED])
        if not green:
            return text
        other = format(green, f"0{self.width}b")
        return "".join(LAMPS[(lamp == "#") + 2 * (bit == "1")] for lamp, bit in zip(text, other, strict=True))
