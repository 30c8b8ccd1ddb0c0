"""Who speaks on a keypad line and when: nothing stands in front of an echo, and only the newest display is written."""

from __future__ import annotations

import asyncio

from waiting import until

from caller.bus import BITS, REFUSED_S, RESULTS_MAX, Bus, baud_of

BAUD = 9600
DISPLAY_BYTES = 15


class Wire:
    """What was put on it and when, and how far it has carried it."""

    def __init__(self) -> None:
        self.sent: list[tuple[float, bytes]] = []
        self.values = dict.fromkeys(range(1, 62), 0)
        self.ahead_s = 0.0  # longest a frame had to wait behind others
        self._free_s = 0.0
        self.bus = Bus(self._send, self._frame, BAUD)

    def _send(self, data: bytes) -> bool:
        now_s = asyncio.get_running_loop().time()
        self.sent.append((now_s, data))
        self.ahead_s = max(self.ahead_s, self._free_s - now_s)
        self._free_s = max(self._free_s, now_s) + len(data) * BITS / BAUD
        return True

    def _frame(self, address: int) -> bytes:
        return b"%02d %012d" % (address, self.values[address])

    def frames(self) -> list[bytes]:
        return [data for _, data in self.sent]


async def test_an_echo_waits_for_one_frame_at_most() -> None:
    wire = Wire()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(wire.bus.run())
        for address in wire.values:
            wire.bus.show(address)
        await until(lambda: len(wire.sent) >= 10)
        wire.bus.echo(b"ECHO")
        assert wire.frames()[-1] == b"ECHO"
        await until(lambda: len(wire.sent) == 62, 5.0)
        running.cancel()
    assert wire.ahead_s <= DISPLAY_BYTES * BITS / BAUD + 0.001
    assert wire.sent[-1][0] - wire.sent[0][0] >= 59 * DISPLAY_BYTES * BITS / BAUD


async def test_only_the_newest_is_written_and_nothing_twice() -> None:
    wire = Wire()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(wire.bus.run())
        for turn in range(50):
            wire.values[1] = wire.values[2] = turn
            wire.bus.show(1)
            wire.bus.show(2)
        await until(lambda: len(wire.sent) == 2)
        wire.bus.show(1)
        wire.bus.show(3)
        await until(lambda: len(wire.sent) == 3)
        running.cancel()
    assert wire.frames() == [b"01 %012d" % 49, b"02 %012d" % 49, b"03 %012d" % 0]


async def test_the_result_of_a_press_goes_before_what_others_changed() -> None:
    wire = Wire()
    for address in (1, 2, 3):
        wire.bus.show(address)
    wire.bus.show(40, first=True)
    wire.bus.refuse(50, [b"code", b"beep"])
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(wire.bus.run())
        await until(lambda: len(wire.sent) >= 6)
        running.cancel()
    assert wire.frames()[:3] == [b"code", b"beep", b"40 %012d" % 0]


async def test_a_refusal_stands_a_while_and_then_gives_way() -> None:
    wire = Wire()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(wire.bus.run())
        wire.bus.show(1)
        await until(lambda: len(wire.sent) == 1)
        wire.bus.refuse(1, [b"code"])
        wire.values[1] = 7
        wire.bus.show(1)
        await until(lambda: len(wire.sent) == 3, REFUSED_S + 1)
        running.cancel()
    assert wire.frames()[1:] == [b"code", b"01 %012d" % 7]
    assert wire.sent[2][0] - wire.sent[1][0] >= REFUSED_S - 0.05


async def test_results_nobody_takes_are_bounded() -> None:
    wire = Wire()
    for _ in range(RESULTS_MAX * 3):
        wire.bus.tell(b"x")
    assert len(wire.bus._results) == RESULTS_MAX


def test_the_speed_of_a_line() -> None:
    assert baud_of("serial:///dev/ttyS1?baud=19200") == 19200
    assert baud_of("pty:keypads-A-1") == baud_of("tcp://127.0.0.1:4001") == BAUD
