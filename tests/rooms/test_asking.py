"""Asking over a real broker: the same id until the answer comes, through lost answers and a broker restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from brokers import Mosquitto
from waiting import until

from hall import codec, topics
from hall.commands import CallNext, Letter, Principal
from hall.events import CallReason, CommandRefused, Event, Recorded, ServiceFinished, TicketCalled
from hall.faults import LineDown, TheirFault
from hall.names import Rule, Why
from transport import asking
from transport.asking import Asking, NotAnswered
from transport.clock import Clock
from transport.link import Heard, Link, open_link

BY = Principal("caller-A-1", "1001")
CALLED = TicketCalled(number="A0001", window="A01", why=CallReason(Rule.OWN))
REFUSED = CommandRefused(why=Why.NOBODY_WAITS, command="CallNext")


class Controller:
    """The far side: counts letters, answers them as told, the same id always alike."""

    def __init__(self, answer: Callable[[Letter], tuple[Event, ...]]) -> None:
        self.answer, self.letters, self.seq = answer, list[Letter](), 0
        self.link: Link | None = None

    def heard(self, heard: Heard) -> None:
        letter = codec.letter(heard.payload)
        self.letters.append(letter)
        for event in self.answer(letter):
            self.seq += 1
            self.tell(letter.id, event)

    def tell(self, cause: str, event: Event, seq: int = 0, hall: str = "A") -> None:
        assert self.link is not None
        recorded = Recorded(
            v=1, id=f"s/{hall}/{self.seq}", site="s", hall=hall, seq=seq or self.seq, epoch=1, day="2026-11-23",
            at=0, recorded=0, cause=cause, by=BY, reason="", event=event,
        )  # fmt: skip
        self.link.say_soon(topics.evt("s", "A", type(event).__name__), codec.encode(recorded))


@asynccontextmanager
async def asked(broker: Mosquitto, controller: Controller) -> AsyncIterator[Asking]:
    """A room that asks, linked to a controller that answers."""
    box: list[Asking] = []

    def hear(heard: Heard) -> None:
        box[0].heard(codec.recorded(heard.payload))

    async with (
        open_link(broker.at, "controller", hears=["s/A/cmd/+/+"], on_heard=controller.heard) as theirs,
        open_link(broker.at, "caller-A-1", hears=["s/A/evt/+"], on_heard=hear) as ours,
    ):
        controller.link = theirs
        box.append(Asking(ours, Clock(), "s", "A", "caller-A-1"))
        await theirs.wait_up()
        await ours.wait_up()
        yield box[0]


async def test_the_answer_is_the_event_with_our_cause(a_broker: Mosquitto) -> None:
    controller = Controller(lambda _: (CALLED,))
    async with asked(a_broker, controller) as room:
        (event,) = await room.ask(CallNext(window="A01"), BY, within_ms=20_000, until=(TicketCalled,))
        assert event.event == CALLED
        assert {letter.command for letter in controller.letters} == {CallNext(window="A01")}
        assert event.cause == controller.letters[0].id


async def test_a_refusal_is_an_answer(a_broker: Mosquitto) -> None:
    async with asked(a_broker, Controller(lambda _: (REFUSED,))) as room:
        (event,) = await room.ask(CallNext(window="A01"), BY, within_ms=20_000, until=(TicketCalled,))
        assert event.event == REFUSED


async def test_several_events_and_doubles(a_broker: Mosquitto) -> None:
    """A decision of two events, heard twice; also somebody else's event and another hall's."""

    def answer(letter: Letter) -> tuple[Event, ...]:
        controller.tell("somebody else's", CALLED, seq=90)
        controller.tell(letter.id, CALLED, seq=91, hall="B")
        for _ in range(2):
            controller.tell(letter.id, ServiceFinished(number="A0000", window="A01"), seq=5)
        return ()

    controller = Controller(answer)
    async with asked(a_broker, controller) as room:
        asking_ = asyncio.create_task(room.ask(CallNext(window="A01"), BY, within_ms=20_000, until=(TicketCalled,)))
        await until(lambda: controller.letters)
        controller.tell(controller.letters[0].id, CALLED, seq=6)
        assert [event.seq for event in await asking_] == [5, 6]
        answers = await room.ask(CallNext(window="A01"), BY, within_ms=20_000)
        assert [event.seq for event in answers] == [5], "without `until`: what came together"


async def test_repeated_until_answered(a_broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "REPEAT_S", 0.05)
    controller = Controller(lambda _: (CALLED,) if len(controller.letters) >= 4 else ())
    async with asked(a_broker, controller) as room:
        await room.ask(CallNext(window="A01"), BY, within_ms=20_000)
        assert len(controller.letters) >= 4
        assert len({codec.encode(letter) for letter in controller.letters}) == 1, "the very same letter"


async def test_through_a_broker_restart(a_broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "REPEAT_S", 0.05)
    controller = Controller(lambda _: ())
    async with asked(a_broker, controller) as room:
        asking_ = asyncio.create_task(room.ask(CallNext(window="A01"), BY, within_ms=20_000))
        await until(lambda: controller.letters)
        a_broker.kill()
        await until(lambda: controller.link is not None and not controller.link.up)
        controller.answer = lambda _: (CALLED,)
        a_broker.start()
        await asking_
        assert len({letter.id for letter in controller.letters}) == 1


async def test_nobody_answers(a_broker: Mosquitto) -> None:
    controller = Controller(lambda _: ())
    async with asked(a_broker, controller) as room:
        with pytest.raises(NotAnswered, match=r"CallNext .* no answer within 200 ms") as caught:
            await room.ask(CallNext(window="A01"), BY, within_ms=200, command_id="x1", at=5)
        assert isinstance(caught.value, LineDown)
        controller.tell("x1", CALLED, seq=1)  # late: nobody waits any more, or just again
        controller.answer = lambda _: (CALLED,)
        (event,) = await room.ask(CallNext(window="A01"), BY, within_ms=20_000, command_id="x1", at=5)
        assert event.cause == "x1"
        assert {(letter.id, letter.at) for letter in controller.letters} == {("x1", 5)}


async def test_nothing_is_asked_after_its_time(a_broker: Mosquitto) -> None:
    """The broker is away for the whole time of a question: when it is back, nobody hears of it."""
    controller = Controller(lambda _: (CALLED,))
    async with asked(a_broker, controller) as room:
        a_broker.kill()
        with pytest.raises(NotAnswered):
            await room.ask(CallNext(window="A01"), BY, within_ms=300)
        a_broker.start()
        await until(lambda: controller.link is not None and controller.link.up)
        await room.ask(CallNext(window="A02"), BY, within_ms=20_000)
        assert {letter.command for letter in controller.letters} == {CallNext(window="A02")}


async def test_many_at_once(a_broker: Mosquitto) -> None:
    async with asked(a_broker, Controller(lambda _: (CALLED,))) as room:
        answers = await asyncio.gather(
            *(room.ask(CallNext(window=f"A{n:02}"), BY, within_ms=20_000, until=(TicketCalled,)) for n in range(55))
        )
        assert len({answer[0].cause for answer in answers}) == 55
        assert not room._open


async def test_the_same_id_twice_at_once_is_refused(a_broker: Mosquitto) -> None:
    async with asked(a_broker, Controller(lambda _: ())) as room:
        first = asyncio.create_task(room.ask(CallNext(window="A01"), BY, within_ms=500, command_id="x"))
        await asyncio.sleep(0)
        with pytest.raises(TheirFault, match="already"):
            await room.ask(CallNext(window="A01"), BY, within_ms=500, command_id="x")
        first.cancel()
        await asyncio.wait([first])
        assert not room._open
