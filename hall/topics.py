"""Every topic of the bus, in one table; docs/topics.md and the AsyncAPI file are made from it.

`<site>/<hall>/cmd/<who>/<what>`  not retained   a Letter: asking, reporting
`<site>/<hall>/evt/<what>`        not retained   a Recorded: things to do once (print, speak, flash)
`<site>/<hall>/now/<what>…`       retained       a View: things to show
`<site>/<hall>/here/<who>`        retained, will a Here: who is present
"""

from __future__ import annotations

from typing import NamedTuple

from hall import views
from hall.names import DeviceId, HallId, SiteId


class Family(NamedTuple):
    """One kind of topic under `<site>/<hall>/`."""

    pattern: str
    retained: bool
    payload: str
    use: str


FAMILIES: tuple[Family, ...] = (
    Family("cmd/{who}/{what}", False, "Letter", "ask or report; {what} is the command's name, {who} the sender"),
    Family("evt/{what}", False, "Recorded", "act once; {what} is the event's name"),
    Family("now/hall", True, "HallView", "the hall as a whole"),
    Family("now/queues/{queue}", True, "QueueView", "a queue"),
    Family("now/windows/{window}", True, "WindowView", "a window"),
    Family("now/panels/{window}", True, "PanelView", "what the panel of a window shows"),
    Family("now/jobs/{kiosk}", True, "JobsView", "open print jobs of a kiosk"),
    Family("now/alarms", True, "AlarmsView", "standing alarms"),
    Family("here/{who}", True, "Here", "presence of a room and the state of its devices"),
)

VIEW_TYPES: dict[str, type[views.View]] = {
    "hall": views.HallView,
    "queues": views.QueueView,
    "windows": views.WindowView,
    "panels": views.PanelView,
    "jobs": views.JobsView,
    "alarms": views.AlarmsView,
}


def cmd(site: SiteId, hall: HallId, who: DeviceId, what: str) -> str:
    return f"{site}/{hall}/cmd/{who}/{what}"


def evt(site: SiteId, hall: HallId, what: str) -> str:
    return f"{site}/{hall}/evt/{what}"


def now(site: SiteId, hall: HallId, what: str) -> str:
    """`what` is "hall", "alarms", "queues/<queue>", "windows/<window>", "panels/<window>" or "jobs/<kiosk>"."""
    return f"{site}/{hall}/now/{what}"


def here(site: SiteId, hall: HallId, who: DeviceId) -> str:
    return f"{site}/{hall}/here/{who}"


class Parts(NamedTuple):
    """A topic taken apart."""

    site: SiteId
    hall: HallId
    family: str  # cmd | evt | now | here
    rest: tuple[str, ...]


def parts(topic: str) -> Parts | None:
    """Take a topic apart, or None when it is none of ours."""
    levels = topic.split("/")
    if len(levels) < 4 or levels[2] not in ("cmd", "evt", "now", "here"):
        return None
    return Parts(levels[0], levels[1], levels[2], tuple(levels[3:]))
