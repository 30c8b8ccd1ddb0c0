"""What a driver must be: meanings in, bytes out; bytes in, meanings out. A driver holds no socket and no clock.

A driver is a folder `<room>/<family>/<name>/` with `__init__.py` (names its class as `Driver`), `wire.py`,
`card.toml` and `captures/`. It keeps half a frame until the other half comes, and that is all the state it has.
`heard` never raises on foreign bytes: what cannot be read becomes a trouble record, and reading goes on behind it.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec


class Meaning(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Something a device said or is told."""


class Showing(Meaning, frozen=True):
    """What a panel is to show. `lines` are whole texts, top first; a driver cuts them to its `columns`."""

    lines: tuple[str, ...]
    blink: bool = False  # the called number flashes
    brightness: int = 15  # 0..15
    address: int = 1
    width_px: int = 128
    height_px: int = 32


class PanelAnswered(Meaning, frozen=True):
    """The box answered one frame: `ok`, or refused with the maker's code and its name."""

    ok: bool
    address: int = 0
    code: int = 0
    name: str = ""


class Garbled(Meaning, frozen=True):
    """Bytes that are no frame of this protocol; at most the first 32 are kept for the log."""

    why: str
    data: bytes = b""


class PanelDriver(Protocol):
    """A LED panel's protocol (room displays, family panels)."""

    answers: bool  # False for a mute box: it is repainted periodically and shown "unconfirmed"

    def __init__(self, *, options: dict[str, str | int | bool]) -> None: ...
    def show(self, showing: Showing) -> list[bytes]: ...  # frames, each sent and answered before the next
    def ask(self, address: int) -> bytes: ...  # "are you there?", b"" for a mute box
    def heard(self, data: bytes) -> list[PanelAnswered | Garbled]: ...


class KeyPressed(Meaning, frozen=True):
    """A frame from a keypad: the digits typed before and the key itself, as the maker numbers them."""

    address: int
    keys: tuple[int, ...]  # typed digits 0..9, then one key code
    echo: bytes = b""  # to be written at once: "frame received"


class EvaluatorPressed(Meaning, frozen=True):
    """A frame from the evaluator at a window: which of its keys."""

    address: int
    key: int
    echo: bytes = b""


class Readback(Meaning, frozen=True):
    """What a keypad's six digits show: people waiting (left three), last three digits of the number (right three).

    `waiting` None leaves the left blank, above 999 shows 999; `number` "" leaves the right blank.
    """

    address: int
    waiting: int | None = None
    number: str = ""


class KeypadDriver(Protocol):
    """A keypad bus (room caller, family keypads)."""

    def __init__(self, *, options: dict[str, str | int | bool]) -> None: ...
    def read_back(self, shown: Readback) -> bytes: ...
    def refuse(
        self, address: int, code: int, waiting: int | None = None
    ) -> list[bytes]: ...  # code on the right three digits, then a beep
    def beep(self, address: int) -> bytes: ...
    def invite_rating(self, address: int) -> bytes: ...
    def heard(self, data: bytes) -> list[KeyPressed | EvaluatorPressed | Garbled]: ...


class PrinterState(Meaning, frozen=True):
    """What the printer says of itself; a fault is a word of the closed list below."""

    online: bool = True
    paper: Literal["ok", "low", "out"] = "ok"
    cover_open: bool = False
    cutter_fault: bool = False
    error: bool = False

    @property
    def fault(self) -> str:
        """The worst of it: "" | "paper_low" | "paper_out" | "cover_open" | "cutter" | "error" | "offline"."""
        if self.paper == "out":
            return "paper_out"
        if self.cover_open:
            return "cover_open"
        if self.cutter_fault:
            return "cutter"
        if self.error:
            return "error"
        if not self.online:
            return "offline"
        return "paper_low" if self.paper == "low" else ""


class SlipDone(Meaning, frozen=True):
    """The printer has worked off everything sent before the question (its ordered status answer came back)."""

    paper: Literal["ok", "low", "out"]


class Slip(Meaning, frozen=True):
    """A queue slip, ready to print: every text already chosen from the catalogues."""

    title: str
    number: str
    copy_mark: str = ""  # 补打 on a reprint
    lines: tuple[str, ...] = ()
    qr: str = ""  # address of the status page
    notice: str = ""
    columns: int = 48


class PrinterDriver(Protocol):
    """A slip printer (room kiosk, family printers)."""

    def __init__(self, *, options: dict[str, str | int | bool]) -> None: ...
    def wake(self) -> bytes: ...  # sent when the line comes up: initialise, report status changes unasked
    def ask(self) -> bytes: ...  # real-time status request, answered even while printing
    def clear(self) -> bytes: ...  # forget what is not printed yet: a slip given up never comes out later
    def part(self) -> bytes: ...  # cut off what stands half printed: two numbers are never on one piece of paper
    def print(self, slip: Slip) -> bytes: ...  # the job, ending with the ordered status question
    def heard(self, data: bytes) -> list[PrinterState | SlipDone | Garbled]: ...
