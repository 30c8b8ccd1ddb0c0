"""Reads a plan from the disk, compiled or as a person writes it, with what the house has to offer a plan.

The drivers and policies are what lies in the house's folders; no room is imported to know them.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from hall.faults import PlanError
from hall.plan import Plan, from_json, load
from hall.plan.known import FAMILIES, Card, Known, card, policies

FILE_MAX = 4 * 1024 * 1024  # bytes; the largest plan we know of (120 windows, every one written out) is 60 KiB


def text_of(file: Path) -> str:
    """The file's text; PlanError when it cannot be read."""
    try:
        if file.stat().st_size > FILE_MAX:
            raise PlanError(f"{file}: larger than {FILE_MAX} bytes; this is no plan")
        return file.read_text(encoding="utf-8")
    except OSError as trouble:
        raise PlanError(f"{file}: {trouble.strerror}") from trouble
    except UnicodeDecodeError as trouble:
        raise PlanError(f"{file}: not UTF-8 at byte {trouble.start}; save it as UTF-8") from trouble


def known() -> Known:
    """The drivers and policies in the house's folders."""
    return Known(
        drivers={family: _cards(folder) for family, folder in FAMILIES.items()},
        policies=policies(
            {file.stem: file.read_text(encoding="utf-8") for file in in_house("controller/core/routing", "*.py")}
        ),
    )


def load_plan(path: Path) -> Plan:
    """A plan, compiled (JSON) or TOML; PlanError says what is wrong with it."""
    text = text_of(path)
    return load(text, str(path), known()) if path.suffix == ".toml" else from_json(text)


def in_house(folder: str, pattern: str) -> list[Path]:
    """Files of a room's folder, found without importing the room."""
    room, *inner = folder.split("/")
    spec = find_spec(room)
    places = spec.submodule_search_locations if spec else None
    return sorted(file for place in places or () for file in Path(place).joinpath(*inner).glob(pattern))


def _cards(folder: str) -> dict[str, Card]:
    files = in_house(folder, "*/card.toml")
    return {file.parent.name: card(file.read_text(encoding="utf-8"), str(file)) for file in files}
