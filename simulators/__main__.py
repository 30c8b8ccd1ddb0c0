"""`python -m simulators --plan plan.json --var DIR`: stand every device of a simulated plan, until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
from pathlib import Path

from aiohttp.http_exceptions import HttpProcessingError

from simulators.box import CannotStand, Record
from simulators.clock import Clock, clock_from
from simulators.door import open_door
from simulators.far_side import FarSide, table, text
from simulators.loudspeaker import loudspeakers
from simulators.tracing import Trace

log = logging.getLogger("simulators")


class OneLine(logging.Formatter):
    """A line for each record, whatever it holds; of a request that was none, what was wrong with it and no trace."""

    def format(self, record: logging.LogRecord) -> str:
        fault = record.exc_info[1] if record.exc_info else None
        if isinstance(fault, HttpProcessingError):
            record.exc_info, record.msg, record.args = None, f"{record.getMessage()}: {fault}", ()
        line = super().format(record)
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)


def main() -> int:
    asked = _asked()
    said = logging.StreamHandler()
    said.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=asked.log_level.upper(), handlers=[said])
    try:
        asyncio.run(_stand(_plan(asked.plan), asked.var, asked.clock, asked.seed, asked.trace))
    except CannotStand as trouble:
        print(f"simulators: {trouble}", file=sys.stderr)
        return 1
    return 0


async def _stand(plan: Record, var: Path, clock: Clock, seed: int, trace_file: Path | None) -> None:
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    far_side = FarSide(plan, var, clock, seed)
    trace = Trace(trace_file, far_side) if trace_file else None
    far_side.open()
    listening = [asyncio.create_task(each.run()) for each in (loudspeakers(plan, var, trace.spoken) if trace else ())]
    try:
        bench = table(plan, "bench")
        port = bench.get("port")
        if not isinstance(port, int):
            raise CannotStand(f"the plan's bench.port is {port!r}, not a number")
        runner, port = await open_door(far_side, text(bench, "host"), port)
        try:
            print(f"ready: {len(far_side.devices)} devices, http://{text(bench, 'host')}:{port}/", flush=True)
            await stop.wait()
        finally:
            await runner.cleanup()
    finally:
        for task in listening:
            task.cancel()
        far_side.close()
        if trace is not None:
            trace.close()


def _plan(path: Path) -> Record:
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as trouble:
        raise CannotStand(f"{path}: {trouble}") from None
    if not isinstance(plan, dict):
        raise CannotStand(f"{path}: not a compiled plan")
    return plan


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulators", description="The far side of every wire of a simulated hall.")
    parser.add_argument("--plan", type=Path, required=True, help="compiled plan, as `hall check --json` prints it")
    parser.add_argument("--var", type=Path, required=True, help="state directory; serial lines appear in VAR/lines")
    parser.add_argument("--clock", type=clock_from, default="real", help='"real" or "<hall_ms>@<real_ms>x<rate>"')
    parser.add_argument("--seed", type=int, default=1, help="dice of the faults; the same seed replays a run")
    parser.add_argument("--trace", type=Path, help="write what people could notice at the devices to this file")
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
