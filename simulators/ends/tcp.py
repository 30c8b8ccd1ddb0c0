"""A device with a network socket of its own, or behind a serial server: we listen, the hall connects.

Plain sockets on the loop rather than streams, because a cut must reset the connection at once and a refusing port must
be closed while its clients live.
"""

from __future__ import annotations

import asyncio
import socket
import struct

from simulators.ends.end import Listener
from simulators.ends.pipe import Pipe

OUT_MAX = 64 * 1024  # bytes kept for a client that does not read: no device has more memory than that
CLIENTS_MAX = 8  # of one device; a real card has one to four sockets
RESET = struct.pack("ii", 1, 0)  # SO_LINGER 0: closing sends RST, as a pulled plug ends in a reset


class TcpEnd:
    def __init__(self, host: str, port: int, one_client: bool = False) -> None:
        self.host, self.port, self.one_client = host, port, one_client
        self.plugged = False
        self.lost = 0
        self.turned_away = 0
        self._server: socket.socket | None = None
        self._listener: Listener | None = None
        self._clients: dict[socket.socket, Pipe] = {}

    @property
    def url(self) -> str:
        return f"tcp://{self.host}:{self.port}"

    def plug(self, listener: Listener) -> None:
        self._listener = listener
        self.accept_again()
        self.plugged = True

    def pull(self) -> None:
        self.plugged = False
        self.refuse()
        for client in list(self._clients):
            self._drop(client, reset=True)

    def refuse(self) -> None:
        """Close the port to newcomers; who is connected stays."""
        if self._server is not None:
            asyncio.get_running_loop().remove_reader(self._server)
            self._server.close()
            self._server = None

    def accept_again(self) -> None:
        if self._server is not None:
            return
        self._server = socket.create_server((self.host, self.port), backlog=16)
        self._server.setblocking(False)
        self.port = self._server.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._server, self._accept)

    def send(self, data: bytes) -> None:
        if not self._clients:
            self.lost += len(data)
        for pipe in list(self._clients.values()):
            pipe.send(data)

    def look(self) -> dict[str, str | int | bool]:
        lost = self.lost + sum(p.lost for p in self._clients.values())
        state: dict[str, str | int | bool] = {"line": self.url, "plugged": self.plugged, "lost": lost}
        return state | {
            "clients": len(self._clients),
            "turned_away": self.turned_away,
            "open": self._server is not None,
        }

    def _accept(self) -> None:
        assert self._server is not None and self._listener is not None
        try:
            client, _ = self._server.accept()
        except OSError:  # it left again before we looked
            return
        if len(self._clients) >= (1 if self.one_client else CLIENTS_MAX):
            self.turned_away += 1
            client.close()
            return
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._clients[client] = Pipe(client.fileno(), self._listener.heard, lambda: self._drop(client), keep=OUT_MAX)
        self._listener.connected()

    def _drop(self, client: socket.socket, reset: bool = False) -> None:
        pipe = self._clients.pop(client, None)
        if pipe is None:
            return
        self.lost += pipe.lost
        pipe.stop()
        if reset:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.close()
        if self._listener is not None:
            self._listener.left()
