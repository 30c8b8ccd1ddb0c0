"""Pictures as tests: a screen drawn as SVG and held against the one a person has looked at.

Renew them after a wanted change with PICTURES=renew pytest tests/rooms/test_console_pictures.py, and look at them.
"""

from __future__ import annotations

import html
import os
import re
from pathlib import Path

from rich.cells import cell_len

FOLDER = Path(__file__).parents[1] / "rooms" / "pictures"
RENEW = os.environ.get("PICTURES") == "renew"


def normal(svg: str) -> str:
    """Without what differs from run to run (the id of a drawing) and without fonts from the network."""
    svg = re.sub(r"terminal-\d+-", "terminal-", svg)
    svg = re.sub(r'(<text[^>]* textLength=")([\d.]+)("[^>]*>)(.*?)(</text>)', _stretched, svg)
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)


def _stretched(text: re.Match[str]) -> str:
    """A letter of Chinese is as wide as two of ours; the drawing counted it as one."""
    before, length, between, shown, after = text.groups()
    plain = html.unescape(shown)
    wide = float(length) * cell_len(plain) / max(1, len(plain))
    return f"{before}{wide:.1f}{between}{shown}{after}"


def words(svg: str) -> str:
    """What can be read in a picture, for a difference that tells something."""
    rows: dict[str, list[str]] = {}
    for y, text in re.findall(r'<text[^>]* y="([\d.]+)"[^>]*>(.*?)</text>', svg):
        rows.setdefault(y, []).append(html.unescape(text).replace("\xa0", " "))
    return "\n".join("".join(parts).rstrip() for _, parts in sorted(rows.items(), key=lambda row: float(row[0])))


def held_against(svg: str, name: str, seen: Path) -> None:
    """The picture is as it was; a new one is left in `seen` for whoever wants to look."""
    svg, known = normal(svg), FOLDER / f"{name}.svg"
    if RENEW:
        FOLDER.mkdir(exist_ok=True)
        known.write_text(svg, encoding="utf-8")
        return
    assert known.exists(), f"there is no picture {known.name}: make it with PICTURES=renew, and look at it"
    expected = known.read_text(encoding="utf-8")
    if svg != expected:
        (seen / f"{name}.svg").write_text(svg, encoding="utf-8")
        assert words(svg) == words(expected)
        raise AssertionError(f"{name}: the words are the same, the colours are not; look at {seen}/{name}.svg")
