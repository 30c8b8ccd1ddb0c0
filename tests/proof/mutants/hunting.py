"""Plant one mutant in a copy, let the storm blow over it, and see which promise breaks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from mutants.planted import Mutant

HOUSE = Path(__file__).parents[3]
SECONDS = 60.0  # of processor time in which a mutant must be found
CLOCK_MAX_S = 540.0  # by the clock: others may use the machine meanwhile


class Misplaced(Exception):
    """The words of a mutant are not, or not once, in the file: the product has changed, so must the mutant."""


class Found(NamedTuple):
    """What became of a mutant. `promise` "": nobody found it."""

    mutant: Mutant
    promise: str
    told: str
    seconds: float

    @property
    def right(self) -> bool:
        return self.promise in self.mutant.promises


def mutated(mutant: Mutant) -> dict[str, str]:
    """The text of each file with the mutant in it."""
    texts: dict[str, str] = {}
    for name, words, instead in mutant.words:
        text = texts.get(name) or (HOUSE / name).read_text(encoding="utf-8")
        if text.count(words) != 1:
            raise Misplaced(f"{mutant.name}: {words!r} stands {text.count(words)} times in {name}")
        texts[name] = text.replace(words, instead)
    return texts


def plant(mutant: Mutant, copy: Path) -> None:
    """A house like ours: linked, but for the rooms the mutant lives in."""
    texts = mutated(mutant)
    rooms = {name.split("/")[0] for name in texts}
    for path in HOUSE.iterdir():
        if path.name in rooms:
            shutil.copytree(path, copy / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif not path.name.startswith(".") and path.name != "var":
            (copy / path.name).symlink_to(path)
    for name, text in texts.items():
        (copy / name).write_text(text, encoding="utf-8")


def hunt(mutant: Mutant, seconds: float = SECONDS) -> Found:
    """Storms over a planted copy until a promise breaks."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        plant(mutant, copy)
        paths = [copy, copy / "tests/support", copy / "tests/proof"]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}
        storm = [sys.executable, "-P", "-m", "storm", "--judged", "--seconds", str(seconds)]
        began = time.monotonic()
        done = subprocess.run(
            storm, cwd=copy, env=env, capture_output=True, text=True, timeout=CLOCK_MAX_S, check=False
        )
    told = done.stdout.strip().split("\n")[-1] if done.returncode == 1 else ""
    if done.returncode not in (0, 1) or (done.returncode == 1 and not told.startswith("I")):
        told = f"the storm itself failed: {(done.stderr or done.stdout).strip().splitlines()[-1:]}"
    promise = told.split(" ")[0] if told.startswith("I") else ""
    return Found(mutant, promise, told, time.monotonic() - began)
