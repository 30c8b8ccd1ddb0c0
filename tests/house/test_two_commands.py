"""`make run` and `make test` where something is missing: a sentence, not a trace; and the whole hall, up and gone."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from living import shifts

HOUSE = Path(__file__).parent.parent.parent
READY_MAX_S = 60.0  # a second start alone on the machine takes 3 s; here others may be running
STOP_MAX_S = 10.0  # alone three at most
PATIENCE_S = 60.0


def program(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def make(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=HOUSE, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip


def test_make_alone_says_what_there_is() -> None:
    said = make()
    assert said.returncode == 0
    for target in ("make run", "make test", "make check", "make clean"):
        assert target in said.stdout


def test_without_python_it_says_how_to_get_it(tmp_path: Path) -> None:
    said = make("run", f"VENV={tmp_path / 'venv'}", "PYTHON=no-such-python")
    assert said.returncode != 0
    assert "Python 3.11 or newer" in said.stdout


def test_a_python_too_old_is_named_with_its_version(tmp_path: Path) -> None:
    old = program(tmp_path, "python3.9", '[ "$1" = --version ] && echo Python 3.9.2 && exit 0; exit 1')
    said = make("run", f"VENV={tmp_path / 'venv'}", f"PYTHON={old}")
    assert said.returncode != 0
    assert "Python 3.9.2 was found" in said.stdout


def test_a_python_without_venv_is_told_where_to_find_it(tmp_path: Path) -> None:
    bare = program(tmp_path, "python3", 'case "$2" in *ensurepip*) exit 1;; *) exit 0;; esac')
    said = make("run", f"VENV={tmp_path / 'venv'}", f"PYTHON={bare}")
    assert said.returncode != 0
    assert "python3-venv" in said.stdout
    assert not (tmp_path / "venv").exists()


def test_a_missing_test_tool_is_named_and_fails(tmp_path: Path) -> None:
    """Not root, and nothing on the path: whatever is not found is named with how to get it."""
    program(tmp_path, "id", "echo 1000")
    env = {"PATH": str(tmp_path)}
    command = ["/bin/sh", str(HOUSE / "tests" / "tools.sh")]
    said = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert said.returncode == 1
    assert "chromium" in said.stderr
    assert "apt install" in said.stderr


def processes_of(var: Path) -> list[str]:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if any(word.startswith(str(var)) for word in words):
            found.append(" ".join(words))
    return found


@pytest.mark.timeout(240)
def test_the_whole_hall_comes_up_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    var = tmp_path / "var"
    shift = shifts()[0]
    command = [sys.executable, "-m", "cli", "run", "halls/kaiyang.toml", "--var", str(var), "--port-shift", str(shift)]
    began = time.monotonic()
    with subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as hall:
        assert hall.stdout is not None
        said = []
        for line in hall.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        took = time.monotonic() - began
        rooms = processes_of(var)
        hall.send_signal(signal.SIGINT)
        stopping = time.monotonic()
        rest, trouble = hall.communicate(timeout=PATIENCE_S)
        stopped = time.monotonic() - stopping
    assert hall.returncode == 0, trouble
    assert len(rooms) >= 12, rooms
    listed = [line for line in said if "http://127.0.0.1:" in line]
    assert all(any(kiosk in line for line in listed) for kiosk in ("A-K1", "A-K2", "B-K1", "B-K2", "B-K3")), said
    assert len(listed) == 10, "the bench, five machines, and for each hall its screen and its staff's pages"
    assert took < READY_MAX_S
    assert stopped < STOP_MAX_S, rest
    assert not processes_of(var)
