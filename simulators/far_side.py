"""All simulated devices of a plan, built from its compiled JSON (`hall check --json`) and nothing else of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from simulators.box import CannotStand, Json, Record, Spec, twin_of
from simulators.clock import Clock
from simulators.device import Device
from simulators.ends import end_for
from simulators.faults import dice_for
from simulators.wire import Wire


class FarSide:
    """The devices by id: <hall>.panel.<window>, <hall>.printer.<kiosk>, <hall>.keypad.<line>."""

    def __init__(self, plan: Record, var: Path, clock: Clock, seed: int) -> None:
        self.plan, self.var, self.clock, self.seed = plan, var, clock, seed
        self.devices: dict[str, Device] = {}
        self.watchers: list[Callable[[Device], None]] = []  # told of every change; must be quick
        self.hands: list[Callable[[Device, str, Record], None]] = []  # told of every act, fault and healing
        self._wires: dict[str, Wire] = {}
        refuse_live(plan)
        for family, driver, line, spec in wanted(plan):
            self._stand(family, driver, line, spec)

    def open(self) -> None:
        """Plug everything in, or nothing: a busy port is a CannotStand that names it."""
        for line, wire in self._wires.items():
            try:
                wire.open()
            except OSError as trouble:
                self.close()
                raise CannotStand(f"line {line}: {trouble.strerror or trouble}") from trouble
        for device in self.devices.values():
            device.tick()

    def close(self) -> None:
        for device in self.devices.values():
            device.stop()
        for wire in self._wires.values():
            wire.close()

    def _stand(self, family: str, driver: str, line: str, spec: Record) -> None:
        name, hall, of, record = text(spec, "id"), text(spec, "hall"), text(spec, "of"), table(spec, "record")
        if name in self.devices:
            raise CannotStand(f"two devices {name}")
        try:
            box = twin_of(family, driver)(Spec(name, hall, of, record, dice_for(self.seed, name), self.clock.rate))
            wire = self._wires.get(line)
            if wire is None:
                one_client = bool(getattr(box, "one_client", False))
                wire = Wire(end_for(line, self.var, one_client), self.clock, dice_for(self.seed, line))
                self._wires[line] = wire
        except CannotStand as trouble:
            raise CannotStand(f"{name}: {trouble}") from None
        device = Device(box, wire, self.clock, driver=driver, hall=hall, of=of)
        device.watchers.append(self._changed)
        device.hands.append(self._touched)
        self.devices[name] = device

    def _changed(self, device: Device) -> None:
        for watcher in self.watchers:
            watcher(device)

    def _touched(self, device: Device, what: str, args: Record) -> None:
        for hand in self.hands:
            hand(device, what, args)


def refuse_live(plan: Record) -> None:
    """A live hall has real devices; a simulated one beside them would press real citizens' keys."""
    mode = text(table(plan, "site"), "mode")
    if mode != "simulated":
        raise CannotStand(f"the plan's site.mode is {mode!r}: simulators stand only for a simulated plan")


def wanted(plan: Record) -> Iterator[tuple[str, str, str, Record]]:
    """(family, driver, line, {id, hall, of, record}) of every device the plan names."""
    for hall, rooms in tables(plan, "halls").items():
        for kiosk, record in tables(rooms, "kiosks").items():
            about: Record = {"id": f"{hall}.printer.{kiosk}", "hall": hall, "of": kiosk, "record": record}
            yield "printer", text(record, "printer_driver"), text(record, "printer_line"), about
        for line, record in tables(rooms, "keypad_lines").items():
            seated: Record = {**record, "seats": _seats(rooms, line)}
            about = {"id": f"{hall}.keypad.{line}", "hall": hall, "of": line, "record": seated}
            yield "keypad", text(record, "driver"), text(record, "line"), about
        for window, record in tables(rooms, "windows").items():
            if record.get("panel") is not None:
                panel: Record = {**table(record, "panel"), "window": window, "name": text(record, "name")}
                about = {"id": f"{hall}.panel.{window}", "hall": hall, "of": window, "record": panel}
                yield "panel", text(panel, "driver"), text(panel, "line"), about


def _seats(rooms: Record, line: str) -> dict[str, str]:
    seats = {}
    for window, record in tables(rooms, "windows").items():
        seat = record.get("seat")
        if isinstance(seat, dict) and seat.get("line") == line:
            seats[str(seat.get("address"))] = window
    return seats


def text(record: Record, key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise CannotStand(f"the plan's {key!r} is {value!r}, not a text")
    return value


def table(record: Record, key: str) -> Record:
    value: Json = record.get(key)
    if not isinstance(value, dict):
        raise CannotStand(f"the plan's {key!r} is not a table")
    return value


def tables(record: Record, key: str) -> dict[str, Record]:
    found = table(record, key)
    return {name: table(found, name) for name in found}
