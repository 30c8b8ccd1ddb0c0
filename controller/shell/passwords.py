"""Passwords of guides and supervisors: argon2id hashes in <var>/keys/staff.json, made at first start, shown once.

A password travels in a LogIn letter and stops here: the shell checks it, blanks it and tells the core only whether it
was right, so no event, journal or log ever holds one. Five wrong ones make the next wait longer each time; nobody is
locked out for ever by somebody else's guessing.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from hall import commands as c
from hall.faults import OurFault
from hall.names import Instant, Role, StaffId
from hall.plan.model import Plan

FREE_FAILURES = 5  # wrong passwords before waiting begins
WAIT_MAX_S = 60
PASSWORD_BYTES = 9  # random bytes: twelve characters to type
SECRET_MAX = 200  # characters: more is no password
FIRST = "first-passwords.txt"
DESKS = (Role.GUIDE, Role.SUPERVISOR)


class Passwords:
    """Who has proved to be who they say."""

    def __init__(self, path: Path, hashes: dict[StaffId, str], hasher: PasswordHasher | None = None) -> None:
        self._path, self._hashes = path, hashes
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)  # OWASP's argon2id floor
        self._failures: dict[StaffId, tuple[int, Instant]] = {}

    @classmethod
    def of(cls, var: Path, plan: Plan) -> Passwords:
        """Read the hashes; make passwords for staff of desks that have none, and leave them to be shown once."""
        folder = var / "keys"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / "staff.json"
        try:
            hashes = dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
        except (OSError, ValueError, TypeError) as fault:
            raise OurFault(f"{path}: {fault}; move it away and start again: new passwords are made") from fault
        mine = cls(path, hashes)
        new = [staff.id for staff in plan.staff.values() if staff.role in DESKS and staff.id not in hashes]
        if new:
            mine._make(new, folder / FIRST)
        return mine

    def _make(self, staff: list[StaffId], show_once: Path) -> None:
        made = {number: secrets.token_urlsafe(PASSWORD_BYTES) for number in staff}
        for number, password in made.items():
            self._hashes[number] = self._hasher.hash(password)
        _write_private(self._path, json.dumps(self._hashes))
        _write_private(show_once, "".join(f"{number} {password}\n" for number, password in made.items()))

    def checked(self, letter: c.Letter, now: Instant) -> c.Letter:
        """The letter without its secret; `proved` says whether the secret was right."""
        assert isinstance(letter.command, c.LogIn)
        secret, staff = letter.command.secret, letter.command.staff
        proved = bool(secret) and not self._must_wait(staff, now) and self._right(staff, secret, now)
        return msgspec.structs.replace(
            letter, command=msgspec.structs.replace(letter.command, secret="", proved=proved)
        )  # fmt: skip

    def _must_wait(self, staff: StaffId, now: Instant) -> bool:
        failures, last = self._failures.get(staff, (0, 0))
        wait_s = min(WAIT_MAX_S, 2 ** max(0, failures - FREE_FAILURES)) if failures >= FREE_FAILURES else 0
        return 0 <= now - last < wait_s * 1000

    def _right(self, staff: StaffId, secret: str, now: Instant) -> bool:
        if staff not in self._hashes or len(secret) > SECRET_MAX:
            return False  # an invented number costs no work and leaves nothing to remember
        try:
            self._hasher.verify(self._hashes[staff], secret)
        except (Argon2Error, InvalidHashError):
            self._failures[staff] = (self._failures.get(staff, (0, 0))[0] + 1, now)
            return False
        self._failures.pop(staff, None)
        return True


def _write_private(path: Path, text: str) -> None:
    """Replace a file that only its owner may read."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
