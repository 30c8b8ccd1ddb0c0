"""One window's keypad and evaluator: a press becomes a question to the hall, its answer a read-back or a code.

Presses of one keypad are asked one after the other, in order. A press has PATIENCE_S; after that the keypad says 99 and
beeps, the letter is never sent again, and its id is never used for anything else: a late answer calls nobody twice.
"""

from __future__ import annotations

import asyncio

import msgspec
import structlog

from caller.bus import Bus
from caller.meaning import RATE, steps
from caller.standing import Standing
from hall.commands import Principal
from hall.events import CommandRefused, Recorded
from hall.faults import TheirFault
from hall.names import KEYPAD_CODE, DeviceId, Role, Why
from hall.plan.model import KeypadLine, Window
from hall.plan.pressing import Meant, Pressing, Typed, Unclear
from hall.ports import KeypadDriver
from transport.asking import Asking, NotAnswered
from transport.oddities import Oddities

NO_ANSWER_CODE = 99  # no Why has it: the hall did not answer
PATIENCE_S = 5.0  # real: a person looks at the keypad no longer; a broker or controller restarts in half of it
RATING_PATIENCE_S = 20.0  # real: the citizen has left, but the rating still counts
PRESSES_MAX = 8  # of one keypad waiting for their turn; nobody presses more keys ahead
REST_MS = {"PauseOrResume": 1500, "Recall": 1500, "AddMatter": 1500}
"""The same word again this soon is the same press: it would undo or double what was meant, with no guard behind it. The
keypad says so, for who pressed twice on purpose must not believe that it counted."""

log = structlog.get_logger("caller")


class Press(msgspec.Struct, frozen=True):
    """A press with its meaning, on its way."""

    meant: Meant
    until_s: float  # loop time


class Desk:
    """A window with its address on the line."""

    def __init__(
        self,
        window: Window,
        address: int,
        line: KeypadLine,
        who: DeviceId,
        driver: KeypadDriver,
        bus: Bus,
        standing: Standing,
        odd: Oddities,
        invites_by_itself: bool,
    ) -> None:
        self.window, self.address, self.device = window, address, f"keypad-{window.id}"
        self._levels, self._who, self._driver = line.levels, who, driver
        self._bus, self._standing, self._odd, self._invites = bus, standing, odd, invites_by_itself
        self._pressing = Pressing(line)
        self._presses: asyncio.Queue[Press] = asyncio.Queue(PRESSES_MAX)
        self._ratings: asyncio.Queue[Press] = asyncio.Queue(PRESSES_MAX)
        self._words: dict[str, int] = {}  # word: when it was pressed last
        self._asked: list[Meant] = []  # pressed and not yet answered
        self.heard_ms: int | None = None  # the last sign of the keypad

    # -- presses -------------------------------------------------------------------------------------------------------

    def press(self, keys: tuple[int, ...], now_ms: int) -> None:
        """Keys of the keypad; `now_ms` is of a clock that only grows."""
        said = self._pressing.press(keys, now_ms)
        if isinstance(said, Typed):
            return
        if isinstance(said, Unclear):
            self._odd.note("keys that mean nothing", self.window.id, digits=said.digits, key=said.key)
            self._refuse(KEYPAD_CODE[Why.BAD_VALUE])
        elif said.word == "Clear":
            self._bus.show(self.address, first=True, again=True)
        elif not self._is_the_same(said, now_ms):
            self._put(self._presses, Press(said, asyncio.get_running_loop().time() + PATIENCE_S))

    def rate(self, key: int) -> None:
        """A key of the evaluator."""
        level = self._levels.get(f"{key:02X}")
        if level is None:
            self._odd.note("an evaluator key without a level", self.window.id, key=key)
            return
        press = Press(Meant(RATE, str(level)), asyncio.get_running_loop().time() + RATING_PATIENCE_S)
        self._put(self._ratings, press)

    def _is_the_same(self, meant: Meant, now_ms: int) -> bool:
        """The same wish, pressed once more: while it is being asked, or too soon to be meant."""
        last, self._words[meant.word] = self._words.get(meant.word), now_ms
        soon = last is not None and now_ms - last < REST_MS.get(meant.word, 0)
        if soon or meant in self._asked:
            self._odd.note("pressed again meanwhile", self.window.id, word=meant.word)
            if meant not in self._asked:
                self._refuse(KEYPAD_CODE[Why.TOO_SOON])
            return True
        return False

    def _put(self, presses: asyncio.Queue[Press], press: Press) -> None:
        try:
            presses.put_nowait(press)
        except asyncio.QueueFull:
            self._odd.note("too many presses wait", self.window.id)
            self._unanswered(press)
            return
        self._asked.append(press.meant)

    # -- asking --------------------------------------------------------------------------------------------------------

    async def run(self, asking: Asking) -> None:
        """Ask for the presses, and beside them the ratings, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._ask_for(self._presses, asking))
            tasks.create_task(self._ask_for(self._ratings, asking))

    async def _ask_for(self, presses: asyncio.Queue[Press], asking: Asking) -> None:
        while True:
            press = await presses.get()
            try:
                await self._ask(press, asking)
            except (NotAnswered, TheirFault) as fault:
                log.warning("press not answered", window=self.window.id, word=press.meant.word, why=str(fault))
                self._unanswered(press)
            finally:
                self._asked.remove(press.meant)

    async def _ask(self, press: Press, asking: Asking) -> None:
        view = self._standing.window(self.window.id)
        for step in steps(press.meant, self.window, view, self._invites):
            staff = view.staff if view is not None and step.role is Role.WINDOW else ""
            left_ms = int((press.until_s - asyncio.get_running_loop().time()) * 1000)
            if left_ms <= 0:
                raise NotAnswered("its time was over before its turn came")
            by = Principal(self._who, staff, step.role)
            answer = await asking.ask(step.command, by, within_ms=left_ms, until=(step.done,))
            if self._refused(answer, press):
                return
        if press.meant.word != RATE:
            self._bus.show(self.address, first=True)

    def _refused(self, answer: tuple[Recorded, ...], press: Press) -> bool:
        refusals = [said.event for said in answer if isinstance(said.event, CommandRefused)]
        if refusals and press.meant.word == RATE:  # the citizen's key: the member of staff has nothing to mend
            log.info("rating refused", window=self.window.id, why=refusals[0].why.value)
        elif refusals:
            log.info("refused", window=self.window.id, word=press.meant.word, why=refusals[0].why.value)
            self._refuse(KEYPAD_CODE[refusals[0].why])
        return bool(refusals)

    def _unanswered(self, press: Press) -> None:
        if press.meant.word != RATE:
            self._refuse(NO_ANSWER_CODE)

    def _refuse(self, code: int) -> None:
        waiting = self._standing.waiting(self.window)
        self._bus.refuse(self.address, self._driver.refuse(self.address, code, waiting))
