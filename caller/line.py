"""One keypad line: bytes in, echoes out at once, presses to the desks, read-backs to the keypads.

What a line shows of itself: `line-<id>` is up or down, or "garbled" when much of what comes has a wrong sum;
`keypad-<window>` is up once something was heard of it, "unconfirmed" before (a keypad that nobody presses and a dead
one look alike from here), and down with a key that does not let go.
"""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path

import structlog

from caller.bus import Bus, baud_of
from caller.desk import Desk
from caller.folding import Folding
from caller.standing import Standing
from hall.events import RatingInvited
from hall.names import KEYPAD_CODE, DeviceId, HallId, Instant, Why, WindowId
from hall.plan.model import KeypadLine, Plan
from hall.ports import EvaluatorPressed, Garbled, KeyPressed, Readback
from hall.views import QueueView, WindowView
from transport.asking import Asking
from transport.attend import Attended
from transport.clock import Clock
from transport.drivers import keypad_driver
from transport.here import Presence
from transport.oddities import Oddities

FOLD_REAL_MIN_MS = 20  # however fast the hall's clock runs, frames this close are one press: reads are no closer
LOOK_S = 1.0  # real: how the line and its keypads are is looked at this often, and one keypad is written again
GARBLED_MANY, GARBLED_WITHIN_S = 6, 10.0  # so many bad frames within so long: a fault of the line, not a spark
LINE_DOWN, GARBLED, STUCK = "line_down", "garbled", "stuck_key"  # faults
EVALUATOR = -1  # in front of an evaluator's key, so that it is folded apart from the keypad's keys

log = structlog.get_logger("caller")


class Line:
    """A wire with its keypads. `clock` gives instants; spans are measured by the loop's clock at the hall's rate."""

    def __init__(
        self, plan: Plan, hall: HallId, line: KeypadLine, var: Path, clock: Clock, presence: Presence, odd: Oddities
    ) -> None:
        windows = [w for w in plan.halls[hall].windows.values() if w.seat is not None and w.seat.line == line.id]
        self.device: DeviceId = f"line-{line.id}"
        self.standing = Standing(windows, plan.halls[hall].queues)
        self._clock, self._presence, self._odd = clock, presence, odd
        self._event_expires_ms = plan.limits.event_expires_s * 1000
        self._driver = keypad_driver(line.driver)(options=line.options)
        self._wire = Attended(line.line, var, self._heard, on_up=self._up, on_down=self._down)
        self._bus = Bus(self._wire.send, self._read_back, baud_of(line.line), clock.rate)
        self._folding = Folding(max(line.fold_ms, round(FOLD_REAL_MIN_MS * clock.rate)))
        self._desks: dict[int, Desk] = {}
        for window in windows:
            assert window.seat is not None
            self._desks[window.seat.address] = Desk(
                window, window.seat.address, line, f"caller-{line.id}", self._driver, self._bus, self.standing, odd,
                plan.options.evaluate_on_finish,
            )  # fmt: skip
        self._of = {desk.window.id: desk for desk in self._desks.values()}
        self._invited: dict[WindowId, tuple[int, int]] = {}  # epoch and seq of the last invitation
        self._garbled: deque[float] = deque(maxlen=GARBLED_MANY)

    async def run(self, asking: Asking) -> None:
        """Serve the line until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._wire.run())
            tasks.create_task(self._bus.run())
            tasks.create_task(self._look_after())
            for desk in self._desks.values():
                tasks.create_task(desk.run(asking))

    # -- from the hall -------------------------------------------------------------------------------------------------

    def window_view(self, view: WindowView, window: WindowId) -> None:
        self._show(self.standing.take_window(view, window))

    def queue_view(self, view: QueueView, queue: str) -> None:
        self._show(self.standing.take_queue(view, queue))

    def _show(self, windows: list[WindowId]) -> None:
        for window in windows:
            self._bus.show(self._of[window].address)

    def invited(self, event: RatingInvited, epoch: int, seq: int, recorded: Instant) -> None:
        """Ask for the rating once, however often the event comes, and not an hour later."""
        desk = self._of.get(event.window)
        if desk is None or (epoch, seq) <= self._invited.get(event.window, (0, 0)):
            return
        self._invited[event.window] = (epoch, seq)
        if self._clock.now() - recorded <= self._event_expires_ms:
            self._bus.tell(self._driver.invite_rating(desk.address))

    # -- from the line -------------------------------------------------------------------------------------------------

    def _heard(self, data: bytes) -> None:
        for said in self._driver.heard(data):
            if isinstance(said, Garbled):
                self._garbled.append(asyncio.get_running_loop().time())
                self._odd.note("garbled frame", self.device, fault=said.why, data=said.data.hex())
                continue
            if said.echo:
                self._bus.echo(said.echo)
            self._pressed(said)

    def _pressed(self, said: KeyPressed | EvaluatorPressed) -> None:
        now_ms = self._now_ms()
        keys = said.keys if isinstance(said, KeyPressed) else (EVALUATOR, said.key)
        desk = self._desks.get(said.address)
        if desk is not None:
            desk.heard_ms = now_ms
        if self._folding.is_again(said.address, keys, now_ms):
            return self._odd.note("the same press again", said.address, keys=keys)
        if desk is None:
            self._odd.note("a keypad at no window", said.address, keys=keys)
            return self._bus.refuse(said.address, self._driver.refuse(said.address, KEYPAD_CODE[Why.UNKNOWN_WINDOW]))
        if isinstance(said, KeyPressed):
            return desk.press(said.keys, now_ms)
        return desk.rate(said.key)

    def _now_ms(self) -> int:
        """Milliseconds of hall time that never go back."""
        return round(asyncio.get_running_loop().time() * 1000 * self._clock.rate)

    def _read_back(self, address: int) -> bytes:
        """What a keypad shows now, or nothing while the hall has not said."""
        desk = self._desks.get(address)
        if desk is None:
            return self._driver.read_back(Readback(address))
        view, waiting = self.standing.window(desk.window.id), self.standing.waiting(desk.window)
        if view is None or waiting is None:
            return b""
        return self._driver.read_back(Readback(address, waiting, view.number))

    # -- how the line is -----------------------------------------------------------------------------------------------

    def _up(self) -> None:
        self._garbled.clear()
        self._bus.everything_is_stale(list(self._desks))
        self._tell()

    def _down(self, why: str) -> None:
        self._presence.device(self.device, "down", LINE_DOWN, why)

    async def _look_after(self) -> None:
        """Notice what no frame tells, and write one keypad again each time: one that was without power is blank."""
        turn = 0
        while True:
            await asyncio.sleep(LOOK_S)
            if self._wire.up:
                self._tell()
                if addresses := list(self._desks):
                    turn = (turn + 1) % len(addresses)
                    self._bus.show(addresses[turn], again=True)

    def _tell(self) -> None:
        since_s = asyncio.get_running_loop().time() - GARBLED_WITHIN_S
        garbled = len(self._garbled) == GARBLED_MANY and self._garbled[0] >= since_s
        self._presence.device(self.device, "up", GARBLED if garbled else "")
        stuck = self._folding.stuck(self._now_ms())
        for address, desk in self._desks.items():
            if address in stuck:
                self._presence.device(desk.device, "down", STUCK, f"key {stuck[address]:02X}")
            else:
                self._presence.device(desk.device, "unconfirmed" if desk.heard_ms is None else "up")
