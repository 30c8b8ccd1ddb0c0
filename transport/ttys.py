"""Terminal lines: serial ports, and the ptys that stand for them on the test bench.

Bytes go through os.read and os.write on the descriptor, with add_reader and add_writer, not through pyserial (which
opens and sets the port): a pulled cable makes pyserial raise inside the reader callback, where nobody can catch it.
A watcher is registered only while somebody waits, so a line nobody reads costs nothing and a flood stays in the kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import termios
import tty
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import serial

from hall.faults import LineDown, PlanError

READ_MAX = 4096  # bytes a read returns at most: half a second of the fastest serial line
NAME_MAX = 64  # characters of a pty's name
BAUD_MIN, BAUD_MAX = 50, 4_000_000

_NAME_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
_CHOICES = {
    "baud": "",
    "parity": "N E O M S",
    "bits": "5 6 7 8",
    "stop": "1 1.5 2",
    "flow": "none rtscts xonxoff",
}


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


def open_pty(url: str, state_dir: Path) -> TtyLine:
    """`pty:name`: the far side keeps a link of that name under <state_dir>/lines. No modem lines, no speed."""
    name = url.removeprefix("pty:")
    if not name or name.startswith(".") or len(name) > NAME_MAX or not set(name) <= _NAME_CHARACTERS:
        raise PlanError(f"line {url!r}: the name of a pty has letters, digits, '-', '_' and '.' only")
    path = state_dir / "lines" / name
    try:
        fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as fault:
        raise LineDown(f"{url}: {path}: {fault.strerror}") from None
    try:
        tty.setraw(fd, termios.TCSANOW)  # TCSAFLUSH would throw away what the far side has sent already
        _one_byte_at_least(fd)
    except (termios.error, OSError):
        os.close(fd)
        raise LineDown(f"{url}: {path} is not a terminal line") from None
    return TtyLine(fd, url)


def open_serial(url: str) -> TtyLine:
    """`serial:///dev/...`: locked for us alone, set as the address says."""
    port, setting = _read_serial(url)
    try:
        device = serial.Serial(
            port,
            baudrate=setting.baud,
            bytesize=setting.bits,
            parity=setting.parity,
            stopbits=setting.stop,
            rtscts=setting.flow == "rtscts",
            xonxoff=setting.flow == "xonxoff",
            timeout=0,
            write_timeout=0,
            exclusive=True,
        )
        _one_byte_at_least(device.fileno())
    except (serial.SerialException, OSError, termios.error, ValueError) as fault:
        raise LineDown(f"{url}: {fault}") from None
    return TtyLine(device.fileno(), url, device.close)


class _Setting(NamedTuple):
    baud: int
    parity: str
    bits: int
    stop: float
    flow: str


def _read_serial(url: str) -> tuple[str, _Setting]:
    """The port and how to set it; an option nobody declared is an error, never a silence."""
    at = urlsplit(url)
    if at.netloc or not at.path.startswith("/dev/"):
        raise PlanError(f"line {url!r}: a serial port is written serial:///dev/...")
    given = {"baud": "9600", "parity": "N", "bits": "8", "stop": "1", "flow": "none"}
    for key, value in parse_qsl(at.query, keep_blank_values=True):
        if key not in _CHOICES:
            raise PlanError(f"line {url!r}: {key!r} is none of {', '.join(_CHOICES)}")
        choices = _CHOICES[key].split()
        if choices and value not in choices:
            raise PlanError(f"line {url!r}: {key}={value} is none of {', '.join(choices)}")
        given[key] = value
    baud = int(given["baud"]) if given["baud"].isascii() and given["baud"].isdigit() else 0
    if not BAUD_MIN <= baud <= BAUD_MAX:
        raise PlanError(f"line {url!r}: baud={given['baud']} is not between {BAUD_MIN} and {BAUD_MAX}")
    return at.path, _Setting(baud, given["parity"], int(given["bits"]), float(given["stop"]), given["flow"])


def _one_byte_at_least(fd: int) -> None:
    modes = termios.tcgetattr(fd)
    modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
    termios.tcsetattr(fd, termios.TCSANOW, modes)
