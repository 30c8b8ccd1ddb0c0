"""Who sits behind a page: a cookie for each window and one for the guide, so that two windows' pages share a browser.

A door that is asked for log-ins too often by one sender lets it wait; a staff number has four digits only.
"""

from __future__ import annotations

import time
from collections import OrderedDict

import msgspec
from aiohttp import web

from caller.pages.words import Me
from transport.bucket import Bucket
from transport.doors import sender
from transport.doors.sessions import COOKIE, Session, Sessions, give_cookie, take_cookie

TRIES_PER_S, TRIES_BURST = 0.2, 10.0  # of one sender: a person mistypes, a program guesses ten thousand numbers
SENDERS_MAX = 1024
WAIT_S = 5  # what a sender who tries too often is told to wait


class Logins:
    """The sessions of one door. `place` is what a session is for: a window's id, or "guide"."""

    def __init__(self, secure: bool) -> None:
        self._sessions, self._secure = Sessions(), secure
        self._tries: OrderedDict[str, Bucket] = OrderedDict()

    def may_try(self, request: web.Request) -> None:
        """429 for a sender who tries too often in vain."""
        who = sender(request)
        bucket = self._tries.pop(who, None) or Bucket(TRIES_BURST)
        self._tries[who] = bucket
        if len(self._tries) > SENDERS_MAX:
            self._tries.popitem(last=False)
        if not bucket.take(time.monotonic(), TRIES_PER_S, TRIES_BURST):
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(WAIT_S)})

    def enter(self, request: web.Request, staff: str, role: str, place: str, path: str, evaluator: str) -> web.Response:
        """Open a session and tell its page; 503 when there are too many."""
        opened = self._sessions.open(staff, role, place, before=request.cookies.get(COOKIE, ""))
        if opened is None:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": str(WAIT_S)})
        made, session = opened
        self._tries.pop(sender(request), None)  # a hall's windows may all come through one address at nine o'clock
        response = answer(self._me(session, evaluator))
        give_cookie(response, made, self._secure, path)
        return response

    @staticmethod
    def _me(session: Session, evaluator: str = "") -> Me:
        return Me(session.who, session.role, session.token, evaluator)

    def of(self, request: web.Request, place: str) -> Session:
        """The session behind a request; 401 when it is for another place, 403 without its token."""
        session = self._sessions.asking(request)
        if session.window != place:
            raise web.HTTPUnauthorized
        return session

    def holds(self, request: web.Request) -> bool:
        """Still logged in? For a stream, which is no sign of life."""
        return self._sessions.holds(request.cookies.get(COOKIE, ""))

    def who(self, request: web.Request, place: str, evaluator: str = "") -> web.Response:
        """Who is logged in for this place, after a page was loaded anew; nobody is no error."""
        session = self._sessions.find(request.cookies.get(COOKIE, ""))
        if session is None or session.window != place:
            return answer(Me("", "", ""))
        return answer(self._me(session, evaluator))

    def has(self, staff: str, place: str) -> bool:
        """Has somebody another page of this kind open?"""
        return self._sessions.has(staff, place)

    def leave(self, request: web.Request, response: web.Response, path: str) -> web.Response:
        self._sessions.close(request.cookies.get(COOKIE, ""))
        take_cookie(response, self._secure, path)
        return response

    def drop(self, request: web.Request) -> None:
        """The hall no longer knows this log-in: the page has to ask for a new one."""
        self._sessions.close(request.cookies.get(COOKIE, ""))


def answer(word: msgspec.Struct, status: int = 200) -> web.Response:
    """One of our words as JSON."""
    return web.Response(body=msgspec.json.encode(word), status=status, content_type="application/json")
