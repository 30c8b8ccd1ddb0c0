"""What every shelf may use: a real broker of its own. Pieces with a body live in tests/support."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from brokers import Mosquitto, a_mosquitto
from hypothesis import HealthCheck, settings

# How fast examples are made says how busy the machine is, nothing about the code. The same examples each time: what
# nobody changed does not fail one day. Others: make test ARGS="--hypothesis-profile wide".
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("wide", settings.get_profile("house"), derandomize=False, max_examples=500)
settings.load_profile("house")

# colours, languages and sizes are the test's business, not those of whoever starts it
FOREIGN = ("NO_COLOR", "FORCE_COLOR", "PY_COLORS", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM",
           "GITHUB_ACTIONS", "COLUMNS", "LINES", "LC_ALL", "LANGUAGE", "NOTIFY_SOCKET", "WATCHDOG_USEC", "http_proxy",
           "HTTP_PROXY", "all_proxy", "ALL_PROXY")  # fmt: skip
for name in FOREIGN:
    os.environ.pop(name, None)


@pytest.fixture
def a_broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A mosquitto on a free port, with log-in and TCP_NODELAY, forgetting everything when it stops."""
    with a_mosquitto(tmp_path / "mosquitto") as broker:
        yield broker
