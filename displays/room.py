"""The displays of one hall: every LED panel shows what its retained view says, and keeps showing it when we are alone;
beside them the hall screen and the voice (displays/hallwide.py).

now/panels/<window>  ->  panel  ->  painting (a task per line)  ->  the box
                                      |
here/displays-<hall>, ReportDevice  <-  how each panel is
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from displays.hallwide import Hallwide
from displays.painting import Painting
from displays.panel import Panel, in_lines
from hall import codec, topics
from hall.events import Recorded
from hall.faults import PlanError, TheirFault
from hall.names import HallId
from hall.views import AlarmsView, PanelView
from transport import room
from transport.asking import Asking
from transport.here import Presence
from transport.link import Heard, Link
from transport.oddities import Oddities
from transport.room import Room
from transport.telling import ANSWERS, Telling

log = structlog.get_logger("displays")


def main() -> int:
    """The door: python -m displays A."""
    parser = room.arguments("displays", "The LED panels above the windows of one hall, its large screen and its voice.")
    parser.add_argument("hall", help="the hall, for instance A")
    return room.run(parser, live, who=lambda args: f"displays-{args.hall}")


async def live(here: Room) -> None:
    """Until asked to stop."""
    hall: HallId = here.args.hall
    if hall not in here.plan.halls:
        raise PlanError(f"the plan has no hall {hall}; it has {', '.join(here.plan.halls)}")
    presence = here.presence(hall)
    displays = Displays(here, hall, presence)
    site = here.plan.site.id
    hears = [topics.now(site, hall, what) for what in ("panels/+", "alarms")]
    hears += [topics.evt(site, hall, what) for what in ANSWERS] + displays.hallwide.hears()

    async def on_up(_: Link) -> None:
        displays.hallwide.linked(True)

    def on_down(_: str) -> None:
        displays.hallwide.linked(False)

    linked = here.link(presence, hears=hears, on_heard=displays.heard, on_up=on_up, on_down=on_down, client="gmqtt")
    async with linked as link, asyncio.TaskGroup() as tasks:
        displays.asking = Asking(link, here.clock, site, hall, here.who)
        tasks.create_task(presence.run(link))
        tasks.create_task(displays.telling.run(displays.asking))
        tasks.create_task(displays.hallwide.run())
        for painting in displays.paintings():
            tasks.create_task(painting.run())
        await link.wait_up()
        here.ready()


class Displays:
    """The panels by window, and what is heard of them."""

    def __init__(self, here: Room, hall: HallId, presence: Presence) -> None:
        self._presence, self._odd = presence, Oddities("displays")
        self.telling, self.hallwide = Telling(presence, here.who), Hallwide(here, hall, presence)
        self.asking: Asking | None = None
        self._of: dict[str, tuple[Painting, Panel]] = {}
        for url, panels in in_lines(here.plan.halls[hall].windows).items():
            painting = Painting(url, panels, here.var, self._tell, self._odd)
            self._of |= {panel.window: (painting, panel) for panel in panels}

    def paintings(self) -> Iterable[Painting]:
        return dict.fromkeys(painting for painting, _ in self._of.values())

    def heard(self, message: Heard) -> None:
        """Whatever comes is read or counted; nothing of it ends the room."""
        parts = topics.parts(message.topic)
        try:
            if parts is None:
                raise TheirFault("no topic of ours")
            if parts.family == "evt":
                self._happened(codec.recorded(message.payload))
            elif parts.rest == ("alarms",) and message.payload:
                self.telling.heard(codec.view(message.payload, AlarmsView))
            elif message.payload and (parts.family == "here" or parts.rest[0] != "panels"):
                self.hallwide.view(parts, message.payload)
            elif message.payload:  # an empty one: the window has left the plan; what is lit stays lit
                self._show(codec.view(message.payload, PanelView), parts.rest[-1])
        except TheirFault as fault:
            self._odd.note("unreadable message", message.topic, fault=str(fault))

    def _happened(self, recorded: Recorded) -> None:
        if self.asking is not None:
            self.asking.heard(recorded)
        self.hallwide.event(recorded)

    def _show(self, view: PanelView, window: str) -> None:
        painting, panel = self._of.get(window, (None, None))
        if painting is not None and panel is not None:
            painting.show(panel, view)

    def _tell(self, panel: Panel) -> None:
        self._presence.device(panel.device, panel.state, panel.fault, panel.detail)
