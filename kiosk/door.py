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
from hall.plan.lines import is_loopback
from hall.plan.model import Kiosk
from hall.wording import CATALOGUES, LANGS
from kiosk.guarding import allowances
from kiosk.issuing import Issuing, Touch
from kiosk.live import Live
from transport.doors import Guard, application, json_of, listening

PAGE = Path(__file__).parent / "page"

_touch = msgspec.json.Decoder(Touch)


class Door:
    """The HTTP side of one machine."""

    def __init__(self, kiosk: Kiosk, guard: Guard, issuing: Issuing, live: Live) -> None:
        self._kiosk, self._guard, self._issuing, self._live = kiosk, guard, issuing, live

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Serve until the block ends. PlanError names a port that is taken."""
        app = application(self._guard, allowances())
        app.router.add_get("/", self._page)
        app.router.add_get("/texts.json", self._texts)
        app.router.add_get("/live", self._live.stream)
        app.router.add_post("/touch", self._take)
        app.router.add_static("/page/", PAGE)
        if not is_loopback(self._kiosk.host):
            what = f"the page is for the machine's own screen, {self._kiosk.host} is no loopback"
            raise PlanError(f"kiosk {self._kiosk.id}: {what}")
        async with listening(app, self._kiosk.host, self._kiosk.port):
            try:
                yield
            finally:
                self._live.close()

    async def _page(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGE / "index.html")

    async def _texts(self, _: web.Request) -> web.StreamResponse:
        return _json(TEXTS)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        touch = await json_of(request, _touch)
        return _json(msgspec.json.encode(await self._issuing.touch(touch)))


def _json(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")


def _texts() -> bytes:
    """The page's texts by language, without their section's name."""
    mine = {lang: {k[6:]: t for k, t in CATALOGUES[lang].items() if k.startswith("kiosk.")} for lang in LANGS}
    return msgspec.json.encode(mine)


TEXTS = _texts()
