"""The card as a box: frames for its address are obeyed and answered, others pass by; its faults; its back door.

Replies carry the two addresses swapped (destination = who asked, source = the screen). The plan's panel gives address,
size (columns x 8, lines x 16 dots) and what X and width count in (option `unit`; "pixels" is a 6K card). A test may
give a `model`: a BX-6.. counts in pixels, one with YY in its name speaks.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulators.box import Fault, Json, Record, Refused, Spec, whole
from simulators.panel.onbon_bx.commands import Card, Error, nack
from simulators.panel.onbon_bx.screen import Screen
from simulators.panel.onbon_bx.wire import Frame, Framing, read, reply
from simulators.panel.picture import png
from simulators.panel.record import Place, place_of

ANYBODY, EVERYBODY = 0xFFFE, 0xFFFF  # addresses: whoever is on this line; all, unanswered (clock only)
NO_REPLY = 2  # reply flag
SLOW_MAX_MS = 60_000
GARBAGE = 24  # bytes

MAINS_OUT = ("power_off", "power_cycle")
FAULTS = (
    Fault("power_off", "断电", "The mains are out: dark, silent, all areas lost. Healing brings the mains back."),
    Fault("power_cycle", "断电重启", "The mains fail for a moment: all areas lost.", {"for_ms": 2000}),
    Fault("no_reply", "不应答", "It obeys and does not answer."),
    Fault("nack_busy", "忙（拒绝）", "Every command is refused with code 03, busy."),
    Fault("nack", "拒绝（指定代码）", "Every command is refused with this error code.", {"code": 4}),
    Fault("bad_crc_reply", "应答校验错", "Its answers carry a wrong CRC."),
    Fault("garbage", "应答乱码", "It answers with random bytes."),
    Fault("slow", "应答慢", "It answers this late.", {"ms": 1500}),
)


class OnbonCard:
    """One BX font card and the lamps in front of it."""

    kind = "panel"
    one_client = True  # a card's socket serves one host at a time

    def __init__(self, spec: Spec) -> None:
        self.id = spec.id
        self.place: Place = place_of(spec.record)
        self._dice = spec.dice
        model = str(self.place.options.get("model", "BX-5K1"))
        self._card = Card(
            Screen(self.place.width, self.place.height),
            pixel_units=model.startswith("BX-6") or self.place.options.get("unit") == "pixels", speaks="YY" in model,
            barcode=b"BX5K000000000001", net_id=b"NETID0000001",
        )  # fmt: skip
        self._framing = Framing()
        self._standing: dict[str, Record] = {}
        self._late: list[tuple[int, bytes]] = []
        self._frames = {"ok": 0, "bad": 0, "refused": 0, "elsewhere": 0, "strange": 0}
        self._now_ms = 0

    def heard(self, data: bytes, now_ms: int) -> bytes:
        self._now_ms = now_ms
        if not self._mains:
            return b""
        answers = b"".join(self._hear(read(body)) for body in self._framing.cut(data))
        self._redraw()
        if "slow" not in self._standing or not answers:
            return answers
        self._late.append((now_ms + whole(self._standing["slow"], "ms", 1500, 0, SLOW_MAX_MS), answers))
        return b""

    def connected(self, now_ms: int) -> bytes:
        self._now_ms = now_ms
        self._framing.forget()
        return b""

    def tick(self, now_ms: int) -> bytes:
        self._now_ms = now_ms
        due = b"".join(answer for at_ms, answer in self._late if at_ms <= now_ms)
        self._late = [late for late in self._late if late[0] > now_ms]
        self._redraw()
        return due

    def next_wake(self, now_ms: int) -> int | None:
        times = [at_ms for at_ms, _ in self._late]
        if (turn := self._card.screen.next_turn(now_ms)) is not None:
            times.append(turn)
        return min(times, default=None)

    def look(self) -> Record:
        areas: list[Json] = list(self._card.screen.areas())
        return {
            "driver": "onbon_bx", "window": self.place.window, "name": self.place.name, "address": self.place.address,
            "width": self.place.width, "height": self.place.height, "mains": self._mains, "lit": self._lit,
            "brightness": self._card.brightness(self._now_ms), "clock": f"{self._card.time(self._now_ms):%F %T}",
            "lines": self.lines(), "areas": areas, "rows": self._card.screen.rows,
            "version": self._card.screen.version, "lit_at_ms": self._card.screen.lit_at_ms,
            "frames": {**self._frames, "noise_bytes": self._framing.noise}, "spoken": list(self._card.spoken),
        }  # fmt: skip

    def lines(self) -> list[str]:
        return self._card.screen.lines(self._now_ms) if self._lit else []

    def text(self) -> str:
        return "\n".join(self.lines())

    def picture(self) -> bytes:
        return png(self._card.screen.rows, self._card.brightness(self._now_ms))

    def act(self, what: str, args: Record, now_ms: int) -> bytes:
        raise Refused(f"nobody touches a panel: {what!r}")

    def faults(self) -> Sequence[Fault]:
        return FAULTS

    def fault(self, name: str, args: Record, now_ms: int) -> bytes:
        self._now_ms = now_ms
        if name == "nack":
            whole(args, "code", 4, 1, 255)
        elif name == "slow":
            whole(args, "ms", 1500, 0, SLOW_MAX_MS)
        self._standing[name] = args
        if not self._mains:
            self._lose_power()
        self._redraw()
        return b""

    def heal(self, name: str, now_ms: int) -> bytes:
        self._now_ms = now_ms
        self._standing.pop(name, None)
        self._redraw()
        return b""

    @property
    def _lit(self) -> bool:
        return self._card.lit and self._mains

    @property
    def _mains(self) -> bool:
        return self._standing.keys().isdisjoint(MAINS_OUT)

    def _lose_power(self) -> None:
        self._framing.forget()
        self._late.clear()
        self._card.lose_power()

    def _redraw(self) -> None:
        self._card.screen.redraw(self._now_ms, self._lit)

    def _hear(self, frame: Frame | None) -> bytes:
        """The answer to one frame, b"" for none."""
        if frame is None:
            self._frames["strange"] += 1
            return b""
        if not self._for_me(frame):
            self._frames["elsewhere"] += 1
            return b""
        data = self._judged(frame)
        if frame.destination == EVERYBODY or frame.data[2:3] == bytes((NO_REPLY,)) or "no_reply" in self._standing:
            return b""
        if "garbage" in self._standing:
            return self._dice.randbytes(GARBAGE)
        return reply(frame.source, self.place.address, data, spoil_crc="bad_crc_reply" in self._standing)

    def _for_me(self, frame: Frame) -> bool:
        if frame.destination == EVERYBODY:
            return frame.data[:2] == b"\xa2\x03"
        return frame.destination in (self.place.address, ANYBODY)

    def _judged(self, frame: Frame) -> bytes:
        """The reply's data; counts what became of the frame."""
        if not frame.intact:
            self._frames["bad"] += 1
            return nack(Error.CHECKSUM)
        if "nack_busy" in self._standing:
            data = nack(Error.BUSY)
        elif "nack" in self._standing:
            data = nack(whole(self._standing["nack"], "code", 4, 1, 255))
        else:
            data = self._card.do(frame.data, self._now_ms)
        self._frames["refused" if data[:2] == b"\xa0\x01" else "ok"] += 1
        return data
