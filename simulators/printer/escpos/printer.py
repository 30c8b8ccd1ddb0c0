"""The printer as a box: a receive buffer, a head that takes its time, a roll, and what can be wrong with it.

Bytes wait in the buffer until everything before them is on paper; real-time commands are obeyed as they arrive.
Off-line for any reason it stops reading, and later goes on where it stopped, on the new roll if need be: a host that
does not want its backlog must clear it. Not certain: whether the real machine finishes the line at the end of the paper
(here it does), and whether a freed knife finishes its cut (here it does).
"""

from __future__ import annotations

from typing import ClassVar

from simulators.box import Fault, Record, Refused, Spec, whole
from simulators.printer.escpos import drawing, paper
from simulators.printer.escpos.breaking import MENU, Breaks
from simulators.printer.escpos.head import Ask, Beep, Cut, Effect, Head, Report, Unknown
from simulators.printer.escpos.reading import Reader, RealTime
from simulators.printer.escpos.status import Status

BUFFER_MAX = 256 * 1024  # bytes not printed yet; what does not fit is lost
ROLL_MM = 80_000  # a full roll
LOW_MM = 3_000  # the near-end sensor sees this much
SPEED_MM_S = 250  # of a kiosk printer
CUT_MS = 150
LOOK_SLIPS = 5  # slips in a look; the tray holds more
IDENTITY = {65: b"_1.00\0", 66: b"_Onewindow\0", 67: b"_escpos twin\0"}


class EscposPrinter:
    kind = "printer"
    one_client = False
    mends: ClassVar = {"load_paper": ("paper_out",)}

    def __init__(self, spec: Spec) -> None:
        self.id = spec.id
        self.breaks = Breaks(spec.dice)
        self.roll = paper.Roll(ROLL_MM)
        self.beeps = self.overrun = 0
        self.unknown: dict[str, int] = {}
        self.reader = Reader()
        self._head = Head(self.reader)
        self._real_time = RealTime()
        self._wanted = 0  # GS a: what to tell unasked
        self._told = self.status
        self._stuck: Cut | None = None  # a cut the knife could not finish
        self._busy_until = 0
        self._starved = True  # all that came is read, but for half a command

    @property
    def status(self) -> Status:
        left = self.roll.left_dots
        seen = Status(low=left < LOW_MM * paper.DOTS_PER_MM, out=left <= 0)
        return self.breaks.seen(seen)

    @property
    def slips(self) -> list[paper.Slip]:
        """What lies in the tray, oldest first."""
        return list(self.roll.tray)

    def heard(self, data: bytes, now_ms: int) -> bytes:
        if self.breaks.power_off:
            return b""
        if self._starved:
            self._busy_until = max(self._busy_until, now_ms)
        said, stored = b"", 0
        for end, command in self._real_time.find(data):
            self._store(data[stored:end])
            said, stored = said + self._at_once(command, now_ms), end
        self._store(data[stored:])
        return said + self.tick(now_ms)

    def connected(self, now_ms: int) -> bytes:
        self._real_time.forget()
        if self._starved:
            self.reader.clear()
        return b""

    def tick(self, now_ms: int) -> bytes:
        said = b""
        while not (self._starved or self.status.stopped or self.breaks.power_off) and self._busy_until <= now_ms:
            before = len(self.reader)
            read = self.reader.next()
            if read is None:
                self._starved = True
                break
            self.breaks.read(before - len(self.reader), self.roll)
            for effect in self._head.do(read):
                said += self._act_on(effect)
            said += self._changes()
        return said + self._changes()

    def next_wake(self, now_ms: int) -> int | None:
        """When the paper stands still again."""
        waiting = not (self._starved or self.status.stopped or self.breaks.power_off)
        return self._busy_until if waiting or self._busy_until > now_ms else None

    def look(self) -> Record:
        status = self.status
        return {
            "online": not status.stopped,
            "paper": "out" if status.out else "low" if status.low else "ok",
            "paper_left_mm": max(0, self.roll.left_dots // paper.DOTS_PER_MM),
            "cover_open": status.cover,
            "cutter_fault": status.cutter,
            "power": not self.breaks.power_off,
            "waiting_bytes": len(self.reader),
            "overrun_bytes": self.overrun,
            "beeps": self.beeps,
            "unknown": dict(self.unknown),
            "printed": self.roll.slip.number - 1,
            "slips": [slip.look() for slip in self.slips[-LOOK_SLIPS:]],
            "slip": self.roll.slip.look(),
        }

    def text(self) -> str:
        return drawing.as_text([*self.slips, self.roll.slip])

    def picture(self) -> bytes:
        return drawing.as_png([*self.slips, self.roll.slip])

    def act(self, what: str, args: Record, now_ms: int) -> bytes:
        if what == "load_paper":
            self._load(whole(args, "mm", ROLL_MM, 0, ROLL_MM), now_ms)
        elif what == "feed":
            self.roll.put(paper.Blank(whole(args, "mm", 10, 1, 200) * paper.DOTS_PER_MM))
        elif what == "tear":
            self.roll.part("torn", now_ms)
        elif what == "empty_tray":
            self.roll.tray.clear()
        else:
            raise Refused(f"a printer cannot {what!r}; it can: load_paper, feed, tear, empty_tray")
        return self._resume(now_ms)

    def faults(self) -> tuple[Fault, ...]:
        return MENU

    def fault(self, name: str, args: Record, now_ms: int) -> bytes:
        self.breaks.begin(name, args, self.roll)
        if name == "power_off":
            self._forget()
        return self._resume(now_ms)

    def heal(self, name: str, now_ms: int) -> bytes:
        self.breaks.end(name)
        if name in ("paper_out", "paper_low") and self.roll.left_dots < LOW_MM * paper.DOTS_PER_MM:
            self._load(ROLL_MM, now_ms)
        return self._resume(now_ms)

    def _store(self, data: bytes) -> None:
        room = max(0, BUFFER_MAX - len(self.reader))
        self.overrun += len(data[room:])
        self.reader.put(data[:room])
        self._starved = False

    def _at_once(self, command: bytes, now_ms: int) -> bytes:
        if command[1] == 0x04:
            return self._answer(self.status.real_time(command[2]))
        if command == RealTime.CLEAR or command[2] == 2:  # DLE ENQ 2: recover and forget
            self.reader.clear()
            self._head.drop_line()
            self._busy_until = now_ms
        return self._answer(b"\x37\x25\0") if command == RealTime.CLEAR else b""

    def _act_on(self, effect: Effect) -> bytes:
        if isinstance(effect, Cut):
            return self._cut(effect)
        if isinstance(effect, Ask):
            return self._reply(effect)
        if isinstance(effect, Report):
            self._wanted = effect.wanted
            self._told = self.status
            return self._answer(self.status.automatic()) if effect.wanted else b""
        if isinstance(effect, Beep):
            self.beeps += effect.times
        elif isinstance(effect, Unknown):
            name = effect.name.hex(" ")
            self.unknown[name] = self.unknown.get(name, 0) + 1
        else:
            self.roll.put(effect)
            self._busy_until += self.breaks.takes_ms(effect.dots / paper.DOTS_PER_MM, SPEED_MM_S)
        return b""

    def _cut(self, cut: Cut) -> bytes:
        self.breaks.cutting()
        if self.status.cutter:
            self._stuck = cut
        else:
            self.roll.part(cut.how, self._busy_until)
            self._busy_until += CUT_MS
        return b""

    def _reply(self, ask: Ask) -> bytes:
        if ask.what == "paper":
            return self._answer(self.status.paper())
        if ask.what == "drawer":
            return self._answer(b"\0")
        if ask.what == "done":
            return self._answer(b"\x37\x22" + ask.about + b"\0")
        return self._answer(IDENTITY.get(ask.about[0], b"\x20")) if ask.what == "identity" else b""

    def _changes(self) -> bytes:
        """What GS a promised to tell, when it changed."""
        status = self.status
        if not self._wanted or self.breaks.power_off or not status.differs(self._told, self._wanted):
            return b""
        self._told = status
        return self._answer(status.automatic())

    def _answer(self, said: bytes) -> bytes:
        return self.breaks.answer(said)

    def _load(self, mm: int, now_ms: int) -> None:
        """A new roll: what was half printed is torn off, and the rest of it comes on the new one."""
        self.roll.part("torn", now_ms)
        self.roll.left_dots = mm * paper.DOTS_PER_MM
        self.breaks.end("paper_out")

    def _resume(self, now_ms: int) -> bytes:
        """After a hand was on it: say what changed and go on."""
        if not self.status.stopped:
            self._busy_until = max(self._busy_until, now_ms)
        if self._stuck is not None and not self.status.cutter:
            self.roll.part(self._stuck.how, now_ms)
            self._stuck = None
        return self.tick(now_ms)

    def _forget(self) -> None:
        """The power went: the buffer, the styles and what it promised to tell are gone."""
        self.reader.clear()
        self._real_time.forget()
        self._head.reset()
        self._wanted, self._busy_until = 0, 0
