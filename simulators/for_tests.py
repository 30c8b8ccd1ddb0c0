"""Far sides to stand in a test: `async with a_printer(paper_mm=300) as printer: printer.fault(cut(after_bytes=40))`.

Each yields a `Device` on the test's own loop; `device.line` is what a plan would say, and `wait_for` waits, bounded,
for how it looks.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from simulators.box import Json, Record, Spec, twin_of
from simulators.clock import Clock
from simulators.device import Device
from simulators.ends import PtyEnd, end_for
from simulators.faults import cut, dice_for, named
from simulators.wire import Wire

__all__ = ["a_device", "a_keypad_bus", "a_panel", "a_printer", "cut", "named", "path_of", "wait_for"]


@asynccontextmanager
async def a_device(
    family: str,
    driver: str,
    record: Record,
    *,
    line: str = "tcp://127.0.0.1:0",
    var: Path | None = None,
    clock: Clock | None = None,
    seed: int = 1,
) -> AsyncIterator[Device]:
    """Any twin on a line: a free TCP port, or `pty:name` under <var>/lines."""
    clock = clock or Clock()
    with tempfile.TemporaryDirectory() as scratch:
        box = twin_of(family, driver)(Spec(f"T.{family}.1", "T", "1", record, dice_for(seed, family), clock.rate))
        end = end_for(line, var or Path(scratch), bool(getattr(box, "one_client", False)))
        wire = Wire(end, clock, dice_for(seed, line))
        device = Device(box, wire, clock, driver=driver, hall="T", of="1")
        wire.open()
        device.tick()
        try:
            yield device
        finally:
            device.stop()
            wire.close()


@asynccontextmanager
async def a_printer(
    paper_mm: int = 80_000,
    *,
    driver: str = "escpos",
    line: str = "tcp://127.0.0.1:0",
    var: Path | None = None,
    rate: float = 1.0,
) -> AsyncIterator[Device]:
    """`rate`: how many times faster than its maker says."""
    record: Record = {"printer_driver": driver, "printer_line": line}
    async with a_device("printer", driver, record, line=line, var=var, clock=Clock(rate=rate)) as printer:
        printer.act("load_paper", {"mm": paper_mm})
        yield printer


@asynccontextmanager
async def a_keypad_bus(
    addresses: tuple[int, ...] = (1,), *, driver: str = "ff68", line: str = "pty:keypads", var: Path | None = None
) -> AsyncIterator[Device]:
    record: Record = {"driver": driver, "line": line, "seats": {str(a): f"T{a:02d}" for a in addresses}}
    async with a_device("keypad", driver, record, line=line, var=var) as bus:
        yield bus


@asynccontextmanager
async def a_panel(
    driver: str,
    *,
    address: int = 1,
    options: Mapping[str, Json] | None = None,
    line: str = "tcp://127.0.0.1:0",
    var: Path | None = None,
) -> AsyncIterator[Device]:
    record: Record = {"driver": driver, "line": line, "address": address, "lines": 2, "columns": 16}
    whole: Record = {**record, "options": options or {}, "window": "T01", "name": "综合受理窗口T01"}
    async with a_device("panel", driver, whole, line=line, var=var) as panel:
        yield panel


def path_of(device: Device) -> Path:
    """The serial port to open for a device on a pty."""
    end = device.wire.end
    assert isinstance(end, PtyEnd), f"{end.url} is no pty"
    return end.path


async def wait_for(device: Device, seen: Callable[[Device], bool], within_s: float = 20.0) -> None:
    """Until it is seen on the device; AssertionError with its last look otherwise."""
    news = asyncio.Event()

    def tell(_: Device) -> None:
        news.set()

    device.watchers.append(tell)
    try:
        async with asyncio.timeout(within_s):
            while not seen(device):
                await news.wait()
                news.clear()
    except TimeoutError:
        raise AssertionError(f"not seen within {within_s} s: {device.view()}") from None
    finally:
        device.watchers.remove(tell)
