"""Moves every loopback TCP port of a simulated plan by the same number, so that two can run on one machine."""

from __future__ import annotations

import msgspec

from hall.plan.draft import Draft
from hall.plan.lines import Tcp, is_loopback, parse_line, parse_url
from hall.plan.model import Hall, Kiosk, Plan, StaffDoor, Window
from hall.plan.problems import Unfit

PORT_MAX = 65535


def shift_ports(draft: Draft, by: int) -> Plan:
    """The plan with its ports moved; reports a live plan and ports beyond the last one."""
    plan = draft.plan
    if not by:
        return plan
    if plan.site.mode == "live":
        draft.report(("site",), "mode", "port-shift", "the ports of a live plan are not moved", "leave the shift out")
        return plan
    highest = max(_ports(plan), default=1) + by
    if highest > PORT_MAX or min(_ports(plan), default=1) + by < 1:
        draft.report(("site",), "", "port-shift", f"ports moved by {by} leave 1 to {PORT_MAX}", "use a smaller shift")
        return plan
    return msgspec.structs.replace(
        plan,
        broker=msgspec.structs.replace(plan.broker, port=_moved(plan.broker.host, plan.broker.port, by)),
        bench=msgspec.structs.replace(plan.bench, port=_moved(plan.bench.host, plan.bench.port, by)),
        doors=msgspec.structs.replace(
            plan.doors, public_port=_moved(plan.doors.public_host, plan.doors.public_port, by)
        ),
        site=msgspec.structs.replace(plan.site, status_url=_url(plan.site.status_url, by)),
        halls={name: _hall(hall, by) for name, hall in plan.halls.items()},
    )


def _ports(plan: Plan) -> list[int]:
    lines = [kiosk.printer_line for hall in plan.halls.values() for kiosk in hall.kiosks.values()]
    lines += [line.line for hall in plan.halls.values() for line in hall.keypad_lines.values()]
    lines += [window.panel.line for hall in plan.halls.values() for window in hall.windows.values() if window.panel]
    read = [parsed for line in lines if isinstance(parsed := _parsed(line), Tcp)]
    pages = [kiosk.port for hall in plan.halls.values() for kiosk in hall.kiosks.values()]
    pages += [port for hall in plan.halls.values() for port in (hall.screen.port, hall.staff_door.port)]
    return [
        plan.broker.port,
        plan.bench.port,
        plan.doors.public_port,
        *pages,
        *(tcp.port for tcp in read if tcp.loopback),
    ]


def _parsed(line: str) -> object:
    try:
        return parse_line(line)
    except Unfit:  # reported by the checks
        return None


def _moved(host: str, port: int, by: int) -> int:
    return port + by if is_loopback(host) else port


def _url(text: str, by: int) -> str:
    try:
        url = parse_url(text)
    except Unfit:  # reported by the checks
        return text
    return str(msgspec.structs.replace(url, port=url.port + by)) if is_loopback(url.host) and url.written else text


def _line(line: str, by: int) -> str:
    parsed = _parsed(line)
    return f"tcp://{parsed.host}:{_moved(parsed.host, parsed.port, by)}" if isinstance(parsed, Tcp) else line


def _hall(hall: Hall, by: int) -> Hall:
    lines = {name: msgspec.structs.replace(line, line=_line(line.line, by)) for name, line in hall.keypad_lines.items()}
    return msgspec.structs.replace(
        hall,
        windows={name: _window(window, by) for name, window in hall.windows.items()},
        kiosks={name: _kiosk(kiosk, by) for name, kiosk in hall.kiosks.items()},
        keypad_lines=lines,
        screen=msgspec.structs.replace(hall.screen, port=_moved(hall.screen.host, hall.screen.port, by)),
        staff_door=_staff_door(hall.staff_door, by),
    )


def _staff_door(door: StaffDoor, by: int) -> StaffDoor:
    return msgspec.structs.replace(door, port=_moved(door.host, door.port, by), url=_url(door.url, by))


def _window(window: Window, by: int) -> Window:
    if window.panel is None:
        return window
    return msgspec.structs.replace(
        window, panel=msgspec.structs.replace(window.panel, line=_line(window.panel.line, by))
    )


def _kiosk(kiosk: Kiosk, by: int) -> Kiosk:
    line = _line(kiosk.printer_line, by)
    return msgspec.structs.replace(kiosk, port=_moved(kiosk.host, kiosk.port, by), printer_line=line)
