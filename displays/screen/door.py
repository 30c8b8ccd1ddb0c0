"""The hall screen's page and what it is told, over HTTP. A door that cannot open, or a slow screen, stops no panel.

GET /        the page            GET /live    whole pictures as they change, at least every 15 s (server-sent events)
GET /state   one picture         GET /<file>  styles, scripts, texts
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog
from aiohttp import web

from displays.screen.picture import Picture
from hall.plan.model import Plan, Screen
from hall.wording import CATALOGUES, LANGS
from transport.doors import Allowances, Guard, Streams, application, listening, sender

FOLDER = Path(__file__).parent / "page"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
AGAIN_S = 2.0  # real: between two tries to open
TOGETHER_S = 0.05  # real: news of a moment are one picture, however many calls and screens there are
SCREENS_MAX = 32  # streams; a hall has a handful of screens
CONNECTIONS_MAX = 128
SUBJECT = "hall"
ADDRESS_TAKEN = "not_open"  # the fault of a screen whose door cannot be opened

log = structlog.get_logger("screen")

Draw = Callable[[str], Picture]  # the name of the page served -> the picture now
Tell = Callable[[str, str, str], None]  # state, fault, detail


class Served(NamedTuple):
    body: bytes
    kind: str


def _files() -> dict[str, Served]:
    found = {path.name: Served(path.read_bytes(), KINDS[path.suffix]) for path in FOLDER.iterdir()}
    mine = {lang: {k[7:]: t for k, t in CATALOGUES[lang].items() if k.startswith("screen.")} for lang in LANGS}
    return found | {"texts.json": Served(msgspec.json.encode(mine), "application/json")}


FILES = _files()
PAGE = hashlib.sha256(b"".join(FILES[name].body for name in sorted(FILES))).hexdigest()[:16]


class ScreenDoor:
    """Serves one hall's screen. `stir` whenever the picture may have changed."""

    def __init__(self, plan: Plan, screen: Screen, draw: Draw, tell: Tell) -> None:
        self._plan, self._screen, self._draw, self._tell = plan, screen, draw, tell
        self._streams = Streams(SCREENS_MAX, SCREENS_MAX)
        self._drawn, self._drawn_s = b"", float("-inf")

    def stir(self) -> None:
        self._streams.stir(SUBJECT)

    async def run(self) -> None:
        """Keep the door open until cancelled."""
        while self._screen.port:
            await self._open()
            await asyncio.sleep(AGAIN_S)

    async def _open(self) -> None:
        where = f"{self._screen.host}:{self._screen.port}"
        try:
            async with listening(self._application(), self._screen.host, self._screen.port):
                log.info("hall screen open", where=where)
                self._tell("up", "", f"http://{where}/")
                try:
                    await asyncio.Event().wait()
                finally:
                    self._streams.close()
        except Exception as fault:  # noqa: BLE001 - whatever is wrong with the screen, the panels go on
            log.error("hall screen not open", where=where, why=str(fault), again_s=AGAIN_S)
            self._tell("down", ADDRESS_TAKEN, str(fault))

    def _application(self) -> web.Application:
        bench = self._plan.bench
        frames = (f"http://{bench.host}:{bench.port}",) if self._plan.site.mode == "simulated" else ()
        guard = Guard.of(self._screen.host, self._screen.port, frames=frames)
        app = application(guard, Allowances(connections=CONNECTIONS_MAX, per_sender=CONNECTIONS_MAX))
        app.router.add_get("/live", self._live)
        app.router.add_get("/state", self._state)
        app.router.add_get("/{file:[a-z.]*}", self._file)
        return app

    async def _file(self, request: web.Request) -> web.Response:
        found = FILES.get(request.match_info["file"] or "index.html")
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=found.body, content_type=found.kind, charset="utf-8")

    async def _state(self, _: web.Request) -> web.Response:
        return web.Response(body=await self._picture(), content_type="application/json")

    async def _live(self, request: web.Request) -> web.StreamResponse:
        return await self._streams.pour(request, sender(request), SUBJECT, self._picture)

    async def _picture(self) -> bytes:
        """The picture now; never drawn more often than every TOGETHER_S."""
        now_s = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, self._drawn_s + TOGETHER_S - now_s()))
        if now_s() >= self._drawn_s + TOGETHER_S:
            self._drawn, self._drawn_s = msgspec.json.encode(self._draw(PAGE)), now_s()
        return self._drawn
