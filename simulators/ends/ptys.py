"""A serial line: a pty whose other side is found by a link `<var>/lines/<name>`, as udev would name a real port.

We hold the far side open ourselves, so it stays raw and alive while readers come and go.
"""

from __future__ import annotations

import os
import re
import tty
from pathlib import Path

from simulators.ends.end import Listener
from simulators.ends.pipe import Pipe

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class PtyEnd:
    def __init__(self, name: str, lines: Path) -> None:
        if not NAME.fullmatch(name):
            raise ValueError(f"pty name {name!r} is not letters, digits, '.', '_' or '-'")
        self.url = f"pty:{name}"
        self.path = lines / name
        self.plugged = False
        self.lost = 0
        self._fds: tuple[int, ...] = ()
        self._pipe: Pipe | None = None

    def plug(self, listener: Listener) -> None:
        if self.plugged:
            return
        near, far = os.openpty()
        tty.setraw(far)
        self._fds = (near, far)
        self._pipe = Pipe(near, listener.heard, self.pull)
        self._link(os.ttyname(far))
        self.plugged = True

    def pull(self) -> None:
        if not self.plugged or self._pipe is None:
            return
        self.plugged = False
        self.lost += self._pipe.lost
        self._pipe.stop()
        self.path.unlink(missing_ok=True)
        for fd in self._fds:
            os.close(fd)

    def send(self, data: bytes) -> None:
        if self.plugged and self._pipe is not None:
            self._pipe.send(data)
        else:
            self.lost += len(data)

    def look(self) -> dict[str, str | int | bool]:
        lost = self.lost + (self._pipe.lost if self.plugged and self._pipe else 0)
        return {"line": self.url, "plugged": self.plugged, "lost": lost}

    def _link(self, target: str) -> None:
        """Put the name in place in one step: a reader sees the old port, none, or the new one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target)
        fresh.replace(self.path)
