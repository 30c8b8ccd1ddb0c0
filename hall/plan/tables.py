"""A plan as tables a person can read: `rows` for whoever draws them another way, `tables` as plain text.

Chinese characters take two columns of a terminal; the columns are aligned by that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from hall.plan.checking.showing import width
from hall.plan.model import Hall, Hours, KeypadLine, Kiosk, Panel, Plan, Queue, Seat, StaffDoor, Voice, Window
from hall.wording import inert

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NONE = "-"


class Sheet(msgspec.Struct, frozen=True):
    """One table: a title, the columns' heads, the rows."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(plan: Plan) -> str:
    """The whole site as text."""
    return "\n\n".join(_drawn(sheet) for sheet in rows(plan)) + "\n"


def rows(plan: Plan) -> tuple[Sheet, ...]:
    """The site, then machines, queues, menu, windows and devices of each hall."""
    sheets = [_site(plan)]
    for hall in plan.halls.values():
        sheets += [_machines(hall), _queues(hall), _menu(hall), _windows(hall), _devices(hall)]
    return tuple(sheets)


def _site(plan: Plan) -> Sheet:
    broker, bench = plan.broker, plan.bench
    windows = [window for hall in plan.halls.values() for window in hall.windows.values()]
    counted = sum(window.kind == "window" for window in windows)
    found = [
        ("site", f"{plan.site.id}, {plan.site.mode}"),
        ("time zone", f"{plan.site.time_zone}, the day starts at {_time(plan.site.day_starts)}"),
        ("broker", f"{broker.kind} at {broker.host}:{broker.port}"),
        *((("bench", f"{bench.host}:{bench.port}"),) if plan.site.mode == "simulated" else ()),
        ("public door", f"{plan.doors.public_host}:{plan.doors.public_port}, on slips as {plan.site.status_url}"),
        *((f"screen of {hall.id}", f"http://{hall.screen.host}:{hall.screen.port}") for hall in plan.halls.values()),
        *((f"staff of {hall.id}", _outside(hall.staff_door)) for hall in plan.halls.values()),
        *((f"voice of {hall.id}", _voice(hall.voice)) for hall in plan.halls.values()),
        *((f"hours of {hall.id}", _hours(hall.hours)) for hall in plan.halls.values()),
        ("windows", f"{counted}, and {len(windows) - counted} service points"),
        ("staff", f"{len(plan.staff)} numbers"),
        *(("note", note) for note in plan.site.notes),
    ]
    return Sheet(plan.site.name, ("what", "how"), tuple(found))


def _outside(door: StaffDoor) -> str:
    return door.url or f"http://{door.host}:{door.port}"


def _voice(voice: Voice) -> str:
    return f"player {voice.player}" if voice.output == "player" else voice.output


def _machines(hall: Hall) -> Sheet:
    def row(kiosk: Kiosk) -> tuple[str, ...]:
        page = f"http://{kiosk.host}:{kiosk.port}"
        return (kiosk.id, kiosk.name, page, kiosk.printer_driver, kiosk.printer_line, kiosk.screen)

    heads = ("machine", "name", "page", "printer", "at", "screen")
    return Sheet(f"Hall {hall.id} {hall.name} {hall.area}: machines", heads, tuple(map(row, hall.kiosks.values())))


def _queues(hall: Hall) -> Sheet:
    def row(queue: Queue) -> tuple[str, ...]:
        serving = spans(window.id for window in hall.windows.values() if queue.id in window.queues)
        helping = spans(window.id for window in hall.windows.values() if queue.id in window.helps)
        first = f"{queue.prefix}{1:0{queue.digits}}"
        units = ", ".join(queue.units) + (" (restricted)" if queue.restricted else "")
        return (queue.id, queue.name, first, units, serving or NONE, helping or NONE, _minutes(queue.finally_by_s))

    heads = ("queue", "name", "first number", "units", "served by", "helped by", "finally by")
    return Sheet(f"Hall {hall.id}: queues", heads, tuple(map(row, hall.queues.values())))


def _menu(hall: Hall) -> Sheet:
    found = tuple((entry.id, entry.name, entry.button, entry.page, entry.queue) for entry in hall.entries)
    return Sheet(f"Hall {hall.id}: menu", ("entry", "name", "button", "page", "queue"), found)


def _windows(hall: Hall) -> Sheet:
    def row(window: Window) -> tuple[str, ...]:
        own, helps = ", ".join(window.queues), ", ".join(window.helps) or NONE
        return (window.id, window.name, window.kind, window.policy, own, helps, window.staff or NONE)

    heads = ("window", "name on the panel", "kind", "policy", "queues", "helps", "staff")
    return Sheet(f"Hall {hall.id}: windows", heads, tuple(map(row, hall.windows.values())))


def _devices(hall: Hall) -> Sheet:
    found = [_keypad_line(hall, line) for line in hall.keypad_lines.values()]
    for window in hall.windows.values():
        if window.panel:
            found.append(("panel", window.id, *_panel(window.panel)))
        if window.seat:
            found.append(("keypad", window.id, *_seat(hall, window.seat)))
    return Sheet(f"Hall {hall.id}: devices", ("device", "of", "driver", "line", "address"), tuple(found))


def _keypad_line(hall: Hall, line: KeypadLine) -> tuple[str, ...]:
    seats = sum(window.seat is not None and window.seat.line == line.id for window in hall.windows.values())
    return ("keypad line", line.id, line.driver, line.line, f"{seats} keypads")


def _panel(panel: Panel) -> tuple[str, ...]:
    return (f"{panel.driver} {panel.columns}x{panel.lines}", panel.line, str(panel.address))


def _seat(hall: Hall, seat: Seat) -> tuple[str, ...]:
    return (hall.keypad_lines[seat.line].driver, seat.line, str(seat.address))


def spans(ids: Iterable[str]) -> str:
    """A01, A02, A03, A07 as "A01-A03, A07"."""
    found: list[list[str]] = []
    for name in ids:
        last = found[-1][-1] if found else ""
        if last[:1] == name[:1] and len(last) == len(name) and int(last[1:]) + 1 == int(name[1:]):
            found[-1].append(name)
        else:
            found.append([name])
    return ", ".join(span[0] if len(span) == 1 else f"{span[0]}-{span[-1]}" for span in found)


def _hours(hours: Hours) -> str:
    days = " ".join(DAYS[day - 1] for day in sorted(hours.weekdays))
    text = f"{days} {_time(hours.opens)}-{_time(hours.closes)}"
    if hours.lunch_from is None or hours.lunch_to is None:
        return text
    issuing = "numbers are given" if hours.issue_at_lunch else "no numbers"
    return f"{text}, lunch {_time(hours.lunch_from)}-{_time(hours.lunch_to)} ({issuing})"


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(seconds: int) -> str:
    return f"{seconds / 60:g} min"


def _drawn(sheet: Sheet) -> str:
    """Heads, a rule and rows, padded; a sheet without rows says so."""
    grid = [sheet.heads, *(tuple(inert(cell) for cell in row) for row in sheet.rows)]
    widths = [max(width(row[column]) for row in grid) for column in range(len(sheet.heads))]
    lines = [_padded(row, widths) for row in grid]
    rule = "-" * min(sum(widths) + 2 * (len(widths) - 1), 120)
    body = lines[1:] or ["(none)"]
    return "\n".join([inert(sheet.title), lines[0], rule, *body])


def _padded(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True)]
    return "  ".join(cells).rstrip()
