"""The staff's pages of one hall, behind one door: soft caller and evaluator of each window, and the guide's.

browser -> door -> a letter in the name of the window's soft caller (soft-A01), or of a guide at this door (staff-A)
now/windows, now/queues, now/hall -> standing -> server-sent events        evt/RatingInvited -> evaluator
"""

from __future__ import annotations

from caller.pages.room import live

__all__ = ["live"]
