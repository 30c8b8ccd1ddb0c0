"""Makes the recorded journal of this version, for tests/core/journals: run once when a version is released.

    python tests/support/recorded_journal.py 0.1.0            # record: <version>.jsonl and <version>.toml
    python tests/support/recorded_journal.py 0.1.0 --rehash   # the state gained a field on purpose: hashes anew

The events of a released version are never recorded again: every later program must fold them. The hash of the state
may change with the state's shape; the hash of the views must not, unless a view changed on purpose.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from storms import Storm  # noqa: E402

from controller.core import HallState, all_topics, evolve, view  # noqa: E402
from controller.core.canon import canonical_hash  # noqa: E402
from hall import codec  # noqa: E402

FOLDER = Path(__file__).parents[1] / "core" / "journals"
SEED, STEPS = 2, 450


def folded(version: str) -> HallState:
    """The state of the recorded journal, read as a journal is read."""
    state = HallState("test", "A")
    for line in (FOLDER / f"{version}.jsonl").read_bytes().splitlines():
        evolve(state, codec.from_journal(line, 1))
    return state


def hashes(state: HallState) -> dict[str, str]:
    """Of the state, and of everything shown."""
    shown = b"\n".join(codec.encode(v) for topic in sorted(all_topics(state)) if (v := view(state, topic)) is not None)
    return {"state": canonical_hash(state), "views": hashlib.sha256(shown).hexdigest()}


def main(version: str, rehash: bool) -> None:
    FOLDER.mkdir(exist_ok=True)
    if not rehash:
        storm = Storm(SEED)
        storm.blow(STEPS)
        (FOLDER / f"{version}.jsonl").write_bytes(b"".join(codec.encode(r) + b"\n" for r in storm.play.log))
    text = "".join(f'{what} = "{value}"\n' for what, value in hashes(folded(version)).items())
    (FOLDER / f"{version}.toml").write_text(text)


if __name__ == "__main__":
    main(sys.argv[1], "--rehash" in sys.argv)
