"""The addresses a plan takes on this machine, and who sits on one already: asked before anything is started."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from hall.plan.model import Plan

SHOWN_MAX = 6  # addresses named in one line; a hall has more than a hundred
LISTENING = "0A"  # the state of a listening socket in /proc/net/tcp


class Address(NamedTuple):
    """A TCP address a room is going to listen on."""

    host: str
    port: int
    what: str  # for the message: "broker", "A-K1"
    family: str  # of the room that listens (cli.rooms.FAMILIES)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def taken(plan: Plan) -> list[Address]:
    """Everything the rooms of a plan will listen on, each address once."""
    found: dict[tuple[str, int], Address] = {}
    for address in _all(plan):
        found.setdefault(address[:2], address)
    return list(found.values())


def _all(plan: Plan) -> Iterator[Address]:
    if plan.broker.kind == "embedded":
        yield Address(plan.broker.host, plan.broker.port, "broker", "broker")
    yield Address(plan.doors.public_host, plan.doors.public_port, "public door", "controller")
    if plan.site.mode == "simulated":
        yield Address(plan.bench.host, plan.bench.port, "bench", "simulators")
        yield from _simulated_lines(plan)
    for hall in plan.halls.values():
        yield Address(hall.screen.host, hall.screen.port, f"screen of hall {hall.id}", "displays")
        yield Address(hall.staff_door.host, hall.staff_door.port, f"staff pages of hall {hall.id}", "caller")
        for kiosk in hall.kiosks.values():
            yield Address(kiosk.host, kiosk.port, kiosk.id, "kiosk")


def _simulated_lines(plan: Plan) -> Iterator[Address]:
    """The far ends of TCP lines: in a simulated plan they stand on this machine too."""
    for hall in plan.halls.values():
        lines = [(kiosk.printer_line, kiosk.id) for kiosk in hall.kiosks.values()]
        lines += [(window.panel.line, window.id) for window in hall.windows.values() if window.panel]
        lines += [(line.line, line.id) for line in hall.keypad_lines.values()]
        for line, what in lines:
            url = urlsplit(line)
            if url.scheme == "tcp" and url.hostname and url.port:
                yield Address(url.hostname, url.port, what, "simulators")


def busy(addresses: Iterable[Address]) -> list[str]:
    """The addresses that cannot be listened on, a line for each cause: what sits there, and on which of them."""
    causes: dict[str, list[Address]] = {}
    for address in addresses:
        why = _why_not(address)
        if why:
            causes.setdefault(why, []).append(address)
    return [f"{_some(found)}: {why}" for why, found in causes.items()]


def _some(addresses: list[Address]) -> str:
    shown = ", ".join(f"{address} ({address.what})" for address in addresses[:SHOWN_MAX])
    more = len(addresses) - SHOWN_MAX
    return f"{shown} and {more} more" if more > 0 else shown


def _why_not(address: Address) -> str:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address[:2])
            probe.listen(1)
        except OSError as trouble:
            if trouble.errno != errno.EADDRINUSE:
                return trouble.strerror or str(trouble)
            pid = holder(address.port)
            return f"in use by process {pid} ({_command(pid)})" if pid else "in use"
    return ""


def holder(port: int) -> int:
    """The process that listens on a port of this machine; 0 when it cannot be told (another user's)."""
    inodes = set(_listening(port))
    for link in Path("/proc").glob("[0-9]*/fd/*") if inodes else ():
        try:
            target = os.readlink(link)
        except OSError:  # gone meanwhile, or not ours to look at
            continue
        if target.startswith("socket:[") and target[8:-1] in inodes:
            return int(link.parts[2])
    return 0


def _listening(port: int) -> Iterator[str]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            cells = row.split()
            if cells[3] == LISTENING and int(cells[1].rpartition(":")[2], 16) == port:
                yield cells[9]


def _command(pid: int) -> str:
    try:
        program, *words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return "gone by now"
    return " ".join((os.path.basename(program), *words)).strip()[:60]
