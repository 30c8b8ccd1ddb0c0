"""Tells the controller which devices of a room are ill, and when they are well again.

What the controller believes is read from its own `now/alarms`, so a restarted room mends what an earlier one left and
says nothing when there is nothing to say; 55 healthy panels cost no letter. A fault shorter than LASTS_S stays between
the room and its `here`.
"""

from __future__ import annotations

import asyncio

import structlog

from hall.commands import Principal, ReportDevice
from hall.events import DeviceFaulted, DeviceHealed
from hall.faults import TheirFault
from hall.names import DeviceId, Role
from hall.views import AlarmsView
from transport.asking import Asking, NotAnswered
from transport.here import Presence

LASTS_S = 2.0  # real seconds a fault stands before a supervisor is told: a line that is opened anew takes half a second
LOOK_S = 0.25  # real seconds between two looks at the devices
TELL_MS = 3000  # real: one letter; the next look tells how it is then
ANSWERS = ("DeviceFaulted", "DeviceHealed", "CommandRefused")  # the events a room that tells must hear
DEVICE_ALARM = "device"  # the kind of alarm the controller raises for a device

log = structlog.get_logger("telling")


class Telling:
    """The faults of one room's devices, as the controller knows them. Feed it `now/alarms`."""

    def __init__(self, presence: Presence, who: DeviceId) -> None:
        self._presence, self._by = presence, Principal(who, role=Role.DEVICE)
        self._believed: dict[DeviceId, str] | None = None  # None: the controller has not said yet
        self._since: dict[DeviceId, tuple[str, float]] = {}
        self._answered: dict[DeviceId, str] = {}  # what it has heard from us in this epoch of its
        self._epoch = 0

    def heard(self, view: AlarmsView) -> None:
        """What the controller believes. A new epoch may be another journal: what it heard before counts no more."""
        if view.epoch != self._epoch:
            self._epoch, self._answered = view.epoch, {}
        self._believed = {alarm.subject: alarm.detail for alarm in view.alarms if alarm.kind == DEVICE_ALARM}

    async def run(self, asking: Asking) -> None:
        """Tell until cancelled."""
        while True:  # every condition here has a time in it, so it is looked at rather than waited for
            await asyncio.sleep(LOOK_S)
            try:
                for device, fault in self._due(asyncio.get_running_loop().time()):
                    await self._tell(asking, device, fault)
            except NotAnswered as silence:
                log.info("a device's fault is not heard yet", fault=str(silence))

    def _due(self, now_s: float) -> list[tuple[DeviceId, str]]:
        """Devices the controller is wrong about."""
        due = []
        for device, here in self._presence.devices().items():
            fault, since_s = self._since.get(device, ("", 0.0))
            if fault != here.fault:
                fault, since_s = self._since[device] = (here.fault, now_s)
            if self._believed is None or fault == self._answered.get(device, self._believed.get(device, "")):
                continue
            if not fault or now_s - since_s >= LASTS_S:
                due.append((device, fault))
        return due

    async def _tell(self, asking: Asking, device: DeviceId, fault: str) -> None:
        command = ReportDevice(device=device, fault=fault)
        try:
            await asking.ask(command, self._by, within_ms=TELL_MS, until=(DeviceFaulted, DeviceHealed))
        except TheirFault as flood:
            log.warning("a device's fault was not told", device=device, why=str(flood))
            return
        self._answered[device] = fault
        log.info("device reported", device=device, fault=fault)
