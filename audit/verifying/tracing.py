"""Traces of devices: what panels showed, slips that came out, keys pressed, words spoken; one JSON object a line.

`simulators/README.md` says what each line holds. Files of several machines are merged by their times; a line cut off
by a power loss is counted and passed over.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from pathlib import Path

import msgspec

from audit.verifying.source import CannotRead

LINE_MAX = 256 * 1024  # bytes; the longest is a slip of a few kilobytes


class Seen(msgspec.Struct, frozen=True):
    """One line: when (ms of the hall's clock), which device, what, and what that kind has beside it."""

    at: int
    what: str
    device: str = ""
    hall: str = ""
    of: str = ""  # window, machine or line the device stands at
    lines: tuple[str, ...] = ()  # shown, slip
    cut: str = ""  # slip: partial | full | torn
    window: str = ""  # pressed
    keys: str = ""  # pressed
    number: str = ""  # spoken
    call: tuple[int, int] = (0, 0)  # spoken: epoch and seq of the call
    ms: int = 0  # spoken: how long it is heard, real
    fault: str = ""  # fault, healed
    rate: float = 1.0  # trace: hall milliseconds in a real one


_decoder = msgspec.json.Decoder(Seen)


class Traces:
    """All given files as one, oldest line first."""

    def __init__(self, files: list[Path], hall: str) -> None:
        self._files, self._hall = files, hall
        self.rate = max((_header(file).rate for file in files), default=1.0)
        self.unreadable = 0

    def __iter__(self) -> Iterator[Seen]:
        """What concerns this hall; beginnings and ends concern all."""
        for seen in heapq.merge(*(self._lines(file) for file in self._files), key=lambda seen: seen.at):
            if seen.hall in ("", self._hall):
                yield seen

    def _lines(self, file: Path) -> Iterator[Seen]:
        with file.open("rb") as lines:
            while line := lines.readline(LINE_MAX):
                try:
                    yield _decoder.decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                    self.unreadable += 1


def _header(file: Path) -> Seen:
    try:
        with file.open("rb") as lines:
            first = _decoder.decode(lines.readline(LINE_MAX))
    except OSError as fault:
        raise CannotRead(f"{file}: {fault.strerror}") from fault
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise CannotRead(f"{file}: no trace of devices ({fault})") from fault
    if first.what != "trace":
        raise CannotRead(f"{file}: no trace of devices: its first line is {first.what!r}, not 'trace'")
    return first
