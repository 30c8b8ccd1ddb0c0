"""A VFS that writes through to real files and remembers every operation, so that a power cut can be tried anywhere.

`told` marks the moment somebody was told of a commit. A fault may be planted: the n-th write or sync fails.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import apsw

_names = itertools.count()


class Op(NamedTuple):
    """One operation: "write", "truncate", "delete", "sync", or "told" with the seq in `at`."""

    what: str
    file: str
    at: int = 0
    data: bytes = b""


class Recording(apsw.VFS):
    """Register it, open with `vfs=recording.name`, read `ops` behind it."""

    def __init__(self) -> None:
        self.name = f"recording-{next(_names)}"
        self.ops: list[Op] = []
        super().__init__(self.name, "")

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - apsw's name
        return _File(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - apsw's name
        self.ops.append(Op("delete", Path(filename).name))
        super().xDelete(filename, syncdir)

    def told(self, seq: int) -> None:
        """From here on somebody knows of this event."""
        self.ops.append(Op("told", "", seq))


class _File(apsw.VFSFile):
    def __init__(self, vfs: Recording, name: apsw.URIFilename | str | None, flags: list[int]) -> None:
        path = name if isinstance(name, str) or name is None else name.filename()
        self._ops, self._file = vfs.ops, Path(path or "temporary").name
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - apsw's name
        super().xWrite(data, offset)
        self._ops.append(Op("write", self._file, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - apsw's name
        super().xTruncate(newsize)
        self._ops.append(Op("truncate", self._file, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802 - apsw's name
        super().xSync(flags)
        self._ops.append(Op("sync", self._file))


def files_of(ops: list[Op]) -> Iterator[str]:
    """The files that were written."""
    yield from dict.fromkeys(op.file for op in ops if op.what == "write")
