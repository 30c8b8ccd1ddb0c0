"""Speaks the calls of one hall, one after the other, in a task of its own that nothing else waits for.

A file is "spoken" for as long as it lasts, as a loudspeaker would take: so a flood of calls costs one short process
every few seconds, not a core.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from displays.voice import programs
from displays.voice.espeak import PROGRAM, Espeak
from displays.voice.keeping import Kept
from displays.voice.programs import Failed
from displays.voice.reading import sentence
from displays.voice.waiting import Announcement, Waiting
from hall.plan.model import Voice

PAUSE_S = 0.4  # real: silence between two calls
AGAIN_S = 2.0  # real: how often an ill voice is tried, also when nobody is called
PLAY_MORE_S = 3.0  # real: a player may take this much longer than the sound lasts
TRIAL = "一"  # what is said, into a file only, to learn whether the engine works

log = structlog.get_logger("voice")

Tell = Callable[[str, str, str], None]  # state, fault, detail


class Speaking:
    """`holds` is asked at the moment of speaking whether a call is still to be spoken."""

    def __init__(
        self, voice: Voice, folder: Path, *, simulated: bool, tell: Tell, holds: Callable[[Announcement], bool]
    ) -> None:
        self._voice, self._tell, self._holds, self._simulated = voice, tell, holds, simulated
        self._kept, self._engine = Kept(folder), Espeak(voice.words_per_min)
        self._waiting, self._news = Waiting(), asyncio.Event()
        self._well = False
        self.spoken = 0

    def put(self, call: Announcement) -> None:
        """A fresh call; never waits."""
        if self._voice.output != "none":
            self._waiting.put(call)
            self._news.set()

    async def run(self) -> None:
        """Speak until cancelled; at once over when this hall has no voice."""
        if self._voice.output == "none":
            return
        while True:
            if not self._well:
                await self._try()
            while self._well and (call := self._waiting.take(self._holds)) is not None:
                await self._say(call)
            await self._until_news()

    async def _until_news(self) -> None:
        """A well voice waits for calls, an ill one for its next trial; what is called meanwhile is soon over."""
        if self._well:
            await self._news.wait()
        else:
            await asyncio.sleep(AGAIN_S)
        self._news.clear()

    async def _try(self) -> None:
        try:
            await self._engine.make(TRIAL, self._kept.part())
            self._kept.part().unlink()
            if self._voice.output == "player" and not programs.found(self._voice.player.split()[0]):
                raise Failed("no_player", f"{self._voice.player.split()[0]} is not installed")
        except (Failed, OSError) as fault:
            self._ill(fault)
        else:
            self._well = True
            self._told()

    async def _say(self, call: Announcement) -> None:
        said = sentence(call.number, call.name, self._voice.one, self._voice.times)
        try:
            seconds = await self._engine.make(said, self._kept.part())
            file = self._kept.keep(call)
            if self._voice.output == "player":
                await programs.run([*self._voice.player.split(), str(file)], "", seconds + PLAY_MORE_S, "player")
            else:
                await asyncio.sleep(seconds)
        except (Failed, OSError) as fault:
            self._ill(fault)
            return
        self.spoken += 1
        log.info("spoken", number=call.number, window=call.window, said=said, seconds=round(seconds, 1))
        self._told()
        await asyncio.sleep(PAUSE_S)

    # -- how it is -----------------------------------------------------------------------------------------------------

    def _told(self) -> None:
        dropped = ", ".join(f"{why}: {count}" for why, count in sorted(self._waiting.dropped.items()))
        self._tell("up", "", f"not spoken: {dropped}" if dropped else "")

    def _ill(self, fault: Failed | OSError) -> None:
        """A machine that only demonstrates need not have a voice: it is off there, and nobody is alarmed."""
        word = fault.word if isinstance(fault, Failed) else "disk"
        if word == "no_engine" and self._simulated:
            self._tell("off", "", f"{PROGRAM} is not installed")
        else:
            self._tell("down", word, str(fault))
        if self._well:
            log.warning("the voice fails", fault=word, why=str(fault))
        self._well = False
