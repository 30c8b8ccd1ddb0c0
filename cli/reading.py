"""Reads a plan's file, and what the house has to offer a plan, from the disk; judging is hall.plan's business."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path

import msgspec

from cli.firmware.glyphs import Font, font
from hall.faults import PlanError
from hall.plan import Plan, to_json
from hall.plan.known import FAMILIES, Card, Known, card, policies

FILE_MAX = 4 * 1024 * 1024  # bytes; the largest plan we know of (120 windows, every one written out) is 60 KiB


def text_of(file: Path) -> str:
    """The plan's text; PlanError when it cannot be read."""
    try:
        if file.stat().st_size > FILE_MAX:
            raise PlanError(f"{file}: larger than {FILE_MAX} bytes; this is no plan")
        return file.read_text(encoding="utf-8")
    except OSError as trouble:
        raise PlanError(f"{file}: {trouble.strerror}") from trouble
    except UnicodeDecodeError as trouble:
        raise PlanError(f"{file}: not UTF-8 at byte {trouble.start}; save it as UTF-8") from trouble


def known() -> Known:
    """The drivers and policies in the house's folders; no room is imported for it."""
    return Known(
        drivers={family: _cards(folder) for family, folder in FAMILIES.items()},
        policies=policies(
            {file.stem: file.read_text(encoding="utf-8") for file in _in("controller/core/routing", "*.py")}
        ),
    )


def dot_font() -> Font:
    """The free dot font; the one copy in the house lies with the simulated panels."""
    (packed,), (licence,) = _in("simulators/fonts", "*.hex.gz"), _in("simulators/fonts", "OFL-*.txt")
    return font(gzip.decompress(packed.read_bytes()).decode("ascii"), licence.read_text(encoding="utf-8"))


def _cards(folder: str) -> dict[str, Card]:
    return {file.parent.name: card(file.read_text(encoding="utf-8"), str(file)) for file in _in(folder, "*/card.toml")}


def _in(folder: str, pattern: str) -> list[Path]:
    room, *inner = folder.split("/")
    spec = find_spec(room)
    places = spec.submodule_search_locations if spec else None
    return sorted(file for place in places or () for file in Path(place).joinpath(*inner).glob(pattern))


def write_compiled(plan: Plan, file: Path) -> Path:
    """The plan as rooms and far side read it, in place at once or not at all."""
    new = file.with_suffix(".new")
    new.write_text(indented(plan), encoding="utf-8")
    new.replace(file)
    return file


def indented(plan: Plan) -> str:
    return msgspec.json.format(to_json(plan), indent=1).decode() + "\n"
