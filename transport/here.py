"""Who is present: a room says on `<site>/<hall>/here/<who>` that it is up and how its devices are.

Retained, with a last will that says up=False; said anew on each change (changes of a moment together), each time the
link comes up, and each BEAT_S, so that a will the broker never sent is noticed by the age of `at`.
"""

from __future__ import annotations

import asyncio

from hall import codec, topics
from hall.names import DeviceId, HallId, Instant, SiteId
from hall.views import DeviceHere, Here
from transport.clock import Clock
from transport.link import Link, Will

TOGETHER_S = 0.05  # real seconds: 55 panels that fail in one moment are one message
BEAT_S = 15.0  # real seconds between two signs of life


class Presence:
    """Keep what is known of a room's devices; `run(link)` says it. `say(link)` belongs into the room's `on_up`."""

    def __init__(self, site: SiteId, hall: HallId, who: str, clock: Clock, boot: str) -> None:
        self.topic = topics.here(site, hall, who)
        self._clock, self._boot = clock, boot
        self._devices: dict[DeviceId, DeviceHere] = {}
        self._changed = asyncio.Event()

    def gone(self) -> Will:
        """What stands there when the room does not: for both the will and the good-bye of the link."""
        return Will(self.topic, codec.encode(Here(up=False, at=self._clock.now(), boot=self._boot, devices={})))

    def device(self, device: DeviceId, state: str, fault: str = "", detail: str = "") -> None:
        """Note how a device is. `since` moves when its state or fault changes, not with the detail."""
        before = self._devices.get(device)
        same = before is not None and (before.state, before.fault) == (state, fault)
        since: Instant = before.since if before is not None and same else self._clock.now()
        after = DeviceHere(state=state, fault=fault, since=since, detail=detail)
        if after != before:
            self._devices[device] = after
            self._changed.set()

    def forget(self, device: DeviceId) -> None:
        if self._devices.pop(device, None) is not None:
            self._changed.set()

    def devices(self) -> dict[DeviceId, DeviceHere]:
        return dict(self._devices)

    def say(self, link: Link) -> None:
        now = Here(up=True, at=self._clock.now(), boot=self._boot, devices=self._devices)
        link.say_soon(self.topic, codec.encode(now), retain=True)

    async def run(self, link: Link) -> None:
        """Say every change, and a sign of life in between, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(BEAT_S):
                    await self._changed.wait()
            except TimeoutError:
                pass
            else:
                await asyncio.sleep(TOGETHER_S)
            self._changed.clear()
            self.say(link)
