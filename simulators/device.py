"""One simulated device: a box on its wire, with its faults' agenda and its own alarm clock."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from simulators.box import Box, Fault, Json, Record, Refused, whole
from simulators.clock import Clock
from simulators.faults import DAY_MS, Agenda, settled
from simulators.wire import Wire

log = logging.getLogger("simulators")


class Device:
    """What the back door, the bench page and the tests hold in their hands."""

    def __init__(self, box: Box, wire: Wire, clock: Clock, *, driver: str, hall: str, of: str) -> None:
        self.box, self.wire, self.clock = box, wire, clock
        self.driver, self.hall, self.of = driver, hall, of
        self.agenda = Agenda()
        self.standing: dict[str, Record] = {}  # faults of the box; the cable's are the wire's
        self.watchers: list[Callable[[Device], None]] = []  # told of every change; must be quick
        self.hands: list[Callable[[Device, str, Record], None]] = []  # told of every act, fault and healing
        self._alarm: asyncio.TimerHandle | None = None
        wire.devices.append(self)

    @property
    def id(self) -> str:
        return self.box.id

    @property
    def kind(self) -> str:
        return self.box.kind

    @property
    def line(self) -> str:
        """As a plan writes it."""
        return self.wire.end.url

    @property
    def menu(self) -> tuple[Fault, ...]:
        return (*self.box.faults(), *self.wire.menu)

    def view(self) -> dict[str, Json]:
        """How it stands, as the back door shows it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "driver": self.driver,
            "hall": self.hall,
            "of": self.of,
            "line": self.wire.look(),
            "faults": {**self.standing, **self.wire.standing},
            "look": self.box.look(),
        }

    def fault_menu(self) -> list[dict[str, Json]]:
        return [{"name": f.name, "zh": f.zh, "en": f.en, "args": dict(f.args or {})} for f in self.menu]

    def heard(self, data: bytes) -> bytes:
        return self._done(self.box.heard(data, self.clock.now_ms()))

    def connected(self) -> bytes:
        return self._done(self.box.connected(self.clock.now_ms()))

    def act(self, what: str, args: Mapping[str, Json] | None = None) -> None:
        """A hand on the device; `Refused` if it has no such thing."""
        said = self.box.act(what, args or {}, self.clock.now_ms())
        self._touched(what, args or {})
        for fault in getattr(self.box, "mends", {}).get(what, ()):
            self.standing.pop(fault, None)
        self.wire.send(self._done(said))

    def fault(self, fault: Fault | str, args: Record | None = None) -> None:
        """Order a fault by name, now or `after_ms`, for good or `for_ms`."""
        named = fault if isinstance(fault, Fault) else Fault(fault)
        asked = settled(self.menu, named.name, {**(named.args or {}), **(args or {})})
        after_ms = whole(asked, "after_ms", 0, 0, DAY_MS)
        lasts_ms = whole(asked, "for_ms", 0, 1, DAY_MS) if "for_ms" in asked else None
        own = {k: v for k, v in asked.items() if k not in ("after_ms", "for_ms")}
        now = self.clock.now_ms()
        if after_ms:
            self.agenda.begins(now + after_ms, named.name, own)
        else:
            self._break(named.name, own, now)
            self.agenda.drop(named.name)
        if lasts_ms is not None:
            self.agenda.heals(now + after_ms + lasts_ms, named.name)
        self.tick()

    def heal(self, name: str) -> None:
        """Mend it; what is whole stays whole. Refused for a fault it does not have."""
        settled(self.menu, name, {})
        self.agenda.drop(name)
        self._mend(name, self.clock.now_ms())
        self._done(b"")

    def tick(self) -> None:
        """Do what time has brought: faults that begin or heal, and what the box does by itself."""
        now = self.clock.now_ms()
        for turn in self.agenda.due(now):
            if turn.begins:
                self._begin_late(turn.name, turn.args, now)
            else:
                self._mend(turn.name, now)
        self.wire.send(self._done(self.box.tick(now)))

    def noticed(self) -> None:
        """Tell whoever watches that something of it, or of its wire, is different."""
        for watcher in self.watchers:
            watcher(self)

    def stop(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()

    def _touched(self, what: str, args: Record) -> None:
        for hand in self.hands:
            hand(self, what, args)

    def _break(self, name: str, args: Record, now: int) -> None:
        if name in (f.name for f in self.wire.menu):
            self.wire.fault(name, args)
        else:
            self.wire.send(self.box.fault(name, args, now))
            self.standing[name] = args
        self._touched("fault", {**args, "name": name})

    def _begin_late(self, name: str, args: Record, now: int) -> None:
        """Nobody waits for the answer any more: what cannot be broken so is told to the log."""
        try:
            self._break(name, args, now)
        except Refused as refused:
            log.warning("%s: fault %s was not begun: %s", self.id, name, refused)

    def _mend(self, name: str, now: int) -> None:
        self._touched("healed", {"name": name})
        if name in (f.name for f in self.wire.menu):
            self.wire.heal(name)
        else:
            self.standing.pop(name, None)
            self.wire.send(self.box.heal(name, now))

    def _done(self, said: bytes) -> bytes:
        """After anything: set the alarm anew and tell whoever watches."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        wakes = [w for w in (self.box.next_wake(self.clock.now_ms()), self.agenda.next_wake()) if w is not None]
        if wakes:
            # a millisecond late rather than early: an early alarm would find nothing to do and ring again
            delay = self.clock.seconds_until(min(wakes)) + 0.0005
            self._alarm = asyncio.get_running_loop().call_later(delay, self.tick)
        self.noticed()
        return said
