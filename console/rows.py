"""The board as rows of the console's lists: what stands in each column, what colours it, what comes first."""

from __future__ import annotations

from itertools import islice

from console import words
from console.acts import names_of, queue_name
from console.board import Board
from console.listing import Column, Row
from console.troubles import KNOW, LOOK, MILD_FAULTS, NOW, SOON, Trouble, bound_ms, is_idle, waits_for_window
from console.words import say, span
from hall.events import CommandRefused, RatingInvited, Recorded, SlipPrinting
from hall.names import Instant, QueueId, Stage, WindowStatus
from hall.views import DeviceHere, QueueView, WindowView

TONE = {NOW: "now", SOON: "soon", LOOK: "look", KNOW: "know"}
OF_COURSE = (RatingInvited, SlipPrinting)  # events that follow from another one and need nobody's eye
NEAR_PERCENT = 80  # of the bound: a queue worth an eye
SPARK, SPARK_MIN = 5, 12  # the column of the last hour; its letters at least: five minutes each


# -- troubles ------------------------------------------------------------------------------------------------------


def trouble_columns(lang: str, count: int) -> tuple[Column, ...]:
    return (
        Column(say("troubles", lang, n=count), 7 if lang == "zh" else 9),
        Column("", 6, rank=1, right=True),
        Column("", 20, grow=1),
        Column("", 4, rank=2),
    )


def trouble_rows(board: Board, found: list[Trouble], lang: str, now: Instant) -> list[Row]:
    return [_trouble(board, trouble, lang, now) for trouble in found]


def _trouble(board: Board, trouble: Trouble, lang: str, now: Instant) -> Row:
    """Level, age, sentence, seen or not."""
    age = span(now - trouble.since, lang) if trouble.since else ""
    seen = say("seen", lang) if trouble.acknowledged else ""
    cells = (say(f"level.{trouble.level}", lang), age, sentence(board, trouble, lang), seen)
    return Row(trouble.key, cells, "dim" if trouble.acknowledged else TONE[trouble.level], trouble.acknowledged)


def sentence(board: Board, trouble: Trouble, lang: str) -> str:
    """What is wrong, and where to look."""
    subject = words.devices(trouble.subject, lang)
    if trouble.kind in ("wait", "unserved", "full", "stopped", "last_window"):
        subject = queue_name(board, subject, lang)
    detail = trouble.detail
    if trouble.kind in ("device", "devices"):
        detail = words.known(f"fault.{detail}", lang, detail)
    elif trouble.kind == "slip":
        kiosk, _, fault = detail.partition(": ")
        detail = f"{kiosk} {words.known(f'fault.{fault}', lang, fault)}"
    elif trouble.kind == "unserved" and detail:
        detail = say("left_last", lang, window=detail)
    return say(
        f"trouble.{trouble.kind}", lang, subject=subject, detail=detail, count=trouble.count,
        minutes=trouble.minutes, bound=trouble.bound,
    ).rstrip()  # fmt: skip


# -- queues --------------------------------------------------------------------------------------------------------


def queue_columns(lang: str, count: int) -> tuple[Column, ...]:
    return (
        Column(say("queues", lang, n=count), 10, grow=2),
        Column(say("waiting", lang), 4, right=True),
        Column(say("longest", lang), 5, right=True),
        Column(say("estimate", lang), 5, right=True),
        Column(say("served_by", lang), 2, right=True),
        Column(say("last_hour", lang), SPARK_MIN, grow=1, rank=1),  # the column SPARK
        Column(say("numbers", lang), 10, rank=2),
    )


def queue_rows(board: Board, lang: str, now: Instant, spark: int = SPARK_MIN) -> list[Row]:
    """Worst first: without a window, over the bound, near it; then those with people, then the empty ones."""
    order = {queue: place for place, queue in enumerate(board.site_hall.queues)}
    ranked = sorted(board.queues.values(), key=lambda q: (*_queue_rank(board, q, now), order.get(q.queue, len(order))))
    return [_queue(board, queue, lang, now, spark) for queue in ranked]


def _queue_rank(board: Board, queue: QueueView, now: Instant) -> tuple[int, int]:
    if not queue.waiting:
        return (4, 0)
    share = wait_percent(board, queue, now)
    if not queue.open_windows:
        return (0, -share)
    return (1, -share) if share > 100 else (2, -share) if share >= NEAR_PERCENT else (3, 0)


def wait_percent(board: Board, queue: QueueView, now: Instant) -> int:
    """The longest wait as a share of the queue's bound."""
    bound = bound_ms(board, queue.queue)
    return max(0, now - queue.oldest_at) * 100 // bound if bound and queue.oldest_at else 0


def _queue(board: Board, queue: QueueView, lang: str, now: Instant, spark: int) -> Row:
    rank, _ = _queue_rank(board, queue, now)
    longest = span(now - queue.oldest_at, lang) if queue.waiting and queue.oldest_at else ""
    estimate = f"~{words.minutes(queue.estimate_s * 1000)}" if queue.estimate_s >= 0 else "?"
    history = board.history.get(queue.queue)
    cells = (
        queue_name(board, queue.queue, lang),
        str(queue.waiting),
        longest,
        estimate,
        str(queue.open_windows),
        history.bars(spark, now) if history is not None else "",
        words.known(f"why_not.{queue.why_not}", lang, queue.why_not) if queue.why_not else "",
    )
    tone = {0: "now", 1: "soon", 2: "look", 4: "dim"}.get(rank, "plain")
    return Row(queue.queue, cells, tone, whole=rank in (1, 2, 4))


# -- windows -------------------------------------------------------------------------------------------------------


def window_columns(lang: str) -> tuple[Column, ...]:
    return (
        Column(say("windows", lang), 4),
        Column(say("state_of", lang), 6),
        Column(say("ticket", lang), 6),
        Column(say("so_far", lang), 5, right=True),
        Column(say("served", lang), 4, right=True),
        Column(say("staff", lang), 4, rank=1),
        Column(say("held", lang), 4, rank=2),
        Column(say("named", lang), 14, grow=1, rank=3),
    )


def window_rows(board: Board, lang: str, now: Instant, by_name: bool = False, only: QueueId = "") -> list[Row]:
    """Idle while people wait, paused while people wait, at work, free, closed; or simply by name.

    `only`: those that may serve this queue.
    """
    listed = (w for w in board.windows.values() if not only or only in board.serves(w.window))
    ranked = sorted(listed, key=lambda w: (0 if by_name else _window_rank(board, w, now), w.window))
    return [_window(board, window, lang, now) for window in ranked]


def _window_rank(board: Board, window: WindowView, now: Instant) -> int:
    if is_idle(board, window.window, now):
        return 0
    if window.status is WindowStatus.PAUSED:
        return 1 if waits_for_window(board, window.window) else 3
    return 2 if window.status is WindowStatus.OPEN else 4


def _window(board: Board, window: WindowView, lang: str, now: Instant) -> Row:
    rank = _window_rank(board, window, now)
    since = span(now - window.since, lang) if window.number and window.since else ""
    if rank == 0:
        since = span(now - board.idle[window.window], lang)
    held = f"{len(window.held)}+{window.directed}" if window.held or window.directed else ""
    cells = (window.window, _state(window, lang, rank), window.number, since, str(window.served), window.staff, held,
             window.name)  # fmt: skip
    tone = {0: "look", 1: "look", 3: "dim", 4: "dim"}.get(rank, "good" if window.number else "plain")
    return Row(window.window, cells, tone, whole=rank != 2)


def _state(window: WindowView, lang: str, rank: int) -> str:
    if window.status is WindowStatus.PAUSED:
        return words.known(f"why.{window.pause}", lang, say("state.paused", lang))
    if window.status is WindowStatus.CLOSED:
        return say("state.manned" if window.staff else "state.closed", lang)
    if rank == 0:
        return say("state.idle", lang)
    if window.stage in (Stage.CALLED, Stage.SERVING):
        return say(f"state.{window.stage.value}", lang)
    return say("state.free", lang)


# -- what just happened --------------------------------------------------------------------------------------------


def recent_columns(lang: str) -> tuple[Column, ...]:
    return (Column("", 8), Column(say("recent", lang), 20, grow=1))


def recent_rows(board: Board, lang: str, most: int) -> list[Row]:
    """The newest events first, without those that follow of course from another."""
    names = names_of(board, lang)
    events = (recorded for recorded in reversed(board.lives.recent) if not isinstance(recorded.event, OF_COURSE))
    return [_happened(board, recorded, lang, names) for recorded in islice(events, most)]


def _happened(board: Board, recorded: Recorded, lang: str, names: dict[str, str]) -> Row:
    text = words.happened(recorded, lang, names)
    tone = "look" if isinstance(recorded.event, CommandRefused) else "dim"
    return Row(str(recorded.seq), (words.clock(recorded.recorded, board.plan.site.time_zone), text), tone)


# -- devices -------------------------------------------------------------------------------------------------------


def device_columns(lang: str, up: int, count: int) -> tuple[Column, ...]:
    return (
        Column(say("devices", lang, up=up, n=count), 14, grow=1),
        Column(say("state_of", lang), 8, grow=1),
        Column(say("age", lang), 5, right=True),
        Column(say("detail", lang), 10, grow=2, rank=1),
    )


def device_rows(board: Board, lang: str, now: Instant) -> list[Row]:
    """Rooms that are away, then ill devices, then those nobody can be sure of, then the well."""
    rows = [_room(board, who, lang, now) for who in _rooms(board)]
    rows += [_device(name, state, lang, now) for name, (_, state) in board.devices().items()]
    order = {"soon": 0, "look": 1, "dim": 3}
    return sorted(rows, key=lambda row: (order.get(row.tone, 2), not row.key.startswith("room:"), row.key))


def devices_up(rows: list[Row]) -> int:
    return sum(row.tone in ("good", "dim") for row in rows)


def _rooms(board: Board) -> list[str]:
    expected = board.expected()
    return [*expected, *sorted(who for who in board.rooms if who not in expected)]


def _room(board: Board, who: str, lang: str, now: Instant) -> Row:
    state = board.room_state(who, now)
    seen = board.rooms.get(who)
    tone = {"up": "good", "unknown": "dim"}.get(state, "soon" if who in board.expected() else "dim")
    age = span(now - seen.here.at, lang) if seen is not None and state in ("down", "silent") else ""
    return Row(
        f"room:{who}", (words.devices(who, lang), say(f"room.{state}", lang), age, ""), tone, whole=state != "up"
    )


def _device(name: str, state: DeviceHere, lang: str, now: Instant) -> Row:
    ill = state.state == "down" or state.fault
    tone = ("look" if state.fault in MILD_FAULTS else "soon") if ill else "good" if state.state == "up" else "dim"
    word = words.known(f"fault.{state.fault}", lang, state.fault) if state.fault else ""
    said = word or words.known(f"room.{state.state}", lang, state.state)
    age = span(now - state.since, lang) if ill and state.since else ""
    return Row(name, (words.devices(name, lang), said, age, state.detail), tone, whole=tone != "good")
