"""What a supervisor may do, as a table: which key, what is asked of the person, which command it becomes. No Textual.

Every act that changes the hall asks for a reason and goes into the journal with it. The controller decides; what is
checked here is only that the form is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from console.board import Board
from console.words import say
from hall import commands as c
from hall.names import ORDINARY, PauseReason, Place, WindowId

Values = Mapping[str, str | tuple[str, ...]]
Options = list[tuple[str, str]]  # (what the person reads, what the command says)
Target = Literal["window", "queue", "ticket", "hall"]

REASON_MAX = 80  # characters: a sentence
TEXT_MAX = 60  # characters of a name or notice; the controller has the last word
REASONS = tuple(range(1, 7))  # ready-made ones, called by their digit: console.reason.<n>


class Field(NamedTuple):
    """One line of a form. `options` makes it a choice ("many": of several)."""

    name: str
    kind: Literal["text", "choice", "many", "reason"] = "text"
    options: Callable[[Board, str, WindowId], Options] | None = None  # of a hall, in a language, for a window
    needed: bool = True


class Act(NamedTuple):
    """Something to do: `id` names its texts (console.act.<id>), `target` what the cursor's row fills in."""

    id: str
    key: str
    target: Target
    fields: tuple[Field, ...]
    command: Callable[[Values], c.Command]


# -- choices -------------------------------------------------------------------------------------------------------


def _queues(board: Board, lang: str, _: WindowId = "") -> Options:
    return [(queue_name(board, queue, lang), queue) for queue in board.site_hall.queues]


def _queues_or_hall(board: Board, lang: str, _: WindowId) -> Options:
    return [(say("whole_hall", lang), ""), *_queues(board, lang)]


def _own_queues(board: Board, lang: str, window: WindowId) -> Options:
    """Queues that may be a window's own: a restricted one where the plan says so."""
    planned = board.site_hall.windows.get(window)
    own = planned.queues if planned is not None else ()
    return [(n, q) for n, q in _queues(board, lang) if q in own or not board.site_hall.queues[q].restricted]


def _other_queues(board: Board, lang: str, window: WindowId) -> Options:
    """Queues a window may help: no restricted one, and not its own."""
    own, queues = board.own(window), board.site_hall.queues
    return [(n, q) for n, q in _queues(board, lang) if q not in own and not queues[q].restricted]


def _kiosks(board: Board, lang: str, _: WindowId) -> Options:
    return [(f"{kiosk} {known.name}", kiosk) for kiosk, known in board.site_hall.kiosks.items()]


def _classes(board: Board, lang: str, _: WindowId = "") -> Options:
    rules = board.plan.priority
    names = rules.names_en if lang == "en" else rules.names
    return [*((names.get(one, one), one) for one in rules.classes), (say("ordinary", lang), ORDINARY)]


def _pauses(board: Board, lang: str, _: WindowId) -> Options:
    return [(say(f"why.{why.value}", lang), why.value) for why in PauseReason]


def _places(board: Board, lang: str, _: WindowId) -> Options:
    return [(say(f"place.{place.value}", lang), place.value) for place in (Place.ARRIVAL, Place.FIRST, Place.LAST)]


def _targets(board: Board, lang: str, _: WindowId) -> Options:
    """Where a ticket can go: queues first, then windows that are there."""
    windows = [(f"{window} {view.name}", f"window:{window}") for window, view in sorted(board.windows.items())]
    return [*((name, f"queue:{queue}") for name, queue in _queues(board, lang)), *windows]


def queue_name(board: Board, queue: str, lang: str) -> str:
    """A queue as people call it."""
    view, planned = board.queues.get(queue), board.site_hall.queues.get(queue)
    named = view if view is not None else planned
    if named is None:
        return queue
    return named.name_en or named.name if lang == "en" else named.name


def hall_name(board: Board, lang: str) -> str:
    """A hall as people call it."""
    hall = board.site_hall
    return hall.name_en or hall.name if lang == "en" else hall.name


def names_of(board: Board, lang: str) -> dict[str, str]:
    """What people call the queues and the classes of priority, by id."""
    classes = {key: name for name, key in _classes(board, lang)}
    return classes | {queue: queue_name(board, queue, lang) for queue in (*board.site_hall.queues, *board.queues)}


# -- commands ------------------------------------------------------------------------------------------------------


def _text(values: Values, name: str) -> str:
    value = values.get(name, "")
    assert isinstance(value, str), f"{name} holds several values"
    return value.strip()


def _upper(values: Values, name: str) -> str:
    return _text(values, name).upper()


def _many(values: Values, name: str) -> tuple[str, ...]:
    value = values.get(name, ())
    assert isinstance(value, tuple), f"{name} holds one value"
    return value


def _transfer(values: Values) -> c.Command:
    kind, _, target = _text(values, "target").partition(":")
    return c.TransferTicket(
        number=_upper(values, "number"),
        to_queue=target if kind == "queue" else "",
        to_window=target if kind == "window" else "",
        place=Place(_text(values, "place") or Place.ARRIVAL),
        reason=_text(values, "reason"),
    )


REASON = Field("reason", "reason")
WINDOW = Field("window")
NUMBER = Field("number")

ACTS: tuple[Act, ...] = (
    Act("open", "o", "window", (WINDOW, REASON),
        lambda v: c.OpenWindow(_upper(v, "window"), _text(v, "reason"))),
    Act("pause", "p", "window", (WINDOW, Field("pause", "choice", _pauses)),
        lambda v: c.PauseWindow(_upper(v, "window"), PauseReason(_text(v, "pause")))),
    Act("close", "c", "window", (WINDOW, REASON),
        lambda v: c.CloseWindow(_upper(v, "window"), _text(v, "reason"))),
    Act("call", "k", "window", (WINDOW, NUMBER, REASON),
        lambda v: c.CallNumber(_upper(v, "window"), _upper(v, "number"), _text(v, "reason"))),
    Act("serves", "d", "window", (WINDOW, Field("serves", "many", _own_queues), REASON),
        lambda v: c.SetServes(_upper(v, "window"), _many(v, "serves"), _text(v, "reason"))),
    Act("helps", "h", "window", (WINDOW, Field("helps", "many", _other_queues, needed=False), REASON),
        lambda v: c.SetHelps(_upper(v, "window"), _many(v, "helps"), _text(v, "reason"))),
    Act("rename", "n", "window", (WINDOW, Field("name", needed=False), REASON),
        lambda v: c.RenameWindow(_upper(v, "window"), _text(v, "name"), _text(v, "reason"))),
    Act("transfer", "x", "ticket",
        (NUMBER, Field("target", "choice", _targets), Field("place", "choice", _places), REASON), _transfer),
    Act("priority", "y", "ticket", (NUMBER, Field("priority", "choice", _classes), REASON),
        lambda v: c.GivePriority(_upper(v, "number"), _text(v, "priority"), _text(v, "reason"))),
    Act("back", "b", "ticket", (NUMBER, REASON),
        lambda v: c.ReturnTicket(_upper(v, "number"), _text(v, "reason"))),
    Act("reprint", "r", "ticket", (NUMBER, Field("kiosk", "choice", _kiosks), REASON),
        lambda v: c.ReprintTicket(_upper(v, "number"), _text(v, "kiosk"), _text(v, "reason"))),
    Act("void", "v", "ticket", (NUMBER, REASON),
        lambda v: c.VoidTicket(_upper(v, "number"), _text(v, "reason"))),
    Act("stop", "s", "queue", (Field("queue", "choice", _queues_or_hall), REASON),
        lambda v: c.StopIssuing(_text(v, "queue"), _text(v, "reason"))),
    Act("resume", "g", "queue", (Field("queue", "choice", _queues_or_hall), REASON),
        lambda v: c.ResumeIssuing(_text(v, "queue"), _text(v, "reason"))),
    Act("notice", "e", "hall", (Field("text", needed=False), REASON),
        lambda v: c.SetNotice(_text(v, "text"), _text(v, "reason"))),
)  # fmt: skip
FREE = ("name", "text", "serves", "helps")  # said anew even where something stands
BY_ID = {act.id: act for act in ACTS}


def filled(act: Act, board: Board, window: str, number: str, queue: str) -> dict[str, str | tuple[str, ...]]:
    """What the form starts with: the row under the cursor, and how it stands now."""
    view = board.windows.get(window)
    values: dict[str, str | tuple[str, ...]] = {"window": window, "number": number, "queue": queue}
    values |= {"pause": PauseReason.BREAK.value, "place": Place.ARRIVAL.value}
    if act.id == "call":
        values["number"] = ""  # the window's own ticket is the one number that cannot be meant
    if view is not None:
        values |= {"serves": board.own(window), "helps": view.helps, "name": view.name}
    if board.hall is not None:
        values["text"] = board.hall.notice
    if len(board.site_hall.kiosks) == 1:
        values["kiosk"] = next(iter(board.site_hall.kiosks))
    names = {field.name for field in act.fields}
    return {name: value for name, value in values.items() if name in names}


def missing(act: Act, values: Values) -> str:
    """The first field that still needs an answer, "" when the form is complete."""
    return next((f.name for f in act.fields if f.needed and not values.get(f.name) and not _may_be_empty(f)), "")


def first_to_fill(act: Act, values: Values) -> str:
    """Where the person begins: what is empty, or what may be said anew (a name, a text); "" when all is filled in."""
    open_ = (f.name for f in act.fields if f.name in FREE or (not values.get(f.name) and f.name != "queue"))
    return "queue" if "queue" in values and not values["queue"] else next(open_, "")


def _may_be_empty(field: Field) -> bool:
    return field.options is _queues_or_hall  # "" is the whole hall


def reason_of(typed: str, lang: str) -> str:
    """A ready-made reason by its digit, or what was typed."""
    typed = typed.strip()
    if typed.isdigit() and typed.isascii() and int(typed) in REASONS:
        return say(f"reason.{int(typed)}", lang)
    return typed
