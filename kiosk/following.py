"""The plan changes while the machine stands: a controller started with another one tells its hash.

Where our own file has changed too, this process ends and is started again with it (by `hall run`, by systemd). Where
it has not, this machine was forgotten when the new plan was laid out: a queue that is gone is offered no more, what
else is gone the controller refuses, and the log says what to do.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from hall.faults import HallFault, PlanError
from hall.plan import Plan, plan_hash
from kiosk.standing import Standing
from transport.plans import load_plan

LOOK_S = 1.0  # a comparison of two texts; the file is read only when it has changed

log = structlog.get_logger("plan")


class PlanChanged(HallFault):
    """The hall runs by another plan, and it lies in our file: whoever keeps us starts us again with it."""


async def follow(standing: Standing, file: Path, plan: Plan) -> None:
    """Until the hall has another plan and the file holds it: PlanChanged."""
    ours, read_at, told = plan_hash(plan), _written_at(file), ""
    while True:
        await asyncio.sleep(LOOK_S)
        theirs = standing.hall.plan_hash if standing.hall is not None and standing.hall.ready else ""
        if theirs in ("", ours):
            continue
        if (now := _written_at(file)) != read_at:
            read_at = now
            if _hash_of(file) == theirs:
                raise PlanChanged(f"the hall has adopted a changed plan, and {file} holds it: start again")
        if theirs != told:
            told = theirs
            log.warning("the hall runs by another plan than this machine", file=str(file), mend="put the new plan here")


def _written_at(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def _hash_of(file: Path) -> str:
    try:
        return plan_hash(load_plan(file))
    except PlanError:  # half written, perhaps: it will be written on
        return ""
