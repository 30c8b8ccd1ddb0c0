"""Log-ins at a door: who sits behind a browser, kept here and never in the browser.

The browser holds a random 256-bit id in a cookie no script reads; we keep its hash, so a look into our memory or a dump
of it opens nothing. Each log-in makes a new id (nobody can plant one beforehand). Unsafe requests carry the session's
token in a header, which another site cannot read and a form cannot set.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

ID_BYTES = 32
IDLE_S = 15 * 60  # a desk left alone is logged out
LIFE_S = 8 * 60 * 60  # a shift
SESSIONS_MAX = 512  # of one door; a site has some two hundred members of staff
COOKIE = "onewindow"
TOKEN_HEADER = "X-Onewindow-Token"  # noqa: S105 - the name of a header, no secret
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class Session:
    """One log-in. `who` is a staff number; `role` and `window` what it was opened for."""

    who: str
    role: str
    window: str
    token: str
    opened_s: float
    seen_s: float


class Sessions:
    """The log-ins of one door, in memory: a restart of the door logs everybody out."""

    def __init__(self, most: int = SESSIONS_MAX, now_s: Callable[[], float] = time.monotonic) -> None:
        self._most, self._now_s = most, now_s
        self._sessions: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def open(self, who: str, role: str, window: str = "", before: str = "") -> tuple[str, Session] | None:
        """A new id and its session; the one under the id `before` ends. None when there are too many."""
        self.close(before)
        now = self._now_s()
        if len(self._sessions) >= self._most:
            self._sweep(now)
        if len(self._sessions) >= self._most:
            return None
        made = secrets.token_urlsafe(ID_BYTES)
        session = Session(who, role, window, secrets.token_urlsafe(ID_BYTES), now, now)
        self._sessions[_key(made)] = session
        return made, session

    def find(self, found: str) -> Session | None:
        """The session of an id, when it is still good; finding it is a sign of life."""
        session = self._sessions.get(_key(found)) if found else None
        if session is None:
            return None
        if self._over(session, self._now_s()):
            self.close(found)
            return None
        session.seen_s = self._now_s()
        return session

    def holds(self, found: str) -> bool:
        """Is the session of an id still good? Looking is no sign of life: a page that only listens is idle."""
        session = self._sessions.get(_key(found)) if found else None
        return session is not None and not self._over(session, self._now_s())

    def has(self, who: str, window: str) -> bool:
        """Is there a good session of somebody for a window or desk?"""
        now, all_of_them = self._now_s(), self._sessions.values()
        return any((s.who, s.window) == (who, window) and not self._over(s, now) for s in all_of_them)

    def close(self, found: str) -> None:
        """Log-out."""
        if found:
            self._sessions.pop(_key(found), None)

    def close_of(self, who: str) -> None:
        """Every session of somebody whose role or right has changed."""
        for key in [key for key, session in self._sessions.items() if session.who == who]:
            del self._sessions[key]

    def asking(self, request: web.Request) -> Session:
        """The session behind a request; 401 without one, 403 for an unsafe request without its token."""
        session = self.find(request.cookies.get(COOKIE, ""))
        if session is None:
            raise web.HTTPUnauthorized
        token = request.headers.get(TOKEN_HEADER, "")
        if request.method not in SAFE and not hmac.compare_digest(_bytes(token), _bytes(session.token)):
            raise web.HTTPForbidden
        return session

    def _over(self, session: Session, now: float) -> bool:
        return now - session.seen_s > IDLE_S or now - session.opened_s > LIFE_S

    def _sweep(self, now: float) -> None:
        for key in [key for key, session in self._sessions.items() if self._over(session, now)]:
            del self._sessions[key]


def give_cookie(response: web.StreamResponse, made: str, secure: bool, path: str = "/") -> None:
    """Let the browser keep an id; `secure`: the door is known outside by https. `path`: what it is shown for."""
    response.set_cookie(COOKIE, made, max_age=LIFE_S, path=path, httponly=True, secure=secure, samesite="Strict")


def take_cookie(response: web.StreamResponse, secure: bool, path: str = "/") -> None:
    """Let the browser forget it."""
    response.del_cookie(COOKIE, path=path, httponly=True, secure=secure, samesite="Strict")


def _key(made: str) -> str:
    return hashlib.sha256(_bytes(made)).hexdigest()


def _bytes(text: str) -> bytes:
    """Of whatever a header may hold, half a character included."""
    return text.encode("utf-8", "surrogatepass")
