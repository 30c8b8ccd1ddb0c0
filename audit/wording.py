"""Events in words: what happened, who did it, why; each as (Chinese, English), out of the catalogues."""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec

from audit.journals import Plan
from hall.events import CallReason, CommandRefused, Recorded, TicketIssued
from hall.names import HallId, Role, Why
from hall.wording import CATALOGUES, inert, say

Lines = tuple[str, str]
TEXT_MAX = 200  # characters of anything foreign


def _lines(key: str, **values: object) -> Lines:
    return say(key, "zh", **values), say(key, "en", **values)


def _known(key: str, word: str) -> Lines:
    """The catalogue's text for a word of a closed list, or the word."""
    return _lines(f"{key}.{word}") if f"{key}.{word}" in CATALOGUES["zh"] else (inert(word), inert(word))


def _joined(*parts: Lines, by: Lines = ("；", "; ")) -> Lines:
    zh, en = (by[i].join(part[i] for part in parts if part[i]) for i in (0, 1))
    return zh, en


class Names:
    """What a plan calls its queues, matters and kinds of priority: the name, and the id beside it."""

    def __init__(self, plan: Plan | None = None, hall: HallId = "") -> None:
        own = plan.halls.get(hall) if plan else None
        self._queues = {key: (each.name, each.name_en) for key, each in (own.queues if own else {}).items()}
        self._units = {key: (each.name, each.name_en) for key, each in (own.units if own else {}).items()}
        zh, en = (plan.priority.names, plan.priority.names_en) if plan else ({}, {})
        self._priorities = {key: (zh[key], en.get(key, "")) for key in zh}

    def shown(self, field: str, value: object, lang: str) -> object:
        """A field of an event as a person reads it; as it is, where the plan has no name for it."""
        kinds = {"queue": self._queues, "unit": self._units, "was": self._units, "priority": self._priorities}
        name_zh, name_en = kinds.get(field, {}).get(str(value), ("", ""))
        name = inert(name_en if lang == "en" and name_en else name_zh, TEXT_MAX)
        return (f"{name}（{value}）" if lang == "zh" else f"{name} ({value})") if name else value


NO_NAMES = Names()


def what(record: Recorded, names: Names = NO_NAMES) -> Lines:
    """What happened, and the particulars worth a word."""
    name = type(record.event).__name__
    happened = _known("console.event", name)
    key = f"audit.detail.{name}"
    if key not in CATALOGUES["zh"]:
        return happened
    zh, en = (say(key, lang, **_values(record, lang, names)).strip() for lang in ("zh", "en"))
    return _joined(happened, (zh, en), by=("：", ": "))


def _values(record: Recorded, lang: str, names: Names) -> dict[str, object]:
    """The event's fields as a text may name them."""
    values: dict[str, Any] = dict(msgspec.structs.asdict(record.event))
    values.pop("lang", None)  # the slip's, not ours
    if isinstance(record.event, TicketIssued):
        seconds = record.event.estimate_s
        values["estimate"] = say("audit.estimate" if seconds >= 0 else "audit.estimate_none", lang, seconds=seconds)
    plain = {name: value.value if isinstance(value, Enum) else value for name, value in values.items()}
    return {name: names.shown(name, value, lang) for name, value in plain.items()}


def who(record: Recorded, served_by: str = "") -> Lines:
    """The role, the member of staff by number (a keypad speaks for whoever called the ticket there), the device."""
    by = record.by
    if by.role is Role.SYSTEM:
        return _lines("audit.system")
    staff = by.staff or (served_by if by.role is Role.WINDOW else "")
    named = _lines("audit.staff", staff=staff) if staff else ("", "")
    device = inert(by.device, TEXT_MAX)
    return _joined(_lines(f"audit.role.{by.role.value}"), named, (device, device), by=("，", ", "))


def why(record: Recorded, names: Names = NO_NAMES) -> Lines:
    """The routing rule, the refusal's text, the word of a list, and the reason a person gave."""
    given = inert(record.reason, TEXT_MAX)
    found = _from_event(record, names)
    spoken = given and given != getattr(getattr(record.event, "why", None), "value", "")
    return _joined(found, _lines("audit.reason", reason=given) if spoken else ("", ""))


def _from_event(record: Recorded, names: Names) -> Lines:
    reason = getattr(record.event, "why", None)
    if isinstance(reason, CallReason):
        return _called(reason, names)
    if isinstance(reason, Why):
        detail = record.event.detail if isinstance(record.event, CommandRefused) else ""
        return _lines(f"refusal.{reason.value}", detail=detail or "—")
    return _known("console.why", str(reason.value)) if isinstance(reason, Enum) else ("", "")


def _called(reason: CallReason, names: Names) -> Lines:
    """Why this very ticket was called, in a sentence."""
    lane = "priority" if reason.lane == "priority" else "ordinary"
    rule, lanes = _known("console.rule", reason.rule.value), _lines(f"audit.lane_{lane}")
    numbers = {"waited": reason.waited_s, "waiting": reason.waiting}
    zh, en = (
        say("audit.call", lang, rule=rule[i], lane=lanes[i], queue=names.shown("queue", reason.queue, lang), **numbers)
        for i, lang in enumerate(("zh", "en"))
    )
    return zh, en
