"""What can be wrong with a printer, by name, and how it then behaves."""

from __future__ import annotations

import random
from dataclasses import replace

from simulators.box import Fault, Record, whole
from simulators.printer.escpos.paper import DOTS_PER_MM, Roll
from simulators.printer.escpos.status import Status

MENU = (
    Fault("paper_low", "纸将尽", "The near-end sensor sees the end of the roll; it prints on."),
    Fault(
        "paper_out",
        "缺纸",
        "The roll ends: at once, or after so many more millimetres or bytes (mid-slip). Healing puts in a new roll.",
        {"after_mm": 0, "after_bytes": 0},
    ),
    Fault("cover_open", "上盖打开", "The cover is open: it stops and waits."),
    Fault("cutter_jam", "切刀卡住", "The cutter is stuck: now, or at the next cut.", {"at_next_cut": 0}),
    Fault("offline", "脱机", "Switched off-line by hand."),
    Fault("slow", "打印变慢", "The paper moves at so many millimetres a second.", {"mm_per_s": 20}),
    Fault("garbage_status", "状态乱码", "Its answers are random bytes."),
    Fault("silent_status", "不回状态", "It prints, but answers nothing."),
    Fault("power_off", "断电", "No power: nothing is heard, nothing printed; the buffer is lost."),
)
FAR = 1_000_000  # mm or bytes: a roll is shorter, and so is a day's paper


class Breaks:
    """The faults that stand, and what each does to status, answers and speed."""

    def __init__(self, dice: random.Random) -> None:
        self.standing: dict[str, Record] = {}
        self._dice = dice
        self._bytes_left: int | None = None  # until the paper ends
        self._jams_at_cut = False

    @property
    def power_off(self) -> bool:
        return "power_off" in self.standing

    def begin(self, name: str, args: Record, roll: Roll) -> None:
        if name == "paper_out":
            after_mm, after_bytes = whole(args, "after_mm", 0, 0, FAR), whole(args, "after_bytes", 0, 0, FAR)
            self._bytes_left = after_bytes or None
            if not after_bytes:
                roll.left_dots = min(roll.left_dots, after_mm * DOTS_PER_MM)
        elif name == "slow":
            whole(args, "mm_per_s", 20, 1, 1000)
        elif name == "cutter_jam":
            self._jams_at_cut = bool(whole(args, "at_next_cut", 0, 0, 1))
            if self._jams_at_cut:
                return
        self.standing[name] = args

    def end(self, name: str) -> None:
        self.standing.pop(name, None)
        if name == "paper_out":
            self._bytes_left = None
        elif name == "cutter_jam":
            self._jams_at_cut = False

    def seen(self, status: Status) -> Status:
        """The status with what stands added."""
        return replace(
            status,
            low=status.low or "paper_low" in self.standing,
            cover="cover_open" in self.standing,
            cutter="cutter_jam" in self.standing,
            offline="offline" in self.standing,
        )

    def read(self, size: int, roll: Roll) -> None:
        """So many more bytes were worked off; the paper may end with them."""
        if self._bytes_left is None:
            return
        self._bytes_left -= size
        if self._bytes_left <= 0:
            self._bytes_left = None
            roll.left_dots = min(roll.left_dots, 0)

    def cutting(self) -> None:
        """The knife moves; a jam that waited for it begins."""
        if self._jams_at_cut:
            self._jams_at_cut = False
            self.standing["cutter_jam"] = {}

    def takes_ms(self, mm: float, mm_per_s: int) -> int:
        slow = self.standing.get("slow")
        return round(mm * 1000 / (whole(slow, "mm_per_s", 20, 1, 1000) if slow is not None else mm_per_s))

    def answer(self, said: bytes) -> bytes:
        if "silent_status" in self.standing or self.power_off:
            return b""
        return self._dice.randbytes(len(said)) if "garbage_status" in self.standing else said
