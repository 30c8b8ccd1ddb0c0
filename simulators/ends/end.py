"""What every end is: it can be plugged, pulled and written to, and tells one listener what it hears.

All of it is synchronous on the running event loop, so that a cable can be cut in the middle of a read.
"""

from __future__ import annotations

from typing import Protocol


class Listener(Protocol):
    """Who stands behind an end (`simulators.wire.Wire`)."""

    def heard(self, data: bytes) -> None: ...
    def connected(self) -> None: ...
    def left(self) -> None: ...


class End(Protocol):
    lost: int  # bytes nobody took
    plugged: bool

    @property
    def url(self) -> str:
        """As the plan writes it: pty:name | tcp://host:port."""
        ...

    def plug(self, listener: Listener) -> None:
        """Be there; OSError if the place is taken."""
        ...

    def pull(self) -> None:
        """Be gone at once: whoever holds the other side sees an error. May be plugged again."""
        ...

    def send(self, data: bytes) -> None: ...

    def look(self) -> dict[str, str | int | bool]: ...
