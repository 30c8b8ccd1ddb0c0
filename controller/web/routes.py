"""The public door's routes, in one table: the router and docs/openapi-public.json are made from it."""

from __future__ import annotations

from typing import Any

import msgspec

from controller.web.standing import Standing
from hall.names import Level, RatingReason
from transport.doors import Refusal
from transport.doors.describing import Answer, Part, Route, openapi

HTML, JSON, EVENTS = "text/html", "application/json", "text/event-stream"
TITLE = "Onewindow public door"
ABOUT = "The status page behind a slip's QR code. Made from controller/web/routes.py by `make docs`."
SERVER = "http://127.0.0.1:8690"


class Rating(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rating of the service just finished; `why` counts behind a bad level only."""

    level: Level
    why: RatingReason | None = None


PARTS = {
    "site": Part("the building", r"[a-z][a-z0-9-]{0,31}", "kaiyang"),
    "hall": Part("the hall", r"[A-Z][A-Z0-9]{0,7}", "A"),
    "day": Part("the business day of the ticket", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "2026-11-23"),
    "number": Part("the ticket's number", r"[A-Z]{1,2}[0-9]{4,9}", "A0012"),
    "seal": Part("key id and signature, from the slip", r"[0-9a-f]{4}\.[A-Za-z0-9_-]{22}", "0000." + 22 * "A"),
    "file": Part("a style, script or picture", r"[a-z]{1,20}\.(css|js|svg|json)", "ticket.css"),
}
NOT_OURS = Answer("not a link of this site's slips, or one of another day", JSON, Refusal)
COMMON = {
    403: Answer("asked under another name than the door's, or from another site's page"),
    429: Answer("too many requests from one address"),
    503: Answer("the hall is recovering, or too many look at it"),
}
TICKET = "/t/{site}/{hall}/{day}/{number}/{seal}"

ROUTES = (
    Route(
        "GET", TICKET, "ticket", "The page of a ticket, for a phone",
        {200: Answer("the page", HTML), 404: Answer("refused kindly", HTML)},
    ),
    Route(
        "GET", f"{TICKET}/state", "state", "How the ticket stands",
        {200: Answer("how it stands", JSON, Standing), 404: NOT_OURS},
    ),
    Route(
        "GET", f"{TICKET}/live", "live", "How the ticket stands, each time it changes (server-sent events)",
        {200: Answer("data: a Standing as JSON, again on each change", EVENTS), 404: NOT_OURS},
    ),
    Route(
        "POST", f"{TICKET}/rating", "rating", "Rate the service, once; the same again gives the same answer",
        {
            200: Answer("rated", JSON, Standing),
            400: Answer("no rating", JSON, Refusal),
            404: NOT_OURS,
            409: Answer("not due yet, or too late", JSON, Refusal),
            413: Answer("too large", JSON, Refusal),
            415: Answer("not JSON", JSON, Refusal),
        },
        Rating,
    ),
    Route(
        "GET", "/page/{file}", "file", "A file of the page",
        {200: Answer("the file"), 404: Answer("no such file", HTML)},
    ),
)  # fmt: skip


def described() -> dict[str, Any]:
    """docs/openapi-public.json."""
    return openapi(TITLE, ABOUT, SERVER, ROUTES, PARTS, COMMON)
