"""Through a real Mosquitto and real processes: touch -> durable ticket -> answer, key frame -> panel message."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from brokers import a_mosquitto

from benchmarks.halls import KEYPAD, KIOSK, MORNING, ROOT, plan_for_bench
from benchmarks.measuring import Figures, cpu_s, memory_mb, quantile
from hall import codec
from hall import commands as c
from hall import plan as plans
from hall.events import TicketCalled, TicketIssued
from hall.plan.model import Plan
from hall.views import PanelView
from transport.asking import Asking
from transport.clock import Clock
from transport.link import Broker, Heard, Link, open_link

PACED_S = 0.005  # one operation each 5 ms: 200 a second
LARGE = [f"A{n:02d}" for n in range(1, 9)]


class Site:
    """A controller process behind a Mosquitto, and one link of ours that speaks for kiosk and keypad."""

    def __init__(self, plan: Plan, clock: Clock, pid: int, broker: Broker, folder: Path) -> None:
        self.plan, self.clock, self.pid, self.broker, self.folder = plan, clock, pid, broker, folder


@asynccontextmanager
async def a_site(folder: Path) -> AsyncIterator[Site]:
    """Broker and controller, ready."""
    with a_mosquitto(folder / "broker") as mosquitto:
        at = mosquitto.at
        plan = plan_for_bench(
            kind="external", host=at.host, port=at.port, user=at.user, password_file="broker/password",  # noqa: S106 - a path
        )  # fmt: skip
        var = folder / "var"
        (var / "broker").mkdir(parents=True)
        (var / "broker" / "password").write_text(at.password, encoding="ascii")
        (folder / "plan.json").write_bytes(plans.to_json(plan))
        clock = Clock.starting_at(MORNING, 1.0)
        process = start(folder, clock, "controller")
        try:
            yield Site(plan, clock, process.pid, at, folder)
        finally:
            stop(process)


def start(folder: Path, clock: Clock, *words: str) -> subprocess.Popen[bytes]:
    """One room as a process of its own; back when it says it is ready."""
    told = ["--plan", str(folder / "plan.json"), "--var", str(folder / "var"), "--clock", clock.text()]
    process = subprocess.Popen(
        [sys.executable, "-m", *words, *told, "--log-level", "error"], cwd=ROOT, stdout=subprocess.PIPE, env=os.environ
    )
    assert process.stdout is not None
    if not process.stdout.readline().startswith(b"ready"):
        raise RuntimeError(f"{words} did not get ready")
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(10)


@asynccontextmanager
async def asking(site: Site, who: str) -> AsyncIterator[Asking]:
    """A client as a room is one: asks hall A as `who`, hears every event."""
    box: list[Asking] = []

    def heard(message: Heard) -> None:
        box[0].heard(codec.recorded(message.payload))

    async with open_link(site.broker, who, hears=["kaiyang/A/evt/#"], on_heard=heard) as link:
        box.append(Asking(link, site.clock, "kaiyang", "A", who))
        await link.wait_up()
        yield box[0]


async def bare_publish(folder: Path, count: int = 3000) -> Figures:
    """Publish and hear the same bytes through the same broker, 1 and 100 in flight: what the wire costs."""
    with a_mosquitto(folder / "bare") as mosquitto:
        came = asyncio.Event()

        def heard(_: Heard) -> None:
            came.set()

        async with open_link(mosquitto.at, "bench", hears=["bench/#"], on_heard=heard) as link:
            await link.wait_up()
            took = []
            for _ in range(500):
                came.clear()
                began = time.perf_counter()
                await link.say("bench/one", b"x" * 350)
                await came.wait()
                took.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            for _ in range(count):
                link.say_soon("bench/many", b"x" * 350)
            await link.said()
            per_s = count / (time.perf_counter() - began)
    return Figures(
        "bare publish through Mosquitto",
        {"per_s": per_s, "round_p50_ms": quantile(took, 0.5), "round_p99_ms": quantile(took, 0.99)},
    )


async def tickets_and_calls(folder: Path, bare: Figures) -> Figures:
    """Paced at 200/s and flat out with 1 and 16 clients; CPU of the controller per operation."""
    figures = Figures("through Mosquitto, controller in a process of its own")
    async with a_site(folder) as site, asking(site, KIOSK.device) as kiosk, asking(site, KEYPAD.device) as keypad:
        await _paced(figures, "ticket", kiosk, c.IssueTicket("now"), 600)
        await _paced_calls(figures, keypad, 500)
        for clients in (1, 16):
            await _flat(figures, site, f"tickets_{clients}", kiosk, clients, 3000)
        for clients in (1, 16):
            await _flat_calls(figures, site, f"calls_{clients}", keypad, clients, 2000)
        figures.values["memory_mb"] = memory_mb(site.pid)
    figures.values["tickets_16_to_bare_publish_x"] = figures.values["tickets_16_per_s"] / bare.values["per_s"]
    return figures


async def _paced(figures: Figures, name: str, kiosk: Asking, command: c.Command, count: int) -> None:
    took = []
    for _ in range(count):
        began = time.perf_counter()
        await kiosk.ask(command, KIOSK, within_ms=5000, until=(TicketIssued,))
        took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(PACED_S)
    _note(figures, f"{name}_paced", took)


async def _paced_calls(figures: Figures, keypad: Asking, count: int) -> None:
    took = []
    for turn in range(count):
        began = time.perf_counter()
        await keypad.ask(c.CallNext(LARGE[turn % 8]), KEYPAD, within_ms=5000, until=(TicketCalled,))
        took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(PACED_S)
    _note(figures, "call_paced", took)


def _note(figures: Figures, name: str, took: list[float]) -> None:
    figures.values[f"{name}_p50_ms"] = quantile(took, 0.5)
    figures.values[f"{name}_p99_ms"] = quantile(took, 0.99)


async def _flat(figures: Figures, site: Site, name: str, kiosk: Asking, clients: int, count: int) -> None:
    """Each client asks again as soon as it is answered."""
    before, began = cpu_s(site.pid), time.perf_counter()

    async def client() -> None:
        for _ in range(count // clients):
            await kiosk.ask(c.IssueTicket("now"), KIOSK, within_ms=20_000, until=(TicketIssued,))

    await asyncio.gather(*(client() for _ in range(clients)))
    done = count // clients * clients
    figures.values[f"{name}_per_s"] = done / (time.perf_counter() - began)
    figures.values[f"{name}_cpu_ms"] = (cpu_s(site.pid) - before) * 1000 / done


async def _flat_calls(figures: Figures, site: Site, name: str, keypad: Asking, clients: int, count: int) -> None:
    before, began = cpu_s(site.pid), time.perf_counter()

    async def client(window: str) -> None:
        for _ in range(count // clients):
            await keypad.ask(c.CallNext(window), KEYPAD, within_ms=20_000, until=(TicketCalled,))

    await asyncio.gather(*(client(LARGE[n % 8]) for n in range(clients)))
    done = count // clients * clients
    figures.values[f"{name}_per_s"] = done / (time.perf_counter() - began)
    figures.values[f"{name}_cpu_ms"] = (cpu_s(site.pid) - before) * 1000 / done


async def key_to_panel(folder: Path) -> Figures:
    """A key frame on a pty, through the real caller room and the controller, to the panel's message on the bus."""
    from simulators.for_tests import a_keypad_bus  # the far side of the wire: a bus of FF 68 keypads

    took: list[float] = []
    async with a_site(folder) as site:
        line = site.plan.halls["A"].keypad_lines["A-1"]
        seats = {w.seat.address: w.id for w in site.plan.halls["A"].windows.values() if w.seat}
        async with a_keypad_bus(addresses=tuple(sorted(seats)), var=site.folder / "var", line=line.line) as bus:
            caller = start(site.folder, site.clock, "caller", "A")
            try:
                async with _panels(site) as (link, lit), asking(site, KIOSK.device) as kiosk:
                    assert link.up
                    for _ in range(400):
                        await kiosk.ask(c.IssueTicket("now"), KIOSK, within_ms=5000, until=(TicketIssued,))
                    for turn in range(300):
                        lit.clear()
                        began = time.perf_counter()
                        bus.act("press", {"address": 1 + turn % 8, "keys": "0C"})
                        async with asyncio.timeout(5):
                            await lit.wait()
                        took.append((time.perf_counter() - began) * 1000)
                        await asyncio.sleep(0.06)  # the keypad's own fold time has passed for this address by its turn
            finally:
                stop(caller)
    return Figures("key frame -> panel message, real rooms",
                   {"p50_ms": quantile(took, 0.5), "p99_ms": quantile(took, 0.99)})  # fmt: skip


@asynccontextmanager
async def _panels(site: Site) -> AsyncIterator[tuple[Link, asyncio.Event]]:
    lit = asyncio.Event()

    def heard(message: Heard) -> None:
        if not message.retained and codec.view(message.payload, PanelView).number:
            lit.set()

    async with open_link(site.broker, "bench-panels", hears=["kaiyang/A/now/panels/+"], on_heard=heard) as link:
        await link.wait_up()
        yield link, lit
