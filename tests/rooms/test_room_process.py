"""A room as a process: it starts clearly or not at all, says who is present, stops at once, leaves no orphan."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from brokers import PASSWORD, USER, Mosquitto
from waiting import until

from hall import codec
from hall.plan import load, to_json
from hall.views import Here
from transport.clock import Clock
from transport.link import open_link
from transport.plans import FILE_MAX

ROOT = Path(__file__).resolve().parents[2]
LATE_S = 5.0  # alone on a machine it takes a tenth of a second
ROOM = """
import asyncio, sys
from hall.faults import OurFault
from transport import room

async def live(here):
    presence = here.presence("A")
    async with asyncio.TaskGroup() as tasks, here.link(presence, hears=["kaiyang/A/evt/#"]) as link:
        tasks.create_task(presence.run(link))
        for number in range(20):
            presence.device(f"panel-A{number:02}", "up")
        here.ready("http://127.0.0.1:1")
        match here.args.what:
            case "fault":
                raise OurFault("the journal \\x1b[31m is broken\\n and forged")
            case "surprise":
                [][1]
            case "deaf":
                try:
                    await asyncio.Event().wait()
                finally:
                    while True:
                        try:
                            await asyncio.sleep(9)
                        except asyncio.CancelledError:
                            pass
            case _:
                await link.wait_up()
                presence.device("panel-A01", "down", "no_answer")
                await asyncio.Event().wait()

parser = room.arguments("odd", "A room for a test.")
parser.add_argument("what")
raise SystemExit(room.run(parser, live, who=lambda args: f"odd-{args.what}"))
"""


class Process:
    """A room under test."""

    def __init__(self, plan: Path, var: Path, *more: str) -> None:
        command = [sys.executable, "-c", ROOM, "--plan", str(plan), "--var", str(var), *more]
        self.running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def until_ready(self) -> None:
        assert self.running.stdout is not None
        assert self.running.stdout.readline().startswith("ready odd-"), self.end()

    def end(self, most_s: float = 60) -> tuple[int, list[str]]:
        _, err = self.running.communicate(timeout=most_s)
        return self.running.returncode, err.splitlines()


@pytest.fixture
def plan(tmp_path: Path, a_broker: Mosquitto) -> Path:
    """The Kaiyang plan, compiled, with the broker of this test."""
    text = (ROOT / "halls" / "kaiyang.toml").read_text(encoding="utf-8")
    compiled = json.loads(to_json(load(text, "kaiyang.toml", None)))
    compiled["broker"] = {
        "kind": "external", "host": "127.0.0.1", "port": a_broker.port, "user": USER, "password_file": "password",
    }  # fmt: skip
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "password").write_text(PASSWORD + "\n")
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(compiled))
    return path


@pytest.fixture
def room(plan: Path) -> Iterator[Process]:
    process = Process(plan, plan.parent / "var", "quiet")
    yield process
    process.running.kill()
    process.running.communicate(timeout=20)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_within_a_second(room: Process, sign: signal.Signals) -> None:
    room.until_ready()
    began = time.monotonic()
    room.running.send_signal(sign)
    code, lines = room.end()
    assert time.monotonic() - began < LATE_S
    assert code == 0
    assert f"stopping why={sign.name}" in lines[-1]


def test_a_deaf_room_is_left_behind(plan: Path) -> None:
    process = Process(plan, plan.parent / "var", "deaf")
    process.until_ready()
    began = time.monotonic()
    process.running.terminate()
    code, lines = process.end()
    assert 0.9 < time.monotonic() - began < 1 + LATE_S
    assert code == 1
    assert "not everything stopped in time" in lines[-1]


def test_a_fault_is_one_inert_line(plan: Path) -> None:
    code, lines = Process(plan, plan.parent / "var", "fault").end()
    assert code == 1
    assert lines[-1].endswith(r'process: stopped why="the journal \x1b[31m is broken\n and forged"')
    assert not any("Traceback" in line for line in lines)


def test_a_surprise_says_where_and_traces_only_at_debug(plan: Path) -> None:
    code, lines = Process(plan, plan.parent / "var", "surprise").end()
    assert code == 1
    assert re.search(r'stopped why="IndexError: list index out of range \(<string>:\d+\)"$', lines[-1])
    code, lines = Process(plan, plan.parent / "var", "surprise", "--log-level", "debug").end()
    assert code == 1
    assert "Traceback" in lines[-1] and len(lines[-1]) > 500


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--clock", "yesterday"], "clock: 'yesterday' is neither"),
        (["--plan", "/nowhere.json"], "/nowhere.json: No such file"),
        (["--plan", __file__], "no compiled plan"),
        (["--var", "/proc/nowhere"], "/proc/nowhere"),
    ],
    ids=str,
)
def test_what_cannot_start_says_why_in_one_line(plan: Path, more: list[str], said: str) -> None:
    code, lines = Process(plan, plan.parent / "var", "quiet", *more).end()
    assert code == 1
    assert len(lines) == 1
    assert said in lines[0]


def test_a_file_too_large_for_a_plan_is_not_read(plan: Path) -> None:
    large = plan.with_name("large.json")
    with large.open("wb") as file:
        file.truncate(FILE_MAX + 1)
    code, lines = Process(plan, plan.parent / "var", "quiet", "--plan", str(large)).end()
    assert code == 1
    assert len(lines) == 1 and f"{large}: larger than {FILE_MAX} bytes" in lines[0]


def test_a_wrong_password_says_so_and_ends(plan: Path) -> None:
    (plan.parent / "var" / "password").write_text("wrong")
    code, lines = Process(plan, plan.parent / "var", "quiet").end()
    assert code == 1
    assert "refuses the log-in" in lines[-1]


def test_hall_time_is_in_the_log(plan: Path) -> None:
    process = Process(plan, plan.parent / "var", "quiet", "--clock", Clock.starting_at(917_827_200_000, 60).text())
    process.until_ready()
    process.running.terminate()
    _, lines = process.end()
    assert all(line.startswith("1999-02-01T00:") for line in lines)


async def test_presence_and_the_last_word(room: Process, a_broker: Mosquitto) -> None:
    heard: list[Here] = []
    topic = "kaiyang/A/here/odd-quiet"
    async with open_link(a_broker.at, "x", hears=[topic], on_heard=lambda one: heard.append(codec.here(one.payload))):
        await until(lambda: heard and heard[-1].devices.get("panel-A01", None) is not None)
        await until(lambda: heard[-1].devices["panel-A01"].state == "down")
        assert heard[-1].up
        assert heard[-1].devices["panel-A01"].fault == "no_answer"
        assert len(heard[-1].devices) == 20
        assert len(heard) < 10, "changes of one moment are one message"
        a_broker.kill()
        a_broker.start()
        heard.clear()
        await until(lambda: heard and heard[-1].up, what="said again to a broker that forgot")
        room.running.kill()
        await until(lambda: not heard[-1].up, what="the last will")


def test_it_does_not_outlive_its_parent(plan: Path) -> None:
    """A parent starts the room and dies at once; the room follows."""
    room = ["-c", ROOM, "--plan", str(plan), "--var", str(plan.parent / "var"), "quiet"]
    parent = f"""
import os, subprocess, sys
room = {[sys.executable, *room]!r} + ["--parent", str(os.getpid())]
room = subprocess.Popen(room, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
room.stdout.readline()
print(room.pid, flush=True)
os._exit(9)
"""
    done = subprocess.run(
        [sys.executable, "-c", parent], cwd=ROOT, capture_output=True, text=True, timeout=90, check=False
    )
    pid = int(done.stdout)
    end = time.monotonic() + 20
    while _alive(pid):
        assert time.monotonic() < end, "an orphan"
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
