"""The first passwords of guides and supervisors: shown once to whoever started the hall, then gone from the disk."""

from __future__ import annotations

from pathlib import Path

from cli.console import both

FILE = Path("keys") / "first-passwords.txt"  # made by the controller at its first start


def shown_once(var: Path) -> str:
    """The rows to show, "" when there is nothing new; the file is removed."""
    path = var / FILE
    try:
        pairs = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
        path.unlink()
    except FileNotFoundError:
        return ""
    rows = [f"  {staff}  {password}" for staff, password in (pair for pair in pairs if len(pair) == 2)]
    return "\n".join([both("first_passwords"), *rows, ""]) if rows else ""
