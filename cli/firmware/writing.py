"""Writes the files of `cli.firmware` into a folder: all of them, and takes away what an earlier writing left behind.

Files that others put there (secrets.yaml) stay. A folder that is not empty and has no manifest of ours is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cli.firmware import MANIFEST
from hall.faults import HallFault


class NotOurs(HallFault):
    """The folder holds somebody else's files; the message names it."""


def write(files: Mapping[str, str], out: Path) -> None:
    """Write every file under `out`."""
    try:
        for name in sorted(_before(out) - files.keys()):
            _take_away(out, name)
        for name, text in files.items():
            path = out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise NotOurs(f"{fault.filename}: {fault.strerror}") from fault


def _before(out: Path) -> set[str]:
    """What we wrote there the last time."""
    manifest = out / MANIFEST
    if manifest.exists():
        return set(manifest.read_text(encoding="utf-8").split())
    if out.exists() and any(out.iterdir()):
        raise NotOurs(f"{out} is not empty and was not written by hall firmware: give a new folder")
    return set()


def _take_away(out: Path, name: str) -> None:
    path = (out / name).resolve()
    if path.is_relative_to(out.resolve()):  # a manifest somebody changed leads nowhere else
        path.unlink(missing_ok=True)
