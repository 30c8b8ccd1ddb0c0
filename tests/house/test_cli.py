"""The `hall` program from outside: what it prints, its exit codes, and what stands in the way of starting."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from living import shifts

from cli.state import held
from hall import wording
from hall.plan import from_json, load
from transport.plans import known

HOUSE = Path(__file__).parent.parent.parent
KAIYANG = HOUSE / "halls" / "kaiyang.toml"
HALL = [sys.executable, "-m", "cli"]
PATIENCE_S = 90.0
STOP_MAX_S = 10.0  # alone on a machine it takes one


def hall(*argv: str | Path, cwd: Path = HOUSE) -> subprocess.CompletedProcess[str]:
    """Run `hall ARGV` to its end."""
    env = os.environ | {"PYTHONPATH": str(HOUSE), "COLUMNS": "100"}
    command = [*HALL, *map(str, argv)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def port_shift() -> int:
    """A shift that puts every port of the sample plan where nobody else is (checked again by `hall run` itself)."""
    return shifts()[0]


def test_help_names_every_door_and_how_to_begin() -> None:
    said = hall("--help")
    assert said.returncode == 0
    rooms = ("controller", "kiosk", "displays", "caller", "console")
    for door in ("check", "run", *rooms, "simulate", "replay", "ticket"):
        assert f"\n  {door}" in said.stdout
        assert hall(door, "--help").returncode == 0
    assert "hall run halls/kaiyang.toml" in said.stdout


def test_an_unknown_door_or_option_is_an_error() -> None:
    assert hall("frobnicate").returncode == 2
    assert hall("run", KAIYANG, "--frobnicate").returncode == 2


def test_check_shows_the_site_as_tables() -> None:
    said = hall("check", KAIYANG)
    assert said.returncode == 0, said.stderr
    assert "Hall A" in said.stdout
    assert "55" in said.stdout
    assert "A-K1" in said.stdout


@pytest.mark.parametrize("plan", sorted((HOUSE / "halls").glob("*.toml")), ids=lambda path: path.stem)
def test_every_sample_plan_compiles_to_json_that_reads_back(plan: Path) -> None:
    said = hall("check", "--json", plan)
    assert said.returncode == 0, said.stderr
    assert from_json(said.stdout) == load(plan.read_text(encoding="utf-8"), str(plan), known())


def test_check_names_every_problem_with_file_and_line_and_fails(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(KAIYANG.read_text(encoding="utf-8").replace("policy", "polcy").replace("18883", "99999"))
    line = 1 + next(at for at, row in enumerate(bad.read_text().splitlines()) if "polcy" in row)
    said = hall("check", bad)
    assert said.returncode == 1
    assert said.stdout == ""
    assert f"{bad}:{line}:" in said.stderr
    assert "did you mean 'policy'" in said.stderr
    assert "99999" in said.stderr
    assert "Traceback" not in said.stderr


def test_an_unknown_driver_is_named_with_the_nearest(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(KAIYANG.read_text(encoding="utf-8").replace('"onbon_bx"', '"onbon_bz"'))
    said = hall("check", bad)
    assert said.returncode == 1
    assert "onbon_bx" in said.stderr


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "No such file"), (b"\xff\xfe\x00", "UTF-8"), (b"[site\n", "bad.toml:1"), (b"", "site")],
    ids=["missing", "not-utf8", "not-toml", "empty"],
)
def test_a_file_that_is_no_plan_is_told_in_words(tmp_path: Path, content: bytes | None, says: str) -> None:
    bad = tmp_path / "bad.toml"
    if content is not None:
        bad.write_bytes(content)
    for argv in (("check", bad), ("run", bad, "--var", tmp_path / "var")):
        said = hall(*argv)
        assert said.returncode == 1
        assert says in said.stderr
        assert "Traceback" not in said.stderr
    assert not (tmp_path / "var" / "plan.json").exists(), "an invalid plan never goes live"


@contextlib.contextmanager
def a_running_hall(var: Path, shift: int) -> Iterator[subprocess.Popen[str]]:
    """Only the broker: enough to hold the state directory and a port."""
    command = [*HALL, "run", str(KAIYANG), "--var", str(var), "--only", "broker", "--port-shift", str(shift)]
    env = os.environ | {"PYTHONPATH": str(HOUSE)}
    with subprocess.Popen(command, cwd=HOUSE, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "Ctrl-C" in line:
                    break
            else:
                raise AssertionError(f"hall run ended with {process.wait()} before it was ready")
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE_S)


def broker_pid(var: Path) -> int:
    """Whoever listens, by the log of the keeper's only child: the process whose parent runs on this state."""
    for stat in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = stat.read_bytes().split(b"\0")
            if b"transport.embedded_broker" in words and str(var / "plan.json").encode() in words:
                return int(stat.parts[2])
    return 0


def test_run_starts_says_how_to_stop_and_stops(tmp_path: Path) -> None:
    with a_running_hall(tmp_path / "var", port_shift()) as process:
        assert broker_pid(tmp_path / "var")
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=PATIENCE_S) == 0
        assert time.monotonic() - began < STOP_MAX_S
    assert not broker_pid(tmp_path / "var")
    assert json.loads((tmp_path / "var" / "plan.json").read_text())["site"]["id"] == "kaiyang"


def test_even_a_killed_keeper_leaves_no_process(tmp_path: Path) -> None:
    with a_running_hall(tmp_path / "var", port_shift() + 1) as process:
        assert broker_pid(tmp_path / "var")
        process.kill()
        process.wait()
        ends = time.monotonic() + PATIENCE_S
        while broker_pid(tmp_path / "var") and time.monotonic() < ends:
            os.sched_yield()
        assert not broker_pid(tmp_path / "var")


def test_a_second_hall_on_the_same_state_is_refused_by_name_and_takes_nothing(tmp_path: Path) -> None:
    var, shift = tmp_path / "var", port_shift() + 2
    with a_running_hall(var, shift) as process:
        for more in ((), ("--fresh",)):
            said = hall("run", KAIYANG, "--var", var, "--port-shift", str(shift), *more)
            assert said.returncode == 1
            assert str(process.pid) in said.stderr
            assert "Traceback" not in said.stderr
        assert process.poll() is None
        assert (var / "plan.json").exists()


def test_a_busy_port_is_named_with_its_holder_before_anything_starts(tmp_path: Path) -> None:
    shift = port_shift() + 3
    plan = from_json(hall("check", "--json", KAIYANG, "--port-shift", str(shift)).stdout)
    kiosk = plan.halls["B"].kiosks["B-K2"]
    with socket.create_server((kiosk.host, kiosk.port)):
        said = hall("run", KAIYANG, "--var", tmp_path / "var", "--port-shift", str(shift))
    assert said.returncode == 1
    assert f"{kiosk.host}:{kiosk.port} (B-K2)" in said.stderr
    assert str(os.getpid()) in said.stderr
    assert wording.say("run.busy_mend") in said.stderr
    assert said.stdout == "", "nothing was started"


def test_fresh_never_removes_a_folder_that_is_no_state_of_ours(tmp_path: Path) -> None:
    mine = tmp_path / "photos"
    mine.mkdir()
    (mine / "wedding.jpg").write_bytes(b"dear to somebody")
    said = hall("run", KAIYANG, "--var", mine, "--fresh", "--port-shift", str(port_shift() + 4))
    assert said.returncode == 1
    assert (mine / "wedding.jpg").exists()


def test_fresh_leaves_the_state_of_another_hall_in_the_folder_alone(tmp_path: Path) -> None:
    var, other = tmp_path / "var", tmp_path / "var" / "replay"
    with held(other, fresh=False), held(var, fresh=False):
        (var / "journal").mkdir()
        (other / "journal").mkdir()
    with held(var, fresh=True):
        assert not (var / "journal").exists()
        assert (other / "journal").exists(), "a replay may be at work there"


def test_replaying_a_day_nobody_came_on_starts_no_hall(tmp_path: Path) -> None:
    day, var = tmp_path / "day.csv", tmp_path / "var"
    day.write_text(
        "date,arrival,type,priority,outcome,service_s\n1999-02-01,09:00:00,PS,0,AGENT,60\n", encoding="utf-8"
    )
    said = hall("replay", day, "--day", "1999-02-02", "--var", var)
    assert said.returncode == 1
    assert "nobody arrives on 1999-02-02" in said.stderr
    assert said.stdout == ""
    assert not var.exists(), "what an earlier replay left is not wiped for nothing"


def test_a_room_alone_needs_a_plan(tmp_path: Path) -> None:
    said = hall("controller", "--var", tmp_path)
    assert said.returncode == 1
    assert "--plan" in said.stderr


def test_only_must_name_rooms(tmp_path: Path) -> None:
    said = hall("run", KAIYANG, "--var", tmp_path / "var", "--only", "kitchen")
    assert said.returncode == 1
    assert "kitchen" in said.stderr
