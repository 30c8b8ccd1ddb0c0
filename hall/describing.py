"""The bus described from its own table: docs/topics.md and docs/asyncapi.json are made here and nowhere else.

`make docs` writes both; a test holds them against this, so a topic or a word that is not described is red.
"""

from __future__ import annotations

from typing import Any

import msgspec

from hall import commands, events, topics, views
from hall.commands import Command, Letter
from hall.events import Event, Recorded

PAYLOADS: tuple[type[msgspec.Struct], ...] = (
    Letter,
    Recorded,
    views.HallView,
    views.QueueView,
    views.WindowView,
    views.PanelView,
    views.JobsView,
    views.AlarmsView,
    views.Here,
)


def words(base: type[msgspec.Struct], module: Any) -> list[type[msgspec.Struct]]:
    """Every command or event of a module, in the order it is written there."""
    return [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, base) and kind is not base and kind.__module__ == module.__name__
    ]


def topics_markdown() -> str:
    """docs/topics.md."""
    lines = [
        "# Topics",
        "",
        "Made from `hall/topics.py`, `hall/commands.py` and `hall/events.py` by `make docs`; do not edit.",
        "",
        "Every topic begins with `<site>/<hall>/`, so the broker's access list can wall one hall off from another.",
        "MQTT 3.1.1, QoS 1. Ids and expiry are in the payload (JSON, UTF-8). `now` and `here` are retained, `cmd` and",
        "`evt` never. **Show from `now`, act on `evt`.** Whoever shows ignores a lower pair (epoch, revision).",
        "",
        "| topic | retained | payload | use |",
        "| --- | --- | --- | --- |",
    ]
    for family in topics.FAMILIES:
        kept = "yes" if family.retained else "no"
        lines.append(f"| `{family.pattern}` | {kept} | `{family.payload}` | {family.use} |")
    lines += ["", "## Commands (`cmd/{who}/{what}`)", ""]
    lines += _table(words(Command, commands))
    lines += ["", "## Events (`evt/{what}`)", ""]
    lines += _table(words(Event, events))
    lines += ["", "## Views (`now/…`, `here/…`)", ""]
    lines += _table([kind for kind in PAYLOADS if kind not in (Letter, Recorded)])
    return "\n".join(lines) + "\n"


def _table(kinds: list[type[msgspec.Struct]]) -> list[str]:
    rows = ["| word | fields | meaning |", "| --- | --- | --- |"]
    for kind in kinds:
        fields = ", ".join(f"`{field.name}`" for field in msgspec.structs.fields(kind)) or "–"
        own = kind.__dict__.get("__doc__") or ""
        meaning = " ".join(own.split()) if own and not own.startswith(kind.__name__ + "(") else ""
        rows.append(f"| `{kind.__name__}` | {fields} | {meaning} |")
    return rows


def asyncapi() -> dict[str, Any]:
    """docs/asyncapi.json: AsyncAPI 3.0, every topic family a channel, every payload with its JSON schema."""
    _, schemas = msgspec.json.schema_components(PAYLOADS, ref_template="#/components/schemas/{name}")
    channels = {_channel(family): _channel_of(family) for family in topics.FAMILIES}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Onewindow hall bus",
            "version": "1",
            "description": "Made from hall/topics.py by `make docs`.",
        },
        "channels": channels,
        "operations": {
            f"hear-{name}": {"action": "receive", "channel": {"$ref": f"#/channels/{name}"}} for name in channels
        },
        "components": {"schemas": schemas},
    }


def _channel(family: topics.Family) -> str:
    return family.pattern.replace("/", "-").replace("{", "").replace("}", "")


def _channel_of(family: topics.Family) -> dict[str, Any]:
    names = [part[1:-1] for part in family.pattern.split("/") if part.startswith("{")]
    schema = {"$ref": f"#/components/schemas/{family.payload}"}
    return {
        "address": "{site}/{hall}/" + family.pattern,
        "description": family.use,
        "parameters": {name: {} for name in ("site", "hall", *names)},
        "messages": {family.payload: {"contentType": "application/json", "payload": schema}},
        "bindings": {"mqtt": {"qos": 1, "retain": family.retained}},
    }
