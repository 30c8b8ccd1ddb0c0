"""espeak-ng, the first engine: small, fast, robotic, in every Debian.

Its voice `cmn` spells Chinese characters out in English; `cmn-latn-pinyin` reads them. The text goes in by its
input, so nothing in it is an option.
"""

from __future__ import annotations

import wave
from pathlib import Path

from displays.voice.programs import Failed, run

PROGRAM = "espeak-ng"
VOICE = "cmn-latn-pinyin"
MAKE_MAX_S = 3.0  # real: it takes 0.02
SHORTEST_S = 0.1  # of sound that can be a word


class Espeak:
    """Makes wav files of sentences."""

    def __init__(self, words_per_min: int) -> None:
        self._argv = [PROGRAM, "-v", VOICE, "-s", str(words_per_min), "-b", "1", "--stdin", "-w"]

    async def make(self, said: str, file: Path) -> float:
        """Speak into a file; the seconds it lasts. Failed when there is no sound in it."""
        await run([*self._argv, str(file)], said, MAKE_MAX_S, "engine")
        seconds = length_s(file)
        if seconds < SHORTEST_S:
            raise Failed("engine_failed", f"{PROGRAM} made no sound")
        return seconds


def length_s(file: Path) -> float:
    """How long a wav file plays; 0 when it is none."""
    try:
        with wave.open(str(file), "rb") as sound:
            return sound.getnframes() / sound.getframerate()
    except (OSError, EOFError, wave.Error, ZeroDivisionError):
        return 0.0
