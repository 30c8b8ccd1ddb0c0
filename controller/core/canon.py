"""One canonical form of a state, and its hash: the same events give the same hash, whichever way they were folded."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

import msgspec
from sortedcontainers import SortedList

from controller.core.state import HallState

LEAVES = (str, int, bool, type(None))
ROWS = (SortedList, list, tuple, deque)
NOT_STATE = frozenset({"touched", "wakes", "plan"})  # outbox marks; a heap with stale entries; same as plan_raw


def canonical_hash(state: HallState) -> str:
    """SHA-256 of the canonical JSON of everything the events determine."""
    return hashlib.sha256(msgspec.json.encode(_plain(state), order="deterministic")).hexdigest()


def _plain(value: Any) -> Any:
    kind: Any = type(value)
    if kind in LEAVES:
        return value
    if kind is dict:
        return {str(key): _plain(value[key]) for key in value if value[key] not in ({}, ())}
    if kind in ROWS:
        return [_plain(item) for item in value]
    if kind in (set, frozenset):
        return sorted(value)
    if kind is bytes:
        return hashlib.sha256(value).hexdigest()
    if is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in _names(kind)}
    return msgspec.to_builtins(value)


@lru_cache(maxsize=64)
def _names(kind: Any) -> tuple[str, ...]:
    """What of a dataclass belongs to the state."""
    return tuple(field.name for field in fields(kind) if field.name not in NOT_STATE)
