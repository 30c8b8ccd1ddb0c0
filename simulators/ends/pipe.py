"""One open file descriptor on the event loop: bytes in as they come, bytes out as they fit.

Serial lines have no memory, so a pty keeps nothing that does not fit at once (`keep=0`); a socket keeps a bounded lot.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

READ_MAX = 4096  # bytes a read: the kernel's pty buffer


class Pipe:
    def __init__(self, fd: int, heard: Callable[[bytes], None], gone: Callable[[], None], keep: int = 0) -> None:
        self.lost = 0
        self._fd, self._heard, self._gone, self._keep = fd, heard, gone, keep
        self._waiting = bytearray()
        self._open = True
        self._loop = asyncio.get_running_loop()
        os.set_blocking(fd, False)
        self._loop.add_reader(fd, self._read)

    def send(self, data: bytes) -> None:
        if not self._open or not data:
            return
        if not self._waiting:
            data = data[self._write(data) :]
        room = max(0, self._keep - len(self._waiting))
        self._waiting += data[:room]
        self.lost += len(data[room:])
        if self._waiting and self._open:
            self._loop.add_writer(self._fd, self._drain)

    def stop(self) -> None:
        """Leave the loop; closing the descriptor is its owner's."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._fd)
            self._loop.remove_writer(self._fd)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, READ_MAX)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._heard(data)
        else:
            self._gone()

    def _write(self, data: bytes) -> int:
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0
        except OSError:
            self._loop.call_soon(self._gone)
            return len(data)

    def _drain(self) -> None:
        del self._waiting[: self._write(bytes(self._waiting))]
        if not self._waiting:
            self._loop.remove_writer(self._fd)
