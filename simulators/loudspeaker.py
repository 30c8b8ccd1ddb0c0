"""The far side of a hall's voice: a folder of sounds, each played as it comes: voice/<hall>/<epoch>-<seq>-<number>.wav.

Epoch and seq name the call that is announced. A file is whole when it has its name. Nothing of the sound is understood
here but how long it lasts.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import wave
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from simulators.box import Record

LOOK_S = 0.05  # real: how soon behind its making a sound is heard
NAME = re.compile(r"(\d{1,20})-(\d{1,20})-([A-Z0-9]{1,20})\.wav")
_Made = tuple[int, int]  # which making of a file it is: its inode, and when


class Sound(NamedTuple):
    """One announcement: of which call, of which number, for how many real milliseconds (0: nothing can be heard)."""

    epoch: int
    seq: int
    number: str
    ms: int


class Loudspeaker:
    """Plays what a folder gets from now on; `heard(hall, sound)` is told of each."""

    def __init__(self, hall: str, folder: Path, heard: Callable[[str, Sound], None]) -> None:
        self.hall, self._folder, self._heard = hall, folder, heard
        self._played = self._files()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Play what is new, in the order in which it was made."""
        files = self._files()
        fresh = [(made[1], name) for name, made in files.items() if self._played.get(name) != made]
        self._played = files
        for _, name in sorted(fresh):
            found = NAME.fullmatch(name)
            assert found is not None
            sound = Sound(int(found[1]), int(found[2]), found[3], _lasts_ms(self._folder / name))
            self._heard(self.hall, sound)

    def _files(self) -> dict[str, _Made]:
        found: dict[str, _Made] = {}
        for file in self._folder.glob("*.wav"):
            with contextlib.suppress(FileNotFoundError):  # an old sound gives way just now
                if NAME.fullmatch(file.name):
                    stat = file.stat()
                    found[file.name] = (stat.st_ino, stat.st_mtime_ns)
        return found


def loudspeakers(plan: Record, var: Path, heard: Callable[[str, Sound], None]) -> list[Loudspeaker]:
    """One for each hall of a compiled plan that speaks."""
    halls = plan.get("halls")
    speaking = halls.items() if isinstance(halls, dict) else ()
    return [Loudspeaker(hall, var / "voice" / hall, heard) for hall, rooms in speaking if _speaks(rooms)]


def _speaks(rooms: object) -> bool:
    voice = rooms.get("voice") if isinstance(rooms, dict) else None
    return isinstance(voice, dict) and voice.get("output") in ("file", "player")


def _lasts_ms(file: Path) -> int:
    try:
        with wave.open(str(file), "rb") as sound:
            return sound.getnframes() * 1000 // sound.getframerate()
    except (OSError, EOFError, wave.Error, ZeroDivisionError):
        return 0
