"""Through real rooms, while 200 tickets a second come in by the bus: a finger on the ticket machine's page -> a durable
ticket and its number on the page, a keypad's frame on its line -> the panel's message.

The touch is the page's own request to the machine's own door; the ticket is durable when its event is on the bus. The
frame is written by the keypad's twin onto the real line; what is measured holds its reading and decoding too.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import msgspec
from brokers import free_port

from benchmarks.bus import bare_publish
from benchmarks.halls import KIOSK, ROOT
from benchmarks.measuring import Figures
from benchmarks.site import Site, a_site
from hall import codec
from hall import commands as c
from hall.plan.model import Plan
from hall.views import PanelView
from simulators.for_tests import a_keypad_bus, a_printer
from transport.link import Heard, OnHeard, open_link

MACHINE, LINE = "A-K1", "A-1"
OTHER = c.Principal("kiosk-A-K2", role=KIOSK.role)  # gives the tickets nobody measures
PER_S = 200  # beside ours; a machine that cannot keep up shows it in the figure
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
    async with a_printer(rate=50) as printer:  # it is not the paper that is measured

        def change(plan: Plan) -> Plan:
            return _with_machine(plan, printer.line)

        async with a_site(folder, embedded=broker == "embedded", change=change) as site:
            bare = await bare_publish(site.login("bench"), f"bare publish, {broker} broker", many=2000)
            figures = Figures(f"real rooms, {broker} broker, {PER_S} tickets a second beside")
            with _loaded(site, figures):
                tickets, answers = await _touches(site)
                figures.quantiles("touch_to_ticket_", tickets)
                figures.quantiles("touch_to_answer_", answers)
                figures.quantiles("key_to_panel_", await _keys(site))
    round_ms = bare.values["round_p50_ms"]
    figures.against(round_ms, "touch_to_ticket_p50_ms", "touch_to_answer_p50_ms", "key_to_panel_p50_ms")
    for what in ("touch_to_ticket", "key_to_panel"):
        p50, p99 = AIMS[broker]
        figures.aims |= {f"{what}_p50_ms": p50, f"{what}_p99_ms": p99}
    return [bare, figures]


def _with_machine(plan: Plan, printer: str) -> Plan:
    """The machine on a free port, printing onto our paper."""
    replace, hall = msgspec.structs.replace, plan.halls["A"]
    machine = replace(hall.kiosks[MACHINE], port=free_port(), printer_line=printer)
    return replace(plan, halls={**plan.halls, "A": replace(hall, kiosks={**hall.kiosks, MACHINE: machine})})


@contextmanager
def _loaded(site: Site, figures: Figures) -> Iterator[None]:
    """Tickets come in beside, given by a process of its own; how many they really were is noted."""
    words = [sys.executable, "-m", "benchmarks.load", str(site.folder), site.clock.text(), OTHER.device, str(PER_S)]
    loading = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert loading.stdout is not None
    try:
        if loading.stdout.readline() != "ready\n":
            raise RuntimeError("the load did not start")
        yield
        loading.terminate()
        figures.values["beside_per_s"] = float(loading.stdout.readline())
    finally:
        loading.kill()
        loading.wait(10)


class Page:
    """What the touch page asks its machine, by one connection that stays: a client that costs next to nothing."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader, self._writer, self._host = reader, writer, host

    async def touch(self, touch: str) -> bool:
        """One touch to its end, asked again while the outcome is not known; whether it gave a number."""
        body: dict[str, object] = {"touch": touch, "entry": "now"}
        while (answer := await self._post(json.dumps(body).encode()))["pending"]:
            body["again"] = True
        return bool(answer["ok"])

    async def _post(self, body: bytes) -> dict[str, Any]:
        head = f"POST /touch HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        told = await self._reader.readuntil(b"\r\n\r\n")
        length = next(line for line in told.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        answer: dict[str, Any] = json.loads(await self._reader.readexactly(int(length.split(b":")[1])))
        return answer


async def _touches(site: Site) -> tuple[list[float], list[float]]:
    """Milliseconds from the page's request to its ticket's event on the bus, which is durable, and to the answer."""
    machine, durable, heard_at = site.plan.halls["A"].kiosks[MACHINE], asyncio.Event(), 0.0
    wanted = ""

    def heard(message: Heard) -> None:
        nonlocal heard_at
        if codec.recorded(message.payload).cause == wanted:
            heard_at = time.perf_counter()
            durable.set()

    tickets, answers = [], []
    with site.room("kiosk", MACHINE):
        page = Page(*await asyncio.open_connection(machine.host, machine.port), f"{machine.host}:{machine.port}")
        async with asyncio.timeout(10):
            while not await page.touch(str(uuid.uuid4())):  # noqa: ASYNC110 - until the machine is ready
                await asyncio.sleep(0.2)
        async with _listening(site, "evt/TicketIssued", heard):
            for _ in range(COUNT):
                touch = str(uuid.uuid4())
                wanted = f"{MACHINE}-{touch}"
                durable.clear()
                began = time.perf_counter()
                if not await page.touch(touch):
                    raise RuntimeError("the machine gave no number")
                answers.append((time.perf_counter() - began) * 1000)
                async with asyncio.timeout(5):
                    await durable.wait()
                tickets.append((heard_at - began) * 1000)
                await asyncio.sleep(REST_S)
    return tickets, answers


@asynccontextmanager
async def _listening(site: Site, topic: str, heard: OnHeard) -> AsyncIterator[None]:
    at = site.login("bench-hears")
    async with open_link(at, "bench-hears", hears=[f"kaiyang/A/{topic}"], on_heard=heard, client="gmqtt") as link:
        await link.wait_up()
        yield


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

    listens = _listening(site, "now/panels/+", heard)
    async with a_keypad_bus(addresses=tuple(sorted(seats)), var=site.var, line=line.line) as bus, listens:
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
