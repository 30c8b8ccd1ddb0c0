"""A door's listener: a connection is counted, and refused, before a byte of it is read.

A refused connection costs some fifty microseconds and no answer. An idle or half-asked one is closed by the server
behind (KEEP_S), so holding connections open with half a request is bounded too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from functools import partial

from aiohttp import web

from hall.faults import PlanError
from transport.doors.answering import ALLOWANCES, GUARD
from transport.doors.guarding import Guard, counted
from transport.doors.limiting import Allowances
from transport.doors.unreadable import Reader
from transport.oddities import Oddities

KEEP_S = 15.0  # real: a connection without a whole request this long is closed
LINGER_S = 2.0  # real: what is still coming of a refused body is taken so long, for its sender to read the answer
STOP_MAX_S = 0.3  # real: open streams end with us; their pages come back by themselves
LINE_MAX, FIELD_MAX, FIELDS_MAX = 2048, 4096, 64  # bytes of a request line, of a header; headers
BACKLOG = 128  # connections the kernel may hold for us


class Gate(asyncio.Protocol):
    """One connection on its way to the server behind: counted on entering and on leaving."""

    def __init__(self, behind: Callable[[], asyncio.Protocol], guard: Guard, allowances: Allowances) -> None:
        self._behind, self._guard, self._allowances = behind, guard, allowances
        self._sender = ""
        self._server: asyncio.Protocol | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        peer = transport.get_extra_info("peername") or ("",)
        sender, trusted = counted(peer[0]), peer[0] in self._guard.proxies
        if not self._allowances.connection(sender, time.monotonic(), trusted):
            transport.abort()
            return
        self._sender, self._server = sender, self._behind()
        self._server.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._server is not None:
            self._server.data_received(data)

    def eof_received(self) -> bool | None:
        return self._server.eof_received() if self._server is not None else None

    def pause_writing(self) -> None:
        if self._server is not None:
            self._server.pause_writing()

    def resume_writing(self) -> None:
        if self._server is not None:
            self._server.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._server is not None:
            self._allowances.closed(self._sender)
            self._server.connection_lost(exc)


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[None]:
    """Serve an application made by `answering` until the block ends. PlanError when nothing can listen there."""
    runner = web.AppRunner(
        app,
        shutdown_timeout=STOP_MAX_S,
        handler_cancellation=True,  # a page that went needs no answer
    )
    await runner.setup()
    try:
        with closing(await _listener(runner, app, host, port)):
            yield
    finally:
        await runner.cleanup()


async def _listener(runner: web.AppRunner, app: web.Application, host: str, port: int) -> asyncio.Server:
    assert runner.server is not None
    behind = partial(
        Reader,
        runner.server,
        app[GUARD],
        Oddities("door"),
        access_log=None,
        auto_decompress=False,  # no page of ours packs what it sends, and a packed megabyte may be a gigabyte
        keepalive_timeout=KEEP_S,
        lingering_time=LINGER_S,
        max_line_size=LINE_MAX,
        max_field_size=FIELD_MAX,
        max_headers=FIELDS_MAX,
    )
    made = partial(Gate, behind, app[GUARD], app[ALLOWANCES])
    loop = asyncio.get_running_loop()
    try:
        return await loop.create_server(made, host.strip("[]"), port, backlog=BACKLOG)
    except OSError as fault:
        raise PlanError(f"cannot listen on {host}:{port}: {fault.strerror}") from None
