"""Key tables: sequences that cannot be read, that clash, or that name what the hall has not."""

from __future__ import annotations

from itertools import combinations

from hall.plan.draft import Draft, Thing
from hall.plan.keying import Sequence, parse
from hall.plan.model import Hall, KeypadLine
from hall.plan.problems import Unfit, nearest


def check(draft: Draft) -> None:
    for hall in draft.plan.halls.values():
        for line in hall.keypad_lines.values():
            thing = (hall.id, "keypad_lines", line.id)
            table = _table(draft, thing, line)
            _check_clashes(draft, thing, line, table)
            for digits, target in line.targets.items():
                _check_target(draft, thing, f"targets.{digits}", hall, target)
            for digits, unit in line.units.items():
                _check_unit(draft, thing, f"units.{digits}", hall, unit)
            for sequence in table:
                _check_named(draft, thing, hall, sequence)


def _table(draft: Draft, thing: Thing, line: KeypadLine) -> list[Sequence]:
    table: list[Sequence] = []
    for text, meaning in line.keys.items():
        try:
            table.append(parse(text, meaning))
        except Unfit as unfit:
            _report(draft, thing, text, unfit.kind, unfit.what, unfit.mend)
    known = draft.known.drivers["keypads"] if draft.known else {line.driver: None}
    if line.driver in known and line.driver and not line.keys:
        what = f"the keys of line {line.id} mean nothing"
        draft.report(
            thing, "keys", "no-keys", what, 'only ff68 has a default table: write keys = { "0C" = "CallNext" }'
        )
    elif line.keys and len(table) == len(line.keys) and all(sequence.word != "CallNext" for sequence in table):
        draft.report(
            thing, "keys", "no-call", f"no key of line {line.id} calls the next ticket", 'add "CallNext"', "warning"
        )
    return table


def _report(draft: Draft, thing: Thing, text: str, kind: str, what: str, mend: str) -> None:
    """At the sequence itself; its dots and spaces are no path."""
    draft.reading.report((*draft.origins[thing], "keys"), text, kind, what, mend)


def _check_clashes(draft: Draft, thing: Thing, line: KeypadLine, table: list[Sequence]) -> None:
    written = draft.reading.source.get((*draft.origins[thing], "keys"))
    own = written if isinstance(written, dict) else {}
    for first, second in combinations(table, 2):
        if first.clashes(second):
            at = second if second.text in own else first
            what = f"{first.text!r} ({first.word}) and {second.text!r} ({second.word}) are the same presses"
            mend = 'change one of them, or take a default one away: "..." = ""'
            _report(draft, thing, at.text, "keys-clash", what, mend)


def _check_target(draft: Draft, thing: Thing, key: str, hall: Hall, target: str) -> None:
    what, _, name = target.partition(":")
    known: dict[str, object] = {"queue": hall.queues, "window": hall.windows}
    names = known.get(what)
    if not isinstance(names, dict):
        mend = "write queue:ID or window:ID"
        draft.report(thing, key, "unknown-target", f"{target!r} is no target", mend)
    elif name not in names:
        draft.report(thing, key, "unknown-target", f"hall {hall.id} has no {what} {name!r}", nearest(name, names))


def _check_unit(draft: Draft, thing: Thing, key: str, hall: Hall, unit: str) -> None:
    if unit not in hall.units:
        what = f"hall {hall.id} has no unit {unit!r}"
        draft.report(thing, key, "unknown-unit", what, nearest(unit, hall.units))


def _check_named(draft: Draft, thing: Thing, hall: Hall, sequence: Sequence) -> None:
    if sequence.argument and sequence.word == "TransferTicket":
        _check_target(draft, thing, f"keys.{sequence.text}", hall, sequence.argument)
    if sequence.argument and sequence.word in ("ServeHere", "AddMatter"):
        _check_unit(draft, thing, f"keys.{sequence.text}", hall, sequence.argument)
