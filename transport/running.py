"""Running one process: signals, a bounded stop, faults told in one line, no life without the parent.

Exit code 0: asked to stop, or done. 1: a fault, told in one clear line; its trace only at log level debug.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from typing import Any, NoReturn

import structlog

from hall.faults import HallFault
from transport.notifying import live_on, notify

STOP_MAX_S = 1.0  # from the signal to the end; what hangs longer (a name look-up, a dead disk) is left behind
PARENT_EACH_S = 0.5  # how often we look whether the parent still lives

log = structlog.get_logger("process")


def run_process(main: Coroutine[Any, Any, None], parent: int = 0) -> NoReturn:
    """Run `main` until it ends, a signal comes or the parent (a process id; 0: do not care) is gone; then end.

    `main` has closed what it opened. An interpreter that takes itself apart needs a tenth of a second of a core for it,
    and a hall stops twenty rooms at once on two.
    """
    code = _code_of(main, parent)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(code)


def _code_of(main: Coroutine[Any, Any, None], parent: int) -> int:
    try:
        asyncio.run(_run(main, parent))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0
    except Exception as fault:
        log.error("stopped", why=in_words(fault), exc_info=fault)
        return 1
    return 0


def in_words(fault: BaseException) -> str:
    """A fault in one line. One of ours speaks for itself; a surprise also says its kind and where it arose."""
    while isinstance(fault, BaseExceptionGroup):
        fault = next((one for one in fault.exceptions if isinstance(one, HallFault)), fault.exceptions[0])
    if isinstance(fault, HallFault):
        return str(fault)
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" ({os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno})" if trace is not None else ""
    return f"{type(fault).__name__}: {fault}{where}"


async def _run(main: Coroutine[Any, Any, None], parent: int) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_told_by_nobody)
    body = asyncio.create_task(main, name="main")

    def stop(why: str) -> None:
        log.info("stopping", why=why)
        notify("STOPPING=1")
        _end_within(STOP_MAX_S)
        body.cancel()

    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop, sign.name)
    watching = [asyncio.create_task(live_on(), name="signs of life")]
    if parent:
        watching.append(asyncio.create_task(_watch_parent(parent, stop), name="parent"))
    try:
        await body
    finally:
        for task in watching:
            task.cancel()


async def _watch_parent(parent: int, stop: Any) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110 - nobody signals that a parent has gone
        await asyncio.sleep(PARENT_EACH_S)
    stop("parent gone")


def _end_within(seconds: float) -> None:
    """However the tasks behave, the process is gone after this."""

    def end() -> None:
        log.warning("not everything stopped in time", waited_s=seconds)
        sys.stderr.flush()
        os._exit(1)

    last = threading.Timer(seconds, end)
    last.daemon = True
    last.start()


def _told_by_nobody(_: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    """What asyncio could tell nobody else: a callback that failed, a task nobody waited for."""
    fault = told.get("exception")
    if isinstance(fault, asyncio.CancelledError):  # Python 3.11 tells so of a stream whose server ends: no fault
        return
    log.error(told["message"], fault=in_words(fault) if fault else "", exc_info=fault)
