"""The console's texts: the catalogue's [console] section, and how times, numbers and events are put into words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import msgspec
from rich.cells import set_cell_size

from hall import wording
from hall.calendar import local
from hall.events import CallReason, CommandRefused, Recorded
from hall.names import ORDINARY, Instant, Why

MINUTE_MS = 60_000


def say(key: str, lang: str, **values: object) -> str:
    """A text of the catalogue's [console] section; values are made inert."""
    return wording.say(f"console.{key}", lang, **values)


def known(key: str, lang: str, other: str) -> str:
    """A text that may not be there (a fault word of a driver we never met): then the word itself, inert."""
    name = f"console.{key}"
    return wording.say(name, lang) if name in wording.CATALOGUES["zh"] else wording.inert(other)


def span(ms: int, lang: str) -> str:
    """A length of time, short: 5s, 12m, 3h05; never negative."""
    seconds = max(0, ms) // 1000
    if seconds < 60:
        return say("seconds", lang, n=seconds)
    if seconds < 3600:
        return say("minutes", lang, n=seconds // 60)
    return f"{min(seconds // 3600, 99)}:{seconds // 60 % 60:02d}h"


def minutes(ms: int) -> str:
    """Whole minutes, as a number."""
    return str(max(0, ms) // MINUTE_MS)


def devices(names: str, lang: str) -> str:
    """Rooms and devices as people call them: "panel-A03 panel-A04" is the panels of two windows."""
    return " ".join(_device(name, lang) for name in names.split(" "))


def _device(name: str, lang: str) -> str:
    kind, _, of = name.partition("-")
    key = f"console.device.{kind}"
    return f"{wording.say(key, lang)}{of}" if key in wording.CATALOGUES["zh"] else name


def fitted(text: str, width: int) -> str:
    """The text padded or cut to exactly `width` half-width letters (Chinese takes two)."""
    return set_cell_size(text, width)


def clock(instant: Instant, zone: str, seconds: bool = True) -> str:
    """Local time of day."""
    return local(instant, zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def refusal(refused: CommandRefused, lang: str) -> str:
    return wording.say(f"refusal.{refused.why.value}", lang, detail=refused.detail or "—")


def event(recorded: Recorded, lang: str, names: Mapping[str, str]) -> str:
    """What happened, in a few words; `names` are what people call the queues."""
    what = type(recorded.event).__name__
    text = known(f"event.{what}", lang, what)
    return f"{text} {_particulars(recorded, lang, names)}".rstrip()


def happened(recorded: Recorded, lang: str, names: Mapping[str, str]) -> str:
    """The same, and to whom."""
    number = getattr(recorded.event, "number", "")
    return f"{number} {event(recorded, lang, names)} {recorded.reason}".strip()


def _particulars(recorded: Recorded, lang: str, names: Mapping[str, str]) -> str:
    """Where, by which rule, how long: the fields of the event worth a word, in the order they are written."""
    found = []
    for name, value in msgspec.structs.asdict(recorded.event).items():
        if name in ("queue", "priority") and value != ORDINARY:
            found.append(names.get(str(value), str(value)))
        elif name in ("helps", "serves"):
            found.append("→ " + (" ".join(names.get(queue, queue) for queue in value) or "—"))
        elif name in _NAMED:
            found.append(_particular(name, value, lang))
    return wording.inert(" ".join(part for part in found if part))


_NAMED = (
    "window", "to_window", "why", "priority", "copy", "recalls", "service_s", "matters", "fault",
    "behind", "level", "kiosk", "staff", "text", "name", "device", "alarm", "phase", "final",
)  # fmt: skip


def _particular(name: str, value: object, lang: str) -> str:
    match name, value:
        case (_, "" | 0 | False | None | "ordinary") | ("matters", 1):
            return ""
        case "why", CallReason():
            waited = span(value.waited_s * 1000, lang)
            return f"({known(f'rule.{value.rule.value}', lang, value.rule.value)}, {say('waited', lang, time=waited)})"
        case "why", Why():
            return f"({wording.say(f'refusal.{value.value}', lang, detail='—')})"
        case "why", Enum():
            return f"({known(f'why.{value.value}', lang, str(value.value))})"
        case "to_window", _:
            return f"→{value}"
        case "service_s", int():
            return span(value * 1000, lang)
        case "copy" | "recalls" | "matters" | "behind", _:
            return f"#{value}"
        case "fault", _:
            return known(f"fault.{value}", lang, str(value))
        case "final", _:
            return say("final", lang)
        case "level", int():
            return f"{int(value)}/5"
    return str(value)
