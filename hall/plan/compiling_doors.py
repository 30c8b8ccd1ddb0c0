"""The doors of a plan: host and port of each, taken from one text."""

from __future__ import annotations

from hall.plan.lines import Tcp, parse_page
from hall.plan.reading import Reading, Values
from hall.plan.settings.doors import DOORS

NO_DOOR = Tcp("127.0.0.1", 1)  # stands in for an address that could not be read; the plan is refused anyway


def doors(reading: Reading) -> Values:
    """The compiled [doors]."""
    values = reading.table(("doors",), DOORS)
    page = str(values.pop("public"))
    public = reading.fit(("doors",), "public", parse_page, page, NO_DOOR) if page else NO_DOOR
    return values | {"public_host": public.host, "public_port": public.port}
