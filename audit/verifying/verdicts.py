"""What is said in the end, per invariant: holds, broken (where, which number, what), or not judged and why.

An invariant holds only when something of its kind was looked at; "nothing to look at" is no proof.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Word = Literal["holds", "broken", "not_judged"]

EXAMPLES_MAX = 10  # counter-examples kept per invariant: more are counted, nobody reads them
JUDGED = (
    *(f"I{n}" for n in range(1, 14)), "I15", "I16", *(f"I{n}" for n in range(18, 22)),
    *(f"I{n}" for n in range(24, 29)),
)  # fmt: skip
"""The others are about rooms, wires and people at work, which no journal tells."""
NEEDS_TRACES = {
    "I4": "what was noticed, and when, is in the traces of the devices; none were given",
    "I19": "what panels showed is in the traces of the devices; none were given",
    "I21": "what was spoken is in the traces of a voice; none were given",
}


class Example(NamedTuple):
    """One counter-example: the event (0: none, a trace's line is named in the text), the ticket, what is wrong."""

    seq: int
    number: str
    text: str


class Verdict(NamedTuple):
    word: Word
    looked_at: int  # facts compared
    broken: int  # how many of them were wrong; `examples` are the first
    examples: tuple[Example, ...]
    why: str  # not judged: why


class Court:
    """Collects what the rules find; `seq` is the event being looked at."""

    def __init__(self) -> None:
        self.seq = 0
        self._looked = dict.fromkeys(JUDGED, 0)
        self._broken = dict.fromkeys(JUDGED, 0)
        self._examples: dict[str, list[Example]] = {name: [] for name in JUDGED}
        self._unjudged = dict(NEEDS_TRACES)

    def looks(self, invariant: str, facts: int = 1) -> None:
        self._looked[invariant] += facts

    def breaks(self, invariant: str, number: str, text: str, seq: int | None = None) -> None:
        """A counter-example; by default at the event being looked at."""
        self._looked[invariant] = max(1, self._looked[invariant])
        self._broken[invariant] += 1
        if len(self._examples[invariant]) < EXAMPLES_MAX:
            self._examples[invariant].append(Example(self.seq if seq is None else seq, number, text))

    def expects(self, invariant: str, right: bool, number: str, text: str) -> bool:
        """One fact looked at; a counter-example when it is not right."""
        self._looked[invariant] += 1
        if not right:
            self.breaks(invariant, number, text)
        return right

    def cannot_judge(self, invariant: str, why: str) -> None:
        """Whatever was looked at is not enough; what is broken stays broken."""
        self._unjudged[invariant] = why

    def can_judge(self, invariant: str) -> None:
        self._unjudged.pop(invariant, None)

    def verdicts(self) -> dict[str, Verdict]:
        return {name: self._verdict(name) for name in JUDGED}

    def _verdict(self, name: str) -> Verdict:
        looked, broken = self._looked[name], self._broken[name]
        if broken:
            return Verdict("broken", looked, broken, tuple(self._examples[name]), "")
        why = self._unjudged.get(name) or ("" if looked else "nothing of this kind is in the journal")
        return Verdict("not_judged" if why else "holds", looked, 0, (), why)
