"""What every simulated device is: a box. It knows its language and nothing of wires; time is passed in as ms.

A device is box (what it does) + end (pty or TCP, `simulators/ends`) + back door (`simulators/door.py`). A new device
costs one folder `simulators/<family>/<driver>/` whose `__init__.py` names its class as `Twin`; the class is built with
one argument, a `Spec`. Families: panel, printer, keypad.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, cast

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Record: TypeAlias = Mapping[str, Json]

FAMILIES = ("panel", "printer", "keypad")


class Refused(ValueError):
    """The back door was asked for something this device does not have; the text says what it does have."""


class CannotStand(ValueError):
    """A plan asks for a far side that cannot be built here; the text says which device and why."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A named fault: an entry of a device's fault menu, or (with other args) an order to break it that way.

    `args` are the settings with their usual values. Any fault may also be given `after_ms` (begin later) and
    `for_ms` (heal by itself).
    """

    name: str
    zh: str = ""
    en: str = ""
    args: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """What a twin is told when it is built. `record` is its own part of the plan: a window's panel, a kiosk, a line.

    A keypad line's record has one entry more: `seats`, address as text -> window id. A panel's has `window` (its id)
    and `name`. `rate` is how many hall milliseconds pass in a real one: delays of the wire itself are multiplied by it.
    """

    id: str
    hall: str
    of: str
    record: Record
    dice: random.Random
    rate: float = 1.0


class Box(Protocol):
    """One device without its wire. It must never raise on any bytes; only the back door may be refused (`Refused`).

    A class may also have `one_client = True` (its network port takes one connection at a time) and `mends`, acts to the
    faults they mend: new paper mends paper_out.
    """

    id: str
    kind: str  # its family

    def heard(self, data: bytes, now_ms: int) -> bytes:
        """Bytes came over the wire, cut anywhere; the answer is what the device sends at once."""
        ...

    def connected(self, now_ms: int) -> bytes:
        """A TCP client came: half a frame of the one before is forgotten. Never called on a serial line."""
        ...

    def tick(self, now_ms: int) -> bytes:
        """Time has passed: what the device sends unasked."""
        ...

    def next_wake(self, now_ms: int) -> int | None:
        """When time alone will next matter to it."""
        ...

    def look(self) -> Record:
        """How it stands, for a person or a test; plain JSON."""
        ...

    def text(self) -> str:
        """What can be read on it: the paper, the panel's lines, the digits."""
        ...

    def picture(self) -> bytes | None:
        """A PNG of it, or None where there is nothing to draw."""
        ...

    def act(self, what: str, args: Record, now_ms: int) -> bytes:
        """A hand touches it (press a key, put in paper); the answer goes onto the wire."""
        ...

    def faults(self) -> Sequence[Fault]:
        """Its menu of faults, in the order a person should read them."""
        ...

    def fault(self, name: str, args: Record, now_ms: int) -> bytes:
        """Break it by name; the answer goes onto the wire."""
        ...

    def heal(self, name: str, now_ms: int) -> bytes:
        """Mend what was broken by that name; mending what is whole is fine."""
        ...


class TwinClass(Protocol):
    def __call__(self, spec: Spec) -> Box: ...


def twin_of(family: str, driver: str) -> TwinClass:
    """The class of the box a driver of this name talks to, found by its folder's name."""
    names = twins(family)
    if driver not in names:
        raise CannotStand(f"no twin simulators/{family}/{driver}/ for driver {driver!r}; there are: {', '.join(names)}")
    return cast(TwinClass, importlib.import_module(f"simulators.{family}.{driver}").Twin)


def twins(family: str) -> list[str]:
    """The drivers of a family that have a twin here."""
    assert family in FAMILIES, family
    package = importlib.import_module(f"simulators.{family}")
    return sorted(
        m.name for m in pkgutil.iter_modules(package.__path__) if m.ispkg and re.fullmatch(r"[a-z]\w*", m.name)
    )


def whole(args: Record, name: str, default: int, least: int, most: int) -> int:
    """A whole number out of a back door's arguments, within bounds."""
    value = args.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Refused(f"{name} must be a whole number from {least} to {most}, not {value!r}")
    return value
