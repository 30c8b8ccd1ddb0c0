"""Who logs in to the broker, and what each may hear and say there; the access list is made from this table alone.

A principal is a room's process or a device with a network of its own. It speaks for what its name says: caller-A-1 for
the windows on that line, kiosk-A-K1 for that machine, esp-keypad-A01 for that window (controller/core/rights.py judges
by the same names). All of them stand in one hall, but for the consoles: a supervisor is the site's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hall import topics
from hall.names import HallId, Role, SiteId, WindowId
from hall.plan.model import Hall, Plan

ANSWERS = (
    "TicketCalled", "TicketRecalled", "ServiceStarted", "ServiceFinished", "TicketNoShow", "WindowOpened",
    "WindowPaused", "StaffLoggedIn", "StaffLoggedOut", "CommandRefused",
)  # fmt: skip
"""The events that answer what a keypad of our firmware asks (templates/esphome/onewindow.h)."""


class Principal(NamedTuple):
    """One log-in. `room`: the unit or device whose secret it is; patterns are MQTT filters."""

    name: str
    room: str
    about: str
    hears: tuple[str, ...]
    says: tuple[str, ...]


def principals(plan: Plan) -> list[Principal]:
    """Everybody who may come to the broker of this plan, hall by hall."""
    found = [one for hall in plan.halls.values() for one in _of_hall(plan.site.id, hall)]
    return found + list(_consoles(plan))


def _of_hall(site: SiteId, hall: Hall) -> Iterator[Principal]:
    at = _Places(site, hall.id)
    yield Principal(
        f"controller-{hall.id}",
        "controller",
        f"decides for {hall.name}",
        (at.cmd("+", "+"), at.now("hall")),
        (at.evt("+"), at.now("#"), at.here("controller")),
    )
    standing = [at.now(what) for what in ("hall", "queues/+", "windows/+", "panels/+", "alarms")]
    standing.append(at.here("controller"))
    yield _room(at, f"displays-{hall.id}", f"panels, screens and voice of {hall.name}", *standing, at.evt("+"))
    for line in hall.keypad_lines:
        hears = [at.now(what) for what in ("windows/+", "queues/+", "alarms")]
        yield _room(at, f"caller-{line}", f"keypads on line {line}", *hears, at.evt("+"))
    yield _staff_door(at, hall)
    for kiosk in hall.kiosks.values():
        hears = [at.now(what) for what in ("hall", "queues/+", f"jobs/{kiosk.id}")]
        yield _room(at, f"kiosk-{kiosk.id}", kiosk.name, *hears, at.here("controller"), at.evt("+"))
    for window in hall.windows.values():
        yield from _of_window(at, window.id, window.name)


def _staff_door(at: _Places, hall: Hall) -> Principal:
    """The staff's pages: they ask in the name of a window's soft caller, or (a guide) in their own."""
    who, windows = f"staff-{hall.id}", hall.windows
    standing = (at.now(what) for what in ("hall", "queues/+", "windows/+"))
    hears = (*standing, at.here("controller"), at.evt("+"))
    says = (*(at.cmd(f"soft-{window}", "+") for window in windows), at.cmd(who, "+"), at.here(who))
    return Principal(who, who, f"the staff's pages of {hall.name}", hears, says)


def _of_window(at: _Places, window: WindowId, name: str) -> Iterator[Principal]:
    panel = f"esp-panel-{window}"
    yield Principal(panel, panel, f"the panel of {name}", (at.now(f"panels/{window}"),), (at.here(panel),))
    answers = (at.evt(what) for what in ANSWERS)
    yield _room(at, f"esp-keypad-{window}", f"the keypad of {name}", at.now(f"windows/{window}"), *answers)


def _room(at: _Places, who: str, about: str, *hears: str) -> Principal:
    """Somebody who asks in its own name and says how it is."""
    return Principal(who, who, about, hears, (at.cmd(who, "+"), at.here(who)))


def _consoles(plan: Plan) -> Iterator[Principal]:
    """One for each supervisor the plan knows: two at one desk would throw each other out."""
    supervisors = sum(staff.role is Role.SUPERVISOR for staff in plan.staff.values())
    places = [_Places(plan.site.id, hall) for hall in plan.halls]
    for number in range(1, supervisors + 1):
        who = f"console-{number}"
        hears = tuple(topic for at in places for topic in (at.now("#"), at.evt("+"), at.here("+")))
        says = tuple(topic for at in places for topic in (at.cmd(who, "+"), at.here(who)))
        yield Principal(who, who, "a supervisor's desk, all halls", hears, says)


class _Places(NamedTuple):
    """The topics of one hall."""

    site: SiteId
    hall: HallId

    def cmd(self, who: str, what: str) -> str:
        return topics.cmd(self.site, self.hall, who, what)

    def evt(self, what: str) -> str:
        return topics.evt(self.site, self.hall, what)

    def now(self, what: str) -> str:
        return topics.now(self.site, self.hall, what)

    def here(self, who: str) -> str:
        return topics.here(self.site, self.hall, who)
