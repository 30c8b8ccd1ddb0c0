"""One line about the row under the cursor: what to do about an alarm, and what has no column on a small screen."""

from __future__ import annotations

from console.acts import queue_name
from console.board import Board
from console.troubles import Trouble
from console.words import known, say

PAPER = ("paper_out", "paper_low")
PRINTER = ("cover_open", "cutter", "error", "offline")


def trouble(board: Board, found: Trouble, lang: str) -> str:
    """What to do, and how to put the line last."""
    kind, queue = found.kind, board.site_hall.queues.get(found.subject)
    if kind in ("wait", "unserved", "full") and queue is not None and queue.restricted:
        kind = "its_own"  # nobody may help there
    if kind.startswith("room_"):
        kind = "room"
    elif kind in ("device", "devices"):
        kind = "paper" if found.detail in PAPER else "printer" if found.detail in PRINTER else "device"
    advice = say(f"advice.{kind}", lang)
    return say("what_to_do" if found.acknowledged else "what_to_do_seen", lang, advice=advice)


def window(board: Board, name: str, lang: str) -> str:
    """What it serves and helps, its name in lights, whom it has put aside."""
    view = board.windows[name]
    own = board.own(name)
    helps = [queue for queue in board.serves(name) if queue not in own]
    said = [say("about.window", lang, window=name, name=view.name, own=_names(board, own, lang))]
    if helps:
        said.append(say("about.helps", lang, queues=_names(board, helps, lang)))
    if view.held or view.directed:
        said.append(say("about.held", lang, held=len(view.held), directed=view.directed))
    return " · ".join(said)


def queue(board: Board, name: str, lang: str) -> str:
    """Whether numbers are given, and how to see its windows."""
    why = board.queues[name].why_not
    numbers = known(f"why_not.{why}", lang, why) if why else say("about.issuing", lang)
    return say("about.queue", lang, queue=queue_name(board, name, lang), numbers=numbers)


def device(board: Board, name: str) -> str:
    """What it says of itself; rooms have no more to say."""
    _, state = board.devices().get(name, ("", None))
    return state.detail if state is not None else ""


def _names(board: Board, queues: tuple[str, ...] | list[str], lang: str) -> str:
    return " ".join(queue_name(board, one, lang) for one in queues)
