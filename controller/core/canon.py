"""One canonical form of a state, and its hash: the same events give the same hash, whichever way they were folded."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec
from sortedcontainers import SortedList

from controller.core.state import HallState

NOT_STATE = frozenset({"touched", "wakes", "plan"})  # outbox marks; a heap with stale entries; same as plan_raw


def canonical_hash(state: HallState) -> str:
    """SHA-256 of the canonical JSON of everything the events determine."""
    return hashlib.sha256(msgspec.json.encode(_plain(state), order="deterministic")).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name not in NOT_STATE}
    if isinstance(value, dict):
        return {str(key): _plain(value[key]) for key in value if value[key] not in ({}, ())}
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, (SortedList, list, tuple)) or type(value).__name__ == "deque":
        return [_plain(item) for item in value]
    return msgspec.to_builtins(value) if isinstance(value, msgspec.Struct) else value
