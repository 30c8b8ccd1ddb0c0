"""An application behind a guard: limits first, then who asks, then the handler; every answer dressed, errors plain.

An error carries the id of its request, which our log has too, and nothing else of us: no trace, no version.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import structlog
from aiohttp import web

from transport.doors.guarding import Guard
from transport.doors.limiting import Allowances

BODY_MAX = 64 * 1024  # bytes; the largest thing a page of ours sends is a log-in
BODY_MAX_S = 10.0  # real: a body that takes longer is no page's
RETRY_S = 5  # what a sender who asks too often is told to wait

GUARD: web.AppKey[Guard] = web.AppKey("guard", Guard)
ALLOWANCES: web.AppKey[Allowances] = web.AppKey("allowances", Allowances)
SENDER: web.RequestKey[str] = web.RequestKey("sender", str)
REQUEST: web.RequestKey[str] = web.RequestKey("request", str)

log = structlog.get_logger("door")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
T = TypeVar("T")


class Refusal(msgspec.Struct, frozen=True):
    """Why a request got no answer: an HTTP status, one word, and the id under which our log has it."""

    status: int
    why: str
    request: str


Present = Callable[[web.Request, Refusal], web.Response]


def plain(_: web.Request, refusal: Refusal) -> web.Response:
    """A refusal as a line of text."""
    return web.Response(text=f"{refusal.status} {refusal.why}\nrequest {refusal.request}\n")


def application(guard: Guard, allowances: Allowances, present: Present = plain) -> web.Application:
    """An empty application of a door; `present` draws its refusals."""

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[REQUEST], request[SENDER] = secrets.token_hex(4), guard.sender(request)
        try:
            if not allowances.request(request[SENDER], time.monotonic()):
                raise web.HTTPTooManyRequests(headers={"Retry-After": str(RETRY_S), "Connection": "close"})
            if not guard.allows(request):
                raise web.HTTPForbidden(reason="not from here")
            return await handler(request)
        except web.HTTPException as refused:
            return _refused(request, refused)
        except Exception as fault:  # a fault of ours must not show its trace to the public
            why = f"{type(fault).__name__}: {fault}"
            log.error("a request failed", request=request[REQUEST], path=request.path, fault=why, exc_info=fault)
            return _refused(request, web.HTTPInternalServerError())

    def _refused(request: web.Request, refused: web.HTTPException) -> web.Response:
        refusal = Refusal(refused.status, refused.reason.lower(), request[REQUEST])
        response = present(request, refusal)
        response.set_status(refused.status)
        for name in ("Allow", "Retry-After", "Connection"):
            if name in refused.headers:
                response.headers[name] = refused.headers[name]
        if refused.status == web.HTTPTooManyRequests.status_code:
            response.force_close()
        return response

    async def dress(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(guard.headers)
        response.headers.pop("Server", None)

    app = web.Application(middlewares=[watch], client_max_size=BODY_MAX)
    app[GUARD], app[ALLOWANCES] = guard, allowances
    app.on_response_prepare.append(dress)
    return app


def sender(request: web.Request) -> str:
    """Whom this request is counted for."""
    return request[SENDER]


async def json_of(request: web.Request, decoder: msgspec.json.Decoder[T]) -> T:
    """The body of a request as one of our words; 415, 413, 408 or 400 where it is none."""
    if request.content_type != "application/json":  # a form or text of another site needs no preflight: refuse it
        raise web.HTTPUnsupportedMediaType
    if "Content-Encoding" in request.headers:  # no page of ours packs what it sends
        raise web.HTTPUnsupportedMediaType
    try:
        async with asyncio.timeout(BODY_MAX_S):
            body = await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except web.RequestPayloadError:  # broken off, or not what its headers say
        raise web.HTTPBadRequest from None
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise web.HTTPBadRequest from None
