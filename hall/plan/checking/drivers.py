"""Drivers the house does not have, options a driver does not know."""

from __future__ import annotations

from hall.plan.draft import Draft, Thing
from hall.plan.known import FAMILIES, Card, Family
from hall.plan.problems import nearest


def check(draft: Draft) -> None:
    for hall in draft.plan.halls.values():
        for window in hall.windows.values():
            if window.panel:
                thing = (hall.id, "windows", window.id)
                card = _card(draft, thing, "panel.driver", "panels", window.panel.driver)
                _check_options(draft, thing, "panel.options", card, window.panel.options)
        for kiosk in hall.kiosks.values():
            thing = (hall.id, "kiosks", kiosk.id)
            card = _card(draft, thing, "printer.driver", "printers", kiosk.printer_driver)
            _check_options(draft, thing, "printer.options", card, kiosk.printer_options)
        for line in hall.keypad_lines.values():
            thing = (hall.id, "keypad_lines", line.id)
            card = _card(draft, thing, "driver", "keypads", line.driver)
            _check_options(draft, thing, "options", card, line.options)


def _card(draft: Draft, thing: Thing, key: str, family: Family, name: str) -> Card | None:
    if draft.known is None or not name:
        return None
    drivers = draft.known.drivers.get(family, {})
    if name not in drivers:
        what = f"there is no driver {name!r} in {FAMILIES[family]}"
        draft.report(thing, key, "unknown-driver", what, nearest(name, drivers))
    return drivers.get(name)


def _check_options(
    draft: Draft, thing: Thing, key: str, card: Card | None, options: dict[str, str | int | bool]
) -> None:
    if card is None:
        return
    for name, value in options.items():
        option = card.options.get(name)
        if option is None:
            what = f"the driver has no option {name!r}"
            draft.report(thing, f"{key}.{name}", "unknown-option", what, nearest(name, card.options))
        elif problem := option.problem(value):
            draft.report(thing, f"{key}.{name}", "bad-option", f"{name} {problem}", f"it means: {option.means}")
