"""Who may talk to the touch page's server, and what every answer of it says to the browser.

The page is served on the machine's own loopback. A name other than a loopback one in `Host` is somebody else's page
talking through the browser (DNS rebinding); a foreign `Origin` is another site. Only a simulated plan lets one other
page frame this one: its own test bench.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from hall.plan.model import Kiosk, Plan

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
BODY_MAX = 64 * 1024  # bytes; a touch is about 120
OWN_ONLY = "default-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger("door")


def origins(host: str, port: int) -> frozenset[str]:
    """host:port under every name the loopback has."""
    names = {*LOOPBACK, f"[{host}]" if ":" in host else host}
    return frozenset(f"{name}:{port}" for name in names)


def on_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """What is let in, and the headers of what goes out."""

    def __init__(self, plan: Plan, kiosk: Kiosk) -> None:
        self._hosts = origins(kiosk.host, kiosk.port)
        simulated = plan.site.mode == "simulated"
        bench = origins(plan.bench.host, plan.bench.port) if simulated else frozenset()
        self._origins = frozenset(f"http://{name}" for name in self._hosts | bench)
        frames = " ".join(sorted(f"http://{n}" for n in bench if not n.startswith("["))) or "'none'"  # CSP has no IPv6
        self.headers = {
            "Content-Security-Policy": f"{OWN_ONLY}; frame-ancestors {frames}",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        }

    def allows(self, request: web.Request) -> bool:
        origin = request.headers.get("Origin")
        return request.headers.get("Host", "") in self._hosts and (origin is None or origin in self._origins)


def watched(guard: Guard) -> web.Application:
    """An application that lets in whom the guard allows and never tells a trace."""

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if not guard.allows(request):
                raise web.HTTPForbidden(text="not from here\n")
            return await handler(request)
        except web.HTTPException as refused:
            return web.Response(status=refused.status, text=f"{refused.status} {refused.reason}\n")
        except Exception as fault:  # a fault of ours must not show its trace on a public screen
            log.error("a request failed", path=request.path, fault=f"{type(fault).__name__}: {fault}", exc_info=fault)
            return web.Response(status=500, text="500\n")

    async def dress(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(guard.headers)
        response.headers.pop("Server", None)

    app = web.Application(middlewares=[watch], client_max_size=BODY_MAX)
    app.on_response_prepare.append(dress)
    return app
