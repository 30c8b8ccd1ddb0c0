"""The life of a ticket from the journal: asked of the audit room as a process, since rooms never import each other."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import msgspec

from hall.events import Recorded
from hall.faults import TheirFault
from hall.names import HallId, TicketNumber
from hall.wording import inert

READ_MAX_S = 15.0  # a journal of a million events is read in less; whoever asked looks at what was heard meanwhile
WHY_MAX = 120  # characters of a fault shown
HOUSE = Path(__file__).resolve().parent.parent  # where the audit room lies, beside this one


class NotRead(TheirFault):
    """The journal could not be read from here; the message says why, in a line."""


async def life(var: Path, hall: HallId, number: TicketNumber) -> tuple[Recorded, ...]:
    """Every event of a number, in order; NotRead when there is no journal here or its reader fails."""
    command = ("-P", "-m", "audit", "ticket", "--var", str(var), "--hall", hall, "--json", "--", number)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(HOUSE), "PYTHONUTF8": "1"},
    )
    try:
        async with asyncio.timeout(READ_MAX_S):
            said, wrong = await process.communicate()
    except TimeoutError:
        raise NotRead(f"not within {READ_MAX_S:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise NotRead(_last_line(wrong) or f"exit code {process.returncode}")
    return _events(said)


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", errors="replace").strip().splitlines()
    return inert(lines[-1], WHY_MAX) if lines else ""


def _events(said: bytes) -> tuple[Recorded, ...]:
    try:
        found = msgspec.json.decode(said, type=tuple[Recorded, ...])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise NotRead(inert(f"not what a life looks like: {fault}", WHY_MAX)) from fault
    return tuple(sorted(found, key=lambda recorded: recorded.seq))
