"""The serial bus as a box: every desk on it, and what can be wrong with them or between them."""

from __future__ import annotations

import heapq

from simulators.box import CannotStand, Fault, Json, Record, Refused, Spec, whole
from simulators.keypad.ff68.frames import KEYS, NAMES, Frame, Frames
from simulators.keypad.ff68.pad import ECHO_MS, Pad

PRESS_MAX = 12  # keys of one entry by hand
RAW_MAX = 4096  # bytes put on the wire by hand
NOISE_BYTES = 8  # of one burst
CATCH_UP_MS = 1000  # after a jump of the clock, no more than this is made good
ALL = 0  # no device has this address: a fault of all of them

MENU = (
    Fault(
        "bounce",
        "按键抖动",
        "A press closes its contact several times: the frame comes again at once. Address 0: every keypad.",
        {"address": 0, "times": 3, "within_ms": 30},
    ),
    Fault("stuck_key", "按键卡住", "A key sends its frame again and again.", {"address": 1, "key": 12, "every_ms": 50}),
    Fault("repeated_frame", "重复帧", "Every frame comes a second time, later.", {"address": 0, "gap_ms": 1000}),
    Fault("bad_sum", "校验和错误", "Its frames carry a wrong sum.", {"address": 0}),
    Fault("silent", "设备无响应", "Dead: it neither sends nor hears.", {"address": 0}),
    Fault("deaf", "收不到应答", "It sends, but hears nothing: no echo, no display.", {"address": 0}),
    Fault("crosstalk", "总线串扰", "Bursts of random bytes on the bus.", {"every_ms": 500}),
)
BOUNDS = {"times": (1, 50), "within_ms": (1, 5000), "gap_ms": (1, 60_000), "every_ms": (5, 60_000), "key": (0, 255)}


class KeypadBus:
    kind = "keypad"
    one_client = True

    def __init__(self, spec: Spec) -> None:
        self.id = spec.id
        echo_ms = max(1, round(ECHO_MS * spec.rate))  # the host's computer is no faster for the hall's clock
        self.pads = {a: Pad(a, window, echo_ms) for a, window in seats(spec.record).items()}
        self.standing: dict[str, Record] = {}
        self._dice = spec.dice
        self._frames = Frames()
        self._strangers = 0  # frames to an address nobody has
        self._extra: list[tuple[int, int, bytes]] = []  # what faults will put on the bus: (at, order, bytes)
        self._order = 0
        self._next_stuck = self._next_noise = 0

    def heard(self, data: bytes, now_ms: int) -> bytes:
        for frame in self._frames.put(data):
            pad = self.pads.get(frame.address)
            if pad is None:
                self._strangers += 1
            elif not self._has("silent", pad.address) and not self._has("deaf", pad.address):
                pad.heard(frame)
        return self.tick(now_ms)

    def connected(self, now_ms: int) -> bytes:
        self._frames = Frames()
        return b""

    def tick(self, now_ms: int) -> bytes:
        said = b""
        for pad in self.pads.values():
            for frame in pad.due(now_ms):
                said += self._sent(frame, now_ms)
        self._stick(now_ms)
        self._crosstalk(now_ms)
        while self._extra and self._extra[0][0] <= now_ms:
            said += heapq.heappop(self._extra)[2]
        return said

    def next_wake(self, now_ms: int) -> int | None:
        wakes = [w for w in (pad.next_wake() for pad in self.pads.values()) if w is not None]
        wakes += [self._extra[0][0]] if self._extra else []
        wakes += [self._next_stuck] if "stuck_key" in self.standing else []
        wakes += [self._next_noise] if "crosstalk" in self.standing else []
        return min(wakes, default=None)

    def look(self) -> Record:
        return {
            "pads": {str(address): pad.look() for address, pad in self.pads.items()},
            "keys": NAMES,
            "skipped_bytes": self._frames.skipped,
            "bad_sums": self._frames.bad_sums,
            "stranger_frames": self._strangers,
        }

    def text(self) -> str:
        return "".join(f"{a:3d} {pad.window:6} [{pad.digits[:3]}|{pad.digits[3:]}]\n" for a, pad in self.pads.items())

    def picture(self) -> None:
        return None

    def act(self, what: str, args: Record, now_ms: int) -> bytes:
        if what == "raw":
            return raw(args)
        if what not in ("press", "rate"):
            raise Refused(f"a keypad bus cannot {what!r}; it can: press, rate, raw")
        pad = self._pad(args)
        keys = keys_of(args.get("keys")) if what == "press" else b""
        key = whole(args, "key", -1, 0, 3) if what == "rate" else 0
        if self._has("silent", pad.address):
            return b""
        if what == "press":
            pad.press(keys, now_ms)
        else:
            pad.rate(key, now_ms)
        return self.tick(now_ms)

    def faults(self) -> tuple[Fault, ...]:
        return MENU

    def fault(self, name: str, args: Record, now_ms: int) -> bytes:
        for setting, (least, most) in BOUNDS.items():
            if setting in args:
                whole(args, setting, least, least, most)
        address = whole(args, "address", ALL, 0, 255)
        if address != ALL and address not in self.pads:
            raise Refused(f"no keypad at address {address}; there are: {', '.join(map(str, self.pads))}")
        self.standing[name] = args
        self._next_stuck = self._next_noise = now_ms
        for pad in self.pads.values():
            if self._has("silent", pad.address):
                pad.keys.forget()
                pad.evaluator.forget()
                pad.digits, pad.inviting = " " * 6, False
        return self.tick(now_ms)

    def heal(self, name: str, now_ms: int) -> bytes:
        self.standing.pop(name, None)
        return b""

    def _sent(self, frame: Frame, now_ms: int) -> bytes:
        """The bytes of a frame as it leaves the device, with what its faults add now and later."""
        bad = 1 if self._has("bad_sum", frame.address) else 0
        data = frame.bytes(sum_off_by=bad)
        if self._has("bounce", frame.address):
            times, within = self._set("bounce", "times"), self._set("bounce", "within_ms")
            for turn in range(1, times):
                self._later(now_ms + max(1, within * turn // times), data)
        if self._has("repeated_frame", frame.address):
            self._later(now_ms + self._set("repeated_frame", "gap_ms"), data)
        return data

    def _stick(self, now_ms: int) -> None:
        self._next_stuck = max(self._next_stuck, now_ms - CATCH_UP_MS)
        while "stuck_key" in self.standing and self._next_stuck <= now_ms:
            frame = Frame(self._set("stuck_key", "address"), KEYS, bytes([self._set("stuck_key", "key")]))
            self._later(self._next_stuck, frame.bytes())
            self._next_stuck += self._set("stuck_key", "every_ms")

    def _crosstalk(self, now_ms: int) -> None:
        self._next_noise = max(self._next_noise, now_ms - CATCH_UP_MS)
        while "crosstalk" in self.standing and self._next_noise <= now_ms:
            self._later(self._next_noise, self._dice.randbytes(self._dice.randint(1, NOISE_BYTES)))
            self._next_noise += self._set("crosstalk", "every_ms")

    def _later(self, at_ms: int, data: bytes) -> None:
        self._order += 1
        heapq.heappush(self._extra, (at_ms, self._order, data))

    def _has(self, fault: str, address: int) -> bool:
        args = self.standing.get(fault)
        return args is not None and args.get("address", ALL) in (ALL, address)

    def _set(self, fault: str, name: str) -> int:
        value = self.standing[fault].get(name)
        assert isinstance(value, int), (fault, name)
        return value

    def _pad(self, args: Record) -> Pad:
        """The pad by `address`, or by the `window` it stands at."""
        for pad in self.pads.values():
            if pad.address == args.get("address") or pad.window == args.get("window"):
                return pad
        raise Refused("name a keypad by its address or its window; there are: " + ", ".join(map(str, self.pads)))


def seats(record: Record) -> dict[int, str]:
    found = record.get("seats", {})
    if not isinstance(found, dict):
        raise CannotStand("the line's seats are not a table")
    numbers = {int(a): str(w) for a, w in found.items() if str(a).isdecimal() and 1 <= int(a) <= 255}
    if len(numbers) != len(found):
        raise CannotStand(f"an FF 68 address is 1 to 255; the line has {', '.join(found)}")
    return dict(sorted(numbers.items()))


def keys_of(keys: Json) -> bytes:
    """ "06 0F", or the numbers [6, 15]."""
    try:
        pressed = bytes.fromhex(keys) if isinstance(keys, str) else b""
    except ValueError:
        pressed = b""
    if isinstance(keys, list):
        pressed = bytes(key for key in keys if isinstance(key, int) and 0 <= key <= 255)
    if not 1 <= len(pressed) <= PRESS_MAX or (isinstance(keys, list) and len(pressed) != len(keys)):
        raise Refused(f'press 1 to {PRESS_MAX} keys: two-digit hex numbers "06 0F" or a list, not {keys!r}')
    if any(key > 9 for key in pressed[:-1]):
        raise Refused("digits first, then one key")
    return pressed


def raw(args: Record) -> bytes:
    """Any bytes on the wire: a foreign device, a test's own frame."""
    text = args.get("hex")
    try:
        data = bytes.fromhex(text if isinstance(text, str) else "?")
    except ValueError:
        raise Refused("raw takes hex: the bytes to put on the wire") from None
    if not 1 <= len(data) <= RAW_MAX:
        raise Refused(f"1 to {RAW_MAX} bytes at a time")
    return data
