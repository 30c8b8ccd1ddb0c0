"""Messages between the rooms: lost, doubled, late and so out of order; and asking until an answer comes.

Asking here is transport/asking.py without a loop: the same letter each second until its answer or until nobody cares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from hall import codec, topics
from hall import commands as c
from hall.events import CommandRefused, Event, Recorded
from storm.weather import Weather
from storm.world import World

REPEAT_MS = 1000
Answered = Callable[[list[Recorded]], None]  # an empty list: no answer in time


class Wires:
    """Everything between the controller and the other rooms. While the broker is away nothing arrives."""

    def __init__(self, world: World, weather: Weather) -> None:
        self._world, self._weather = world, weather
        self.away_until = 0
        self.stage_of: Callable[[object], str] = lambda about: "none"
        self._random, self._latency = world.dice.random, weather.latency
        self._spread = weather.latency * 3
        self._worst = weather.lost + weather.late
        self._troubled = self._worst > 0 or weather.doubled > 0

    def send(self, what: str, about: object, action: Callable[..., None], *args: Any) -> bool:
        """Bring a message to `action`; `what` and the command it is `about` name a fault. False: lost at once."""
        world = self._world
        if world.t < self.away_until:
            world.faults["to a broker that is away"] += 1
            return False
        roll = self._random()
        wait = self._latency + int(roll * 7919 % 1 * self._spread)
        if self._troubled and not world.calm and (roll < self._worst or self._weather.doubled):
            if roll < self._weather.lost:
                world.fault(f"{what} lost", self.stage_of(about))
                return False
            if roll < self._worst:
                world.fault(f"{what} late", self.stage_of(about))
                wait += int(world.dice.random() * self._weather.late_ms)
            if world.chance(self._weather.doubled):
                world.fault(f"{what} doubled", self.stage_of(about))
                world.after(wait + int(world.dice.random() * 2000), action, *args)
        world.after(wait, action, *args)
        return True


class Asks:
    """All open questions of all rooms."""

    def __init__(self, world: World, wires: Wires, site: str, hall: str) -> None:
        self.world, self.wires, self.site, self.hall = world, wires, site, hall
        self.open: dict[str, Ask] = {}
        self.hears: Callable[[str, bytes], None] = lambda topic, payload: None  # the controller
        self.asked: Counter[str] = Counter()  # by kind
        self._count = 0

    def fresh_id(self, who: str) -> str:
        self._count += 1
        return f"{who}-{self._count}"

    def ask(
        self,
        command: c.Command,
        by: c.Principal,
        until: tuple[type[Event], ...],
        within_ms: int,
        answered: Answered,
        letter_id: str = "",
        at: int | None = None,
    ) -> Ask:
        """`at` given: it may be asked again by this id, so it does not expire."""
        now = self.world.clock()
        self.asked[type(command).__name__] += 1
        letter = c.Letter(
            letter_id or self.fresh_id(by.device), self.hall, by, now if at is None else at, command,  # type: ignore[arg-type]
            0 if at is not None else now + within_ms,
        )  # fmt: skip
        ask = Ask(self, letter, (*until, CommandRefused), self.world.t + within_ms, answered)
        self.open[letter.id] = ask
        ask.say()
        return ask

    def spoken(self, record: Recorded) -> None:
        """The controller says an event; who asked for it hears it."""
        ask = self.open.get(record.cause)
        if ask is not None:
            self.wires.send("answer", ask.letter.command, ask.take, record)


class Ask:
    """One question on its way."""

    __slots__ = ("_answered", "_asks", "_events", "_payload", "_topic", "_until", "closed", "ends", "letter")

    def __init__(
        self, asks: Asks, letter: c.Letter, until: tuple[type[Event], ...], ends: int, answered: Answered
    ) -> None:
        self._asks, self.letter, self._until, self.ends, self._answered = asks, letter, until, ends, answered
        self._topic = topics.cmd(asks.site, asks.hall, letter.by.device, type(letter.command).__name__)
        self._payload = codec.encode(letter)
        self._events: dict[int, Recorded] = {}
        self.closed = False

    def say(self) -> None:
        """Once more, if somebody still cares."""
        if self.closed:
            return
        world = self._asks.world
        if world.t >= self.ends:
            self.close()
            self._answered([])
            return
        self._asks.wires.send("letter", self.letter.command, self._asks.hears, self._topic, self._payload)
        world.after(REPEAT_MS, self.say)

    def take(self, record: Recorded) -> None:
        if self.closed:
            return
        self._events[record.seq] = record
        if isinstance(record.event, self._until):
            self.close()
            self._answered([self._events[seq] for seq in sorted(self._events)])

    def close(self) -> None:
        """Nobody cares any more (the room that asked is gone)."""
        self.closed = True
        self._asks.open.pop(self.letter.id, None)
