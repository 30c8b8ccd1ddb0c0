"""Compiles one hall: its queues, menu entries, kiosks and keypad lines; its windows are `compiling_windows`."""

from __future__ import annotations

from collections.abc import Iterable

from hall.plan.compiling_windows import compile_windows
from hall.plan.draft import Thing
from hall.plan.keying import FF68_KEYS
from hall.plan.known import Known
from hall.plan.lines import Tcp, parse_page
from hall.plan.problems import Path, nearest
from hall.plan.reading import Reading, Values, texts
from hall.plan.settings import hall as tables
from hall.plan.settings.shapes import WORD_ID
from hall.plan.settings.showing import SCREEN, STAFF_DOOR, VOICE
from hall.plan.settings.window import KEYPAD_LINE

NO_PAGE = Tcp("127.0.0.1", 1)  # stands in for a page that could not be read; the plan is refused anyway
FIRST_SCREEN = Tcp("127.0.0.1", 8660)  # where the first hall's screen is left out; the next halls' come behind
FIRST_STAFF_DOOR = Tcp("127.0.0.1", 8640)  # likewise


class HallCompiler:
    """Compiles the halls of one plan; ids of windows, kiosks and keypad lines are the whole plan's."""

    def __init__(
        self, reading: Reading, origins: dict[Thing, Path], units: dict[str, Values], known: Known | None
    ) -> None:
        self.reading, self.origins, self.units, self.known = reading, origins, units, known
        self._taken: dict[tuple[str, str], Path] = {}
        self._halls = 0  # compiled so far

    def hall(self, hall: str, site_hours: Values) -> Values:
        """The hall of this id, as the model wants it."""
        at: Path = ("halls", hall)
        self.origins[(hall,)] = at
        values = self.reading.table(at, tables.HALL)
        queues = self._queues(hall)
        used = {unit for queue in queues.values() for unit in texts(queue["units"])}
        template = str(values.pop("windows_named"))
        notices = self.reading.table((*at, "notices"), tables.NOTICES)
        return values | {
            "id": hall,
            "name_en": values["name_en"] or values["name"],
            "hours": self._hours(at, site_hours),
            "units": {unit: found for unit, found in self.units.items() if unit in used},
            "queues": queues,
            "entries": self._entries(hall, queues),
            "windows": compile_windows(self, hall, template, queues),
            "kiosks": self._kiosks(hall),
            "keypad_lines": self._keypad_lines(hall),
            "notices": {key: text for key, text in notices.items() if text},
            "screen": self._screen(at),
            "staff_door": self._staff_door(at),
            "voice": self.reading.table((*at, "voice"), VOICE),
        }

    def known_units(self, at: Path, names: Iterable[str]) -> tuple[str, ...]:
        """Those of the names that are units; the others are reported."""
        known: list[str] = []
        for name in names:
            if name in self.units:
                known.append(name)
            else:
                self.reading.report(
                    at, "units", "unknown-unit", f"there is no unit {name!r}", nearest(name, self.units), about=name
                )
        return tuple(known)

    def claim(self, at: Path, family: str, name: str, key: str = "id") -> bool:
        """Whether this id is still free in its family; a second one is reported."""
        taken = self._taken.setdefault((family, name), at)
        if taken is at:
            return True
        line = self.reading.source.line((*taken, key))
        what = f"{family} {name} is there already, at line {line}"
        self.reading.report(at, key, "duplicate-id", what, "give it another id", about=str(line))
        return False

    def _screen(self, at: Path) -> Values:
        self._halls += 1
        page = str(self.reading.table((*at, "screen"), SCREEN)["page"] or "")
        if not page:
            return {"host": FIRST_SCREEN.host, "port": FIRST_SCREEN.port + self._halls - 1}
        where = self._page((*at, "screen"), page)
        return {"host": where.host, "port": where.port}

    def _staff_door(self, at: Path) -> Values:
        given = self.reading.table((*at, "staff_door"), STAFF_DOOR)
        page, url = str(given["page"] or ""), str(given["url"] or "")
        where = self._page((*at, "staff_door"), page) if page else FIRST_STAFF_DOOR
        behind = 0 if page else self._halls - 1
        return {"host": where.host, "port": where.port + behind, "url": url}

    def _hours(self, at: Path, site_hours: Values) -> Values:
        given = self.reading.source.get((*at, "hours"))
        own = self.reading.table((*at, "hours"), tables.HOURS)
        return {name: own[name] if isinstance(given, dict) and name in given else site_hours[name] for name in own}

    def _queues(self, hall: str) -> dict[str, Values]:
        at: Path = ("halls", hall, "queues")
        return {name: self._queue(hall, (*at, name), name) for name in self.reading.names(at, WORD_ID.read)}

    def _queue(self, hall: str, at: Path, name: str) -> Values:
        self.origins[hall, "queues", name] = at
        values = self.reading.table(at, tables.QUEUE)
        units = self.known_units(at, (name,) if values["units"] is None else texts(values["units"]))
        first = self.units[units[0]] if units else {"name": name, "name_en": name}
        return values | {
            "id": name,
            "name": values["name"] or first["name"],
            "name_en": values["name_en"] or values["name"] or first["name_en"],
            "units": units,
            "restricted": any(self.units[unit]["restricted"] for unit in units),
        }

    def _entries(self, hall: str, queues: dict[str, Values]) -> list[Values]:
        entries: list[Values] = []
        for at in self.reading.items(("halls", hall, "entries")):
            values = self.reading.table(at, tables.ENTRY)
            name = str(values["id"])
            if not name or not self.claim(at, f"entry of hall {hall}", name):
                continue
            self.origins[hall, "entries", name] = at
            queue = str(values["queue"] or name)
            if queue in queues:
                entries.append(self._entry(at, values, queues[queue]))
            else:
                key = "queue" if values["queue"] else "id"
                what = f"entry {name!r} leads to a queue {queue!r} that hall {hall} has not"
                self.reading.report(at, key, "unknown-queue", what, nearest(queue, queues))
        return entries

    def _entry(self, at: Path, values: Values, queue: Values) -> Values:
        units = texts(queue["units"])
        unit = str(values["unit"] or "")
        if unit and unit not in units:
            what = f"unit {unit!r} does not belong to queue {queue['id']!r}"
            self.reading.report(at, "unit", "unknown-unit", what, nearest(unit, units))
        return values | {
            "queue": queue["id"],
            "unit": unit or (units[0] if units else ""),
            "name": values["name"] or queue["name"],
            "name_en": values["name_en"] or values["name"] or queue["name_en"],
        }

    def _kiosks(self, hall: str) -> dict[str, Values]:
        kiosks: dict[str, Values] = {}
        for at in self.reading.items(("halls", hall, "kiosks")):
            values = self.reading.table(at, tables.KIOSK)
            name = str(values["id"])
            if self.reading.source.get((*at, "printer")) is None:
                what = f"kiosk {name or '?'} has no printer"
                self.reading.report(at, "", "no-printer", what, "add printer = { driver = ..., line = ... }")
            printer = self.reading.table((*at, "printer"), tables.PRINTER)
            page = self._page(at, str(values.pop("page")))
            if name and self.claim(at, "kiosk", name):
                self.origins[hall, "kiosks", name] = at
                kiosks[name] = values | printer | {"host": page.host, "port": page.port, "name": values["name"] or name}
        return kiosks

    def _page(self, at: Path, page: str) -> Tcp:
        return self.reading.fit(at, "page", parse_page, page, NO_PAGE) if page else NO_PAGE

    def _keypad_lines(self, hall: str) -> dict[str, Values]:
        lines: dict[str, Values] = {}
        for at in self.reading.items(("halls", hall, "keypad_lines")):
            values = self.reading.table(at, KEYPAD_LINE)
            name = str(values["id"])
            if name and self.claim(at, "keypad line", name):
                self.origins[hall, "keypad_lines", name] = at
                default = FF68_KEYS if values["driver"] == "ff68" else {}
                keys = default | (values["keys"] if isinstance(values["keys"], dict) else {})
                lines[name] = values | {"keys": {sequence: word for sequence, word in keys.items() if word}}
        return lines
