"""What every shelf may use: a real broker of its own. Pieces with a body live in tests/support."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from brokers import Mosquitto, a_mosquitto
from hypothesis import HealthCheck, settings

# how fast examples are made says how busy the machine is, nothing about the code
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture
def a_broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A mosquitto on a free port, with log-in and TCP_NODELAY, forgetting everything when it stops."""
    with a_mosquitto(tmp_path / "mosquitto") as broker:
        yield broker
