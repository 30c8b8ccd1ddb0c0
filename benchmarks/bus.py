"""Through a real Mosquitto: a bare publish, then durable tickets and calls, one client and sixteen, CPU for each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from brokers import a_mosquitto

from benchmarks.halls import KEYPAD, KIOSK, LARGE
from benchmarks.in_process import BARE_BYTES
from benchmarks.measuring import Figures, cpu_s
from benchmarks.site import Site, a_site, asking
from hall import commands as c
from hall.events import Event, TicketCalled, TicketIssued
from transport.asking import Asking
from transport.link import Broker, Heard, open_link

CLIENTS = (1, 16)
PATIENCE_MS = 20_000


def bus(folder: Path) -> list[Figures]:
    """The bare publish, and the hall behind the same kind of broker."""
    bare = asyncio.run(_bare(folder / "bare"))
    found = asyncio.run(_flat_out(folder))
    found.against(bare.values["per_s"], *(name for name in found.values if name.endswith("per_s")))
    return [bare, found]


async def _bare(folder: Path) -> Figures:
    with a_mosquitto(folder) as mosquitto:
        return await bare_publish(mosquitto.at, "bare publish through Mosquitto")


async def bare_publish(at: Broker, case: str, singly: int = 500, many: int = 5000) -> Figures:
    """Publish an event's bytes and hear them: one at a time, and 100 in flight. What the wire itself costs."""
    came, figures = asyncio.Event(), Figures(case)

    def heard(_: Heard) -> None:
        came.set()

    async with open_link(at, "bench", hears=["bench/#"], on_heard=heard, client="gmqtt") as link:
        await link.wait_up()
        took = []
        for _ in range(singly):
            came.clear()
            began = time.perf_counter()
            await link.say("bench/one", b"x" * BARE_BYTES)
            await came.wait()
            took.append((time.perf_counter() - began) * 1000)
        figures.quantiles("round_", took)
        began = time.perf_counter()
        for _ in range(many):
            link.say_soon("bench/many", b"x" * BARE_BYTES)
        await link.said()
        figures.values["per_s"] = many / (time.perf_counter() - began)
    return figures


async def _flat_out(folder: Path) -> Figures:
    figures = Figures("controller through Mosquitto")
    async with a_site(folder) as site, asking(site, KIOSK.device) as kiosk, asking(site, KEYPAD.device) as keypad:

        async def ticket(_: int) -> None:
            await ask(kiosk, c.IssueTicket("now"), KIOSK, TicketIssued)

        async def call(client: int) -> None:
            await ask(keypad, c.CallNext(LARGE[client % 8]), KEYPAD, TicketCalled)

        for clients in CLIENTS:
            await _each(figures, site, f"tickets_{clients}", ticket, clients, 4000)
        for clients in CLIENTS:
            await _each(figures, site, f"calls_{clients}", call, clients, 3000)
    figures.aims |= {f"{what}_{n}_cpu_ms": 0.5 for what in ("tickets", "calls") for n in CLIENTS}
    figures.aims |= {"tickets_16_per_s": -1500, "calls_16_per_s": -2500}
    return figures


async def ask(asking: Asking, command: c.Command, by: c.Principal, until: type[Event]) -> None:
    """Ask once and see it done."""
    answer = await asking.ask(command, by, within_ms=PATIENCE_MS, until=(until,))
    if not any(isinstance(recorded.event, until) for recorded in answer):
        raise RuntimeError(f"{command} was refused: {answer[-1].event}")


async def _each(
    figures: Figures, site: Site, name: str, one: Callable[[int], Awaitable[None]], clients: int, count: int
) -> None:
    """Each client asks again as soon as it is answered."""
    before, began = cpu_s(site.pid), time.perf_counter()

    async def client(number: int) -> None:
        for _ in range(count // clients):
            await one(number)

    await asyncio.gather(*(client(number) for number in range(clients)))
    done = count // clients * clients
    figures.values[f"{name}_per_s"] = done / (time.perf_counter() - began)
    figures.values[f"{name}_cpu_ms"] = (cpu_s(site.pid) - before) * 1000 / done
