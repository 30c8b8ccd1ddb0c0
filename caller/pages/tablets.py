"""The addresses of the evaluator tablets: each holds a key of its own, so that nobody rates from somewhere else.

A tablet at a window has no keyboard and nobody to log it in after a power cut; its address is what it holds. The key
is made from the window's name and a secret of this door (<var>/keys/staff-<hall>, mode 0600); a new secret,
new addresses.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

from hall.faults import PlanError
from hall.names import HallId, WindowId

SECRET_BYTES = 32
KEY_CHARS = 22  # of base64: 132 bits


class Tablets:
    """Makes and knows the keys of a hall's tablets."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    def of(cls, var: Path, hall: HallId) -> Tablets:
        """With the secret of the state directory; made where there is none."""
        path = var / "keys" / f"staff-{hall}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(FileExistsError):
                fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                with os.fdopen(fd, "wb") as file:
                    file.write(secrets.token_bytes(SECRET_BYTES))
            secret = path.read_bytes()
        except OSError as fault:
            raise PlanError(f"{path}: {fault.strerror}") from None
        if len(secret) < SECRET_BYTES:
            raise PlanError(f"{path} is not whole: remove it and start again; then the tablets need new addresses")
        return cls(secret)

    def key(self, window: WindowId) -> str:
        made = hmac.digest(self._secret, f"evaluator/{window}".encode(), hashlib.sha256)
        return urlsafe_b64encode(made).decode()[:KEY_CHARS]

    def genuine(self, window: WindowId, key: str) -> bool:
        return hmac.compare_digest(self.key(window).encode(), key.encode("utf-8", "surrogatepass"))

    def page(self, window: WindowId) -> str:
        """Below the door's own address."""
        return f"evaluator/{window}/{self.key(window)}"
