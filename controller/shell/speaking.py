"""What a hall says after it is durable: events once, views retained. Order is the order of the journal."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from controller.core import HallState, all_topics, view
from controller.shell.signing import Signer
from hall import codec, topics
from hall.events import DayOpened, PlanAdopted, Recorded
from hall.views import HallView, JobsView, View
from transport.link import Link


class Speaker:
    """Speaks for one hall over its link. `all_due`: the link has come up, so everything is to be said again."""

    def __init__(self, state: HallState, signer: Signer) -> None:
        self._state, self._signer = state, signer
        self._site, self._hall = state.site, state.hall_id
        self._known: set[str] = set()
        self.hearers: list[Callable[[list[Recorded]], None]] = []  # inside this process; must be quick
        self.link: Link | None = None
        self.all_due = False

    def events(self, recorded: list[Recorded]) -> None:
        """Things to do once. A day or a plan travels without the plan's content: rooms read it from their own file."""
        for hearer in self.hearers:
            hearer(recorded)
        if self.link is None:
            return
        for record in recorded:
            what = type(record.event).__name__
            self.link.say_soon(topics.evt(self._site, self._hall, what), codec.encode(_light(record)))

    def changed(self) -> None:
        """The views touched since the last time, or all of them where the link has come up since."""
        if self.all_due:
            self.all_due = False
            self.everything()
        touched, self._state.touched = self._state.touched, {}
        for topic in touched:
            self._say(topic)

    def everything(self) -> None:
        """All views, for a broker or a link that has just come back; topics that are gone are cleared."""
        now = all_topics(self._state)
        for gone in {*self._known, *self._state.touched}.difference(now):
            self._say(gone)
        for topic in now:
            self._say(topic)
        self._state.touched = {}

    def _say(self, topic: str) -> None:
        if self.link is None:
            return
        shown = view(self._state, topic)
        self._known.add(topic)
        self.link.say_soon(topics.now(self._site, self._hall, topic), self._payload(shown), retain=True)

    def _payload(self, shown: View | None) -> bytes:
        if shown is None:
            return b""
        return codec.encode(self._signed(shown) if isinstance(shown, JobsView) else shown)

    def _signed(self, shown: JobsView) -> JobsView:
        address = self._signer.address
        jobs = tuple(
            msgspec.structs.replace(job, status=address(self._site, self._hall, job.day, job.number))
            for job in shown.jobs
        )
        return msgspec.structs.replace(shown, jobs=jobs)


def _light(record: Recorded) -> Recorded:
    """The same record without the plan's content (100 KiB that every room has) and the tickets a day begins with."""
    event, nothing = record.event, msgspec.Raw(b"null")
    if isinstance(event, DayOpened):
        event = msgspec.structs.replace(event, plan=nothing, tickets=(), reserved=())
    elif isinstance(event, PlanAdopted):
        event = msgspec.structs.replace(event, plan=nothing)
    return msgspec.structs.replace(record, event=event)


def not_ready(epoch: int, why: str) -> HallView:
    """What stands on now/hall while a hall's journal cannot be trusted."""
    return HallView(
        epoch=epoch, revision=0, day="", phase="closed", issuing=False, plan_hash="", ready=False, why_not=why
    )
