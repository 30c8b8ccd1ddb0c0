"""The host's end of a wire, for tests of the far side: a serial port or a TCP client that shows bytes as they come."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from waiting import PATIENCE


class Host:
    """Write bytes, wait for bytes, see the line die. Every wait is bounded."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.heard = bytearray()
        self.dead = False
        self._news = asyncio.Event()
        os.set_blocking(fd, False)
        asyncio.get_running_loop().add_reader(fd, self._read)

    def send(self, data: bytes) -> None:
        assert os.write(self.fd, data) == len(data)

    async def expect(self, data: bytes, within_s: float = 5.0) -> None:
        """Exactly these bytes come next."""
        await self.wait(lambda: len(self.heard) >= len(data) or self.dead, within_s)
        got = bytes(self.heard[: len(data)])
        assert got == data, f"heard {got.hex(' ')} instead of {data.hex(' ')}"
        del self.heard[: len(data)]

    async def until_dead(self, within_s: float = 5.0) -> None:
        await self.wait(lambda: self.dead, within_s)

    async def wait(self, seen: Callable[[], bool], within_s: float = 5.0) -> None:
        try:
            async with asyncio.timeout(within_s * PATIENCE):
                while not seen():
                    await self._news.wait()
                    self._news.clear()
        except TimeoutError:
            raise AssertionError(f"not seen within {within_s} s; heard {bytes(self.heard).hex(' ')}") from None

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.fd)

    def _read(self) -> None:
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            self.dead = True
            self.close()
        self.heard += data
        self._news.set()


@asynccontextmanager
async def serial_host(path: Path) -> AsyncIterator[Host]:
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    host = Host(fd)
    try:
        yield host
    finally:
        host.close()
        os.close(fd)


@asynccontextmanager
async def tcp_host(line: str) -> AsyncIterator[Host]:
    """A client of a tcp:// line."""
    host_name, port = line.removeprefix("tcp://").rsplit(":", 1)
    with socket.create_connection((host_name, int(port)), timeout=5.0) as client:
        host = Host(client.fileno())
        try:
            yield host
        finally:
            host.close()
