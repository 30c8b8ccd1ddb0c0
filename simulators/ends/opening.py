"""From a line of the plan to its end here. A simulated device stands on this machine only."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from simulators.box import CannotStand
from simulators.ends.end import End
from simulators.ends.ptys import PtyEnd
from simulators.ends.tcp import TcpEnd

LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}")


def end_for(line: str, var: Path, one_client: bool = False) -> End:
    """The end of `pty:name` (a link in <var>/lines) or `tcp://127.0.0.1:port`; CannotStand for anything else."""
    if line.startswith("pty:"):
        try:
            return PtyEnd(line.removeprefix("pty:"), var / "lines")
        except ValueError as wrong:
            raise CannotStand(str(wrong)) from None
    if line.startswith("tcp://"):
        return _tcp(line, one_client)
    raise CannotStand(f"line {line!r} cannot be simulated: only pty:name and tcp://127.0.0.1:port can")


def _tcp(line: str, one_client: bool) -> TcpEnd:
    try:
        parts = urlsplit(line)
        host, port = parts.hostname or "", parts.port
    except ValueError as wrong:
        raise CannotStand(f"line {line!r}: {wrong}") from None
    if port is None:
        raise CannotStand(f"line {line!r} has no port")
    if not LOOPBACK.fullmatch(host):
        raise CannotStand(f"line {line!r} is not on this machine: a simulated device listens on 127.0.0.1 only")
    return TcpEnd(host, port, one_client)
