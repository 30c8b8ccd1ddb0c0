"""Where a simulated device's wire ends on this machine: a pty or a TCP port."""

from __future__ import annotations

from simulators.ends.end import End, Listener
from simulators.ends.opening import end_for
from simulators.ends.ptys import PtyEnd
from simulators.ends.tcp import TcpEnd

__all__ = ["End", "Listener", "PtyEnd", "TcpEnd", "end_for"]
