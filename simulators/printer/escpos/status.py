"""What the printer says of itself, byte by byte: DLE EOT 1..4, GS r, and the four bytes of automatic status."""

from __future__ import annotations

from dataclasses import dataclass

FIXED = 0x12  # bits 1 and 4 are always set in a real-time answer
ASB_DRAWER, ASB_ONLINE, ASB_ERROR, ASB_PAPER = 0x01, 0x02, 0x04, 0x08


@dataclass(frozen=True, slots=True)
class Status:
    low: bool = False
    out: bool = False
    cover: bool = False
    cutter: bool = False
    offline: bool = False  # switched off-line by hand

    @property
    def stopped(self) -> bool:
        """Off-line for any reason: nothing more is read from the buffer."""
        return self.out or self.cover or self.cutter or self.offline

    def real_time(self, n: int) -> bytes:
        """The answer to DLE EOT n; nothing for an n the manual does not have."""
        if n == 1:
            return bytes([FIXED | 0x08 * self.stopped])
        if n == 2:
            return bytes([FIXED | 0x04 * self.cover | 0x20 * self.out | 0x40 * self.cutter])
        if n == 3:
            return bytes([FIXED | 0x08 * self.cutter])
        if n == 4:
            return bytes([FIXED | 0x0C * (self.low or self.out) | 0x60 * self.out])
        return b""

    def paper(self) -> bytes:
        """The answer to GS r 1, given in its turn."""
        return bytes([0x03 * (self.low or self.out) | 0x0C * self.out])

    def automatic(self) -> bytes:
        first = 0x10 | 0x08 * self.stopped | 0x20 * self.cover
        return bytes([first, 0x08 * self.cutter]) + self.paper() + b"\x00"

    def differs(self, other: Status, wanted: int) -> bool:
        """Whether anything the host asked to be told of (GS a n) has changed."""
        mine, theirs = self.automatic(), other.automatic()
        return bool(
            (wanted & ASB_ONLINE and mine[0] != theirs[0])
            or (wanted & ASB_ERROR and mine[1] != theirs[1])
            or (wanted & ASB_PAPER and mine[2] != theirs[2])
        )
