"""The simulators' back door and their process: looks, acts, faults, pictures, live news; who may come in."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from host_side import serial_host, tcp_host

from simulators.box import CannotStand, Json
from simulators.clock import Clock, clock_from
from simulators.door import BODY_MAX, open_door
from simulators.far_side import FarSide
from simulators.wire import Wire

CALL = bytes.fromhex("FF 68 03 03 68 01 01 0C 0E 16")


def a_plan(mode: str = "simulated", bench_port: int = 0, printer_line: str = "pty:A-1-printer") -> dict[str, Json]:
    """As much of a compiled plan as the far side, the bench page and its citizens read."""
    panel: dict[str, Json] = {"driver": "candle", "line": "pty:A-panels", "lines": 1, "columns": 8, "options": {}}
    point: dict[str, Json] = {"name": "咨询", "kind": "point", "units": [], "panel": None, "seat": None}

    def window(name: str, panel_address: int, seat: int) -> dict[str, Json]:
        place = {**panel, "address": panel_address}
        return {
            "name": f"综合受理窗口{name}",
            "kind": "window",
            "units": ["general"],
            "panel": place,
            "seat": {"line": "A-1", "address": seat},
        }

    return {
        "site": {"id": "ky", "name": "开阳", "name_en": "Kaiyang", "time_zone": "Asia/Shanghai", "mode": mode},
        "bench": {"host": "127.0.0.1", "port": bench_port},
        "halls": {
            "A": {
                "name": "A厅",
                "name_en": "Hall A",
                "area": "法人",
                "units": {"general": {"id": "general", "name": "综合", "name_en": "General"}},
                "queues": {},
                "entries": [],
                "kiosks": {
                    "A-1": {
                        "name": "A厅1号机",
                        "host": "127.0.0.1",
                        "port": 8101,
                        "screen": "portrait",
                        "printer_driver": "escpos",
                        "printer_line": printer_line,
                    }
                },
                "keypad_lines": {"A-1": {"driver": "ff68", "line": "pty:A-1-keypads", "keys": {}, "levels": {}}},
                "windows": {"A01": window("A01", 0x21, 1), "A02": window("A02", 0x22, 2), "A03": point},
            }
        },
    }


@asynccontextmanager
async def a_door(var: Path) -> AsyncIterator[tuple[aiohttp.ClientSession, FarSide]]:
    far_side = FarSide(a_plan(), var, Clock(), seed=1)
    far_side.open()
    runner, port = await open_door(far_side, "127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
            yield client, far_side
    finally:
        await runner.cleanup()
        far_side.close()


async def test_every_device_of_the_plan_stands_and_is_listed(tmp_path: Path) -> None:
    async with a_door(tmp_path) as (client, _):
        async with client.get("/devices") as answer:
            devices = {d["id"]: d for d in await answer.json()}
        assert list(devices) == ["A.printer.A-1", "A.keypad.A-1", "A.panel.A01", "A.panel.A02"]
        assert devices["A.panel.A01"]["kind"] == "panel" and devices["A.panel.A01"]["of"] == "A01"
        assert devices["A.keypad.A-1"]["look"]["pads"]["2"]["window"] == "A02"
        assert sorted(p.name for p in (tmp_path / "lines").iterdir()) == ["A-1-keypads", "A-1-printer", "A-panels"]
    assert list((tmp_path / "lines").iterdir()) == []


async def test_a_press_through_the_door_is_on_the_wire(tmp_path: Path) -> None:
    async with a_door(tmp_path) as (client, _), serial_host(tmp_path / "lines/A-1-keypads") as host:
        asked = {"what": "press", "args": {"window": "A01", "keys": "0C"}}
        async with client.post("/devices/A.keypad.A-1/act", json=asked) as answer:
            assert answer.status == 200
        await host.expect(CALL)


async def test_a_fault_through_the_door_begins_and_heals(tmp_path: Path) -> None:
    async with a_door(tmp_path) as (client, _), serial_host(tmp_path / "lines/A-1-printer") as host:
        door = "/devices/A.printer.A-1"
        async with client.post(f"{door}/fault", json={"name": "paper_out", "args": {"after_mm": 0}}) as answer:
            assert (await answer.json())["faults"] == {"paper_out": {"after_mm": 0, "after_bytes": 0}}
        host.send(b"\x10\x04\x04")
        await host.expect(b"\x7e")
        async with client.delete(f"{door}/fault/paper_out") as answer:
            assert (await answer.json())["faults"] == {}
        host.send(b"\x10\x04\x04")
        await host.expect(b"\x12")


async def test_what_can_be_read_and_seen_on_it(tmp_path: Path) -> None:
    async with a_door(tmp_path) as (client, _), serial_host(tmp_path / "lines/A-1-printer") as host:
        host.send("请A0012号\n".encode("gb18030") + b"\x1d\x72\x01")
        await host.expect(b"\x00")
        async with client.get("/devices/A.printer.A-1/text") as answer:
            assert "请A0012号" in await answer.text()
        async with client.get("/devices/A.printer.A-1/picture.png") as answer:
            assert (await answer.read()).startswith(b"\x89PNG")
        async with client.get("/devices/A.keypad.A-1/picture.png") as answer:
            assert answer.status == 404
        async with client.get("/devices/A.printer.A-1") as answer:
            menu = (await answer.json())["fault_menu"]
        assert all(fault["zh"] and fault["en"] for fault in menu)
        assert {"paper_out", "cable_pulled", "noise"} <= {fault["name"] for fault in menu}


async def test_news_come_as_they_happen(tmp_path: Path) -> None:
    async with a_door(tmp_path) as (client, far_side), client.get("/live") as live:
        first = [json.loads((await live.content.readline())[6:]) for _ in range(1)]
        seen = {first[0]["id"]}
        while len(seen) < len(far_side.devices):
            line = await asyncio.wait_for(live.content.readline(), 20)
            seen |= {json.loads(line[6:])["id"]} if line.startswith(b"data: ") else set()
        far_side.devices["A.printer.A-1"].fault("cover_open")
        while True:
            line = await asyncio.wait_for(live.content.readline(), 20)
            if line.startswith(b"data: ") and json.loads(line[6:])["look"].get("cover_open"):
                break


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "127.0.0.1:9", "Origin": "http://127.0.0.1:9"}, 200),
        ({"Host": "127.0.0.1:9", "Origin": "http://127.0.0.1:8"}, 403),
    ],
)
async def test_only_pages_of_this_machine_come_in(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    async with a_door(tmp_path) as (client, _), client.get("/devices", headers=headers) as answer:
        assert answer.status == status


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("act", b"{", 400),
        ("act", b"[]", 400),
        ("act", b'"x"', 400),
        ("act", b'{"what": 1}', 400),
        ("act", b'{"what": "press", "args": []}', 400),
        ("act", b'{"what": "fly"}', 400),
        ("act", b"[" * 5000, 400),
        ("act", b'{"what": "load_paper", "args": {"mm": 1e400}}', 400),
        ("act", b'{"what": "load_paper", "args": {"mm": true}}', 400),
        ("act", b"\xff\xfe", 400),
        ("fault", b'{"name": "no such"}', 400),
        ("fault", b'{"name": "paper_out", "args": {"nonsense": 1}}', 400),
        ("fault", b'{"name": "paper_out", "args": {"after_mm": -1}}', 400),
        ("fault", b'{"name": "paper_out", "args": {"for_ms": "x"}}', 400),
        ("fault", b'{"name": "noise", "args": {"percent": 101}}', 400),
        ("fault", b" " * (BODY_MAX + 1), 413),
    ],
)
async def test_what_a_bad_request_gets(tmp_path: Path, path: str, body: bytes, status: int) -> None:
    async with a_door(tmp_path) as (client, far_side):
        url, kind = f"/devices/A.printer.A-1/{path}", {"Content-Type": "application/json"}
        async with client.post(url, data=body, headers=kind) as answer:
            assert answer.status == status, await answer.text()
        assert far_side.devices["A.printer.A-1"].view()["faults"] == {}
        async with client.post(url, data=body) as answer:
            assert answer.status in (413, 415)
        async with client.get("/devices/nobody") as answer:
            assert answer.status == 404


def test_a_live_plan_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStand, match="live"):
        FarSide(a_plan(mode="live"), tmp_path, Clock(), 1)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("serial:///dev/ttyS1?baud=9600", "cannot be simulated"),
        ("tcp://10.1.1.1:9100", "not on this machine"),
        ("tcp://127.0.0.1.evil.example:9100", "not on this machine"),
        ("tcp://127.0.0.1", "no port"),
        ("tcp://127.0.0.1:99999", "A.printer.A-1"),
        ("pty:../../etc/passwd", "pty name"),
    ],
)
def test_a_line_that_cannot_stand_here_names_its_device(tmp_path: Path, line: str, why: str) -> None:
    with pytest.raises(CannotStand, match=f"A.printer.A-1.*|.*{why}") as refused:
        FarSide(a_plan(printer_line=line), tmp_path, Clock(), 1)
    assert why in str(refused.value)


def test_a_driver_without_a_twin_names_those_there_are(tmp_path: Path) -> None:
    plan = json.loads(json.dumps(a_plan()).replace('"ff68"', '"nobody"'))
    with pytest.raises(CannotStand, match=r"nobody.*ff68"):
        FarSide(plan, tmp_path, Clock(), 1)


async def test_a_busy_port_is_named_and_nothing_stays_open(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        far_side = FarSide(a_plan(printer_line=f"tcp://127.0.0.1:{port}"), tmp_path, Clock(), 1)
        with pytest.raises(CannotStand, match=str(port)):
            far_side.open()
        assert not (tmp_path / "lines").exists() or not list((tmp_path / "lines").iterdir())
        with pytest.raises(CannotStand, match=str(port)):
            await open_door(far_side, "127.0.0.1", port)
    with pytest.raises(CannotStand, match="this machine"):
        await open_door(far_side, "192.0.2.1", 0)


async def test_a_refusing_port_turns_newcomers_away_and_keeps_who_is_there(tmp_path: Path) -> None:
    far_side = FarSide(a_plan(printer_line="tcp://127.0.0.1:0"), tmp_path, Clock(), 1)
    far_side.open()
    printer = far_side.devices["A.printer.A-1"]
    try:
        async with tcp_host(printer.line) as host:
            host.send(b"\x10\x04\x01")
            await host.expect(b"\x12")
            printer.fault("refuse")
            with pytest.raises(ConnectionRefusedError):
                async with tcp_host(printer.line):
                    pass
            host.send(b"\x10\x04\x01")
            await host.expect(b"\x12")
            printer.heal("refuse")
        async with tcp_host(printer.line) as host:
            host.send(b"\x10\x04\x01")
            await host.expect(b"\x12")
    finally:
        far_side.close()


async def test_boards_on_one_line_share_its_cable(tmp_path: Path) -> None:
    far_side = FarSide(a_plan(), tmp_path, Clock(), 1)
    first, second = far_side.devices["A.panel.A01"].wire, far_side.devices["A.panel.A02"].wire
    assert isinstance(first, Wire) and first is second


def test_the_clock_of_a_replayed_day() -> None:
    clock = clock_from("915148800000@1000x60")
    assert clock.hall_at(2000) == 915148800000 + 60_000
    assert clock_from("real").rate == 1.0
    for wrong in ("", "now", "1@2", "1@2x0", "1@2x1e9", "1@2x-1", "x"):
        with pytest.raises(ValueError, match="clock"):
            clock_from(wrong)


@asynccontextmanager
async def a_process(tmp_path: Path, plan: dict[str, Json]) -> AsyncIterator[asyncio.subprocess.Process]:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulators", "--plan", str(path), "--var", str(tmp_path), "--clock", "real"),
        cwd=root,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
async def test_the_process_says_when_it_is_ready_and_stops_at_once(tmp_path: Path, sign: signal.Signals) -> None:
    async with a_process(tmp_path, a_plan()) as process:
        assert process.stdout is not None and process.stderr is not None
        ready = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        assert ready.startswith("ready: 4 devices, http://127.0.0.1:")
        async with aiohttp.ClientSession() as client, client.get(f"{ready.split()[-1]}live") as live:
            await live.content.readline()
            process.send_signal(sign)
            assert await asyncio.wait_for(process.wait(), 20) == 0
        assert await process.stderr.read() == b""
    assert list((tmp_path / "lines").iterdir()) == []


async def test_the_process_refuses_a_live_plan_in_one_line(tmp_path: Path) -> None:
    async with a_process(tmp_path, a_plan(mode="live")) as process:
        assert process.stderr is not None
        said = (await asyncio.wait_for(process.stderr.read(), 60)).decode()
        assert await process.wait() == 1
    assert said.count("\n") == 1 and "live" in said
