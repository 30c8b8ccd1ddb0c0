"""Compiles the windows of a hall: groups become windows, templates become names and addresses, units find queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hall.plan.expanding import NO_IDS, expand, fill
from hall.plan.kinds import Shape
from hall.plan.problems import Path
from hall.plan.reading import Values, texts
from hall.plan.settings import window as tables
from hall.plan.settings.shapes import STAFF_ID, WINDOW_ID

if TYPE_CHECKING:
    from hall.plan.compiling_hall import HallCompiler

USUAL_LINES, USUAL_COLUMNS = 2, 16  # 128 x 32 pixels: the usual panel above a window
COPIED = ("kind", "policy", "units", "helps", "help_when", "help_bound_s", "help_every", "texts")


def compile_windows(halls: HallCompiler, hall: str, template: str, queues: dict[str, Values]) -> dict[str, Values]:
    """All windows of the hall, in the order of the file."""
    windows: dict[str, Values] = {}
    for at in halls.reading.items(("halls", hall, "windows")):
        windows |= _Group(halls, hall, at, template, queues).windows()
    return windows


class _Group:
    """One [[halls.<id>.windows]] table."""

    def __init__(self, halls: HallCompiler, hall: str, at: Path, template: str, queues: dict[str, Values]) -> None:
        self.halls, self.reading, self.hall, self.at, self.queues = halls, halls.reading, hall, at, queues
        self.values = self.reading.table(at, tables.WINDOW)
        self.values["units"] = halls.known_units(at, texts(self.values["units"]))
        self.template = str(self.values["name"] or template)
        self.panel_at = self._place("panel", bool(self.values["no_panel"]))
        self.keypad_at = self._place("keypad", bool(self.values["no_keypad"]))

    def windows(self) -> dict[str, Values]:
        names = self._ids("ids", WINDOW_ID)
        staff = self._ids("staff", STAFF_ID)
        if staff and names and len(staff) != len(names):
            what = f"{len(staff)} staff numbers for {len(names)} windows"
            self.reading.report(self.at, "staff", "staff-count", what, "give one number for each window, or none")
        roster = dict(zip(names, staff, strict=False))
        windows: dict[str, Values] = {}
        for nth, name in enumerate(names, start=1):
            if self.halls.claim(self.at, "window", name, "ids") and name not in windows:
                self.halls.origins[self.hall, "windows", name] = self.at
                words = {"window": name, "index": str(int(name[1:])), "nth": str(nth), "hall": self.hall}
                windows[name] = self._window(words) | {"staff": roster.get(name, "")}
        return windows

    def _window(self, words: dict[str, str]) -> Values:
        units = set(texts(self.values["units"]))
        own = [name for name, queue in self.queues.items() if queue["units"] and units >= set(texts(queue["units"]))]
        key_at = self.at if self.values["name"] else self.at[:2]
        key = "name" if self.values["name"] else "windows_named"
        return {copied: self.values[copied] for copied in COPIED} | {
            "id": words["window"],
            "name": self.reading.fit(key_at, key, lambda text: fill(text, words), self.template, words["window"]),
            "queues": own,
            "panel": self._panel(words),
            "seat": self._seat(words),
        }

    def _ids(self, key: str, shape: Shape) -> tuple[str, ...]:
        ids = self.reading.fit(self.at, key, expand, texts(self.values[key]), NO_IDS)
        for name in ids:
            self.reading.fit(self.at, key, shape.read, name, "")
        seen = {name for name in ids if ids.count(name) > 1}
        for name in sorted(seen):
            self.reading.report(self.at, key, "duplicate-id", f"{name} stands twice", "write it once", about=name)
        return tuple(dict.fromkeys(name for name in ids if shape.fits(name)))

    def _place(self, key: str, none: bool) -> Path | None:
        """Where this group's panel or keypad is written: its own table, else the hall's; None for none."""
        for at in ((*self.at, key), (*self.at[:2], f"{key}s")):
            if self.reading.source.get(at) is not None:
                return None if none else at
        return None

    def _panel(self, words: dict[str, str]) -> Values | None:
        if self.panel_at is None:
            return None
        panel = self.reading.table(self.panel_at, tables.PANEL)
        drivers = self.halls.known.drivers.get("panels", {}) if self.halls.known else {}
        card = drivers.get(str(panel["driver"]))
        first, shared = panel.pop("address_from"), self.panel_at[-1] == "panels"
        if isinstance(first, int):
            panel["address"] = first + int(words["index" if shared else "nth"]) - 1
        return panel | {
            "line": self.reading.fit(self.panel_at, "line", lambda text: fill(text, words), str(panel["line"]), ""),
            "lines": panel["lines"] or (card.plan.lines if card else USUAL_LINES),
            "columns": panel["columns"] or (card.plan.characters if card else USUAL_COLUMNS),
        }

    def _seat(self, words: dict[str, str]) -> Values | None:
        if self.keypad_at is None:
            return None
        first = self.values["address_from"]
        address = first + int(words["nth"]) - 1 if isinstance(first, int) else int(words["index"])
        return {"line": self.reading.table(self.keypad_at, tables.KEYPAD)["line"], "address": address}
