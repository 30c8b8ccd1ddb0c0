"""A broker and the real controller as processes of their own, and links of ours that ask as rooms do."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import msgspec
from brokers import a_mosquitto, free_port

from benchmarks.halls import MORNING, OPENED, ROOT, plan_for_bench
from hall import codec
from hall import plan as plans
from hall.plan.model import Broker as BrokerPlan
from hall.plan.model import Doors, Plan
from transport.asking import Asking
from transport.clock import Clock
from transport.link import Broker, Heard, open_link
from transport.logins import login_of

Change = Callable[[Plan], Plan]


class Site:
    """The running site. `pid` is the controller's."""

    def __init__(self, plan: Plan, folder: Path, clock: Clock) -> None:
        self.plan, self.folder, self.var, self.clock = plan, folder, folder / "var", clock
        self.pid = 0

    def login(self, who: str) -> Broker:
        return login_of(self.plan, who, self.var)

    @contextmanager
    def room(self, *words: str, clock: Clock | None = None) -> Iterator[int]:
        """One room as a process, ready; its pid."""
        told = ["--plan", str(self.folder / "plan.json"), "--var", str(self.var)]
        time = ["--clock", (clock or self.clock).text(), "--log-level", "error"]
        process = subprocess.Popen([sys.executable, "-m", *words, *told, *time], cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        try:
            if not process.stdout.readline().startswith(b"ready"):
                raise RuntimeError(f"{' '.join(words)} did not get ready")
            yield process.pid
        finally:
            process.terminate()
            process.wait(10)


@asynccontextmanager
async def a_site(folder: Path, *, embedded: bool = False, change: Change = lambda plan: plan) -> AsyncIterator[Site]:
    """Broker and controller, ready, half an hour into the day."""
    with contextlib.ExitStack() as stack:
        var = folder / "var"
        var.mkdir(parents=True, exist_ok=True)
        if embedded:
            at = BrokerPlan(kind="embedded", host="127.0.0.1", port=free_port(), user="", password_file="")
        else:
            mosquitto = stack.enter_context(a_mosquitto(folder / "broker"))
            (var / "password").write_text(mosquitto.at.password, encoding="ascii")
            here, user = {"host": mosquitto.at.host, "port": mosquitto.at.port}, mosquitto.at.user
            at = BrokerPlan(kind="external", **here, user=user, password_file="password")  # noqa: S106 - a path
        plan = change(_placed(plan_for_bench(), at))
        (folder / "plan.json").write_bytes(plans.to_json(plan))
        site = Site(plan, folder, Clock.starting_at(MORNING, 1.0))
        if embedded:
            stack.enter_context(site.room("transport.embedded_broker"))
        if not (var / "journal").exists():
            with site.room("controller", clock=Clock.starting_at(OPENED, 1.0)):
                pass  # the day is open
        site.pid = stack.enter_context(site.room("controller"))
        yield site


def _placed(plan: Plan, broker: BrokerPlan) -> Plan:
    """The plan on free ports of this machine."""
    port = free_port()
    site = msgspec.structs.replace(plan.site, status_url=f"http://127.0.0.1:{port}")
    return msgspec.structs.replace(plan, broker=broker, site=site, doors=Doors(public_port=port))


@asynccontextmanager
async def asking(site: Site, who: str) -> AsyncIterator[Asking]:
    """A client as a room is one: asks hall A as `who`, hears every event."""
    box: list[Asking] = []

    def heard(message: Heard) -> None:
        box[0].heard(codec.recorded(message.payload))

    at = site.login(who)
    async with open_link(at, who, hears=["kaiyang/A/evt/#"], on_heard=heard, client="gmqtt") as link:
        box.append(Asking(link, site.clock, "kaiyang", "A", who))
        await link.wait_up()
        yield box[0]
