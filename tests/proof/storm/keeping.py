"""The controller of a storm: the real keeper, inbox and speaker over a disk in memory, crashed and started again.

A turn of the keeper is a coroutine; it is driven by hand as far as the commit, and goes on when the world's time says
the disk has synced. A crash in between loses the transaction, or keeps it and loses what was to be said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from controller.core import HallState, all_topics, next_wake, view
from controller.core.canon import canonical_hash
from controller.core.waking import overdue
from controller.shell.inbox import Inbox
from controller.shell.keeper import Keeper
from controller.shell.seats import Seats
from controller.shell.speaking import Speaker
from hall import commands as c
from hall import plan as plans
from hall.events import Recorded, TicketCalled, TicketRecalled
from hall.faults import HallFault
from hall.names import Instant
from hall.plan.model import Plan
from hall.views import View
from storm.disk import Disk
from storm.weather import Weather
from storm.wires import Asks, Wires
from storm.world import Broken, World
from transport.clock import Clock
from transport.link import Heard

LOOK_MS = 1000  # the longest the keeper trusts a clock (keeper.LOOK_MAX_S)
HORIZON_MS = 55_000  # wakes are looked up this far ahead; a slip's silence and a call's patience are longer
SLOW_MS = (300, 4000)  # a sync that takes its time
CALLS = (TicketCalled, TicketRecalled)
NOW_SHOWN = ("panels", "windows", "jobs")  # families somebody here looks at


class Passwords:
    """Everybody proves to be who they say: argon2 takes its time by design."""

    def checked(self, letter: c.Letter, now: Instant) -> c.Letter:
        command = letter.command
        assert isinstance(command, c.LogIn)
        return msgspec.structs.replace(letter, command=msgspec.structs.replace(command, secret="", proved=True))


class Voice(Speaker):
    """The real speaker's order and memory; words go over the storm's wires as they are, without bytes."""

    def __init__(self, state: HallState, controller: Controller) -> None:
        super().__init__(state, None)  # type: ignore[arg-type]  # nothing is signed here
        self._controller = controller

    def events(self, recorded: list[Recorded]) -> None:
        for record in recorded:
            self._controller.asks.spoken(record)
            if type(record.event) in CALLS:
                self._controller.called(record)

    def _say(self, topic: str) -> None:
        if topic.startswith(NOW_SHOWN):
            self._known.add(topic)
            self._controller.tell(topic, view(self._state, topic))


class Controller:
    """The process, and what it leaves behind."""

    def __init__(
        self, world: World, weather: Weather, wires: Wires, asks: Asks, durable: Callable[[list[Recorded]], None]
    ) -> None:
        self.world, self.weather, self.wires, self.asks = world, weather, wires, asks
        self.disk, self.doom = Disk(), ""
        self.retained: dict[str, View | None] = {}  # the broker's memory
        self.called: Callable[[Recorded], None] = lambda record: None  # the voice
        self.shown: Callable[[str, View | None], None] = lambda topic, seen: None
        self.displays_life = 0  # how often they began anew
        self._durable = durable
        self._plan = plans.to_json(weather.plan), plans.plan_hash(weather.plan)
        self._turn: Coroutine[Any, Any, None] | None = None
        self._life = 0  # of the process: what an earlier one scheduled is void
        self._wake = 0
        self.jumped_at = 0  # when the machine's clock was set last
        self.up = False
        self._newest: list[Recorded] = []

    # -- life and death ------------------------------------------------------------------------------------------------

    def boot(self) -> None:
        """Fold the journal, open an epoch, speak."""
        self._life += 1
        self._wake = 0
        self.state = HallState(self.weather.plan.site.id, "A")
        self.inbox = Inbox(self.weather.plan.limits)
        self.voice = Voice(self.state, self)
        self.keeper = Keeper(
            self.state, self.disk, self.inbox, self.voice, Seats(), Passwords(),  # type: ignore[arg-type]
            Clock(read_ms=self.world.clock),
        )  # fmt: skip
        if self.world.chance(0.1):
            self.disk.read_anew()
        self.up = True
        self._drive(self._start())

    async def _start(self) -> None:
        await self.keeper.fold()
        await self.keeper.start("storm", *self._plan)
        self.voice.all_due = True

    def crash(self, why: str) -> None:
        """kill -9. What was written and not synced is gone, or not."""
        self.up, self.doom = False, ""
        self._life += 1
        if self._turn is not None:
            self._turn.close()
            self._turn = None
            if self.disk.pending and (why == "tail lost" or self.world.chance(0.5)):
                self.disk.lose()
            elif self.disk.pending:
                self._committed()
        self.world.fault(f"controller killed, {why}")
        self.world.after(200 + int(self.world.dice.random() * 4000), self.boot)

    def replan(self, plan: Plan) -> None:
        """Another file at the next start."""
        self._plan = plans.to_json(plan), plans.plan_hash(plan)

    def jump(self, ms: int) -> None:
        """The machine's clock is set."""
        self.world.offset += ms
        self.jumped_at = self.world.t
        self.world.fault("clock set back" if ms < 0 else "clock set forward", "", f"by {ms / 60_000:g} min")
        self.world.after(LOOK_MS, self.look, self._life)

    # -- one turn after the other --------------------------------------------------------------------------------------

    def heard(self, topic: str, payload: bytes) -> None:
        if self.up:
            self.inbox.put(Heard(topic, payload, False), self.world.t / 1000)
            if self._turn is None:
                self._next()

    def look(self, life: int) -> None:
        """Time may matter now."""
        if life == self._life and self._turn is None:
            self._drive(self.keeper.turn(self.inbox.take()))

    def broker_back(self) -> None:
        """The broker forgot everything, the link is up again."""
        self.retained.clear()
        if self.up:
            self.voice.all_due = True
            self.look(self._life)

    def _next(self) -> None:
        if len(self.inbox):
            self._drive(self.keeper.turn(self.inbox.take()))
            return
        if self._wake > self.world.t:
            return  # what has come about since is not due before that: every span of the plans here is longer
        wake = next_wake(self.state)
        if wake is not None:
            self._wake = min(max(wake - self.world.offset, self.world.t + 2), self.world.t + HORIZON_MS)
            self.world.at(self._wake, self._due, self._life, self._wake)

    def _due(self, life: int, when: int) -> None:
        if self._wake == when and life == self._life:
            self._wake = 0
            if self._turn is None:
                if overdue(self.state, self.world.clock()):
                    self.look(life)
                else:
                    self._next()

    def _drive(self, turn: Coroutine[Any, Any, None]) -> None:
        """As far as the next sync, or to the end."""
        self._turn = turn
        try:
            turn.send(None)
        except StopIteration:
            self._turn = None
            if self.voice.all_due:
                self.voice.changed()
            self._next()
        except HallFault as fault:
            name = "I25" if "cannot be folded" in str(fault) else "I29"
            raise Broken(name, f"the controller stops: {fault}", at=self.world.t) from fault
        except Broken:
            raise
        except Exception as fault:
            name = "I1" if "is issued already" in str(fault) else "I6"
            raise Broken(name, f"the controller stops at what cannot be: {fault!r}", at=self.world.t) from fault
        else:
            self._newest = self.keeper._fresh.copy()
            if self.doom:
                self.world.after(0, self._die, self._life)
            self.world.after(self._sync_ms(), self._synced, self._life)

    def _sync_ms(self) -> int:
        if self.weather.slow_disk and not self.world.calm and self.world.chance(self.weather.slow_disk):
            self.world.fault("slow disk")
            return self.world.between(*SLOW_MS)
        return self.weather.fsync

    def _die(self, life: int) -> None:
        if life == self._life and self.doom == "tail lost":
            self.crash(self.doom)

    def _synced(self, life: int) -> None:
        if life != self._life or self._turn is None:
            return
        self._committed()
        if self.doom:
            self.crash("kept and not told")
        else:
            self._drive(self._turn)

    def _committed(self) -> None:
        self.disk.commit()
        for record in self._newest:
            self.disk.records[record.seq] = record
        self._durable(self._newest)
        self._newest = []

    # -- speaking ------------------------------------------------------------------------------------------------------

    def tell(self, topic: str, seen: View | None) -> None:
        """A view goes out and stands at the broker. Where it is lost the link breaks, and comes back to what stands."""
        if self.world.t < self.wires.away_until:
            return
        self.retained[topic] = seen
        if not self.wires.send("view", seen, self._arrives, topic, seen, self.displays_life):
            self.world.after(1000 + int(self.world.dice.random() * 4000), self.stands, topic)

    def _arrives(self, topic: str, seen: View | None, displays_life: int) -> None:
        """What was on its way to displays that are gone arrives nowhere."""
        if displays_life == self.displays_life or not topic.startswith("panels/"):
            self.shown(topic, seen)

    def stands(self, topic: str) -> None:
        """What the broker remembers, for whoever comes (back) to it."""
        if self.world.t < self.wires.away_until:
            self.world.after(1000, self.stands, topic)
        elif topic in self.retained:
            self.shown(topic, self.retained[topic])

    def all_stand(self, families: tuple[str, ...] = NOW_SHOWN) -> None:
        for topic in list(self.retained):
            if topic.startswith(families):
                self.stands(topic)

    # -- at the end ----------------------------------------------------------------------------------------------------

    def at_rest(self) -> bool:
        return self.up and self._turn is None and not len(self.inbox)

    def refolded(self) -> str:
        """The hash of the state folded from the bytes of the last day."""
        keeper = Keeper(
            HallState(self.state.site, "A"), self.disk, self.inbox, self.voice, Seats(), Passwords(),  # type: ignore[arg-type]
            Clock(read_ms=self.world.clock),
        )  # fmt: skip
        self.disk.read_anew()
        try:
            keeper.fold().send(None)
        except StopIteration:
            pass
        except HallFault as fault:
            raise Broken("I25", f"in the evening: {fault}", at=self.world.t) from fault
        return canonical_hash(keeper.state)

    def topics(self) -> list[str]:
        return all_topics(self.state)
