"""Through real rooms, while 200 tickets a second come in by the bus: a finger on the ticket machine's page -> a durable
ticket, a keypad's frame on its line -> the panel's message.

The touch is the page's own request to the machine's own door. The frame is written by the keypad's twin onto the real
line; what is measured holds the reading and decoding too.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import msgspec
from brokers import free_port

from benchmarks.bus import ask, bare_publish
from benchmarks.halls import KIOSK
from benchmarks.measuring import Figures
from benchmarks.site import Site, a_site, asking
from hall import codec
from hall import commands as c
from hall.events import TicketIssued
from hall.plan.model import Plan
from hall.views import PanelView
from simulators.for_tests import a_keypad_bus, a_printer
from transport.asking import Asking
from transport.link import Heard, open_link

MACHINE, LINE = "A-K1", "A-1"
OTHER = c.Principal("kiosk-A-K2", role=KIOSK.role)  # gives the tickets nobody measures
PER_S, OPEN_MAX = 200, 200  # beside ours; a machine that cannot keep up shows it in the figure
COUNT = 300
REST_S = 0.08  # between two of ours: the machine takes one touch at a time, a keypad's frames are folded
AIMS = {"mosquitto": (2, 8), "embedded": (4, 15)}  # ms: median and 99th percentile


def mosquitto(folder: Path) -> list[Figures]:
    """Behind Mosquitto, as in a real hall."""
    return asyncio.run(_rooms(folder, "mosquitto"))


def embedded(folder: Path) -> list[Figures]:
    """Behind the embedded broker, as `make run` has it."""
    return asyncio.run(_rooms(folder, "embedded"))


async def _rooms(folder: Path, broker: str) -> list[Figures]:
    async with a_printer() as printer:

        def change(plan: Plan) -> Plan:
            return _with_machine(plan, printer.line)

        async with a_site(folder, embedded=broker == "embedded", change=change) as site:
            bare = await bare_publish(site.login("bench"), f"bare publish, {broker} broker", many=2000)
            figures = Figures(f"real rooms, {broker} broker, {PER_S} tickets a second beside")
            async with asking(site, OTHER.device) as other, _loaded(other, figures):
                figures.quantiles("touch_to_ticket_", await _touches(site))
                figures.quantiles("key_to_panel_", await _keys(site))
    round_ms = bare.values["round_p50_ms"]
    figures.against(round_ms, "touch_to_ticket_p50_ms", "key_to_panel_p50_ms")
    for what in ("touch_to_ticket", "key_to_panel"):
        p50, p99 = AIMS[broker]
        figures.aims |= {f"{what}_p50_ms": p50, f"{what}_p99_ms": p99}
    return [bare, figures]


def _with_machine(plan: Plan, printer: str) -> Plan:
    """The machine on a free port, printing onto our paper."""
    replace, hall = msgspec.structs.replace, plan.halls["A"]
    machine = replace(hall.kiosks[MACHINE], port=free_port(), printer_line=printer)
    return replace(plan, halls={**plan.halls, "A": replace(hall, kiosks={**hall.kiosks, MACHINE: machine})})


@asynccontextmanager
async def _loaded(other: Asking, figures: Figures) -> AsyncIterator[None]:
    """Tickets at their own pace, whether the last one is answered or not; how many it really were is noted."""
    loop, given, open_now = asyncio.get_running_loop(), 0, 0

    async def one() -> None:
        nonlocal given, open_now
        open_now += 1
        await ask(other, c.IssueTicket("now"), OTHER, TicketIssued)
        given, open_now = given + 1, open_now - 1

    async def load() -> None:
        began, turn = loop.time(), 0
        async with asyncio.TaskGroup() as tasks:
            while True:
                if open_now < OPEN_MAX:
                    tasks.create_task(one())
                turn += 1
                await asyncio.sleep(began + turn / PER_S - loop.time())

    began, loading = loop.time(), asyncio.create_task(load())
    await asyncio.sleep(1)  # people wait before anybody is called
    try:
        yield
        figures.values["beside_per_s"] = given / (loop.time() - began)
    finally:
        loading.cancel()
        with suppress(asyncio.CancelledError):
            await loading


async def _touches(site: Site) -> list[float]:
    """Milliseconds from the page's request to the answer that holds the number."""
    took = []
    machine = site.plan.halls["A"].kiosks[MACHINE]
    page = f"http://{machine.host}:{machine.port}"
    with site.room("kiosk", MACHINE):
        async with aiohttp.ClientSession(base_url=page) as http:
            await _open(http)
            for _ in range(COUNT):
                began = time.perf_counter()
                await _touch(http)
                took.append((time.perf_counter() - began) * 1000)
                await asyncio.sleep(REST_S)
    return took


async def _open(http: aiohttp.ClientSession) -> None:
    """Until the machine has heard of its hall and its printer and gives a number."""
    async with asyncio.timeout(10):
        while not await _touch(http):  # noqa: ASYNC110 - another process's business
            await asyncio.sleep(0.2)


async def _touch(http: aiohttp.ClientSession) -> bool:
    """One touch to its end, asked again while the outcome is not known, as the page does."""
    body: dict[str, object] = {"touch": str(uuid.uuid4()), "entry": "now"}
    while True:
        async with http.post("/touch", json=body) as response:
            answer = await response.json()
        if not answer["pending"]:
            return bool(answer["ok"])
        body["again"] = True


async def _keys(site: Site) -> list[float]:
    """Milliseconds from a key's frame on the line to the message that lights the panel."""
    line, lit, took = site.plan.halls["A"].keypad_lines[LINE], asyncio.Event(), []
    seats = {w.seat.address: w.id for w in site.plan.halls["A"].windows.values() if w.seat and w.seat.line == LINE}
    wanted = ""

    def heard(message: Heard) -> None:
        if (
            not message.retained
            and message.topic.endswith(f"/{wanted}")
            and codec.view(message.payload, PanelView).number
        ):
            lit.set()

    listens = open_link(
        site.login("bench-panels"), "bench-panels", hears=["kaiyang/A/now/panels/+"], on_heard=heard, client="gmqtt"
    )
    async with a_keypad_bus(addresses=tuple(sorted(seats)), var=site.var, line=line.line) as bus, listens as link:
        await link.wait_up()
        with site.room("caller", "A", "--line", LINE):
            for turn in range(COUNT):
                address = 1 + turn % 8  # the large cycle's windows
                wanted = seats[address]
                lit.clear()
                began = time.perf_counter()
                bus.act("press", {"address": address, "keys": "0C"})
                async with asyncio.timeout(5):
                    await lit.wait()
                took.append((time.perf_counter() - began) * 1000)
                await asyncio.sleep(REST_S)
    return took
