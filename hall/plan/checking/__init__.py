"""Checks a compiled draft: what the tables cannot say of single keys. One file per subject, all run every time."""

from __future__ import annotations

from hall.plan.draft import Draft


def check(draft: Draft) -> None:
    """Report every problem of the draft."""
