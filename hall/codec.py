"""Bytes and words. JSON on the bus and in the journal; every read is validated, older versions are lifted first.

Errors: TheirFault for a payload that is not what its topic says; JournalFault for a record of a newer version.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from hall.commands import Letter
from hall.events import Recorded
from hall.faults import JournalFault, TheirFault
from hall.views import Here, View

VERSION = 1  # of the envelope; raise it together with a step in _LIFTS
PAYLOAD_MAX = 256 * 1024  # bytes; the largest is a plan of 120 windows (about 120 KiB)

V = TypeVar("V", bound=View)
_encoder = msgspec.json.Encoder()
_letter = msgspec.json.Decoder(Letter)
_recorded = msgspec.json.Decoder(Recorded)
_here = msgspec.json.Decoder(Here)


def encode(word: msgspec.Struct) -> bytes:
    """Any of our words as JSON."""
    return _encoder.encode(word)


def letter(payload: bytes) -> Letter:
    return _read(_letter, payload, "Letter")


def recorded(payload: bytes) -> Recorded:
    return _read(_recorded, payload, "Recorded")


def here(payload: bytes) -> Here:
    return _read(_here, payload, "Here")


def view(payload: bytes, kind: type[V]) -> V:
    return _read(msgspec.json.Decoder(kind), payload, kind.__name__)


def from_journal(body: bytes, version: int) -> Recorded:
    """A journal's record of any version we know; a newer one is refused rather than half understood."""
    if version > VERSION:
        raise JournalFault(f"record of version {version}, this program knows {VERSION}: start the newer program")
    return _decoded(_recorded, body, "Recorded")  # no PAYLOAD_MAX: a day may open with a thousand live tickets


_W = TypeVar("_W")


def _read(decoder: msgspec.json.Decoder[_W], payload: bytes, name: str) -> _W:
    if len(payload) > PAYLOAD_MAX:
        raise TheirFault(f"{name}: {len(payload)} bytes, at most {PAYLOAD_MAX} are read")
    return _decoded(decoder, payload, name)


def _decoded(decoder: msgspec.json.Decoder[_W], payload: bytes, name: str) -> _W:
    try:
        return decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise TheirFault(f"{name}: {fault}") from fault
