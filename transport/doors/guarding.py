"""Who may talk to a door, and what every answer of it says to the browser.

A name in `Host` that is not one of the door's is somebody else's page talking through the browser (DNS rebinding); a
foreign `Origin` is another site. Both are compared with a closed list.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

from aiohttp import web

from hall.plan.lines import is_loopback, parse_url

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
ANYWHERE = ("0.0.0.0", "[::]", "::")  # noqa: S104 - named to be left out: no browser ever writes it into Host
OWN_ONLY = "default-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'"


def names_of(host: str, port: int) -> frozenset[str]:
    """host:port as a browser may write it; the loopback under each of its names."""
    if host in ANYWHERE:
        return frozenset()
    own = f"[{host}]" if ":" in host and not host.startswith("[") else host
    names = {own, *LOOPBACK} if is_loopback(host) else {own}
    return frozenset(f"{name}:{port}" for name in names)


class Guard:
    """`frames`: the addresses that may show this door's pages inside theirs ("http://127.0.0.1:8700")."""

    def __init__(
        self, hosts: Iterable[str], origins: Iterable[str], frames: Iterable[str] = (), proxies: Iterable[str] = ()
    ) -> None:
        self.hosts, self.origins, self.proxies = frozenset(hosts), frozenset(origins), frozenset(proxies)
        frames = tuple(frames)
        within = " ".join(sorted(name for name in frames if "[" not in name)) or "'none'"  # CSP has no IPv6
        self.headers = {
            "Content-Security-Policy": f"{OWN_ONLY}; frame-ancestors {within}",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            # who may frame a page may also ask whether it is there, as the bench does before it loads one
            "Cross-Origin-Resource-Policy": "cross-origin" if frames else "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        }

    @classmethod
    def of(
        cls, host: str, port: int, public: str = "", frames: Iterable[str] = (), proxies: Iterable[str] = ()
    ) -> Guard:
        """The guard of a door that listens at host:port and is known outside as the web address `public`."""
        hosts = names_of(host, port)
        origins = {f"http://{name}" for name in hosts}
        if public:
            url = parse_url(public)
            known = names_of(url.host, url.port) if is_loopback(url.host) else frozenset({url.place})
            hosts, origins = hosts | known, origins | {f"{url.scheme}://{name}" for name in known}
        return cls(hosts, origins, frames, proxies)

    def allows(self, request: web.Request) -> bool:
        """Is this request meant for this door, and from one of its own pages (or from no page at all)?"""
        origin = request.headers.get("Origin")
        return request.headers.get("Host", "").lower() in self.hosts and (origin is None or origin in self.origins)

    def sender(self, request: web.Request) -> str:
        """Whom a request is counted for: the peer's address, or whom a proxy of ours names last; IPv6 by its /64."""
        peer = request.remote or ""
        if peer in self.proxies:
            named = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
            peer = named or peer
        return counted(peer)


def counted(address: str) -> str:
    """One name for one sender: a host may take any address of its IPv6 /64."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return "?"
    if ip.version == 4:
        return str(ip)
    mapped = getattr(ip, "ipv4_mapped", None)
    return str(mapped) if mapped is not None else ip.packed[:8].hex(":", 2)
