"""A PNG of a panel as it looks from the hall: round lamps, lit ones with a glow, dark ones just visible."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

from PIL import Image, ImageDraw

PITCH = 6  # picture dots per lamp
CASE = (12, 12, 14)
COLOURS = {".": (44, 18, 18), "#": (255, 56, 32), "g": (60, 230, 80), "y": (255, 200, 40)}
EDGE = 2  # lamps of black around


def png(rows: Sequence[str], brightness: int = 15) -> bytes:
    """The picture of rows of lamps ('.', '#', 'g', 'y'); brightness 0..15."""
    width, height = len(rows[0]) + 2 * EDGE, len(rows) + 2 * EDGE
    image = Image.new("RGB", (width * PITCH, height * PITCH), CASE)
    for y, row in enumerate(rows, start=EDGE):
        for x, lamp in enumerate(row, start=EDGE):
            image.paste(_lamp(lamp, brightness), (x * PITCH, y * PITCH))
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False)
    return out.getvalue()


@cache
def _lamp(lamp: str, brightness: int) -> Image.Image:
    """One lamp, drawn large and scaled down for a round edge."""
    big = Image.new("RGB", (PITCH * 4, PITCH * 4), CASE)
    red, green, blue = COLOURS[lamp]
    dim = 1.0 if lamp == "." else 0.4 + 0.6 * brightness / 15
    colour = (round(red * dim), round(green * dim), round(blue * dim))
    ImageDraw.Draw(big).ellipse((2, 2, PITCH * 4 - 3, PITCH * 4 - 3), fill=colour)
    return big.resize((PITCH, PITCH), Image.Resampling.LANCZOS)
