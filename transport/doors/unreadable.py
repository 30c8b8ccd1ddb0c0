"""Requests that are none: answered in one plain line, counted by kind, named in the log as seldom as any other oddity.

The server behind a door would write an error for each of them, and answer with its own version and what its parser met:
anybody who can reach the port could fill a disk, and would be told what to attack.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from transport.doors.guarding import Guard
from transport.oddities import Oddities

WHAT_MAX = 80  # characters of what the parser met; the rest is the sender's own text

log = structlog.get_logger("door")


class Reader(web.RequestHandler):
    """One connection of a door; `limits` are the server's own, as keywords."""

    def __init__(self, server: web.Server, guard: Guard, odd: Oddities, **limits: Any) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), **limits)
        self._guard, self._odd = guard, odd

    def log_exception(self, *_: Any, exc_info: BaseException | None = None, **__: Any) -> None:
        """What the server has to say of a request: the sender's trouble, or an error of ours."""
        if isinstance(exc_info, (HttpProcessingError, web.RequestPayloadError)):
            self._odd.note(f"not a request: {type(exc_info).__name__}", str(exc_info)[:WHAT_MAX])
        else:
            log.error("a request failed", fault=f"{type(exc_info).__name__}: {exc_info}", exc_info=exc_info)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that could not be read, or whose answer could not be made."""
        self.log_exception(exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is on its way already, no second one can follow it")
        headers = {**self._guard.headers, "Server": "onewindow"}  # none would name the library and its version
        text = f"{int(status)} {HTTPStatus(status).phrase.lower()}\n"
        answer = web.Response(status=status, text=text, headers=headers)
        answer.force_close()
        return answer
