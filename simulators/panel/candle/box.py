"""The board as a box: one row of characters, mute. Several of them share one bus line, told apart by address.

The plan gives its address (on the wire 20 hex is added: 1 is 21) and its places (`columns`). The text is kept in RAM,
the address in flash: after a power cut the row is dark. A blink is half a second off, half a second on.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulators.box import CannotStand, Fault, Record, Refused, Spec
from simulators.fonts import HEIGHT
from simulators.panel.candle.language import ALWAYS, ANY, LEAST, MOST, Dim, Framing, Order, Rename, Show
from simulators.panel.frame_buffer import RED, FrameBuffer
from simulators.panel.picture import png
from simulators.panel.record import HALF, place_of

BLINK_MS = 500  # off, then as long on
BRIGHTEST = 15  # of a picture; the board has four steps
ARROWS = {"<": "←", ">": "→"}

MAINS_OUT = ("power_off", "power_cycle")
FAULTS = (
    Fault("power_off", "断电", "The mains are out: dark, the text is lost. Healing brings the mains back."),
    Fault("power_cycle", "断电重启", "The mains fail for a moment: the text is lost.", {"for_ms": 2000}),
    Fault("deaf", "接收故障", "It hears nothing and goes on showing what it showed."),
)


class CandleBoard:
    """One board on an RS-485 bus."""

    kind = "panel"

    def __init__(self, spec: Spec) -> None:
        self.id = spec.id
        self.place = place_of(spec.record)
        self.address = LEAST + self.place.address  # as on the wire
        if self.address > MOST:
            raise CannotStand(f"a Candle board's address is 0 to {MOST - LEAST}, not {self.place.address}")
        self._framing = Framing()
        self._standing: set[str] = set()
        self._now_ms = self._blinks_since = 0
        self._text = ""
        self._blinks = self._dim = self._version = self._others = 0
        self._rows = self._drawn()

    def heard(self, data: bytes, now_ms: int) -> bytes:
        self._now_ms = now_ms
        if self._standing.isdisjoint(("deaf", *MAINS_OUT)):
            for order in self._framing.cut(data):
                self._obey(order)
            self._redraw()
        return b""

    def connected(self, now_ms: int) -> bytes:
        self._now_ms = now_ms
        return b""

    def tick(self, now_ms: int) -> bytes:
        self._now_ms = now_ms
        self._redraw()
        return b""

    def next_wake(self, now_ms: int) -> int | None:
        passed = (now_ms - self._blinks_since) // BLINK_MS
        if not self._blinks or (self._blinks != ALWAYS and passed >= 2 * self._blinks):
            return None
        return self._blinks_since + (passed + 1) * BLINK_MS

    def look(self) -> Record:
        return {
            "driver": "candle", "window": self.place.window, "name": self.place.name, "address": self.address - LEAST,
            "width": self._width, "height": HEIGHT, "mains": self._standing.isdisjoint(MAINS_OUT), "lit": True,
            "brightness": self.brightness, "blinks": self._blinks, "lines": self.lines(), "rows": self._rows,
            "version": self._version,
            "frames": {"ok": self._framing.ok, "bad": self._framing.bad, "elsewhere": self._others},
        }  # fmt: skip

    @property
    def brightness(self) -> int:
        return BRIGHTEST - self._dim * 4

    def lines(self) -> list[str]:
        return [self._text] if self._text.strip() else []

    def text(self) -> str:
        return "\n".join(self.lines())

    def picture(self) -> bytes:
        return png(self._rows, self.brightness)

    def act(self, what: str, args: Record, now_ms: int) -> bytes:
        raise Refused(f"nobody touches a panel: {what!r}")

    def faults(self) -> Sequence[Fault]:
        return FAULTS

    def fault(self, name: str, args: Record, now_ms: int) -> bytes:
        self._now_ms = now_ms
        if name in MAINS_OUT:
            self._framing = Framing()
            self._text, self._blinks, self._dim = "", 0, 0
        self._standing.add(name)
        self._redraw()
        return b""

    def heal(self, name: str, now_ms: int) -> bytes:
        self._now_ms = now_ms
        self._standing.discard(name)
        return b""

    @property
    def _width(self) -> int:
        return self.place.columns * HALF

    def _obey(self, order: Order) -> None:
        to = order.old if isinstance(order, Rename) else order.address
        if to not in (self.address, ANY):
            self._others += 1
        elif isinstance(order, Show):
            self._text = (order.text + self._text[len(order.text) :])[: self.place.columns]
            self._blinks, self._blinks_since = order.blinks, self._now_ms
        elif isinstance(order, Dim):
            self._dim = order.level
        else:
            self.address = order.new

    def _redraw(self) -> None:
        rows = self._drawn()
        if rows != self._rows:
            self._rows = rows
            self._version += 1

    def _drawn(self) -> list[str]:
        buffer = FrameBuffer(self._width, HEIGHT)
        whole = (0, 0, self._width, HEIGHT)
        for place, character in enumerate("" if self._dark_now() else self._text):
            buffer.draw(ARROWS.get(character, character), HALF, RED, place * HALF, 0, whole)
        return buffer.rows()

    def _dark_now(self) -> bool:
        """In the dark half of a blink."""
        passed = (self._now_ms - self._blinks_since) // BLINK_MS
        return self._blinks != 0 and passed % 2 == 0 and (self._blinks == ALWAYS or passed < 2 * self._blinks)
