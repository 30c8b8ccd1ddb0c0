"""Terminal lines: serial ports, and the ptys that stand for them on the test bench.

Bytes go through os.read and os.write on the descriptor, with add_reader and add_writer, not through pyserial (which
opens and sets the port): a pulled cable makes pyserial raise inside the reader callback, where nobody can catch it.
A watcher is registered only while somebody waits, so a line nobody reads costs nothing and a flood stays in the kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import termios
import tty
from collections.abc import Callable
from pathlib import Path

import serial

from hall.faults import LineDown
from hall.plan.lines import Serial

READ_MAX = 4096  # bytes a read returns at most: half a second of the fastest serial line


class TtyLine:
    """A descriptor that is a terminal line. Non-blocking, VMIN 1, so that an empty read means: hung up."""

    def __init__(self, fd: int, url: str, release: Callable[[], None] | None = None) -> None:
        self._fd, self._url = fd, url
        self._release = release if release is not None else lambda: os.close(fd)
        self._waits: set[asyncio.Future[None]] = set()

    async def read(self) -> bytes:
        loop = asyncio.get_running_loop()
        while True:
            await self._until(loop.add_reader, loop.remove_reader)
            try:
                data = os.read(self._fd, READ_MAX)
            except BlockingIOError:
                continue
            except OSError as fault:
                raise LineDown(f"{self._url}: {fault.strerror or fault}") from None
            if not data:
                raise LineDown(f"{self._url}: hung up")
            return data

    async def write(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        rest = memoryview(data)
        while rest:
            self._still_open()
            try:
                rest = rest[os.write(self._fd, rest) :]
            except BlockingIOError:
                await self._until(loop.add_writer, loop.remove_writer)
            except OSError as fault:
                raise LineDown(f"{self._url}: {fault.strerror or fault}") from None

    def close(self) -> None:
        if self._fd < 0:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._fd)
        loop.remove_writer(self._fd)
        self._fd = -1
        for ready in self._waits:
            _settle(ready)
        with contextlib.suppress(OSError):  # a port that is gone cannot be closed either
            self._release()

    def _still_open(self) -> None:
        if self._fd < 0:
            raise LineDown(f"{self._url}: closed")

    async def _until(self, add: Callable[..., object], remove: Callable[[int], object]) -> None:
        """Wait until the descriptor is ready; the watcher never outlives the wait."""
        self._still_open()
        fd = self._fd
        ready = asyncio.get_running_loop().create_future()
        try:
            add(fd, _settle, ready)
        except OSError as fault:
            raise LineDown(f"{self._url}: {fault.strerror or fault}") from None
        self._waits.add(ready)
        try:
            await ready
        finally:
            self._waits.discard(ready)
            if fd == self._fd:  # else close() has removed it, and the number may be somebody else's by now
                remove(fd)
        self._still_open()


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def open_pty(name: str, state_dir: Path) -> TtyLine:
    """The far side keeps a link of that name under <state_dir>/lines. No modem lines, no speed."""
    path = state_dir / "lines" / name
    try:
        fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as fault:
        raise LineDown(f"pty:{name}: {path}: {fault.strerror}") from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # as pyserial does: two readers would steal each other's bytes
        tty.setraw(fd, termios.TCSANOW)  # TCSAFLUSH would throw away what the far side has sent already
        _one_byte_at_least(fd)
    except (termios.error, OSError) as fault:
        os.close(fd)
        why = "in use by another process" if isinstance(fault, BlockingIOError) else "not a terminal line"
        raise LineDown(f"pty:{name}: {path} is {why}") from None
    return TtyLine(fd, f"pty:{name}")


def open_serial(at: Serial) -> TtyLine:
    """A port locked for us alone and set as the plan says."""
    try:
        device = serial.Serial(
            at.device,
            baudrate=at.baud,
            bytesize=at.bits,
            parity=at.parity,
            stopbits=at.stop,
            timeout=0,
            write_timeout=0,
            exclusive=True,
        )
        _one_byte_at_least(device.fileno())
    except (serial.SerialException, OSError, termios.error, ValueError) as fault:
        raise LineDown(f"serial://{at.device}: {fault}") from None
    return TtyLine(device.fileno(), f"serial://{at.device}", device.close)


def _one_byte_at_least(fd: int) -> None:
    modes = termios.tcgetattr(fd)
    modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
    termios.tcsetattr(fd, termios.TCSANOW, modes)
