"""What a disk may hold after the power went at operation k: all that was synced before k, and of the rest any part.

Each write that was not synced is there, is not, or is torn at a sector; writes of one file may be reordered, so a later
one may be there without an earlier one. A shortened file may still be as it was; a deleted one too, until anything is
synced (a journalling file system keeps the order of its names).
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from typing import NamedTuple

from power.recording import Op

SECTOR = 512  # bytes a disk writes whole
PASSES_MAX = 20  # over the operations, in search of states not seen yet


class State(NamedTuple):
    """Files as they may lie there, and the newest event somebody had been told of."""

    at: int
    files: dict[str, bytes]
    told: int


def states(ops: list[Op], base: dict[str, bytes], count: int, dice: random.Random) -> Iterator[State]:
    """`count` power cuts, `base` being on the disk before; no two leave the same bytes behind."""
    seen: set[bytes] = set()
    for _ in range(PASSES_MAX):
        for state in _one_pass(ops, base, count, dice):
            digest = _digest(state.files)
            if digest not in seen:
                seen.add(digest)
                yield state
                if len(seen) == count:
                    return
    raise AssertionError(f"{len(seen)} different states are all there are in {PASSES_MAX} passes, not {count}")


def _one_pass(ops: list[Op], base: dict[str, bytes], count: int, dice: random.Random) -> Iterator[State]:
    """Cuts at moments spread over all operations, from the first to the last."""
    disk, at = _Disk(base), 0
    for moment in sorted(dice.randint(0, len(ops)) for _ in range(count)):
        while at < moment:
            disk.follows(ops[at])
            at += 1
        yield State(at, disk.after_the_cut(dice), disk.told)


def _digest(files: dict[str, bytes]) -> bytes:
    whole = hashlib.sha256()
    for name, data in sorted(files.items()):
        whole.update(f"{name} {len(data)} ".encode())
        whole.update(data)
    return whole.digest()


class _Disk:
    """Files as they were synced, and what was done to them since."""

    def __init__(self, base: dict[str, bytes]) -> None:
        self._synced: dict[str, bytearray | None] = {name: bytearray(data) for name, data in base.items()}
        self._since: dict[str, list[Op]] = {}
        self.told = 0

    def follows(self, op: Op) -> None:
        if op.what == "told":
            self.told = op.at
        elif op.what == "sync":
            for done in self._since.pop(op.file, []):
                self._synced[op.file] = _done(self._synced.get(op.file), done, done.data)
            for name in [name for name, ops in self._since.items() if any(each.what == "delete" for each in ops)]:
                last = max(index for index, each in enumerate(self._since[name]) if each.what == "delete")
                self._synced[name], self._since[name] = None, self._since[name][last + 1 :]
        else:
            self._since.setdefault(op.file, []).append(op)

    def after_the_cut(self, dice: random.Random) -> dict[str, bytes]:
        """One of the many ways it may look."""
        left = dict(self._synced)
        share = dice.choice((0.0, 0.5, 0.9, 1.0))
        for name, ops in self._since.items():
            data = left.get(name)
            data = bytearray(data) if data is not None else None
            for op in ops:
                if dice.random() < share:
                    data = _done(data, op, _torn(op.data, dice))
            left[name] = data
        return {name: bytes(data) for name, data in left.items() if data is not None}


def _done(data: bytearray | None, op: Op, what: bytes) -> bytearray | None:
    """A file behind one operation."""
    if op.what == "delete":
        return None
    data = bytearray() if data is None else data
    if op.what == "truncate":
        del data[op.at :]
        data.extend(bytes(op.at - len(data)))
        return data
    if len(data) < op.at:
        data.extend(bytes(op.at - len(data)))
    data[op.at : op.at + len(what)] = what
    return data


def _torn(data: bytes, dice: random.Random) -> bytes:
    """The whole of it, or the first sectors."""
    if len(data) <= SECTOR or dice.random() < 0.7:
        return data
    return data[: SECTOR * dice.randint(0, len(data) // SECTOR)]
