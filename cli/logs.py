"""What the rooms say: every line into a bounded file, warnings to the console too, floods of them thinned."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

LOG_MAX = 8 * 1024 * 1024  # bytes in a room's log; then it becomes <room>.log.1 and a new one begins
LINE_MAX = 16 * 1024  # bytes of one line; the rest of a longer one is dropped
SHOWN_MAX, SHOWN_WITHIN_S = 5, 10.0  # warnings of one room the console shows within so many seconds

# the rooms and the far side each have their own form: the first word that is a weight counts
_LOUD = re.compile(rb"\b(warning|error|critical|exception|Traceback)\b", re.IGNORECASE)
_QUIET = re.compile(rb"\b(debug|info)\b", re.IGNORECASE)
_READY = b"ready "  # transport.room.say_ready: on stdout, at the start of a line, whatever the log level


class RoomLog:
    """Takes a room's bytes as they come and deals out whole lines."""

    def __init__(self, path: Path, shout: Callable[[str], None], now_s: Callable[[], float]) -> None:
        self._path, self._shout, self._now_s = path, shout, now_s
        self._file: BinaryIO = path.open("ab")
        self._rest = b""
        self._shown: list[float] = []
        self._hidden = 0
        self.on_ready: Callable[[], None] | None = None

    def feed(self, data: bytes) -> None:
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[:LINE_MAX]
        for line in lines:
            self._take(line[:LINE_MAX])
        self._file.flush()

    def close(self) -> None:
        """Keep what was said last without a line's end; closing twice is no harm."""
        if not self._file.closed:
            self.feed(b"\n" if self._rest else b"")
            self._file.close()

    def last_lines(self, most: int = 5) -> list[str]:
        """The end of the log, for whoever asks why the room died."""
        with self._path.open("rb") as file:
            file.seek(max(0, self._path.stat().st_size - LINE_MAX))
            return [line.decode(errors="replace") for line in file.read().splitlines()[-most:]]

    def _take(self, line: bytes) -> None:
        self._write(line)
        if self.on_ready and line.replace(b":", b" ").startswith(_READY):
            self.on_ready()
        head = line[:200]
        loud = _LOUD.search(head)
        quiet = _QUIET.search(head)
        if loud and not (quiet and quiet.start() < loud.start()):
            self._show(line)

    def _write(self, line: bytes) -> None:
        if self._file.tell() > LOG_MAX:
            self._file.close()
            self._path.replace(self._path.with_suffix(".log.1"))
            self._file = self._path.open("ab")
        self._file.write(line + b"\n")

    def _show(self, line: bytes) -> None:
        now = self._now_s()
        self._shown = [at for at in self._shown if now - at < SHOWN_WITHIN_S]
        if len(self._shown) >= SHOWN_MAX:
            self._hidden += 1
            return
        if self._hidden:
            self._shout(f"({self._hidden} more in {self._path})")
            self._hidden = 0
        self._shown.append(now)
        self._shout(line.decode(errors="replace"))
