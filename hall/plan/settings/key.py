"""What is known of one key of a plan, and of one table of keys."""

from __future__ import annotations

from enum import Enum

import msgspec

from hall.plan.kinds import Kind


class Required(Enum):
    """Stands for "no default": the plan must say it."""

    REQUIRED = "required"


REQUIRED = Required.REQUIRED


class Key(msgspec.Struct, frozen=True):
    """One key: `default` is written as the file would write it; None compiles to "not given"."""

    name: str
    kind: Kind
    default: object
    why: str
    unit: str = ""
    field: str = ""  # the compiled field's name where it differs


class Table(msgspec.Struct, frozen=True):
    """One table of the file; `tables` are the names of those that may stand inside it."""

    name: str  # as docs/settings.md writes it: [halls.<id>.queues.<id>]
    what: str
    keys: tuple[Key, ...]
    tables: tuple[str, ...] = ()
    optional: bool = True

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that may stand in this table."""
        return (*(key.name for key in self.keys), *self.tables)

    def key(self, name: str) -> Key:
        return next(key for key in self.keys if key.name == name)
