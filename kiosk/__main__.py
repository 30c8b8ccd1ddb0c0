"""`python -m kiosk A-K1 --plan PLAN.json --var DIR`: one ticket machine."""

from __future__ import annotations

import sys

from kiosk.machine import Machine
from transport import room


async def live(here: room.Room) -> None:
    await Machine(here, here.args.id).live()


def main() -> int:
    parser = room.arguments("kiosk", "The ticket machine: touch page and slip.")
    parser.add_argument("id", help="the machine, for instance A-K1")
    return room.run(parser, live, who=lambda args: f"kiosk-{args.id}")


if __name__ == "__main__":
    sys.exit(main())
