"""A door described from the table of its routes: its OpenAPI 3.1 file is made here, its router filled from the same.

A route that is not in the table does not exist; an answer that is not described is red under schemathesis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web

from transport.doors.answering import Handler


class Answer(msgspec.Struct, frozen=True):
    """What may come back: its media type and, for JSON, the word it holds."""

    about: str
    media: str = ""
    word: type[msgspec.Struct] | None = None


class Part(msgspec.Struct, frozen=True):
    """A named part of a path."""

    about: str
    pattern: str
    example: str


class Route(msgspec.Struct, frozen=True):
    """One thing that may be asked of a door."""

    method: str
    path: str  # "/t/{site}/{hall}"
    name: str
    about: str
    answers: Mapping[int, Answer]
    body: type[msgspec.Struct] | None = None


def route_all(app: web.Application, routes: Sequence[Route], handlers: Mapping[str, Handler]) -> None:
    """Every route of the table to the handler of its name; KeyError where one is missing."""
    for route in routes:
        app.router.add_route(route.method, route.path, handlers[route.name])


def openapi(
    title: str,
    about: str,
    server: str,
    routes: Sequence[Route],
    parts: Mapping[str, Part],
    common: Mapping[int, Answer],
) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a door; `common` are the answers every route may give."""
    words = {answer.word for route in routes for answer in (*route.answers.values(), *common.values()) if answer.word}
    words |= {route.body for route in routes if route.body is not None}
    ordered = sorted(words, key=lambda word: word.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, parts, common)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1", "description": about},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _operation(route: Route, parts: Mapping[str, Part], common: Mapping[int, Answer]) -> dict[str, Any]:
    named = [level[1:-1] for level in route.path.split("/") if level.startswith("{")]
    answers = dict(sorted({**common, **route.answers}.items()))
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.about,
        "parameters": [_parameter(name, parts[name]) for name in named],
        "responses": {str(status): _answer(answer) for status, answer in answers.items()},
    }
    if route.body is not None:
        schema = {"$ref": f"#/components/schemas/{route.body.__name__}"}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _parameter(name: str, part: Part) -> dict[str, Any]:
    schema = {"type": "string", "pattern": f"^{part.pattern}$"}
    return {
        "name": name, "in": "path", "required": True, "description": part.about, "schema": schema,
        "example": part.example,
    }  # fmt: skip


def _answer(answer: Answer) -> dict[str, Any]:
    if not answer.media:
        return {"description": answer.about}
    schema: dict[str, Any] = {"type": "string"}
    if answer.word is not None:
        schema = {"$ref": f"#/components/schemas/{answer.word.__name__}"}
    return {"description": answer.about, "content": {answer.media: {"schema": schema}}}
