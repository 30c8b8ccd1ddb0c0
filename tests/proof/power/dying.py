"""A controller that is killed at a moment no clock can hit: python -m power.dying MOMENT NTH --plan ... --var ...

It is `python -m controller`, but for one function of it: around its NTH call the process kills itself, as a power cut
would, or (slow) takes its time. Nothing else of it is touched.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from controller.room import main
from controller.shell import journal, keeper
from controller.shell.anchor import Anchor

SLOW_S = 0.03  # a worn disk's flush


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wrapped(home: Any, name: str, before: Callable[..., None], behind: Callable[..., None]) -> None:
    real = getattr(home, name)

    def call(*args: Any) -> Any:
        before(*args)
        result = real(*args)
        behind(*args)
        return result

    setattr(home, name, call)


def nothing(*args: Any) -> None: ...


def nth(count: int, counts: Callable[..., bool] = lambda *args: True) -> Callable[..., None]:
    """Die at the n-th call that counts."""
    left = [count]

    def called(*args: Any) -> None:
        left[0] -= counts(*args)
        if left[0] == 0 and counts(*args):
            die()

    return called


def opens_a_day(_db: Any, rows: list[journal.Row], _head: bytes) -> bool:
    return any(row.what == "DayOpened" and row.seq > 1 for row in rows)


def slow(*args: Any) -> None:
    time.sleep(SLOW_S)


MOMENTS: dict[str, Callable[[int], None]] = {
    "decided": lambda n: wrapped(journal, "write", nth(n), nothing),  # folded into the state, not written
    "committed": lambda n: wrapped(journal, "write", nothing, nth(n)),  # durable, the anchor not moved
    "anchored": lambda n: wrapped(Anchor, "write", nothing, nth(n)),  # durable and anchored, nobody told
    "folding": lambda n: wrapped(keeper, "evolve", nth(n), nothing),
    "day": lambda n: wrapped(journal, "write", nth(n, opens_a_day), nothing),
    "day_written": lambda n: wrapped(journal, "write", nothing, nth(n, opens_a_day)),
    "slow": lambda _: wrapped(journal, "write", slow, slow),
}


if __name__ == "__main__":
    moment, count = sys.argv[1:3]
    del sys.argv[1:3]
    MOMENTS[moment](int(count))
    sys.exit(main())
