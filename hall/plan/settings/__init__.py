"""Every key a plan may have, in one place: its kind, unit, default and why. Reading, checking and docs/settings.md
all draw from these tables; a key that is not here is an unknown key.

`site.py` and `doors.py` hold what stands once in a plan, `hall.py` what stands in each hall, `showing.py` its
screen and voice, `window.py` its windows.
"""

from __future__ import annotations

from hall.plan.settings.doors import DOORS
from hall.plan.settings.hall import HALL_TABLES
from hall.plan.settings.key import REQUIRED, Key, Table
from hall.plan.settings.showing import SHOWING_TABLES
from hall.plan.settings.site import SITE_TABLES
from hall.plan.settings.window import WINDOW_TABLES

TABLES: tuple[Table, ...] = (*SITE_TABLES, DOORS, *HALL_TABLES, *SHOWING_TABLES, *WINDOW_TABLES)

__all__ = ["REQUIRED", "TABLES", "Key", "Table"]
