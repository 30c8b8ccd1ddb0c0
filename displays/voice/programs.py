"""Other people's programs (a speech engine, a player), run apart from us and within a bound, then gone for certain."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile

from hall.faults import TheirFault

GONE_MAX_S = 1.0  # real: a killed program is given this long to be reaped


class Failed(TheirFault):
    """A program did not do its work; `word` names the fault."""

    def __init__(self, word: str, why: str) -> None:
        super().__init__(why)
        self.word = word


def found(program: str) -> bool:
    """Whether this machine has the program."""
    return shutil.which(program) is not None


async def run(argv: list[str], said: str, most_s: float, kind: str) -> None:
    """Run to the end with `said` on its input; Failed("no_<kind>" | "<kind>_failed" | "<kind>_slow") otherwise."""
    program = argv[0]
    with tempfile.TemporaryFile() as heard:  # no pipe: it may read as slowly as it likes, or not at all
        heard.write(said.encode())
        heard.seek(0)
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=heard,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # so that what it starts ends with it
            )
        except OSError as fault:
            raise Failed(f"no_{kind}", f"{program}: {fault.strerror or fault}") from None
    try:
        async with asyncio.timeout(most_s):
            await process.wait()
    except TimeoutError:
        raise Failed(f"{kind}_slow", f"{program} took more than {most_s:.1f} s") from None
    finally:
        await _gone(process)
    if process.returncode:
        raise Failed(f"{kind}_failed", f"{program} ended with {process.returncode}")


async def _gone(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):  # stuck in the kernel: left behind
        async with asyncio.timeout(GONE_MAX_S):
            await process.wait()
