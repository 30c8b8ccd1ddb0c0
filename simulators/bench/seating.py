"""Who stands where, for the page: halls with their machines and windows, each naming its simulated devices."""

from __future__ import annotations

from collections.abc import Mapping

from simulators.box import Json, Record
from simulators.citizens.choosing import page_of
from simulators.far_side import FarSide, table, tables, text


def seating(far_side: FarSide) -> dict[str, Json]:
    """The hall as the page draws it."""
    site = table(far_side.plan, "site")
    clock = far_side.clock
    return {
        "site": {key: site[key] for key in ("name", "name_en", "time_zone")},
        "clock": {"hall_ms": clock.hall_ms, "real_ms": clock.real_ms, "rate": clock.rate},
        "halls": [_hall(name, record) for name, record in tables(far_side.plan, "halls").items()],
    }


def origins(far_side: FarSide) -> list[str]:
    """The kiosk pages the bench may frame."""
    halls = tables(far_side.plan, "halls").values()
    return [page_of(kiosk) for hall in halls for kiosk in tables(hall, "kiosks").values()]


def _hall(name: str, record: Record) -> dict[str, Json]:
    lines = tables(record, "keypad_lines")
    units = {unit: text(about, "name") for unit, about in tables(record, "units").items()}
    return {
        "id": name,
        "name": text(record, "name"),
        "name_en": text(record, "name_en"),
        "area": text(record, "area"),
        "kiosks": [_kiosk(name, kiosk, about) for kiosk, about in tables(record, "kiosks").items()],
        "windows": [_window(name, window, about, units, lines) for window, about in tables(record, "windows").items()],
    }


def _kiosk(hall: str, kiosk: str, about: Record) -> dict[str, Json]:
    return {
        "id": kiosk,
        "name": text(about, "name"),
        "url": page_of(about),
        "screen": text(about, "screen"),
        "printer": f"{hall}.printer.{kiosk}",
    }


def _window(
    hall: str, window: str, about: Record, units: Mapping[str, str], lines: Mapping[str, Record]
) -> dict[str, Json]:
    own = about["units"]
    seat = about.get("seat")
    return {
        "id": window,
        "name": text(about, "name"),
        "kind": text(about, "kind"),
        "units": [units.get(str(unit), str(unit)) for unit in own] if isinstance(own, list) else [],
        "panel": f"{hall}.panel.{window}" if about.get("panel") is not None else None,
        "keypad": _keypad(hall, seat, lines) if isinstance(seat, Mapping) else None,
    }


def _keypad(hall: str, seat: Record, lines: Mapping[str, Record]) -> dict[str, Json]:
    line = text(seat, "line")
    keys, levels = table(lines[line], "keys"), table(lines[line], "levels")
    return {"device": f"{hall}.keypad.{line}", "address": seat["address"], "keys": keys, "levels": levels}
