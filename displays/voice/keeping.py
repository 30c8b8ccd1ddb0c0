"""The newest few announcements as files: voice/<hall>/<epoch>-<seq>-<number>.wav, whole ones only, in order by name."""

from __future__ import annotations

import re
from pathlib import Path

from displays.voice.waiting import Announcement

KEPT_MAX = 32  # files; some 200 KiB each
NAME = re.compile(r"(\d+)-(\d+)-[A-Z0-9]*\.wav")
PART = "next.part"  # being made; never played


class Kept:
    """The folder of one hall's voice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def part(self) -> Path:
        """Where the next sound is made; OSError when the disk does not let us."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / PART

    def keep(self, call: Announcement) -> Path:
        """The sound made last, under its own name; the oldest ones give way."""
        number = "".join(sign for sign in call.number if sign.isascii() and sign.isalnum()).upper()
        epoch, seq = call.since
        kept = self._folder / f"{epoch:010d}-{seq:010d}-{number}.wav"
        (self._folder / PART).replace(kept)
        for file in self.files()[:-KEPT_MAX]:
            file.unlink(missing_ok=True)
        return kept

    def files(self) -> list[Path]:
        """The sounds there are, oldest first."""
        found = [(NAME.fullmatch(file.name), file) for file in self._folder.glob("*.wav")]
        return [file for _, _, file in sorted((int(name[1]), int(name[2]), file) for name, file in found if name)]
