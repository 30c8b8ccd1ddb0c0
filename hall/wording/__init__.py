"""The texts people see, by key and language: catalogues zh.toml (first) and en.toml, read once at import.

Keys are dotted ("panel.call"); placeholders are {names}. A key missing in the asked language falls back to Chinese;
a key missing everywhere is our bug. Foreign strings put into a text are made inert first (`inert`).
"""

from __future__ import annotations

import tomllib
import unicodedata
from importlib import resources
from typing import Any

from hall.faults import OurFault

LANGS = ("zh", "en")
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # controls, bidi marks, surrogates, unassigned


def _flat(table: dict[str, Any], before: str = "") -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, value in table.items():
        name = f"{before}{key}"
        texts |= _flat(value, f"{name}.") if isinstance(value, dict) else {name: str(value)}
    return texts


def _load(lang: str) -> dict[str, str]:
    return _flat(tomllib.loads(resources.files(__name__).joinpath(f"{lang}.toml").read_text(encoding="utf-8")))


CATALOGUES: dict[str, dict[str, str]] = {lang: _load(lang) for lang in LANGS}


def say(key: str, lang: str = "zh", **values: object) -> str:
    """The text of `key` with its placeholders filled; values are made inert."""
    text = CATALOGUES.get(lang, {}).get(key) or CATALOGUES["zh"].get(key)
    if text is None:
        raise OurFault(f"no catalogue has the key {key!r}")
    return text.format_map({name: inert(str(value)) for name, value in values.items()}) if values else text


def inert(text: str, most: int = 200) -> str:
    """`text` without control, format and bidi characters, at most `most` characters: safe on paper, panel and log."""
    if text.isascii() and text.isprintable():  # nearly every number, name and word a machine sends
        return text[:most]
    return "".join(c for c in text[: most * 2] if unicodedata.category(c) not in _DROPPED)[:most]
