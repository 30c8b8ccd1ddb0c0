"""What is no request, at any door: a plain answer, few lines in the log, nothing of our inside."""

from __future__ import annotations

import asyncio
import gzip
import io
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest
from aiohttp import web
from brokers import free_port
from structlog.testing import capture_logs

from transport.doors import Allowances, Guard, application, json_of, listening

HOST = "127.0.0.1"
TIMES = 16
KINDS = (
    b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"forged\x1b[31m line\r\nerror door: all is lost\r\n\r\n",
)
INSIDE = (b"aiohttp", b"python", b"traceback", b"bytearray", b"b'")
JSON = {"Content-Type": "application/json"}


class Said(msgspec.Struct, frozen=True):
    n: int


@pytest.fixture
def library() -> Iterator[io.StringIO]:
    """What the library behind a door writes into the log by itself."""
    written, logger = io.StringIO(), logging.getLogger("aiohttp")
    handler = logging.StreamHandler(written)
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


@asynccontextmanager
async def a_door() -> AsyncIterator[int]:
    """A door that adds one; its port."""
    port = free_port()
    app = application(Guard.of(HOST, port), Allowances(all_burst=10_000, burst=10_000))
    decoder = msgspec.json.Decoder(Said)

    async def add(request: web.Request) -> web.Response:
        return web.Response(text=str((await json_of(request, decoder)).n + 1))

    app.router.add_post("/", add)
    async with listening(app, HOST, port):
        yield port


async def sent(port: int, request: bytes) -> bytes:
    """Everything a door answers to these bytes."""
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(request)
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()


async def test_each_kind_is_answered_plainly_and_named_seldom(library: io.StringIO) -> None:
    with capture_logs() as lines:
        async with a_door() as port:
            answers = [await sent(port, kind) for kind in KINDS for _ in range(TIMES)]
            async with aiohttp.request("POST", f"http://{HOST}:{port}/", json={"n": 1}) as answer:
                assert await answer.text() == "2", "the door still works"
    for answered in answers:
        assert answered.startswith(b"HTTP/1.0 400 ") and answered.endswith(b"\r\n\r\n400 bad request\n"), answered
        assert b"Content-Security-Policy" in answered
        assert not any(word in answered.lower() for word in INSIDE), answered
    assert library.getvalue() == ""
    assert {line["log_level"] for line in lines} == {"warning"}
    assert all(line["event"].startswith("not a request: ") for line in lines)
    assert len(lines) < len(answers) / 3, "a flood fills the disk"
    assert sum(max(line["count"] for line in lines if line["event"] == event) for event in {x["event"] for x in lines})


async def test_a_body_that_is_not_what_its_headers_say_is_the_senders_trouble(library: io.StringIO) -> None:
    bomb = gzip.compress(b" " * 20_000_000)
    with capture_logs() as lines:
        async with a_door() as port:
            url = f"http://{HOST}:{port}/"
            for encoding, body in (
                ("gzip", b"hello"),
                ("gzip", bomb),
                ("deflate", b"\0\1"),
                ("br", b"x"),
                ("x", b"{}"),
            ):
                headers = {**JSON, "Content-Encoding": encoding}
                async with aiohttp.request("POST", url, data=body, headers=headers, compress=None) as answer:
                    assert answer.status in (400, 415), encoding
            half = await sent(port, _chunked(port, b'5\r\n{"n":\r\nzz\r\n'))
            assert b" 400 " in half
    assert library.getvalue() == ""
    assert not [line for line in lines if line["log_level"] == "error"]


async def test_a_fault_of_ours_before_any_handler_is_an_error_without_its_words() -> None:
    port = free_port()
    app = application(Guard.of(HOST, port), Allowances())

    @web.middleware
    async def broken(_: web.Request, __: object) -> web.Response:
        raise RuntimeError("the secret of our inside")

    app.middlewares.insert(0, broken)
    with capture_logs() as lines:
        async with listening(app, HOST, port):
            answered = await sent(port, f"GET / HTTP/1.1\r\nHost: {HOST}:{port}\r\n\r\n".encode())
    assert b" 500 " in answered and b"secret" not in answered and b"aiohttp" not in answered.lower()
    assert [line["log_level"] for line in lines] == ["error"]


def _chunked(port: int, body: bytes) -> bytes:
    head = f"POST / HTTP/1.1\r\nHost: {HOST}:{port}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    return head.encode() + b"\r\n" + body
