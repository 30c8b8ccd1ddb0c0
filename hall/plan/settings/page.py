"""docs/settings.md, written from the tables: the page says what the reading does. A house test holds them equal.

To write it anew: python -m hall.plan.settings.page > docs/settings.md
"""

from __future__ import annotations

from hall.plan.keying import FF68_KEYS
from hall.plan.settings import REQUIRED, TABLES, Key, Table

HEAD = """# Settings of a plan

<!-- Written by `python -m hall.plan.settings.page`; change hall/plan/settings instead. -->

A plan is one TOML file. `hall check PLAN` reads it and names every problem with its line; `hall check --json PLAN`
prints what it compiles to. A key left out has the default below; "required" has none. Times of day are local to the
site, durations carry their unit in the name. An unknown key is an error.

Ids and ranges: `ids = ["A01-A08", "A11"]` means nine windows. Templates: in `name`, `windows_named` and a panel's
`line`, `{window}` is the window's id, `{index}` its number (A07: 7), `{nth}` its place in its group, `{hall}` the
hall's id.

Lines: `tcp://host:port`, `serial:///dev/ttyS1?baud=9600` (also `parity=N|E|O`, `bits=7|8`, `stop=1|2`), or `pty:name`,
a line of the simulators. A simulated plan has no serial line and leaves loopback nowhere; a live plan has no `pty:`.
`--port-shift N` adds N to every loopback TCP port of a simulated plan, so that two can run on one machine.
"""
KEYS = """## Keys of a keypad

A sequence is written step by step, the function key last, each key as two hex digits in the maker's numbering: `0C` is
呼叫 alone, `06 0F` is digit 6, then 确认. Where the digits carry something, the sequence says how many: `staff4` (a
staff number), `number4` (the last digits of a ticket number), `target1` or `target2` (a name of the line's `targets`),
`unit1` or `unit2` (a name of its `units`). The meaning is a word, for some with an argument behind a colon:
`HoldTicket:escort_face`, `PauseOrResume:meeting`, `TransferTicket:queue:tax`, `TransferTicket:window:A09`,
`ServeHere:tax`.

Up to two digits and a key are one frame of the maker's, and such a sequence counts only when it comes in one frame.
Longer entries are our extension: the digits first, in frames without a key (one to three digits each), then the key
alone, none later than `entry_ms` behind the one before. So what is left of a longer entry (6, 确认) is never taken for
the short sequence, and 0, 3 and 6 with 确认 keep the maker's meaning. 取消 takes typed digits back. Two sequences that
could be the same presses are an error.

Words that are no command of their own: `Finish` finishes and invites the rating, `PauseOrResume` pauses, or opens again
when paused, `Clear` forgets the digits typed. Without digits `ServeHere` takes the window's first unit, `AddMatter` the
ticket's own, `ResumeTicket` the ticket held longest.

The default of `driver = "ff68"` (`keys` of a plan are laid over it; an empty text takes a sequence away):

| sequence | meaning |
|---|---|
"""


def page() -> str:
    """The whole page."""
    keys = "".join(f"| `{text}` | {word} |\n" for text, word in FF68_KEYS.items())
    return "\n".join([HEAD, *(_table(table) for table in TABLES), KEYS + keys])


def _table(table: Table) -> str:
    head = f"## {table.name}\n\n{table.what}\n\n| key | value | unit | default | why |\n|---|---|---|---|---|\n"
    return head + "".join(_row(key) for key in table.keys)


def _row(key: Key) -> str:
    cells = (f"`{key.name}`", key.kind.says, key.unit or "", _default(key.default), key.why)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _default(default: object) -> str:
    if default is REQUIRED:
        return "required"
    if default is None:
        return "left out"
    return f"`{_toml(default)}`"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        inner = ", ".join(f'"{name}" = {_toml(item)}' for name, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


if __name__ == "__main__":
    print(page(), end="")
