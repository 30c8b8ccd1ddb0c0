"""The files of the staff's door, read once: pages with their names filled in, styles, scripts, texts."""

from __future__ import annotations

import html
from pathlib import Path
from typing import NamedTuple

import msgspec
from aiohttp import web

from caller.pages.house import House
from hall.plan.model import Window
from hall.wording import CATALOGUES, LANGS, inert, say
from transport.doors import Refusal

FOLDER = Path(__file__).parent / "page"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".json": "application/json"}
TEXTS = ("staff.", "phone.level_", "phone.why_")  # the faces say what they say on a phone


class Served(NamedTuple):
    body: bytes
    kind: str


def _files() -> dict[str, Served]:
    files = {
        path.name: Served(path.read_bytes(), KINDS[path.suffix]) for path in FOLDER.iterdir() if path.suffix in KINDS
    }
    mine = {
        lang: {key.partition(".")[2]: text for key, text in CATALOGUES[lang].items() if key.startswith(TEXTS)}
        for lang in LANGS
    }
    return files | {"texts.json": Served(msgspec.json.encode(mine), KINDS[".json"])}


FILES = _files()
PAGES = {name: (FOLDER / f"{name}.html").read_text(encoding="utf-8") for name in ("index", "refusal", "shell")}


async def file(request: web.Request) -> web.Response:
    """A style, a script, the texts."""
    found = FILES.get(request.match_info["file"])
    if found is None:
        raise web.HTTPNotFound
    return web.Response(body=found.body, content_type=found.kind, charset="utf-8")


def page(request: web.Request, name: str, house: House, window: Window | None = None) -> web.Response:
    """One of the three pages; its script draws it."""
    title = say(f"staff.{name}_title", hall=house.hall.name, window=window.id if window is not None else "")
    names = {"window": window.id if window is not None else "", "place": inert(house.hall.name, 40)}
    return _filled(request, "shell", script=name, title=title, noscript=say("staff.noscript"), **names)


def index(request: web.Request, house: House) -> web.Response:
    """Where to go: the guide's page, each window's; in a simulation the tablets' too, which nobody has set up."""
    rows = [_link(f"guide/{house.hall.id}", say("staff.guide_title", hall=house.hall.name))]
    for window in house.hall.windows.values():
        rows.append(_link(f"window/{window.id}", say("staff.soft_title", window=window.id)))
        if house.plan.site.mode == "simulated":
            rows.append(_link(house.tablets.page(window.id), say("staff.evaluator_title", window=window.id)))
    heading = say("staff.index_title", hall=house.hall.name)
    return _filled(request, "index", title=heading, raw_rows="\n".join(rows))


def refused(request: web.Request, refusal: Refusal) -> web.Response:
    """A refusal: to a script as it is, to a person in a sentence of both languages."""
    if request.method == "POST" or request.path.endswith(("/me", "/live")):
        return web.Response(body=msgspec.json.encode(refusal), content_type="application/json")
    key = "refused_busy" if refusal.status in (429, 503) else "refused_page"
    texts = {f"line_{lang}": say(f"staff.{key}", lang) for lang in LANGS}
    return _filled(request, "refusal", title=say("staff.refused_title"), id=refusal.request, **texts)


def _link(to: str, words: str) -> str:
    return f'<li><a href="{html.escape(to)}">{html.escape(words)}</a></li>'


def _filled(request: web.Request, name: str, **texts: str) -> web.Response:
    text = PAGES[name]
    up = "../" * (request.rel_url.raw_path.count("/") - 1) or "./"
    for key, words in {"up": up, **texts}.items():
        text = text.replace(f"{{{key}}}", words if key.startswith("raw_") else html.escape(words))
    return web.Response(text=text, content_type="text/html")
