"""Where drivers are found: a folder of a family is a driver, and nothing keeps a list of them.

Cards are read without importing any room; a room gets the class itself by the folder's name.
"""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from pathlib import Path

from hall.cards import Card, Family, read_card
from hall.faults import OurFault, PlanError
from hall.ports import KeypadDriver, PanelDriver, PrinterDriver

FAMILIES: dict[Family, str] = {"panel": "displays.panels", "keypad": "caller.keypads", "printer": "kiosk.printers"}


def folders(family: Family) -> dict[str, Path]:
    """The driver folders of a family by name; importing none of them."""
    room, _, shelf = FAMILIES[family].partition(".")
    spec = importlib.util.find_spec(room)
    if spec is None or not spec.submodule_search_locations:
        raise OurFault(f"the room {room} is not installed")
    shelves = [Path(place) / shelf for place in spec.submodule_search_locations]
    return {card.parent.name: card.parent for shelf in shelves for card in sorted(shelf.glob("*/card.toml"))}


@cache
def cards(family: Family) -> dict[str, Card]:
    """The cards of all drivers of a family, by the name a plan writes as `driver`."""
    return {
        name: read_card((folder / "card.toml").read_text(encoding="utf-8"), f"{name}/card.toml")
        for name, folder in folders(family).items()
    }


def panel_driver(name: str) -> type[PanelDriver]:
    """The driver class of that folder; PlanError names the folders there are."""
    return driver_class("panel", name)


def keypad_driver(name: str) -> type[KeypadDriver]:
    """The driver class of that folder; PlanError names the folders there are."""
    return driver_class("keypad", name)


def printer_driver(name: str) -> type[PrinterDriver]:
    """The driver class of that folder; PlanError names the folders there are."""
    return driver_class("printer", name)


def driver_class(family: Family, name: str) -> type:
    """The class a driver folder names `Driver`; PlanError when there is no such folder."""
    if name not in folders(family):
        raise PlanError(f"there is no {family} driver {name!r}; there are {', '.join(folders(family))}")
    found: object = importlib.import_module(f"{FAMILIES[family]}.{name}").Driver
    if not isinstance(found, type):
        raise OurFault(f"{FAMILIES[family]}.{name} names no class Driver")
    return found
