"""The paper as a person sees it: as text of 48 columns, and as a picture with real dot characters.

24 printer dots are drawn as 32 picture dots, so that the 16-dot font is doubled and stays sharp.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

import qrcode
import qrcode.util
from PIL import Image

from simulators import fonts
from simulators.printer.escpos.head import BITS, qr_version
from simulators.printer.escpos.paper import HALF, WIDTH, Code, Element, Line, Picture, Slip

COLUMNS = WIDTH // HALF
DRAWN_SLIPS = 3  # the newest on one picture
DRAWN_MAX = 4000  # printer dots of paper drawn: half a metre
MARGIN, GAP = 32, 24  # picture dots beside the print, and between slips
PAPER, INK, TABLE = 250, 20, 120  # greys
CUTS = {"": "…", "partial": "✂ - - -", "full": "✂ ────", "torn": "~~~~"}


def as_text(slips: Sequence[Slip]) -> str:
    """Every slip, newest last, each under it how it was parted."""
    out = []
    for slip in slips:
        out += [_row(element) for element in slip.elements]
        out += [CUTS[slip.cut]] if slip.elements else []
    return "\n".join(out) + "\n"


def _row(element: Element) -> str:
    if isinstance(element, Line):
        used = sum(run.dots for run in element.runs) // HALF
        return _aligned(element.text, used, element.align)
    if isinstance(element, Code):
        return _aligned(f"[{element.kind}: {element.says}]", len(element.says) + len(element.kind) + 4, element.align)
    return _aligned("[picture]", 9, element.align) if isinstance(element, Picture) else ""


def _aligned(text: str, columns: int, align: int) -> str:
    return " " * (max(0, COLUMNS - columns) * align // 2) + text


def as_png(slips: Sequence[Slip]) -> bytes:
    """The newest slips on one strip of paper, oldest on top."""
    strips = [_strip(slip) for slip in [s for s in slips if s.elements][-DRAWN_SLIPS:]] or [_blank(200)]
    height = sum(strip.height for strip in strips) + GAP * (len(strips) - 1)
    sheet = Image.new("L", (strips[0].width, height), TABLE)
    y = 0
    for strip in strips:
        sheet.paste(strip, (0, y))
        y += strip.height + GAP
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def _dots(printer_dots: int) -> int:
    return printer_dots * 4 // 3


def _blank(height: int) -> Image.Image:
    return Image.new("L", (_dots(WIDTH) + 2 * MARGIN, height), PAPER)


def _strip(slip: Slip) -> Image.Image:
    strip = _blank(_dots(min(slip.dots, DRAWN_MAX)) + MARGIN)
    y = MARGIN // 2
    for element in slip.elements:
        if y > strip.height:
            break
        if isinstance(element, Line):
            _draw_line(strip, element, y)
        elif isinstance(element, Code | Picture):
            image = _code(element) if isinstance(element, Code) else _picture(element)
            strip.paste(image, (_left(image.width, element.align), y))
        y += _dots(element.dots)
    return strip


def _left(width: int, align: int) -> int:
    return MARGIN + max(0, _dots(WIDTH) - width) * align // 2


def _draw_line(strip: Image.Image, line: Line, y: int) -> None:
    x = _left(_dots(sum(run.dots for run in line.runs)), line.align)
    tall = max((run.height for run in line.runs), default=1)
    for run in line.runs:
        for character in run.text:
            image = _character(character, run.full, run.width, run.height, run.bold)
            strip.paste(INK, (x, y + (tall - run.height) * 32), image)
            x += image.width


@cache
def _character(character: str, full: bool, width: int, height: int, bold: bool) -> Image.Image:
    """The mask of one character, doubled and sized."""
    across = fonts.HEIGHT if full else fonts.HEIGHT // 2
    rows = fonts.in_cell(character, across)
    dots = b"".join(((row | row >> 1 if bold else row) & (1 << across) - 1).to_bytes(across // 8) for row in rows)
    small = Image.frombytes("1", (across, fonts.HEIGHT), dots)
    return small.resize((across * 2 * width, fonts.HEIGHT * 2 * height), Image.Resampling.NEAREST)


def _code(code: Code) -> Image.Image:
    if code.kind == "bar":  # its width and place, not its bars: slips of this hall carry none
        return _bars(code)
    made = qrcode.QRCode(qr_version(len(code.data), code.level), BITS[code.level], box_size=1, border=0)
    made.add_data(qrcode.util.QRData(code.data, mode=qrcode.util.MODE_8BIT_BYTE), optimize=0)
    made.make(fit=False)
    matrix = made.get_matrix()
    side = len(matrix)
    image = Image.frombytes("L", (side, side), bytes(INK if dark else PAPER for row in matrix for dark in row))
    return image.resize((_dots(code.dots), _dots(code.dots)), Image.Resampling.NEAREST)


def _bars(code: Code) -> Image.Image:
    return Image.new("L", (_dots(min(WIDTH, len(code.data) * 22)), _dots(code.dots) - 8), INK)


def _picture(picture: Picture) -> Image.Image:
    """A bit set is a black dot."""
    bits = Image.frombytes("1", (picture.across * 8, picture.dots), picture.rows).convert("L")
    greys = bits.point(lambda grey: INK if grey else PAPER)
    return greys.resize((_dots(bits.width), max(1, _dots(bits.height))), Image.Resampling.NEAREST)
