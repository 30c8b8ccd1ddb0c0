"""Tells systemd how the process does, where systemd is listening (Type=notify): ready, still turning, stopping.

The sign of life comes from the event loop itself, so a loop that hangs is silent and the process is restarted. It says
nothing of the work behind the loop: a dead disk or a deaf broker ends or heals the room by its own means.
"""

from __future__ import annotations

import asyncio
import os
import socket

import structlog

SIGNS_PER_WATCH = 3  # signs of life within systemd's patience: two may be late

log = structlog.get_logger("notifying")


def notify(word: str) -> None:
    """Say `word` ("READY=1") to whoever started us with a socket to hear it; to nobody otherwise."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as speaker:
        try:
            speaker.connect("\0" + address[1:] if address[0] == "@" else address)
            speaker.send(word.encode("ascii"))
        except OSError as fault:  # whoever listened has gone: no reason to stop serving
            log.warning("systemd does not hear", word=word, fault=str(fault))


def watched_s() -> float:
    """Seconds after which systemd takes this very process for dead; 0: nobody watches."""
    try:
        patience_us = int(os.environ.get("WATCHDOG_USEC", "0"))
        meant = int(os.environ.get("WATCHDOG_PID", str(os.getpid())))
    except ValueError:
        return 0.0
    return patience_us / 1e6 if meant == os.getpid() else 0.0


async def live_on() -> None:
    """Signs of life until cancelled; back at once when nobody watches."""
    patience_s = watched_s()
    while patience_s > 0:
        notify("WATCHDOG=1")
        await asyncio.sleep(patience_s / SIGNS_PER_WATCH)
