"""systemd/: a unit for every room, the users they run as, and the targets that start what a machine has.

A hall's rooms run as that hall's user, each with a state directory and a log-in of its own: hall A's keypad line could
not read hall B's password if it tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cli.firmware.filling import filled
from hall.names import KioskId
from hall.plan.lines import Serial, parse_line
from hall.plan.model import Hall, Kiosk, Plan
from hall.plan.problems import Unfit

PROGRAM = "/opt/onewindow/bin/hall"
PLAN = "/etc/onewindow/plan.toml"
STATE = "/var/lib/onewindow"
SERVER, KIOSK_USER, BROWSER_USER = "onewindow", "onewindow-kiosk", "kiosk"
BROWSER_HOME = "/run/onewindow-browser"  # made with the service and gone with it
SERIAL, SOUND = ("ttyS", "ttyUSB", "ttyACM"), ("alsa",)  # kinds of device files


class Unit(NamedTuple):
    """A room as a service."""

    who: str  # names unit, state directory and log-ins
    about: str
    user: str
    argv: str
    target: str
    serial: bool  # has a device on a serial port
    memory_mb: int  # of a room that has gone mad; ten times what it needs
    sound: bool = False  # plays aloud


def files(plan: Plan) -> dict[str, str]:
    """Every unit by path."""
    found = {f"systemd/onewindow-{unit.who}.service": _service(plan, unit) for unit in units(plan)}
    found["systemd/onewindow.target"] = filled(
        "systemd/onewindow.target", about=f"Onewindow: the rooms of {plan.site.id} on the server"
    )
    users = [f'u {user} - "{about}" {home} -\n' for user, about, home in _users(plan)]
    found["systemd/sysusers.conf"] = filled("systemd/sysusers.conf", users="".join(users))
    for hall in plan.halls.values():
        for kiosk in hall.kiosks.values():
            found[f"systemd/{browser_unit(kiosk.id)}"] = _browser(kiosk)
    return found


def units(plan: Plan) -> list[Unit]:
    """The rooms of a plan, as `hall run` has them, but for broker and far side."""
    controller = Unit(
        "controller", "decides for every hall, keeps the journals", SERVER, "controller", "onewindow", False, 1500
    )
    return [controller, *(unit for hall in plan.halls.values() for unit in _of_hall(hall))]


def _of_hall(hall: Hall) -> Iterator[Unit]:
    user = user_of(hall)
    panels = [window.panel.line for window in hall.windows.values() if window.panel]
    serial = any(_is_serial(line) for line in panels)
    displays, about, sound = f"displays-{hall.id}", f"panels of hall {hall.id}", hall.voice.output == "player"
    yield Unit(displays, about, user, f"displays {hall.id}", SERVER, serial, 700, sound)
    for line in hall.keypad_lines.values():
        argv, serial = f"caller {hall.id} --line {line.id}", _is_serial(line.line)
        yield Unit(f"caller-{line.id}", f"keypads on line {line.id}", user, argv, SERVER, serial, 500)
    staff = f"staff-{hall.id}"
    yield Unit(staff, f"the staff's pages of hall {hall.id}", user, f"caller {hall.id} --pages", SERVER, False, 500)
    for kiosk in hall.kiosks.values():
        serial = _is_serial(kiosk.printer_line)
        who, about = f"kiosk-{kiosk.id}", f"ticket machine {kiosk.id}"
        yield Unit(who, about, KIOSK_USER, f"kiosk {kiosk.id}", "multi-user", serial, 700)


def user_of(hall: Hall) -> str:
    """Whose files hall A's rooms are."""
    return f"{SERVER}-{hall.id.lower()}"


def browser_unit(kiosk: KioskId) -> str:
    """The unit of the screen beside a machine's room."""
    return f"onewindow-browser-{kiosk}.service"


def _users(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Name, what for, home."""
    yield SERVER, "Onewindow controller", STATE
    for hall in plan.halls.values():
        yield user_of(hall), f"Onewindow rooms of hall {hall.id}", STATE
    yield KIOSK_USER, "Onewindow ticket machine", STATE
    yield BROWSER_USER, "the screen of a ticket machine", BROWSER_HOME


def _is_serial(line: str) -> bool:
    """A pty stands for a serial line in a simulated plan; the unit is written for the real one."""
    try:
        return isinstance(parse_line(line), Serial) or line.startswith("pty:")
    except Unfit:
        return False


def _service(plan: Plan, unit: Unit) -> str:
    return filled(
        "systemd/room.service",
        about=f"Onewindow: {unit.about} ({plan.site.id})",
        who=unit.who,
        user=unit.user,
        command=f"{PROGRAM} {unit.argv} --plan {PLAN} --var {STATE}/{unit.who} --clock real",
        target=unit.target,
        partof="PartOf=onewindow.target\n" if unit.target == SERVER else "",
        devices=_devices(unit),
        private_users="no" if unit.serial or unit.sound else "yes",  # dialout must stay dialout
        memory_mb=unit.memory_mb,
    )


def _devices(unit: Unit) -> str:
    """The device files a room may open, and no others."""
    groups = " ".join(name for name, wanted in (("dialout", unit.serial), ("audio", unit.sound)) if wanted)
    if not groups:
        return "PrivateDevices=yes\n"
    kinds = (*(SERIAL if unit.serial else ()), *(SOUND if unit.sound else ()))
    allowed = "".join(f"DeviceAllow=char-{kind} rw\n" for kind in kinds)
    return f"SupplementaryGroups={groups}\nDevicePolicy=closed\n{allowed}"


def _browser(kiosk: Kiosk) -> str:
    return filled(
        "systemd/browser.service",
        kiosk=kiosk.id,
        user=BROWSER_USER,
        home=BROWSER_HOME,
    )
