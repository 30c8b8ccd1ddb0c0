"""The public door of the controller: opened when the halls are kept, tried again while its address is taken.

A door that cannot open stops no hall: numbers are called without it, and the log says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

import structlog
from aiohttp import web

from controller.shell.keeper import Keeper
from controller.shell.signing import Signer
from controller.web import pages
from controller.web.asking import Asking
from controller.web.routes import ROUTES
from controller.web.tickets import OfHall, Tickets
from hall.names import HallId
from hall.plan.model import Plan
from transport.clock import Clock
from transport.doors import Allowances, Guard, Streams, application, listening
from transport.doors.describing import route_all

AGAIN_S = 10.0  # real: between two tries to open

log = structlog.get_logger("door")


class PublicDoor:
    """The pages behind the slips of one site."""

    def __init__(self, plan: Plan, signer: Signer, keepers: Mapping[HallId, Keeper | None], clock: Clock) -> None:
        self._plan, self._streams = plan, Streams()
        site = plan.site.id
        halls = {
            hall: OfHall(keeper, Asking(site, keeper, clock)) if keeper is not None else None
            for hall, keeper in keepers.items()
        }
        self._tickets = Tickets(site, signer, halls, clock, self._streams)
        for hall, keeper in keepers.items():
            if keeper is not None:
                keeper.speaker.hearers.append(partial(self._tickets.heard, hall))
        self.tried = asyncio.Event()  # the door has been opened, or could not be

    async def run(self) -> None:
        """Keep the door open until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._streams.run())
            while True:
                await self._open()
                self.tried.set()
                await asyncio.sleep(AGAIN_S)

    async def _open(self) -> None:
        doors = self._plan.doors
        where = f"{doors.public_host}:{doors.public_port}"
        try:
            async with listening(self._application(), doors.public_host, doors.public_port):
                log.info("public door open", where=where)
                self.tried.set()
                try:
                    await asyncio.Event().wait()
                finally:
                    self._streams.close()  # pages come back by themselves
        except Exception as fault:  # noqa: BLE001 - whatever is wrong with the door, the halls go on
            log.error("public door not open", where=where, why=str(fault), again_s=AGAIN_S)

    def _application(self) -> web.Application:
        doors, simulated = self._plan.doors, self._plan.site.mode == "simulated"
        bench = self._plan.bench
        guard = Guard.of(
            doors.public_host,
            doors.public_port,
            public=self._plan.site.status_url,
            frames=(f"http://{bench.host}:{bench.port}",) if simulated else (),
            proxies=doors.proxies,
        )
        app = application(guard, Allowances(), pages.refused)
        tickets = self._tickets
        handlers = {
            "ticket": tickets.page,
            "state": tickets.state,
            "live": tickets.live,
            "rating": tickets.rating,
            "file": pages.file,
        }
        route_all(app, ROUTES, handlers)
        return app
