"""The verdicts for people (Chinese and English, a line per invariant) and for programs (JSON)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import msgspec

from audit.verifying.judging import Judged
from audit.verifying.verdicts import Verdict
from hall.wording import inert, say

TEXT_MAX = 400  # characters of one counter-example
WORD_WIDTH = 20  # columns of the word and its English
SUMS = (
    "tickets", "calls", "recalls", "served", "no_shows", "returns", "transfers", "wrong_numbers", "rated", "voided",
    "expired", "reprints", "refused",
)  # fmt: skip


def both(key: str, **values: object) -> str:
    """A text of the catalogue in Chinese and English."""
    return f"{say(f'verify.{key}', 'zh', **values)} / {say(f'verify.{key}', 'en', **values)}"


def as_text(found: list[Judged]) -> str:
    lines = [line for judged in found for line in _one(judged)]
    broken = sum(not judged.holds for judged in found)
    lines.append(both("all_broken", broken=broken, journals=len(found)) if broken else both("all_holds"))
    return "\n".join(lines) + "\n"


def _one(judged: Judged) -> Iterator[str]:
    days = sorted(judged.books.counts.days)
    span = f"{days[0]} – {days[-1]}" if days else "–"
    yield f"{judged.path}: {inert(judged.site)}/{inert(judged.hall)}, {both('size', events=judged.events, span=span)}"
    for name, verdict in judged.verdicts.items():
        yield from _verdict(name, verdict)
    total = judged.books.counts.total()
    yield "  " + both("sums") + ": " + ", ".join(f"{name} {total[name]}" for name in SUMS if total[name])
    yield from (f"  {both('note')}: {inert(note, TEXT_MAX)}" for note in judged.notes)
    yield ""


def _verdict(name: str, verdict: Verdict) -> Iterator[str]:
    word = f"{say(f'verify.{verdict.word}', 'zh')} {say(f'verify.{verdict.word}', 'en')}"
    facts = f"{verdict.broken}/{verdict.looked_at}" if verdict.broken else str(verdict.looked_at)
    promise = f"{say(f'verify.promise.{name}', 'zh')} / {say(f'verify.promise.{name}', 'en')}"
    yield f"  {name:<4}{_padded(word)}{facts:>9}  {promise}"
    if verdict.why:
        yield f"{'':8}{inert(verdict.why, TEXT_MAX)}"
    for seq, number, text in verdict.examples:
        where = both("event", seq=seq) if seq else both("no_event")
        yield f"{'':8}{where} {inert(number, 20)}: {inert(text, TEXT_MAX)}"
    if verdict.broken > len(verdict.examples):
        yield f"{'':8}" + both("more", more=verdict.broken - len(verdict.examples))


def _padded(text: str) -> str:
    width = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * max(1, WORD_WIDTH - width)


def as_json(found: list[Judged]) -> str:
    plain = {"holds": all(judged.holds for judged in found), "journals": [_plain(judged) for judged in found]}
    return msgspec.json.format(msgspec.json.encode(plain), indent=1).decode() + "\n"


def _plain(judged: Judged) -> dict[str, object]:
    return {
        "journal": str(judged.path),
        "site": judged.site,
        "hall": judged.hall,
        "events": judged.events,
        "verdicts": {name: _plain_verdict(verdict) for name, verdict in judged.verdicts.items()},
        "counts": judged.books.counts.plain(),
        "notes": list(judged.notes),
    }


def _plain_verdict(verdict: Verdict) -> dict[str, object]:
    return verdict._asdict() | {"examples": [example._asdict() for example in verdict.examples]}
