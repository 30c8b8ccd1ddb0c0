"""esphome/: a panel and a keypad for every window, a small file each over common packages, and the panels' font."""

from __future__ import annotations

from cli.firmware.brokers import tls_port
from cli.firmware.filling import filled, template
from cli.firmware.glyphs import Font, bdf, needed
from hall.plan.model import Hall, Plan, Window
from hall.wording import inert

MODULE_WIDE, MODULE_HIGH = 64, 32  # dots of one HUB75 module
COLUMN_PX, LINE_PX = 8, 16  # of the half-width characters a plan counts in
USUAL = (16, 2)  # columns and lines of a panel where the plan gives the window none


def files(plan: Plan, font: Font, also: str = "") -> dict[str, str]:
    """Every device's file by path."""
    characters = needed(plan, also)
    found = {
        "esphome/common/device.yaml": filled("esphome/device.yaml", site=plan.site.id, tls_port=tls_port(plan)),
        "esphome/common/panel.yaml": filled("esphome/panel.yaml", site=plan.site.id),
        "esphome/common/keypad.yaml": filled("esphome/keypad.yaml", site=plan.site.id),
        "esphome/common/font.yaml": _font(characters),
        "esphome/common/onewindow.h": template("esphome/onewindow.h"),
        "esphome/fonts/panel.bdf": bdf(font, characters),
        "esphome/fonts/OFL-1.1.txt": font.licence,
        "esphome/fonts/README.md": filled("esphome/fonts.md", count=len(characters)),
    }
    for hall in plan.halls.values():
        for window in hall.windows.values():
            found[f"esphome/panel-{window.id}.yaml"] = _panel(hall, window)
            found[f"esphome/keypad-{window.id}.yaml"] = _keypad(hall, window)
    return found


def _panel(hall: Hall, window: Window) -> str:
    columns, lines = (window.panel.columns, window.panel.lines) if window.panel else USUAL
    return filled(
        "esphome/panel-one.yaml",
        title=inert(window.name),
        name=f"esp-panel-{window.id.lower()}",
        hall=hall.id,
        window=window.id,
        wide=-(-columns * COLUMN_PX // MODULE_WIDE),
        high=-(-lines * LINE_PX // MODULE_HIGH),
    )


def _keypad(hall: Hall, window: Window) -> str:
    return filled(
        "esphome/keypad-one.yaml",
        title=inert(window.name),
        name=f"esp-keypad-{window.id.lower()}",
        hall=hall.id,
        window=window.id,
    )


def _font(characters: list[str]) -> str:
    glyphs = "\n".join(f"      - {_quoted(character)}" for character in characters)
    return filled("esphome/font.yaml", count=len(characters), glyphs=glyphs)


def _quoted(text: str) -> str:
    """A character as YAML reads it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
