"""Where devices are reached: lines that cannot be read, two devices on one address, seats on unknown lines."""

from __future__ import annotations

import msgspec

from hall.plan.draft import Draft, Thing
from hall.plan.lines import Line, Serial, Tcp, parse_line
from hall.plan.model import Hall, Kiosk, Window
from hall.plan.problems import Unfit, nearest

KEYPAD_ADDRESSES = (1, 255)  # one byte on the bus, 0 is nobody


class End(msgspec.Struct, frozen=True):
    """One device at the end of a wire, or a page that listens."""

    thing: Thing
    key: str
    name: str  # for people: panel A01
    line: Line
    machine: str = ""  # whose loopback and serial ports are meant; "" for the one the rooms run on
    panel: str = ""  # driver of a panel: panels of one driver may share a wire, each at its address
    address: int = 0

    @property
    def place(self) -> tuple[str, ...]:
        if isinstance(self.line, Tcp):
            host = "127.0.0.1" if self.line.host == "localhost" else self.line.host
            machine = self.machine if self.line.loopback else ""
            return ("tcp", machine, host, str(self.line.port))
        if isinstance(self.line, Serial):
            return ("serial", self.machine, self.line.device)
        return ("pty", self.machine, self.line.name)


def check(draft: Draft) -> None:
    ends = _site_ends(draft)
    for hall in draft.plan.halls.values():
        for kiosk in hall.kiosks.values():
            ends += _kiosk_ends(draft, hall, kiosk)
        if hall.screen.port > 1:  # else it could not be read
            name, where = f"the screen of hall {hall.id}", Tcp(hall.screen.host, hall.screen.port)
            ends.append(End((hall.id,), "screen.page", name, where))
        if hall.staff_door.port > 1:
            name, where = f"the staff pages of hall {hall.id}", Tcp(hall.staff_door.host, hall.staff_door.port)
            ends.append(End((hall.id,), "staff_door.page", name, where))
        for line in hall.keypad_lines.values():
            ends += _end(draft, (hall.id, "keypad_lines", line.id), "line", f"keypad line {line.id}", line.line)
        for window in hall.windows.values():
            ends += _panel_ends(draft, hall, window)
        _check_seats(draft, hall)
    _check_shared(draft, ends)


def _site_ends(draft: Draft) -> list[End]:
    plan = draft.plan
    ends = [End(("broker",), "port", "the broker", Tcp(plan.broker.host, plan.broker.port))]
    if plan.site.mode == "simulated":
        ends.append(End(("bench",), "port", "the test bench", Tcp(plan.bench.host, plan.bench.port)))
    if plan.doors.public_port > 1:  # else it could not be read
        ends.append(End(("doors",), "public", "the public door", Tcp(plan.doors.public_host, plan.doors.public_port)))
    return ends


def _kiosk_ends(draft: Draft, hall: Hall, kiosk: Kiosk) -> list[End]:
    thing, machine = (hall.id, "kiosks", kiosk.id), kiosk.id if draft.plan.site.mode == "live" else ""
    ends = _end(draft, thing, "printer.line", f"the printer of {kiosk.id}", kiosk.printer_line, machine)
    if draft.reading.source.get((*draft.origins[thing], "page")) and kiosk.port > 1:
        ends.append(End(thing, "page", f"the page of {kiosk.id}", Tcp(kiosk.host, kiosk.port), machine))
    return ends


def _panel_ends(draft: Draft, hall: Hall, window: Window) -> list[End]:
    panel, thing = window.panel, (hall.id, "windows", window.id)
    if panel is None:
        return []
    card = draft.known.drivers.get("panels", {}).get(panel.driver) if draft.known else None
    if card and not card.addresses[0] <= panel.address <= card.addresses[1]:
        what = f"address {panel.address} of panel {window.id} is out of range"
        mend = f"this driver has addresses {card.addresses[0]} to {card.addresses[1]}"
        key = "address_from" if draft.written(thing, "panel.address_from") else "address"
        draft.report(thing, f"panel.{key}", "out-of-range", what, mend)
    ends = _end(draft, thing, "panel.line", f"panel {window.id}", panel.line)
    return [msgspec.structs.replace(end, panel=panel.driver, address=panel.address) for end in ends]


def _end(draft: Draft, thing: Thing, key: str, name: str, line: str, machine: str = "") -> list[End]:
    if not line:
        return []
    try:
        return [End(thing, key, name, parse_line(line), machine)]
    except Unfit as unfit:
        draft.report(thing, key, unfit.kind, f"{name}: {unfit.what}", unfit.mend)
        return []


def _check_shared(draft: Draft, ends: list[End]) -> None:
    taken: dict[tuple[str, ...], list[End]] = {}
    for end in ends:
        others = taken.setdefault(end.place, [])
        fault = next((fault for other in others if (fault := _clash(end, other))), None)
        if fault:
            draft.report(end.thing, end.key, *fault)
        others.append(end)


def _clash(end: End, other: End) -> tuple[str, str, str] | None:
    where = ":".join(part for part in end.place[1:] if part)
    if not end.panel or not other.panel:
        return "address-twice", f"{end.name} and {other.name} are both at {where}", "give each its own"
    if end.panel != other.panel or end.line != other.line:
        what = f"{end.name} and {other.name} share {where} but not driver and settings"
        return "line-shared", what, "panels on one wire need one driver and one speed"
    if end.address == other.address:
        what = f"{end.name} and {other.name} are both at {where}, address {end.address}"
        return "address-twice", what, "give each its own line or address; {index} in the line is the window's number"
    return None


def _check_seats(draft: Draft, hall: Hall) -> None:
    seats: dict[tuple[str, int], str] = {}
    for window in hall.windows.values():
        if window.seat and window.seat.line:
            _check_seat(draft, hall, window, seats)
    for line in hall.keypad_lines.values():
        if not any(taken == line.id for taken, _ in seats):
            what, mend = f"no window has a keypad on line {line.id}", 'write keypad = { line = "..." }, or take it out'
            draft.report((hall.id, "keypad_lines", line.id), "", "line-unused", what, mend, "warning")


def _check_seat(draft: Draft, hall: Hall, window: Window, seats: dict[tuple[str, int], str]) -> None:
    thing, seat = (hall.id, "windows", window.id), window.seat
    if seat is None:
        return
    line = hall.keypad_lines.get(seat.line)
    if line is None:
        what = f"hall {hall.id} has no keypad line {seat.line!r}"
        draft.report(thing, "keypad.line", "unknown-line", what, nearest(seat.line, hall.keypad_lines))
        return
    key = "address_from" if draft.written(thing, "address_from") else "ids"
    card = draft.known.drivers.get("keypads", {}).get(line.driver) if draft.known else None
    low, high = card.addresses if card else KEYPAD_ADDRESSES
    if not low <= seat.address <= high:
        what = f"keypad address {seat.address} of window {window.id} is out of range"
        draft.report(thing, key, "out-of-range", what, f"this line has addresses {low} to {high}: set address_from")
    other = seats.setdefault((seat.line, seat.address), window.id)
    if other != window.id:
        what = f"the keypads of {other} and {window.id} are both at address {seat.address} of line {seat.line}"
        draft.report(thing, key, "address-twice", what, "set address_from, or use another line")
