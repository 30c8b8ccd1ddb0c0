"""The staff door's routes, in one table: the router and docs/openapi-staff.json are made from it."""

from __future__ import annotations

from typing import Any

from caller.pages.words import (
    About,
    Done,
    Enter,
    FacesState,
    GuideState,
    Me,
    Press,
    Rated,
    SitDown,
    SoftState,
    TakeNumber,
)
from transport.doors import Refusal
from transport.doors.describing import Answer, Part, Route, openapi

HTML, JSON, EVENTS = "text/html", "application/json", "text/event-stream"
TITLE = "Onewindow staff door"
ABOUT = (
    "Soft caller, evaluator and guide of one hall. Made from caller/pages/routes.py by `make docs`. A log-in gives a "
    "cookie and a token; the token goes into the header X-Onewindow-Token of every POST but the log-in."
)
SERVER = "http://127.0.0.1:8640"

PARTS = {
    "window": Part("a window of the hall", r"[A-Z][0-9]{2,3}", "A01"),
    "hall": Part("the hall", r"[A-Z][A-Z0-9]{0,7}", "A"),
    "key": Part("of the tablet's address", r"[A-Za-z0-9_-]{22}", 22 * "A"),
    "file": Part("a style, script or picture", r"[a-z]{1,20}\.(css|js|svg|json)", "staff.css"),
}
COMMON = {
    403: Answer("from another site's page, under another name than the door's, or without the session's token"),
    429: Answer("too many requests from one address, or too many log-ins"),
    503: Answer("the hall is away; ask again"),
}
PAGE = Answer("the page", HTML)
NO_PAGE = Answer("no such page", HTML)
NOT_IN = Answer("not logged in here", JSON, Refusal)
NONE = Answer("no such window, hall or tablet", JSON, Refusal)
BAD = {
    400: Answer("not what this takes", JSON, Refusal),
    401: NOT_IN,
    404: NONE,
    408: Answer("the body took too long", JSON, Refusal),
    413: Answer("too large", JSON, Refusal),
    415: Answer("not JSON", JSON, Refusal),
}
DONE = {200: Answer("done, or refused by the hall and why", JSON, Done), **BAD}
ENTERED = {200: Answer("logged in", JSON, Me), 409: Answer("refused by the hall", JSON, Done), **BAD}
ME = {200: Answer("who is logged in; staff is empty when nobody is", JSON, Me), 404: NONE}
STREAM = {401: NOT_IN, 404: NONE}
SOFT, FACES, GUIDE = "/window/{window}", "/evaluator/{window}/{key}", "/guide/{hall}"


def _live(word: type[SoftState | FacesState | GuideState]) -> dict[int, Answer]:
    return {200: Answer(f"data: a {word.__name__} as JSON, again on each change", EVENTS), **STREAM}


ROUTES = (
    Route("GET", "/", "index", "Where to go", {200: PAGE}),
    Route("GET", SOFT, "soft", "The soft caller of a window", {200: PAGE, 404: NO_PAGE}),
    Route("POST", f"{SOFT}/login", "soft_login", "Log in at the window by staff number", ENTERED, SitDown),
    Route("GET", f"{SOFT}/me", "soft_me", "Who is logged in", ME),
    Route("GET", f"{SOFT}/live", "soft_live", "How the window stands (server-sent events)", _live(SoftState)),
    Route("POST", f"{SOFT}/press", "press", "A key; the same id again gives the same answer", DONE, Press),
    Route("POST", f"{SOFT}/logout", "soft_logout", "Leave the window", DONE),
    Route("GET", FACES, "faces", "The evaluator of a window, for its tablet", {200: PAGE, 404: NO_PAGE}),
    Route("GET", f"{FACES}/live", "faces_live", "Whom to ask for a rating (server-sent events)", _live(FacesState)),
    Route(
        "POST", f"{FACES}/rating", "rating", "Rate the service just finished, once",
        {**DONE, 409: Answer("nobody is asked now", JSON, Refusal)}, Rated,
    ),
    Route("GET", GUIDE, "guide", "The guide's page", {200: PAGE, 404: NO_PAGE}),
    Route("POST", f"{GUIDE}/login", "guide_login", "Log in as guide or supervisor", ENTERED, Enter),
    Route("GET", f"{GUIDE}/me", "guide_me", "Who is logged in", ME),
    Route("GET", f"{GUIDE}/live", "guide_live", "What can be had (server-sent events)", _live(GuideState)),
    Route("POST", f"{GUIDE}/take", "take", "A number for somebody", DONE, TakeNumber),
    Route("POST", f"{GUIDE}/back", "back", "A no-show has come after all", DONE, About),
    Route("POST", f"{GUIDE}/reprint", "reprint", "A slip once more", DONE, About),
    Route("POST", f"{GUIDE}/priority", "priority", "Priority for a waiting number", DONE, About),
    Route("POST", f"{GUIDE}/logout", "guide_logout", "Leave the desk", DONE),
    Route("GET", "/page/{file}", "file", "A file of the pages", {200: Answer("the file"), 404: NO_PAGE}),
)  # fmt: skip


def described() -> dict[str, Any]:
    """docs/openapi-staff.json."""
    return openapi(TITLE, ABOUT, SERVER, ROUTES, PARTS, COMMON)
