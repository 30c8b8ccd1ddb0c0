"""The first passwords of guides and supervisors: shown once to whoever started the hall, then gone from the disk."""

from __future__ import annotations

from pathlib import Path

from cli.console import both
from hall.names import Role
from hall.plan.model import Plan

FILE = Path("keys") / "first-passwords.txt"  # made by the controller at its first start


def shown_once(var: Path, plan: Plan) -> str:
    """The rows to show, with what each number is for; "" when there is nothing new. The file is removed."""
    path = var / FILE
    try:
        pairs = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
        path.unlink()
    except FileNotFoundError:
        return ""
    roles = {staff: each.role for staff, each in plan.staff.items()}
    known = [(staff, password) for staff, password in (pair for pair in pairs if len(pair) == 2)]
    rows = [f"  {staff}  {password}  {_for(roles.get(staff))}".rstrip() for staff, password in known]
    return "\n".join([both("first_passwords"), *rows, ""]) if rows else ""


def _for(role: Role | None) -> str:
    """What this number logs in to."""
    if role is Role.SUPERVISOR:
        return both("for_supervisor")
    return both("for_guide") if role is Role.GUIDE else ""
