"""The controller's process: one keeper per hall, one link per hall, one set of seats for the site.

A hall whose journal cannot be trusted is not kept: it says so (now/hall, ready=false) and gives no numbers, and the
other halls go on. With no hall left the process ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import structlog

from controller.core import HallState
from controller.shell.inbox import Inbox
from controller.shell.journal import Journal
from controller.shell.keeper import Keeper
from controller.shell.passwords import Passwords
from controller.shell.seats import Seats
from controller.shell.signing import Signer
from controller.shell.speaking import Speaker, not_ready
from controller.web.door import PublicDoor
from hall import codec, plan, topics
from hall.faults import JournalFault, OurFault, TheirFault
from hall.names import HallId
from hall.views import HallView
from transport import room
from transport.link import Heard, Link
from transport.room import Room

log = structlog.get_logger("controller")


def main() -> int:
    """The door: python -m controller."""
    parser = room.arguments("controller", "Decides for every hall of the plan, and keeps their journals.")
    return room.run(parser, live, who=lambda args: "controller")


def _version() -> str:
    try:
        return version("onewindow")
    except PackageNotFoundError:
        return "unpackaged"


async def live(here: Room) -> None:
    """Start every hall, then keep them until asked to stop."""
    seats, signer = Seats(), Signer.of(here.var, here.plan.site.status_url)
    passwords = Passwords.of(here.var, here.plan)
    folded = {hall: await _folded(here, hall, seats, passwords, signer) for hall in here.plan.halls}
    keepers = {hall: await _started(here, hall, keeper) for hall, keeper in folded.items()}
    if not any(keepers.values()):
        raise OurFault("no hall can be kept: see the lines above")
    try:
        async with asyncio.TaskGroup() as tasks:
            up = [asyncio.Event() for _ in keepers]
            for (hall, keeper), event in zip(keepers.items(), up, strict=True):
                tasks.create_task(_keep(here, hall, keeper, event) if keeper else _mourn(here, hall, event))
            door = PublicDoor(here.plan, signer, keepers, here.clock)
            tasks.create_task(door.run())
            for event in (*up, door.tried):
                await event.wait()
            here.ready()
    finally:
        for keeper in keepers.values():
            if keeper is not None:
                await keeper.journal.close()


async def _folded(here: Room, hall: HallId, seats: Seats, passwords: Passwords, signer: Signer) -> Keeper | None:
    """The keeper of a hall, its journal folded; None when the journal refuses, with the reason in the log."""
    state = HallState(here.plan.site.id, hall)
    try:
        journal = Journal(here.var, here.plan.site.id, hall)
    except JournalFault as fault:
        log.error("hall not kept", hall=hall, why=str(fault))
        return None
    keeper = Keeper(state, journal, Inbox(here.plan.limits), Speaker(state, signer), seats, passwords, here.clock)
    return keeper if await _tried(keeper, keeper.fold()) else None


async def _started(here: Room, hall: HallId, keeper: Keeper | None) -> Keeper | None:
    """The keeper with a new epoch open; None when nothing can be written."""
    if keeper is None:
        return None
    if not await _tried(keeper, keeper.start(_version(), plan.to_json(here.plan), plan.plan_hash(here.plan))):
        return None
    state = keeper.state
    log.info("hall kept", hall=hall, day=state.day, seq=state.seq, epoch=state.epoch, waiting=state.waiting)
    return keeper


async def _tried(keeper: Keeper, step: Coroutine[Any, Any, None]) -> bool:
    """Has this step of the start gone well? If not the reason is in the log and the journal is let go."""
    try:
        await step
    except JournalFault as fault:
        log.error("hall not kept", hall=keeper.state.hall_id, why=str(fault))
        await keeper.journal.close()
        return False
    return True


async def _keep(here: Room, hall: HallId, keeper: Keeper, up: asyncio.Event) -> None:
    """Hear, decide, speak, until cancelled or deposed."""
    site, state = here.plan.site.id, keeper.state
    deposed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def heard(message: Heard) -> None:
        if message.topic == topics.now(site, hall, "hall"):
            _watch(message, state.epoch, deposed)
        else:
            keeper.inbox.put(message, time.monotonic() * here.clock.rate)  # the limits count hall time

    async def on_up(link: Link) -> None:
        keeper.speaker.link, keeper.speaker.all_due = link, True
        keeper.inbox.stir()  # the loop speaks: between its turns there may be what is not durable yet

    presence = here.presence(hall)
    hears = [f"{site}/{hall}/cmd/+/+", topics.now(site, hall, "hall")]
    async with here.link(
        presence, hears=hears, on_heard=heard, on_up=on_up, who=f"controller-{hall}", client="gmqtt"
    ) as link:
        await link.wait_up()
        up.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(presence.run(link))
            tasks.create_task(keeper.run())
            raise OurFault(await deposed)


def _watch(message: Heard, epoch: int, deposed: asyncio.Future[str]) -> None:
    """A higher epoch on our own hall means another controller took over: stop, do not argue."""
    if not message.payload:
        return
    try:
        other = codec.view(message.payload, HallView)
    except TheirFault:
        return
    if other.epoch > epoch and not deposed.done():
        deposed.set_result(f"another controller with epoch {other.epoch} keeps this hall; ours is {epoch}")


async def _mourn(here: Room, hall: HallId, up: asyncio.Event) -> None:
    """Tell everybody that this hall gives no numbers, and why."""
    site = here.plan.site.id
    payload = codec.encode(not_ready(here.clock.now() // 1000, "not_ready"))

    async def on_up(link: Link) -> None:
        link.say_soon(topics.now(site, hall, "hall"), payload, retain=True)

    presence = here.presence(hall)
    async with here.link(presence, on_up=on_up, who=f"controller-{hall}") as link:
        await link.wait_up()
        up.set()
        await presence.run(link)
