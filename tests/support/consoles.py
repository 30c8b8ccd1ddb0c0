"""A hall in front of a console: views, presence and events made by hand for the board and its pictures; or the real
controller, with the console's own link and screen.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from window_halls import WindowHall

from console.app import Console
from console.board import Board
from console.session import Desk
from console.watch import Watch
from hall import codec, events, views
from hall.commands import Principal
from hall.names import Instant, Stage, WindowStatus
from hall.plan.model import Plan
from transport.clock import Clock
from transport.link import Heard, Link, open_link

MINUTE = 60_000
TEN = 1_795_399_200_000  # 2026-11-23 10:00 in Shanghai
FIRST = "keys/first-passwords.txt"


def still(now: Instant = TEN) -> Clock:
    """A clock that stands."""
    return Clock(now, 0, read_ms=lambda: 0)


class Told:
    """Tells a watch what a controller and its rooms would have said."""

    def __init__(self, watch: Watch, hall: str = "A") -> None:
        self.watch, self.hall, self._seq = watch, hall, 0
        self.board: Board = watch.boards[hall]

    def __call__(self, topic: str, payload: bytes, retained: bool = True) -> None:
        self.watch.heard(Heard(f"{self.watch.plan.site.id}/{self.hall}/{topic}", payload, retained))

    def queue(self, name: str, **changed: Any) -> None:
        fields: dict[str, Any] = {
            "epoch": 1, "revision": self._next(), "queue": name, "name": name, "name_en": name, "waiting": 0,
            "oldest_at": 0, "estimate_s": 300, "open_windows": 2, "issuing": True, "why_not": "",
        }  # fmt: skip
        planned = self.board.site_hall.queues.get(name)
        if planned is not None:
            fields |= {"name": planned.name, "name_en": planned.name_en}
        self(f"now/queues/{name}", codec.encode(views.QueueView(**(fields | changed))))

    def window(self, name: str, **changed: Any) -> None:
        fields: dict[str, Any] = {
            "epoch": 1, "revision": self._next(), "window": name, "name": f"综合受理窗口{name}", "pause": "",
            "status": WindowStatus.OPEN, "staff": "1001", "number": "", "stage": None, "since": 0, "held": (),
            "served": 0, "directed": 0, "rating_until": 0,
        }  # fmt: skip
        self(f"now/windows/{name}", codec.encode(views.WindowView(**(fields | changed))))

    def serving(self, name: str, number: str, minutes: int, served: int = 3) -> None:
        since = self.watch.clock.now() - minutes * MINUTE
        self.window(name, number=number, stage=Stage.SERVING, since=since, served=served)

    def alarms(self, *alarms: tuple[str, str, str]) -> None:
        """(kind, subject, detail)."""
        standing = tuple(
            views.Alarm(
                alarm=f"{kind}:{subject}", kind=kind, subject=subject, detail=detail,
                since=self.watch.clock.now() - MINUTE, acknowledged=False,
            )
            for kind, subject, detail in alarms
        )  # fmt: skip
        self("now/alarms", codec.encode(views.AlarmsView(epoch=1, revision=self._next(), alarms=standing)))

    def standing(self, **changed: Any) -> None:
        fields: dict[str, Any] = {
            "epoch": 1, "revision": self._next(), "day": "2026-11-23", "phase": "open", "issuing": True,
            "plan_hash": "x", "ready": True, "why_not": "",
        }  # fmt: skip
        self("now/hall", codec.encode(views.HallView(**(fields | changed))))

    def here(
        self, who: str, up: bool = True, ago_ms: int = 0, retained: bool = True, **devices: tuple[str, str]
    ) -> None:
        """Devices as panel_A01=("down", "no_answer")."""
        now = self.watch.clock.now() - ago_ms
        known = {
            name.replace("_", "-"): views.DeviceHere(state=state, fault=fault, since=now - MINUTE)
            for name, (state, fault) in devices.items()
        }
        self(f"here/{who}", codec.encode(views.Here(up=up, at=now, boot="b", devices=known)), retained)

    def everybody(self) -> None:
        """Every room the plan names is there."""
        for who in self.board.expected():
            self.here(who)

    def event(self, event: events.AnyEvent, reason: str = "", by: Principal | None = None) -> events.Recorded:
        seq, now, plan = self._next(), self.watch.clock.now(), self.watch.plan
        recorded = events.Recorded(
            v=1, id=f"{plan.site.id}/{self.hall}/{seq}", site=plan.site.id, hall=self.hall, seq=seq, epoch=1,
            day="2026-11-23", at=now, recorded=now, cause=f"c{seq}", by=by or Principal("caller-A-1"), reason=reason,
            event=event,
        )  # fmt: skip
        self(f"evt/{type(event).__name__}", codec.encode(recorded), retained=False)
        return recorded

    def _next(self) -> int:
        self._seq += 1
        return self._seq


def a_watch(plan: Plan, clock: Clock | None = None, *halls: str) -> Watch:
    """A watch whose link is up, and nothing heard yet."""
    watch = Watch(plan, halls or tuple(plan.halls), clock or still())
    for board in watch.boards.values():
        board.link_up(watch.clock.now() - MINUTE)
    return watch


class AtWork:
    """The console in front of a real hall: its screen by keys, the hall by its own ways."""

    def __init__(self, hall: WindowHall, app: Console, pilot: Pilot[None], link: Link) -> None:
        self.hall, self.app, self.pilot, self.link = hall, app, pilot, link

    @property
    def board(self) -> Board:
        return self.app.board

    def password(self, staff: str = "9001") -> str:
        lines = (self.hall.var / FIRST).read_text().splitlines()
        return next(line.split()[1] for line in lines if line.startswith(f"{staff} "))

    async def keys(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def types(self, text: str) -> None:
        """Letter by letter into whatever has the focus."""
        await self.pilot.press(*("space" if letter == " " else letter for letter in text))

    def line(self) -> str:
        """What the line above the keys says."""
        return self.app.overview.text_of("said")


@asynccontextmanager
async def a_console(
    hall: WindowHall, who: str = "console-1", size: tuple[int, int] = (80, 24)
) -> AsyncIterator[AtWork]:
    """The console of a hall whose controller runs, before anybody has logged in."""
    watch = Watch(hall.plan, ("A",), hall.clock)
    at = hall.broker.at
    async with open_link(
        at, who, hears=watch.hears(), on_heard=watch.heard, on_up=watch.up, on_down=watch.down
    ) as link:
        watch.link = link
        await link.wait_up()
        watch.desk = Desk(link, hall.clock, watch.boards, who)
        app = Console(watch, watch.desk, hall.var)
        async with app.run_test(size=size) as pilot:
            yield AtWork(hall, app, pilot, link)
