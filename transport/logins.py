"""How a process logs in to the broker of its plan.

embedded: user `hall`; the password is made once, by whoever comes first, in <var>/broker/password (mode 0600).
external: the user of the plan; its `password_file` (relative to <var>) holds either one password, or lines
`name:password`, of which a process takes the line with its own name (hall A's rooms cannot log in as hall B's).
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from hall.faults import PlanError
from hall.plan.model import Plan
from transport.link import Broker

EMBEDDED_USER = "hall"
PASSWORD_BYTES = 24  # random bytes in a password we make: beyond guessing


def login_of(plan: Plan, who: str, var: Path) -> Broker:
    """Where and as whom `who` logs in."""
    broker = plan.broker
    if broker.kind == "embedded":
        return Broker(broker.host, broker.port, EMBEDDED_USER, embedded_password(var))
    ca_file = str(var / broker.ca_file) if broker.ca_file else ""
    if not broker.password_file:
        return Broker(broker.host, broker.port, broker.user, "", ca_file)
    user, password = _from_file(var / broker.password_file, broker.user, who)
    return Broker(broker.host, broker.port, user, password, ca_file)


def embedded_password(var: Path) -> str:
    """Read the password of the embedded broker, or make it; two processes that start together agree on one."""
    path = var / "broker" / "password"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make(path)
        password = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise PlanError(f"{path}: {fault}") from None
    if not password:
        raise PlanError(f"{path} is empty: remove it and start again")
    return password


def _make(path: Path) -> None:
    draft = path.with_name(f".password-{os.getpid()}-{secrets.token_hex(4)}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, secrets.token_urlsafe(PASSWORD_BYTES).encode() + b"\n")
        os.fsync(fd)
        with contextlib.suppress(FileExistsError):  # somebody else was first: theirs it is
            os.link(draft, path)
    finally:
        os.close(fd)
        draft.unlink()


def _from_file(path: Path, user: str, who: str) -> tuple[str, str]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as fault:
        raise PlanError(f"broker.password_file {path}: {fault}") from None
    lines = [line for line in lines if line and not line.startswith("#")]
    if len(lines) == 1 and ":" not in lines[0]:
        return user, lines[0]
    named = dict(line.split(":", 1) for line in lines if ":" in line)
    for name in (who, user):
        if name in named:
            return name, named[name]
    raise PlanError(f"broker.password_file {path}: no line '{who}:<password>'")
