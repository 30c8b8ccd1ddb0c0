"""docs/openapi-staff.json: made from the door's own table, valid, and true of the running door (schemathesis)."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from brokers import Mosquitto
from openapi_spec_validator import validate
from staffdoors import TOKEN, Entered, StaffDesk, a_staffed_hall

from caller.pages.routes import ROUTES, described

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi-staff.json"
RUN_MAX_S = 200.0
RATE = "60/s"  # the door's burst bears this for a run: what is refused for being too fast proves nothing
STREAMS = ("soft_live", "faces_live", "guide_live")  # they have no end


def test_the_document_is_made_from_the_table() -> None:
    assert json.loads(DOCUMENT.read_text(encoding="utf-8")) == json.loads(json.dumps(described())), "run: make docs"


def test_the_document_is_openapi() -> None:
    document = described()
    validate(document)
    asked = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert asked == {(route.method.lower(), route.path) for route in ROUTES}


@pytest.fixture
async def desk(a_broker: Mosquitto, tmp_path: Path) -> AsyncIterator[StaffDesk]:
    async with a_staffed_hall(a_broker, tmp_path) as desk:
        yield desk


async def schemathesis(desk: StaffDesk, folder: Path, entered: Entered | None, *more: str) -> None:
    """A run of schemathesis on the door; its findings are the failure."""
    key = entered.evaluator.rpartition("/")[2] if entered else 22 * "A"
    config = (
        f'[parameters]\n"path.window" = "A01"\n"path.hall" = "A"\n"path.key" = "{key}"\n"path.file" = "staff.css"\n'
    )
    (folder / "schemathesis.toml").write_text(config, encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(folder / "schemathesis.toml"), "run"]
    options = ["--url", desk.base, "--checks", "all", "--seed", "7", "--rate-limit", RATE, "--no-color", *more]
    options += ["--suppress-health-check", "too_slow"]  # it says how busy the machine is
    options += ["--phases", "coverage,fuzzing" if entered else "fuzzing", "--max-examples", "8"]
    for stream in STREAMS:
        options += ["--exclude-operation-id", stream]
    if entered:
        options += ["-H", f"{TOKEN}: {entered.token}", "-H", f"Cookie: onewindow={entered.cookies['onewindow']}"]
    process = await asyncio.create_subprocess_exec(
        *command, str(DOCUMENT), *options, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(process.communicate(), RUN_MAX_S)
    assert process.returncode == 0, said.decode()[-6000:]
    assert "Traceback" not in desk.hall.room("staff").log.read_text(errors="replace")


async def test_a_stranger_finds_no_answer_that_is_not_described(desk: StaffDesk, tmp_path: Path) -> None:
    await schemathesis(desk, tmp_path, None)


async def test_somebody_logged_in_finds_none_either(desk: StaffDesk, tmp_path: Path) -> None:
    await desk.hall.issue(times=3)
    entered = await desk.login("window/A01", staff="1001")
    leave = [word for name in ("soft_logout", "soft_login", "guide_login") for word in ("--exclude-operation-id", name)]
    await schemathesis(desk, tmp_path, entered, *leave)
