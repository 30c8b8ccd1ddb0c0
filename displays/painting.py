"""One line and the panels on it: one question on the wire at a time, news first, the dead never before the living.

Each frame is answered before the next is sent. A line with one panel is the usual case; several on one serial line
are told apart by their address. While a box that failed before is waited for, news of another one goes first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from displays.panel import GARBLED, NO_ANSWER, REFUSED, Panel
from hall.ports import PanelAnswered
from hall.views import PanelView
from transport.attend import Attended
from transport.oddities import Oddities

BACK_OFF_MAX_S = 2.0  # between attempts to open a line: a panel is right within 5 s of its power coming back
REOPEN_AFTER = 2  # silences in a row of every box on a network line: the connection may be one the box has forgotten
WRITE_MAX_S = 2.0  # a frame to a mute box is on its way within this, or its line is stuck
GAVE_WAY = "gave_way"  # no fault of the box: another's news was more urgent, or the line went down
GIVE_WAY_S = 0.5  # how soon a box that gave way is asked again


class Painting:
    """The panels of one line. `told(panel)` is called whenever a panel's state may have changed."""

    def __init__(
        self, url: str, panels: list[Panel], state_dir: Path, told: Callable[[Panel], None], odd: Oddities
    ) -> None:
        self._panels, self._told, self._odd = panels, told, odd
        self._line = Attended(
            url, state_dir, self._heard, on_up=self._up, on_down=self._down, back_off_max_s=BACK_OFF_MAX_S
        )
        self._behind: dict[str, Panel] = {}  # those with news, in the order it came
        self._news = asyncio.Event()
        self._asked: Panel | None = None
        self._answer: asyncio.Future[tuple[str, str]] | None = None  # fault and detail, ("", "") for well done
        self._garbled = ""
        self._reopening = False  # it is us who close the line: that is no other fault

    def show(self, panel: Panel, view: PanelView) -> None:
        """Take a view; only the newest of a panel is ever painted."""
        if not panel.take(view):
            self._odd.note("a view that is older, or another window's", panel.window, epoch=view.epoch)
        elif panel.behind:
            self._behind[panel.window] = panel
            self._news.set()
            if self._asked is not None and self._asked is not panel and self._asked.fails:
                self._settle(GAVE_WAY)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._line.run())
            tasks.create_task(self._paint())

    async def _paint(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            panel = self._next(loop.time()) if self._line.up else None
            if panel is None:
                await self._wait(loop.time())
            else:
                await self._exchange(panel)
                self._told(panel)

    # -- whose turn it is ----------------------------------------------------------------------------------------------

    def _next(self, now_s: float) -> Panel | None:
        """Who has news and is not in trouble; else who is due longest."""
        for panel in self._behind.values():
            if not panel.fails and panel.free_s <= now_s:
                return self._behind.pop(panel.window)
        due = min(self._panels, key=lambda panel: panel.due_s)
        if due.due_s > now_s:
            return None
        self._behind.pop(due.window, None)
        return due

    async def _wait(self, now_s: float) -> None:
        """Until there is news, or somebody on a line that is up is due."""
        self._news.clear()
        wakes = [panel.due_s for panel in self._panels]
        wakes += [panel.free_s for panel in self._behind.values() if not panel.fails]
        try:
            async with asyncio.timeout(max(0.0, min(wakes) - now_s) if self._line.up else None):
                await self._news.wait()
        except TimeoutError:
            pass

    # -- one exchange --------------------------------------------------------------------------------------------------

    async def _exchange(self, panel: Panel) -> None:
        """Say what is due to a panel, frame by frame; a newer view ends it early and comes next."""
        loop = asyncio.get_running_loop()
        view = panel.view
        for frame in panel.frames():
            await asyncio.sleep(max(0.0, panel.free_s - loop.time()))
            fault, detail = await self._ask(panel, frame)
            panel.spoke(loop.time())
            if fault == GAVE_WAY:
                panel.due_s = loop.time() + GIVE_WAY_S
                return
            if fault:
                self._failed(panel, fault, detail)
                return
            if panel.view is not view:
                self._behind[panel.window] = panel
                return
        panel.succeeded(view, loop.time())

    async def _ask(self, panel: Panel, frame: bytes) -> tuple[str, str]:
        """One frame and its answer; a mute box has answered when the frame is on its way."""
        self._asked, self._garbled = panel, ""
        self._answer = asyncio.get_running_loop().create_future()
        try:
            if not self._line.send(frame):  # when it is down, `_down` has told of it
                return (NO_ANSWER, "the line takes no more bytes") if self._line.up else (GAVE_WAY, "")
            async with asyncio.timeout(panel.answer_s or WRITE_MAX_S):
                if panel.driver.answers:
                    return await self._answer
                await self._line.written()
            return ("", "") if self._line.up else (GAVE_WAY, "")
        except TimeoutError:
            return (GARBLED, self._garbled) if self._garbled else (NO_ANSWER, "")
        finally:
            self._asked = self._answer = None

    def _failed(self, panel: Panel, fault: str, detail: str) -> None:
        panel.failed(fault, detail, asyncio.get_running_loop().time())
        silent = all(one.fails >= REOPEN_AFTER and one.fault == NO_ANSWER for one in self._panels)
        if silent and panel.fails % REOPEN_AFTER == 0 and self._line.url.startswith("tcp:"):
            self._reopening = True
            self._line.reopen("no box answers")

    def _settle(self, fault: str, detail: str = "") -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((fault, detail))

    # -- the line ------------------------------------------------------------------------------------------------------

    def _heard(self, data: bytes) -> None:
        """Bytes for the box that was asked; when none was, somebody is late or it is noise.

        A box alone on its line may answer by another number than it is called by.
        """
        panel = self._asked or self._panels[0]
        for said in panel.driver.heard(data):
            if not isinstance(said, PanelAnswered):
                self._garbled = said.why
                self._odd.note("garbled answer", self._line.url, fault=said.why, data=said.data.hex())
            elif self._asked is None or (said.address not in (0, panel.address) and len(self._panels) > 1):
                self._odd.note("an answer nobody waits for", self._line.url, address=said.address)
            else:
                self._settle("" if said.ok else REFUSED, said.name)

    def _up(self) -> None:
        now_s = asyncio.get_running_loop().time()
        for panel in self._panels:
            panel.line_up(now_s)
        self._news.set()

    def _down(self, why: str) -> None:
        for panel in self._panels if not self._reopening else ():
            panel.line_down(why)
            self._told(panel)
        self._reopening = False
        self._settle(GAVE_WAY)
