"""Reads the captures of the drivers: bytes beside their meaning, in the words of hall.ports.

A capture is a TOML file:

    origin = "published" | "ours"      source = where the bytes are from
    says = "host" | "device"           meaning = for people
    hex = ["...", ...]                 one frame each
    [options]                          of the driver, if not the defaults
    [call.METHOD]                      host: this call makes exactly these frames; its arguments by name
    [before.METHOD]                    device: made first, its bytes thrown away
    [[means]]                          device: what the driver hears in them; `type` is a record of hall.ports
    [[frame]]                          fields of the folder's frame.Frame, one per frame

A text that begins with "hex " is bytes, one that begins with "gbk " is encoded.
"""

from __future__ import annotations

import tomllib
import typing
from pathlib import Path

import msgspec

from hall import ports

ROOT = Path(__file__).parents[2]


class Capture(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    origin: typing.Literal["published", "ours"]
    source: str
    says: typing.Literal["host", "device"]
    meaning: str
    hex: list[bytes]
    options: dict[str, str | int | bool] = {}
    call: dict[str, dict[str, object]] = {}
    before: dict[str, dict[str, object]] = {}
    means: list[dict[str, object]] = []
    frame: list[dict[str, object]] = []
    update: dict[str, object] = {}  # Onbon's own, see test_wire_onbon


def read(file: Path) -> Capture:
    table = typing.cast(dict[str, object], plain(tomllib.loads(file.read_text(encoding="utf-8"))))
    table["hex"] = [bytes.fromhex(frame) for frame in typing.cast(list[str], table["hex"])]
    return msgspec.convert(table, Capture, builtin_types=(bytes,))


def plain(value: object) -> object:
    """The same with the marked texts as bytes."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, str) and value.startswith("hex "):
        return bytes.fromhex(value[4:])
    return value[4:].encode("gbk") if isinstance(value, str) and value.startswith("gbk ") else value


def filled(fields: object, kind: object) -> object:
    return msgspec.convert(fields, typing.cast(type, kind), builtin_types=(bytes,))


def make(driver: object, calls: dict[str, dict[str, object]]) -> list[bytes]:
    """The frames the calls make."""
    frames: list[bytes] = []
    for name, given in calls.items():
        method = getattr(driver, name)
        kinds = typing.get_type_hints(method)
        made = method(**{key: filled(value, kinds[key]) for key, value in given.items()})
        frames += made if isinstance(made, list) else [made]
    return frames


def meanings(capture: Capture) -> list[object]:
    """What the capture says is heard."""
    said = [dict(table) for table in capture.means]
    return [filled(table, getattr(ports, str(table.pop("type")))) for table in said]
