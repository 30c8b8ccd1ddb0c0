"""The address in a slip's QR code: where the ticket's status page is, signed so that nobody can guess a neighbour's.

    <status_url>/t/<site>/<hall>/<day>/<number>/<key id>.<signature>

The signature is HMAC-SHA256 over "<site>/<hall>/<day>/<number>", cut to 128 bits, URL-safe base64. The key is 32
random bytes in <var>/keys/status.key, made at first start, readable by its owner alone; the key id is the first four
hex digits of the key's SHA-256, so that a key can be changed while old slips are still out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from hall.events import ticket_id
from hall.faults import OurFault

KEY_BYTES = 32
SIGNATURE_BYTES = 16


class Signer:
    """Signs and checks status addresses of one site."""

    def __init__(self, key: bytes, base_url: str) -> None:
        self._key, self._base = key, base_url.rstrip("/")
        self.key_id = hashlib.sha256(key).hexdigest()[:4]

    @classmethod
    def of(cls, var: Path, base_url: str) -> Signer:
        """The signer of this state directory; makes the key at first start."""
        path = var / "keys" / "status.key"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(fd, "wb") as file:
                file.write(secrets.token_bytes(KEY_BYTES))
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            raise OurFault(f"{path} is not a key of {KEY_BYTES} bytes: move it away and start again")
        return cls(key, base_url)

    def address(self, site: str, hall: str, day: str, number: str) -> str:
        """The whole address for the QR code."""
        ticket = ticket_id(site, hall, day, number)
        return f"{self._base}/t/{ticket}/{self.key_id}.{self._sign(ticket)}"

    def genuine(self, site: str, hall: str, day: str, number: str, signature: str) -> bool:
        """Is this "<key id>.<signature>" ours for this ticket?"""
        ours = f"{self.key_id}.{self._sign(ticket_id(site, hall, day, number))}"
        return hmac.compare_digest(ours.encode(), signature.encode())

    def _sign(self, ticket: str) -> str:
        mac = hmac.new(self._key, ticket.encode(), hashlib.sha256).digest()[:SIGNATURE_BYTES]
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")
