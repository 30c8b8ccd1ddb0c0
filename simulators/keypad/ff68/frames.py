"""The bus's frames: `FF 68 | L | L | 68 | addr | func | data | sum | 16`, 9600 8N1.

L counts addr, func and data and comes twice; sum is the low byte of their sum. Source: a hall system in use. Not
certain: the function byte of key frames (01 here), and whether the real device checks sums (ours does).
"""

from __future__ import annotations

from dataclasses import dataclass

KEYS, DISPLAY, BEEP, RATED = 0x01, 0x02, 0x03, 0x11  # functions
START, END = b"\xff\x68", 0x16
BODY_MIN, BODY_MAX = 2, 32  # addr, func and data; a display frame has eight

NAMES = {
    **{f"{digit:02X}": str(digit) for digit in range(10)},
    "0B": "评价",
    "0C": "呼叫",
    "0D": "重呼",
    "0E": "取消",
    "0F": "确认",
    "11": "一米",
    "12": "暂停",
    "13": "转移",
}


@dataclass(frozen=True, slots=True)
class Frame:
    address: int
    function: int
    data: bytes

    def bytes(self, sum_off_by: int = 0) -> bytes:
        """As it goes over the wire; `sum_off_by` for a device whose sums are wrong."""
        body = bytes([self.address, self.function]) + self.data
        ends = bytes([(sum(body) + sum_off_by) & 0xFF, END])
        return START + bytes([len(body), len(body)]) + b"\x68" + body + ends


class Frames:
    """Bytes in, whole frames out; what is no frame is counted and stepped over byte by byte."""

    def __init__(self) -> None:
        self.skipped = self.bad_sums = 0
        self._data = b""

    def put(self, data: bytes) -> list[Frame]:
        self._data += data
        found: list[Frame] = []
        while True:
            start = self._data.find(START[0])
            self._skip(len(self._data) if start < 0 else start)
            size = self._size()
            if size is None or len(self._data) < size:
                return found
            frame = self._take(size) if size else None
            if frame is None:
                self._skip(1)
            else:
                found.append(frame)

    def _size(self) -> int | None:
        """Bytes of the frame at the start, 0 if it cannot be one, None while it is too short to tell."""
        for at, fixed in ((1, START[1]), (4, 0x68)):
            if len(self._data) > at and self._data[at] != fixed:
                return 0
        if len(self._data) > 2 and not BODY_MIN <= self._data[2] <= BODY_MAX:
            return 0
        if len(self._data) > 3 and self._data[2] != self._data[3]:
            return 0
        return self._data[2] + 7 if len(self._data) > 4 else None

    def _take(self, size: int) -> Frame | None:
        whole = self._data[:size]
        body, total, end = whole[5:-2], whole[-2], whole[-1]
        if end != END:
            return None
        if total != sum(body) & 0xFF:
            self.bad_sums += 1
            return None
        self._data = self._data[size:]
        return Frame(body[0], body[1], body[2:])

    def _skip(self, size: int) -> None:
        self.skipped += size
        self._data = self._data[size:]
