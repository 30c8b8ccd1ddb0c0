"""The state directory: one running hall at a time, and only what a hall has made is ever removed."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hall.faults import HallFault

LOCK = "hall.lock"  # also the mark of a state directory: without it, nothing in a folder is removed


class Taken(HallFault):
    """The state directory cannot be used; the message says why."""


@contextmanager
def held(var: Path, fresh: bool) -> Iterator[None]:
    """Hold the directory for as long as the hall runs; `fresh` empties it first, but for other halls' states in it."""
    known = (var / LOCK).exists()
    if fresh and var.exists() and not known and any(var.iterdir()):
        raise Taken(f"{var} holds files but no {LOCK}: it is no hall's state and is not removed")
    try:
        var.mkdir(parents=True, exist_ok=True)
        lock = os.open(var / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as trouble:
        raise Taken(f"{var}: {trouble.strerror}") from trouble
    try:
        _lock(lock, var)
        if fresh:
            _empty(var)
        (var / "log").mkdir(exist_ok=True)
        yield
    finally:
        os.close(lock)


def _lock(lock: int, var: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.read(lock, 32).decode(errors="replace").strip() or "unknown"
        raise Taken(f"a hall is running on {var} already (process {pid}): stop that one first, or use --var") from None
    os.truncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def _empty(var: Path) -> None:
    for child in var.iterdir():
        if child.name == LOCK or (child / LOCK).exists():  # the second is another hall's (var/replay), perhaps at work
            continue
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child)
        else:
            child.unlink()
