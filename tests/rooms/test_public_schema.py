"""docs/openapi-public.json: made from the door's own table, valid, and true of the running door (schemathesis)."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from brokers import Mosquitto
from openapi_spec_validator import validate
from phones import DAY, Phones
from window_halls import SITE, a_hall, small

from controller.web.routes import ROUTES, described

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi-public.json"
RUN_MAX_S = 200.0
RATE = "60/s"  # the door's burst bears this for a run: what is refused for being too fast proves nothing


def test_the_document_is_made_from_the_table() -> None:
    assert json.loads(DOCUMENT.read_text(encoding="utf-8")) == json.loads(json.dumps(described())), "run: make docs"


def test_the_document_is_openapi() -> None:
    document = described()
    validate(document)
    asked = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert asked == {(route.method.lower(), route.path) for route in ROUTES}


@pytest.fixture
async def phones(a_broker: Mosquitto, tmp_path: Path) -> AsyncIterator[Phones]:
    async with a_hall(a_broker, tmp_path, small(guard_s=0)) as hall:
        await hall.start("controller")
        yield Phones(hall)


async def schemathesis(phones: Phones, folder: Path, config: str, *more: str) -> None:
    """A run of schemathesis on the door; its findings are the failure."""
    (folder / "schemathesis.toml").write_text(config, encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(folder / "schemathesis.toml"), "run"]
    options = ["--url", phones.base, "--checks", "all", "--seed", "7", "--rate-limit", RATE, "--no-color", *more]
    options += ["--suppress-health-check", "too_slow"]  # it says how busy the machine is
    process = await asyncio.create_subprocess_exec(
        *command, str(DOCUMENT), *options, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(process.communicate(), RUN_MAX_S)
    assert process.returncode == 0, said.decode()[-6000:]
    assert "Traceback" not in phones.hall.room("controller").log.read_text(errors="replace")


async def test_a_stranger_finds_no_answer_that_is_not_described(phones: Phones, tmp_path: Path) -> None:
    await schemathesis(phones, tmp_path, "", "--phases", "coverage,fuzzing", "--max-examples", "12")


async def test_the_owner_of_a_slip_finds_none_either(phones: Phones, tmp_path: Path) -> None:
    """Every part of the path is right, so the rating's body is what varies; the stream has no end and is left out."""
    await phones.hall.issue()
    await phones.serve("A01")
    seal = phones.link("A0001").rpartition("/")[2]
    parts = {"site": SITE, "hall": "A", "day": DAY, "number": "A0001", "seal": seal, "file": "ticket.css"}
    config = "[parameters]\n" + "".join(f'"path.{name}" = "{value}"\n' for name, value in parts.items())
    await schemathesis(
        phones,
        tmp_path,
        config,
        "--phases",
        "coverage,fuzzing",
        "--max-examples",
        "25",
        "--exclude-operation-id",
        "live",
    )
    assert (await phones.state("A0001"))["rating"] == "done"
