"""A desk as its member of staff knows it: which keys do what, what the six digits say, how long a matter takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simulators.box import Json, Record
from simulators.device import Device
from simulators.far_side import FarSide, table, tables, text

SERVICE_S = 480  # where the plan says nothing
NUMBER_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What the keypad shows."""

    waiting: int
    number: str  # last three digits of the called one; a refusal's code has two and is none
    beeps: int
    inviting: bool


class Bus:
    """A keypad line, looked at once per change however many desks it has."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._pads: Mapping[str, Json] | None = None
        device.watchers.append(self._changed)

    def pad(self, address: int) -> Mapping[str, Json]:
        if self._pads is None:
            pads = self.device.box.look()["pads"]
            assert isinstance(pads, Mapping), pads
            self._pads = pads
        pad = self._pads[str(address)]
        assert isinstance(pad, Mapping), pad
        return pad

    def _changed(self, _: Device) -> None:
        self._pads = None


@dataclass(frozen=True, slots=True)
class Desk:
    """One window with a keypad."""

    window: str
    bus: Bus
    address: int
    keys: Mapping[str, str]  # word of the plan -> key sequence: "CallNext": "0C"
    service_s: int

    def read(self) -> Reading:
        pad = self.bus.pad(self.address)
        digits = str(pad["digits"]).ljust(6)
        waiting, number = digits[:3].strip(), digits[3:].strip()
        return Reading(
            waiting=int(waiting) if waiting.isdecimal() else 0,
            number=number if len(number) == NUMBER_DIGITS else "",
            beeps=_number(pad, "beeps"),
            inviting=pad["inviting"] is True,
        )

    def press(self, word: str) -> bool:
        """Press what the plan's key table gives for a word; False when it gives nothing."""
        if word not in self.keys:
            return False
        self.bus.device.act("press", {"address": self.address, "keys": self.keys[word]})
        return True

    def rate(self, key: int) -> None:
        """A citizen touches the evaluator in front of the window."""
        self.bus.device.act("rate", {"address": self.address, "key": key})


def desks_of(far_side: FarSide) -> Iterator[Desk]:
    """Every window whose keypad stands here."""
    buses: dict[str, Bus] = {}
    for hall, record in tables(far_side.plan, "halls").items():
        lines, queues = tables(record, "keypad_lines"), tables(record, "queues")
        for window, about in tables(record, "windows").items():
            seat = about.get("seat")
            if not isinstance(seat, Mapping):
                continue
            line = text(seat, "line")
            device = far_side.devices[f"{hall}.keypad.{line}"]
            bus = buses.setdefault(device.id, Bus(device))
            yield Desk(window, bus, _number(seat, "address"), _words(table(lines[line], "keys")), _mean(about, queues))


def _words(keys: Record) -> dict[str, str]:
    """The first plain sequence of each word; those with an argument in them a person must key in."""
    words: dict[str, str] = {}
    for sequence, word in keys.items():
        if all(len(part) == 2 for part in sequence.split(" ")):
            words.setdefault(str(word), sequence)
    return words


def _mean(window: Record, queues: Mapping[str, Record]) -> int:
    """Seconds its matters take by the plan, all its queues alike."""
    own = window.get("queues")
    names = [str(name) for name in own] if isinstance(own, list) else []
    priors = [_number(queues[name], "service_prior_s") for name in names if name in queues]
    return sum(priors) // len(priors) if priors else SERVICE_S


def _number(record: Mapping[str, Json], key: str) -> int:
    value = record.get(key)
    assert isinstance(value, int), (key, value)
    return value
