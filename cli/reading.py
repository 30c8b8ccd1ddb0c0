"""What the program reads and writes beside the rooms: the dot font, and the compiled plan in the state directory."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec

from cli.firmware.glyphs import Font, font
from hall.plan import Plan, to_json
from transport.plans import in_house


def dot_font() -> Font:
    """The free dot font; the one copy in the house lies with the simulated panels."""
    (packed,), (licence,) = in_house("simulators/fonts", "*.hex.gz"), in_house("simulators/fonts", "OFL-*.txt")
    return font(gzip.decompress(packed.read_bytes()).decode("ascii"), licence.read_text(encoding="utf-8"))


def write_compiled(plan: Plan, file: Path) -> Path:
    """The plan as rooms and far side read it, in place at once or not at all."""
    new = file.with_suffix(".new")
    new.write_text(indented(plan), encoding="utf-8")
    new.replace(file)
    return file


def indented(plan: Plan) -> str:
    return msgspec.json.format(to_json(plan), indent=1).decode() + "\n"
