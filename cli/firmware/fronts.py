"""proxy/: nginx before the pages that leave the server, so that passwords and slips' addresses travel in TLS."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from cli.firmware.filling import filled, template
from hall.plan.lines import parse_url
from hall.plan.model import Plan
from hall.wording import inert

HOST = "hall-server.lan"  # the server's name in install.md, where the plan does not know a better one
STAFF_PORT, PUBLIC_PORT = 8443, 443  # of the first hall's staff, the next hall's one higher; of the public


class Front(NamedTuple):
    """One door as browsers reach it: https://host:port/path."""

    host: str
    port: int
    path: str  # "" or /with/no/slash/at/the/end
    certificate: str  # its files' name: the public's is one that every phone believes
    about: str
    door: str  # host:port behind

    @property
    def url(self) -> str:
        return f"https://{self.host}{'' if self.port == PUBLIC_PORT else f':{self.port}'}{self.path}"


def files(plan: Plan) -> dict[str, str]:
    """nginx's files by path."""
    return {
        "proxy/onewindow.conf": filled("proxy/onewindow.conf", site=plan.site.id, host=HOST, servers=_servers(plan)),
        "proxy/front.conf": template("proxy/front.conf"),
    }


def staff(plan: Plan) -> list[Front]:
    """The staff's pages of each hall."""
    found = []
    for at, hall in enumerate(plan.halls.values()):
        door = hall.staff_door
        about, behind = f"the staff's pages of {inert(hall.name)}", f"{door.host}:{door.port}"
        found.append(_front(door.url, STAFF_PORT + at, "staff", about, behind))
    return found


def public(plan: Plan) -> Front:
    """The page behind a slip's QR code."""
    behind = f"{plan.doors.public_host}:{plan.doors.public_port}"
    return _front(plan.site.status_url, PUBLIC_PORT, "public", "the page behind a slip's QR code", behind)


def _front(address: str, port: int, certificate: str, about: str, behind: str) -> Front:
    """At the plan's https address; where it has none, at the server's usual name."""
    url = parse_url(address) if address.startswith("https:") else None
    host, port, path = (url.host, url.port, url.path) if url else (HOST, port, "")
    return Front(host, port, path, certificate, about, behind)


def _servers(plan: Plan) -> str:
    fronts = sorted([*staff(plan), public(plan)], key=lambda front: front[:4])
    return "".join(_server(list(same)) for _, same in groupby(fronts, key=lambda front: front[:2]))


def _server(fronts: list[Front]) -> str:
    """Doors under one host and port differ by path, and share the stricter certificate."""
    first = fronts[0]
    certificate = min(front.certificate for front in fronts)  # "public" before "staff"
    return filled(
        "proxy/server.conf",
        port=first.port,
        name=first.host,
        certificate=certificate,
        locations="".join(_locations(fronts)),
    )


def _locations(fronts: list[Front]) -> Iterator[str]:
    for front in fronts:
        yield filled("proxy/location.conf", about=front.about, path=front.path, door=front.door)
