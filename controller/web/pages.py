"""The files of the public door, read once: pages with their texts filled in, styles, scripts. Small enough for a phone.

Addresses inside a page are relative (`{up}`), so a proxy may serve the door below a path of its own.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import NamedTuple

import msgspec
from aiohttp import web

from hall.wording import CATALOGUES, LANGS, say
from transport.doors import Refusal

FOLDER = Path(__file__).parent / "page"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".json": "application/json"}
JSON_ENDS = ("/state", "/live", "/rating")  # paths a page's script asks; everything else a person sees


class Served(NamedTuple):
    body: bytes
    kind: str


def _files() -> dict[str, Served]:
    files = {
        path.name: Served(path.read_bytes(), KINDS[path.suffix]) for path in FOLDER.iterdir() if path.suffix in KINDS
    }
    mine = {lang: {k[6:]: t for k, t in CATALOGUES[lang].items() if k.startswith("phone.")} for lang in LANGS}
    return files | {"texts.json": Served(msgspec.json.encode(mine), KINDS[".json"])}


FILES = _files()
TICKET = (FOLDER / "ticket.html").read_text(encoding="utf-8")
REFUSAL = (FOLDER / "refusal.html").read_text(encoding="utf-8")


async def file(request: web.Request) -> web.Response:
    """A style, a script, the texts."""
    found = FILES.get(request.match_info["file"])
    if found is None:
        raise web.HTTPNotFound
    return web.Response(body=found.body, content_type=found.kind, charset="utf-8")


def ticket(request: web.Request) -> web.Response:
    """The page of a ticket; what it shows comes behind it."""
    return _page(request, TICKET, title=say("phone.title"), noscript=say("phone.noscript"))


def refused(request: web.Request, refusal: Refusal) -> web.Response:
    """A refusal: to a script as it is, to a person kindly and in both languages."""
    if request.path.endswith(JSON_ENDS):
        return web.Response(body=msgspec.json.encode(refusal), content_type="application/json")
    key = _key(refusal)
    texts = {f"{part}_{lang}": say(f"phone.{key}_{part}", lang) for part in ("head", "line") for lang in LANGS}
    return _page(request, REFUSAL, **texts, id=refusal.request)


def _key(refusal: Refusal) -> str:
    if refusal.why == "old":
        return "old"
    if refusal.status in (404, 400, 405):
        return "forged"
    return "busy" if refusal.status == 429 else "away" if refusal.status >= 500 else "refused"


def _page(request: web.Request, template: str, **texts: str) -> web.Response:
    up = "../" * (request.rel_url.raw_path.count("/") - 1) or "./"
    for name, text in {"up": up, **texts}.items():
        template = template.replace(f"{{{name}}}", html.escape(text))
    return web.Response(text=template, content_type="text/html")
