"""Addresses of devices: what `line`, `page` and the broker's host and port say, taken apart.

tcp://127.0.1.7:5005            serial:///dev/ttyS1?baud=9600&parity=N            pty:keypads-A-1
"""

from __future__ import annotations

import re
from ipaddress import ip_address

import msgspec

from hall.plan.problems import Unfit, nearest

SCHEMES = {"http": 80, "https": 443}
BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
_HOST = r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,98}[A-Za-z0-9])?)"
_HOW = "write tcp://host:port, serial:///dev/ttyS1?baud=9600 or pty:name"


class Tcp(msgspec.Struct, frozen=True):
    host: str
    port: int

    @property
    def loopback(self) -> bool:
        return is_loopback(self.host)


class Serial(msgspec.Struct, frozen=True):
    device: str  # /dev/ttyS1
    baud: int = 9600
    parity: str = "N"
    bits: int = 8
    stop: int = 1


class Pty(msgspec.Struct, frozen=True):
    name: str


class Url(msgspec.Struct, frozen=True):
    """http(s)://host[:port][/path]; `port` is the scheme's own where none is written."""

    scheme: str
    host: str
    port: int
    path: str  # "" or /with/no/slash/at/the/end
    written: bool  # the port stands in the text

    def __str__(self) -> str:
        return f"{self.scheme}://{self.place}{self.path}"

    @property
    def place(self) -> str:
        """As a browser writes it into Host and Origin."""
        return f"{self.host}:{self.port}" if self.port != SCHEMES[self.scheme] else self.host


Line = Tcp | Serial | Pty


def is_loopback(host: str) -> bool:
    """Whether the host never leaves this machine; names count only when they are localhost."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def parse_line(text: str) -> Line:
    """The line taken apart; raises Unfit."""
    scheme, _, rest = text.partition(":")
    if scheme == "tcp" and rest.startswith("//"):
        return parse_page(rest[2:])
    if scheme == "serial":
        return _serial(text)
    if scheme == "pty":
        if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", rest):
            return Pty(rest)
        raise Unfit(f"{text!r} has no name of letters, digits, '.', '_', '-'", "write pty:keypads-A-1", "bad-line")
    raise Unfit(f"{text!r} is no line we know", _HOW, "bad-line")


def parse_page(text: str) -> Tcp:
    """host:port; raises Unfit."""
    found = re.fullmatch(_HOST + r":(?P<port>\d{1,5})", text)
    if not found or not 1 <= int(found["port"]) <= 65535 or not _sound(found["host"]):
        raise Unfit(f"{text!r} is not host:port with a port 1 to 65535", "write 127.0.0.1:8711", "bad-line")
    return Tcp(found["host"], int(found["port"]))


def parse_url(text: str) -> Url:
    """A web address taken apart; raises Unfit."""
    found = re.fullmatch(r"(?P<scheme>https?)://" + _HOST + r"(?::(?P<port>\d{1,5}))?(?P<path>(?:/[!-~]*)?)", text)
    port = int(found["port"] or SCHEMES[found["scheme"]]) if found else 0
    if not found or not 1 <= port <= 65535 or not _sound(found["host"]):
        raise Unfit(f"{text!r} is no web address", "write http(s)://host, then :port and /path if need be", "bad-url")
    return Url(found["scheme"], found["host"].lower(), port, found["path"].rstrip("/"), found["port"] is not None)


def _sound(host: str) -> bool:
    """A host of digits and dots must be an address (127.0.1.300 is none)."""
    if not re.fullmatch(r"[\d.]+|\[.*\]", host):
        return True
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _serial(text: str) -> Serial:
    found = re.fullmatch(r"serial://(/[A-Za-z0-9._/+-]{1,100})(?:\?(.*))?", text)
    if not found:
        raise Unfit(f"{text!r} is no serial line", _HOW, "bad-line")
    settings: dict[str, str] = {}
    for part in (found[2] or "").split("&"):
        name, _, value = part.partition("=")
        if part:
            settings[name] = value
    return _set(Serial(found[1]), settings)


def _set(serial: Serial, settings: dict[str, str]) -> Serial:
    allowed: dict[str, dict[str, str | int]] = {
        "baud": {str(baud): baud for baud in BAUDS},
        "bits": {"7": 7, "8": 8},
        "stop": {"1": 1, "2": 2},
        "parity": {"N": "N", "E": "E", "O": "O"},
    }
    for name, value in settings.items():
        if name not in allowed:
            raise Unfit(f"a serial line has no setting {name!r}", nearest(name, allowed), "bad-line")
        if value not in allowed[name]:
            raise Unfit(f"{name}={value} does not fit", "one of " + ", ".join(allowed[name]), "bad-line")
    read = {name: allowed[name][value] for name, value in settings.items()}
    return msgspec.structs.replace(serial, **read)
