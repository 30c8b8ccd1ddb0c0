"""A trace of what people could notice at the devices: panels lit, slips out, keys pressed, faults; a JSON line each.

`hall verify` compares it with the journals. The first line is `trace` with the clock's rate, the last one `end`; in
between stand, oldest first, with `at` (ms of the hall's clock), `device`, `hall` and `of` (window, machine or line):

    shown    lines                          slip    no, cut (partial | full | torn), lines
    pressed  window, keys ("06 0F")         rated   window, keys            raw      somebody put bytes on the wire
    fault    fault                          healed  fault                   missed   no: slips nobody saw come out
    spoken   number, call (epoch, seq of the call announced), ms (real, how long it is heard; no `of`)

Lines are written as they happen: after a crash the trace ends without `end`, perhaps within a line.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TextIO

from simulators.box import CannotStand, Json, Record
from simulators.device import Device
from simulators.far_side import FarSide
from simulators.loudspeaker import Sound

VERSION = 1
HELD_KEY = "stuck_key"  # a fault that is a finger: the key is down for as long as it stands


class Trace:
    """Writes what the devices of a far side do. `close` it when they are gone."""

    def __init__(self, file: Path, far_side: FarSide) -> None:
        try:
            self._out: TextIO = file.open("a", encoding="utf-8", buffering=1)
        except OSError as trouble:
            raise CannotStand(f"trace {file}: {trouble.strerror}") from trouble
        self._clock = far_side.clock
        self._texts: dict[str, str] = {}  # panels: what was lit last
        self._slips: dict[str, int] = {}  # printers: the last slip seen
        self._write("trace", {"v": VERSION, "rate": far_side.clock.rate})
        for device in far_side.devices.values():
            self._changed(device)
        far_side.watchers.append(self._changed)
        far_side.hands.append(self._touched)

    def close(self) -> None:
        self._write("end", {})
        self._out.close()

    def spoken(self, hall: str, sound: Sound) -> None:
        """A hall's loudspeaker begins to play."""
        call: Json = [sound.epoch, sound.seq]
        about: Record = {"device": f"{hall}.voice", "hall": hall, "number": sound.number}
        self._write("spoken", {**about, "call": call, "ms": sound.ms})

    # -- what a device does --------------------------------------------------------------------------------------------

    def _changed(self, device: Device) -> None:
        if device.kind == "panel":
            self._panel(device)
        elif device.kind == "printer":
            self._printer(device)

    def _panel(self, device: Device) -> None:
        text = device.box.text()
        if self._texts.setdefault(device.id, "") != text:
            self._texts[device.id] = text
            self._tell(device, "shown", {"lines": text.split("\n") if text else []})

    def _printer(self, device: Device) -> None:
        """Slips that fell into the tray since the last look; a look holds the newest few."""
        look = device.box.look()
        printed, slips = look.get("printed"), look.get("slips")
        if not isinstance(printed, int) or not isinstance(slips, list):
            return
        seen = self._slips.setdefault(device.id, printed)
        for slip in slips:
            if isinstance(slip, dict) and isinstance(no := slip.get("no"), int) and no > seen:
                if no > seen + 1:
                    self._tell(device, "missed", {"no": no - seen - 1})
                self._tell(device, "slip", {"no": no, "cut": slip.get("cut"), "lines": _texts(slip.get("lines"))})
                seen = no
        self._slips[device.id] = seen

    # -- what a hand does to it ----------------------------------------------------------------------------------------

    def _touched(self, device: Device, what: str, args: Record) -> None:
        if what in ("fault", "healed"):
            self._tell(device, what, {"fault": args.get("name")})
            if what == "fault" and args.get("name") == HELD_KEY:
                self._tell(device, "pressed", {"window": _window(device, args), "keys": f"{args.get('key'):02X}"})
        elif device.kind == "keypad":
            keys = args.get("keys", args.get("key"))
            kind = {"press": "pressed", "rate": "rated"}.get(what, what)
            self._tell(device, kind, {"window": _window(device, args), "keys": _keys(keys)})

    def _tell(self, device: Device, what: str, more: Record) -> None:
        self._write(what, {"device": device.id, "hall": device.hall, "of": device.of, **more})

    def _write(self, what: str, more: Record) -> None:
        line = {"at": self._clock.now_ms(), "what": what, **more}
        self._out.write(json.dumps(line, ensure_ascii=False) + "\n")


def _texts(lines: Json) -> list[str]:
    """The words on a slip, line by line."""
    found = [line.get("text") for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
    return [text for text in found if isinstance(text, str) and text.strip()]


def _window(device: Device, args: Record) -> str:
    """The window a keypad stands at, asked for by name or by its address on the bus."""
    window = args.get("window")
    if isinstance(window, str):
        return window
    pads = device.box.look().get("pads")
    pad = pads.get(str(args.get("address"))) if isinstance(pads, dict) else None
    named = pad.get("window") if isinstance(pad, dict) else None
    return named if isinstance(named, str) else ""


def _keys(keys: Json) -> str:
    if isinstance(keys, str):
        return keys.upper()
    numbers = keys if isinstance(keys, list) else [keys]
    return " ".join(f"{key:02X}" for key in numbers if isinstance(key, int))
