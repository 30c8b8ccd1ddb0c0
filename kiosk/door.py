"""The door of the machine: the touch page, its live state, and the touch itself. Loopback HTTP, nothing else.

GET  /            the page            GET  /live    server-sent events: a Menu, each second at most
GET  /texts.json  the page's texts    POST /touch   a Touch in, an Answer out; the same touch may be sent again
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from aiohttp import web

from hall.faults import PlanError
from hall.plan.model import Kiosk
from hall.wording import CATALOGUES, LANGS
from kiosk.guarding import Guard, on_loopback, watched
from kiosk.issuing import Issuing, Touch
from kiosk.live import Live

PAGE = Path(__file__).parent / "page"
STOP_MAX_S = 0.3  # open streams end with us; a page reconnects by itself

_touch = msgspec.json.Decoder(Touch)


class Door:
    """The HTTP side of one machine."""

    def __init__(self, kiosk: Kiosk, guard: Guard, issuing: Issuing, live: Live) -> None:
        self._kiosk, self._guard, self._issuing, self._live = kiosk, guard, issuing, live

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Serve until the block ends. PlanError names a port that is taken."""
        app = watched(self._guard)
        app.router.add_get("/", self._page)
        app.router.add_get("/texts.json", self._texts)
        app.router.add_get("/live", self._live.stream)
        app.router.add_post("/touch", self._take)
        app.router.add_static("/page/", PAGE)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_MAX_S)
        await runner.setup()
        try:
            await self._listen(runner)
            yield
        finally:
            self._live.close()
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        host, port = self._kiosk.host, self._kiosk.port
        if not on_loopback(host):
            raise PlanError(f"kiosk {self._kiosk.id}: the page is for the machine's own screen, {host} is no loopback")
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as fault:
            raise PlanError(f"kiosk {self._kiosk.id}: cannot listen on {host}:{port}: {fault.strerror}") from None

    async def _page(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGE / "index.html")

    async def _texts(self, _: web.Request) -> web.StreamResponse:
        return _json(TEXTS)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        if request.content_type != "application/json":  # a form or text from another site needs no preflight: refuse
            raise web.HTTPUnsupportedMediaType
        try:
            touch = _touch.decode(await request.read())
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise web.HTTPBadRequest from None
        return _json(msgspec.json.encode(await self._issuing.touch(touch)))


def _json(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")


def _texts() -> bytes:
    """The page's texts by language, without their section's name."""
    mine = {lang: {k[6:]: t for k, t in CATALOGUES[lang].items() if k.startswith("kiosk.")} for lang in LANGS}
    return msgspec.json.encode(mine)


TEXTS = _texts()
