"""The bench's own doors on the back door's application, and the people who live in the hall while it is open."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

from aiohttp import web

from simulators.bench.seating import origins, seating
from simulators.box import Json, Record, Refused
from simulators.citizens.choosing import halls_of
from simulators.citizens.crowd import Crowd
from simulators.far_side import FarSide, refuse_live
from simulators.staff.desk import desks_of
from simulators.staff.shift import Shift

STATIC = Path(__file__).with_name("static")
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
NOBODY = "'none'"

log = logging.getLogger("simulators.bench")


def mount(app: web.Application, far_side: FarSide) -> None:
    """Add the bench; CannotStand for a live plan."""
    refuse_live(far_side.plan)
    bench = Bench(far_side)
    app.router.add_get("/", bench.page)
    app.router.add_get("/bench/{file}", bench.file)
    app.router.add_get("/hall.json", bench.hall)
    app.router.add_get("/people", bench.people)
    app.router.add_post("/citizens", bench.citizens)
    app.router.add_post("/staff", bench.staff)
    app.cleanup_ctx.append(bench.live)


class Bench:
    """The page's server side."""

    def __init__(self, far_side: FarSide) -> None:
        self._far_side = far_side
        self._files = {path.name: path for path in sorted(STATIC.iterdir()) if path.suffix in KINDS}
        machines = " ".join(origins(far_side))
        self._headers = {
            "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            f"connect-src 'self' {machines}; frame-src {machines or NOBODY}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
        self._crowd = Crowd(halls_of(far_side.plan), far_side.clock, self._dice("citizens"))
        self._shift = Shift(list(desks_of(far_side)), far_side.clock, lambda window: self._dice(f"staff/{window}"))

    async def live(self, _: web.Application) -> AsyncIterator[None]:
        """Citizens and staff are there, though idle, while the door is open."""
        lives = [_start("citizens", self._crowd.run), _start("staff", self._shift.run)]
        yield
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)

    async def page(self, _: web.Request) -> web.StreamResponse:
        return self._send("index.html")

    async def file(self, request: web.Request) -> web.StreamResponse:
        return self._send(request.match_info["file"])

    async def hall(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(seating(self._far_side), headers={"Cache-Control": "no-store"})

    async def people(self, _: web.Request) -> web.StreamResponse:
        return self._people()

    async def citizens(self, request: web.Request) -> web.StreamResponse:
        self._crowd.come(_number(await _asked(request), "per_minute"))
        return self._people()

    async def staff(self, request: web.Request) -> web.StreamResponse:
        asked = await _asked(request)
        on = asked.get("on", self._shift.on)
        if not isinstance(on, bool):
            raise Refused("on is true or false")
        self._shift.work(on, _number(asked, "pace") if "pace" in asked else self._shift.pace)
        return self._people()

    def _people(self) -> web.Response:
        state = {"citizens": self._crowd.look(), "staff": self._shift.look(), "now_ms": self._far_side.clock.now_ms()}
        return web.json_response(state, headers={"Cache-Control": "no-store"})

    def _send(self, name: str) -> web.Response:
        path = self._files.get(name)
        if path is None:
            raise web.HTTPNotFound
        return web.Response(
            body=path.read_bytes(), content_type=KINDS[path.suffix], charset="utf-8", headers=self._headers
        )

    def _dice(self, who: str) -> random.Random:
        return random.Random(f"{self._far_side.seed}/{who}")


def _start(name: str, run: Callable[[], Coroutine[None, None, None]]) -> asyncio.Task[None]:
    """The people live beside the web server; should they ever fall over, it is said at once."""
    task = asyncio.get_running_loop().create_task(run(), name=name)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (fault := task.exception()) is not None:
        log.error("the simulated %s fell over: %s", task.get_name(), fault, exc_info=fault)


async def _asked(request: web.Request) -> Record:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="send application/json")
    try:
        asked: Json = await request.json()
    except (ValueError, RecursionError) as wrong:
        raise Refused(f"not JSON: {wrong}") from None
    if not isinstance(asked, dict):
        raise Refused("send an object")
    return asked


def _number(asked: Record, key: str) -> float:
    value = asked.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"{key} must be a number, not {value!r}")
    return float(value)
