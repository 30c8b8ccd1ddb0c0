"""The back door: look at every device, press its keys, break it, over HTTP on this machine only.

GET    /devices                       all, each with its look
GET    /devices/{id}                  one, with its fault menu
GET    /devices/{id}/text             what can be read on it
GET    /devices/{id}/picture.png
POST   /devices/{id}/act              {"what": "press", "args": {...}}
POST   /devices/{id}/fault            {"name": "paper_out", "args": {"after_mm": 30, "for_ms": 5000}}
DELETE /devices/{id}/fault/{name}
GET    /live                          server-sent events: each device as it changes
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import json
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from aiohttp import web

from simulators.box import CannotStand, Json, Refused
from simulators.device import Device
from simulators.ends.opening import LOOPBACK
from simulators.far_side import FarSide

BODY_MAX = 64 * 1024  # bytes of a request; the longest act is a few hundred
LIVE_EVERY_S = 0.05  # changes within this are told once: a person sees no more, and 55 panels repaint at once
LIVE_MAX = 32  # watching pages; each costs a look of every device
PING_S = 15.0  # a comment line, so that a gone page is noticed

FAR_SIDE: web.AppKey[FarSide] = web.AppKey("far_side", FarSide)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def door(far_side: FarSide) -> web.Application:
    """The application; the bench page, if it is there, mounts itself on it."""
    app = web.Application(client_max_size=BODY_MAX, middlewares=[_ours_only, _plain_errors])
    app[FAR_SIDE] = far_side
    app[LIVE] = Live(far_side)
    app.router.add_get("/devices", _all)
    app.router.add_get("/devices/{id}", _one)
    app.router.add_get("/devices/{id}/text", _text)
    app.router.add_get("/devices/{id}/picture.png", _picture)
    app.router.add_post("/devices/{id}/act", _act)
    app.router.add_post("/devices/{id}/fault", _fault)
    app.router.add_delete("/devices/{id}/fault/{name}", _heal)
    app.router.add_get("/live", _live)
    if importlib.util.find_spec("simulators.bench") is not None:
        importlib.import_module("simulators.bench").mount(app, far_side)
    return app


async def open_door(far_side: FarSide, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Listen; answers the runner to clean up and the port it got. CannotStand if it may not or cannot."""
    if not LOOPBACK.fullmatch(host):
        raise CannotStand(f"the bench may listen on this machine only, not on {host!r}")
    runner = web.AppRunner(door(far_side), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError as trouble:
        await runner.cleanup()
        raise CannotStand(f"bench {host}:{port}: {trouble.strerror or trouble}") from trouble
    return runner, int(runner.addresses[0][1])


class Live:
    """Who watches: each page's set of devices that changed since it was last told."""

    def __init__(self, far_side: FarSide) -> None:
        self._pages: list[tuple[set[str], asyncio.Event]] = []
        far_side.watchers.append(self._changed)

    def enter(self) -> tuple[set[str], asyncio.Event]:
        if len(self._pages) >= LIVE_MAX:
            raise web.HTTPServiceUnavailable(text=f"{LIVE_MAX} pages are watching already")
        self._pages.append((set(), asyncio.Event()))
        return self._pages[-1]

    def leave(self, page: tuple[set[str], asyncio.Event]) -> None:
        self._pages = [p for p in self._pages if p is not page]

    def _changed(self, device: Device) -> None:
        for names, news in self._pages:
            names.add(device.id)
            news.set()


LIVE: web.AppKey[Live] = web.AppKey("live", Live)


@web.middleware
async def _ours_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page from elsewhere must not reach us through a person's browser (DNS rebinding, cross-site posts)."""
    if not LOOPBACK.fullmatch(urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""):
        raise web.HTTPForbidden(text="this back door answers only to a loopback Host")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.headers['Host']}":
        raise web.HTTPForbidden(text="this back door answers only to its own pages")
    return await handler(request)


@web.middleware
async def _plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as refused:
        return web.json_response({"error": str(refused)}, status=400)


def _device(request: web.Request) -> Device:
    device = request.app[FAR_SIDE].devices.get(request.match_info["id"])
    if device is None:
        raise web.HTTPNotFound(text=f"no device {request.match_info['id']!r}")
    return device


async def _asked(request: web.Request) -> Mapping[str, Json]:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="send application/json")
    try:
        asked = await request.json()
    except (ValueError, RecursionError) as wrong:
        raise Refused(f"not JSON: {wrong}") from None
    if not isinstance(asked, dict) or not isinstance(asked.get("args", {}), dict):
        raise Refused("send an object, with args an object")
    return asked


def _word(asked: Mapping[str, Json], key: str) -> str:
    value = asked.get(key)
    if not isinstance(value, str):
        raise Refused(f"{key} must be a text")
    return value


def _args(asked: Mapping[str, Json]) -> Mapping[str, Json]:
    args = asked.get("args", {})
    assert isinstance(args, dict)
    return args


async def _all(request: web.Request) -> web.StreamResponse:
    return web.json_response([d.view() for d in request.app[FAR_SIDE].devices.values()])


async def _one(request: web.Request) -> web.StreamResponse:
    device = _device(request)
    return web.json_response({**device.view(), "fault_menu": device.fault_menu()})


async def _text(request: web.Request) -> web.StreamResponse:
    return web.Response(text=_device(request).box.text())


async def _picture(request: web.Request) -> web.StreamResponse:
    png = _device(request).box.picture()
    if png is None:
        raise web.HTTPNotFound(text="there is nothing to draw")
    return web.Response(body=png, content_type="image/png", headers={"Cache-Control": "no-store"})


async def _act(request: web.Request) -> web.StreamResponse:
    device, asked = _device(request), await _asked(request)
    device.act(_word(asked, "what"), _args(asked))
    return web.json_response(device.view())


async def _fault(request: web.Request) -> web.StreamResponse:
    device, asked = _device(request), await _asked(request)
    device.fault(_word(asked, "name"), _args(asked))
    return web.json_response(device.view())


async def _heal(request: web.Request) -> web.StreamResponse:
    device = _device(request)
    device.heal(request.match_info["name"])
    return web.json_response(device.view())


async def _live(request: web.Request) -> web.StreamResponse:
    far_side, live = request.app[FAR_SIDE], request.app[LIVE]
    page = live.enter()
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    try:
        await response.prepare(request)
        page[0].update(far_side.devices)
        page[1].set()
        await _tell(response, far_side, page)
    except ConnectionResetError:
        pass  # the page was closed: the usual end
    finally:
        live.leave(page)
    return response


async def _tell(response: web.StreamResponse, far_side: FarSide, page: tuple[set[str], asyncio.Event]) -> None:
    names, news = page
    while True:
        try:
            await asyncio.wait_for(news.wait(), PING_S)
        except TimeoutError:
            await response.write(b": here\n\n")
            continue
        news.clear()
        changed = sorted(names)
        names.clear()
        views = (json.dumps(far_side.devices[name].view(), ensure_ascii=False) for name in changed)
        await response.write("".join(f"data: {view}\n\n" for view in views).encode())
        await asyncio.sleep(LIVE_EVERY_S)
