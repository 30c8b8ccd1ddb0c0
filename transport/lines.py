"""Lines to devices: bytes in, bytes out, and one way to fail: LineDown.

`serial:///dev/ttyS1?baud=9600` and `pty:name` (<state_dir>/lines/name) are terminals, see transport/ttys.py;
`tcp://host:port` is a device on the network. What may be written in a plan is hall/plan/lines.py.
"""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import Protocol

from hall.faults import LineDown, PlanError
from hall.plan.lines import Pty, Serial, Tcp, parse_line
from hall.plan.problems import Unfit
from transport.ttys import READ_MAX, open_pty, open_serial

CONNECT_MAX_S = 3.0  # a device in the same building answers in milliseconds or not at all
KEEPALIVE_IDLE_S, KEEPALIVE_EACH_S, KEEPALIVE_TIMES = 5, 2, 3  # a silent peer is found dead after 11 s
UNACKED_MAX_MS = 10_000  # a peer that acknowledges nothing of what was written is dead after this


class Line(Protocol):
    """An open wire. Any failure of any method is LineDown; after it the line only wants to be closed."""

    async def read(self) -> bytes:
        """Wait for bytes: 1 to READ_MAX of them."""

    async def write(self, data: bytes) -> None:
        """Back when the operating system has taken every byte (not: when the device has them)."""

    def close(self) -> None:
        """Close at once; whoever still waits in read or write gets LineDown."""


async def open_line(url: str, state_dir: Path) -> Line:
    """Open the line a plan names. LineDown when it cannot be opened now, PlanError when it never can."""
    try:
        at = parse_line(url)
    except Unfit as unfit:
        raise PlanError(f"line {unfit.what}: {unfit.mend}") from None
    if isinstance(at, Pty):
        return open_pty(at.name, state_dir)
    if isinstance(at, Serial):
        return open_serial(at)
    return await _open_tcp(at)


class _Tcp:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, url: str) -> None:
        self._reader, self._writer, self._url = reader, writer, url

    async def read(self) -> bytes:
        try:
            data = await self._reader.read(READ_MAX)
        except OSError as fault:
            raise LineDown(f"{self._url}: {fault.strerror or fault}") from None
        if not data:
            raise LineDown(f"{self._url}: the far side closed the connection")
        return data

    async def write(self, data: bytes) -> None:
        if self._writer.is_closing():
            raise LineDown(f"{self._url}: closed")
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as fault:
            raise LineDown(f"{self._url}: {fault.strerror or fault}") from None

    def close(self) -> None:
        self._writer.transport.abort()  # what the device has not taken is of no use when we go


async def _open_tcp(at: Tcp) -> Line:
    url = f"tcp://{at.host}:{at.port}"
    try:
        async with asyncio.timeout(CONNECT_MAX_S):
            reader, writer = await asyncio.open_connection(at.host.strip("[]"), at.port, limit=READ_MAX)
    except TimeoutError:
        raise LineDown(f"{url}: no answer within {CONNECT_MAX_S:g} s") from None
    except OSError as fault:
        why = os.strerror(fault.errno) if fault.errno and fault.errno > 0 else fault  # asyncio's text tells no reason
        raise LineDown(f"{url}: {why}") from None
    writer.transport.set_write_buffer_limits(high=0)  # write() waits until the system has taken every byte
    _keep_alive(writer.get_extra_info("socket"))
    return _Tcp(reader, writer, url)


def _keep_alive(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_EACH_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEPALIVE_TIMES)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKED_MAX_MS)
