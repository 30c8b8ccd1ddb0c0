"""The screen a supervisor watches all day: alarms on top, then queues, windows and devices of one hall, worst first.

It only shows: what stands is the board's business, what may be done is the table of acts'. News is drawn at most every
LOOK_S, so a burst of events is one picture; without news it is drawn each second, because waits grow by themselves.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Static

from console import about, rows, words
from console.acts import ACTS, hall_name, queue_name
from console.board import Board
from console.listing import Listing
from console.troubles import SOON, Trouble, troubles
from console.words import say
from hall.names import Instant, WindowStatus
from hall.wording import inert

if TYPE_CHECKING:
    from console.app import Console

SAID_S = 8.0  # what came of an act can be read so long
TEXT_MAX = 400  # characters of a line: wider than any screen
TROUBLES_MIN, TROUBLES_SHARE = 3, 4  # lines of alarms at least, and at most one line in so many of the screen
QUEUE_SUBJECTS = ("wait", "unserved", "full", "stopped", "last_window")
HINTS = (
    ("question_mark", "help"), ("a", "acknowledge"), ("o", "open"), ("p", "pause"), ("k", "call"), ("x", "transfer"),
    ("t", "life"), ("l", "log_in"), ("z", "language"), ("ctrl+p", "palette"), ("c", "close"), ("s", "stop"),
    ("d", "serves"), ("h", "helps"), ("y", "priority"), ("b", "back"), ("r", "reprint"), ("v", "void"), ("g", "resume"),
    ("n", "rename"), ("e", "notice"),
)  # fmt: skip


class Words(Static):
    """Plain text on the screen; the same again costs nothing."""

    def __init__(self, name: str | None = None, classes: str = "") -> None:
        super().__init__("", markup=False, id=name, classes=classes)
        self.text = ""

    def put(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self.update(Content(inert(text, TEXT_MAX)))


class Press(Words):
    """A word that does something when it is clicked."""

    def __init__(self, action: str, classes: str = "") -> None:
        super().__init__(classes=classes)
        self._action = action

    async def on_click(self) -> None:
        await self.app.run_action(self._action)


class Overview(Screen[None]):
    """One hall at a time; the tabs tell of trouble in the others."""

    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - Textual's
    DEFAULT_CSS = """
    Overview { layout: vertical; background: $surface; }
    Overview #head { height: 1; background: $primary-darken-2; color: $text; text-style: bold; }
    Overview #halls { height: 1; background: $panel; }
    Overview .tab { width: auto; padding: 0 2; color: $text-muted; }
    Overview .tab.-on { background: $surface; color: $text; text-style: bold; }
    Overview .tab.-trouble { color: $text-error; text-style: bold; }
    Overview .banner { height: auto; display: none; padding: 0 1; text-style: bold; }
    Overview .banner.-on { display: block; }
    Overview #lost { background: $error; color: $text; }
    Overview #notice { background: $warning; color: $text; }
    Overview #troubles { height: 4; }
    Overview #body { height: 1fr; }
    Overview #left { width: 44; }
    Overview #queues { height: 3fr; }
    Overview #devices { height: 2fr; }
    Overview #windows { width: 1fr; }
    Overview #recent { display: none; }
    Overview #said { height: 1; padding: 0 1; color: $text-muted; }
    Overview #said.-wrong { color: $text-error; text-style: bold; }
    Overview #keys { height: 1; background: $panel; }
    Overview #keys Press { width: auto; padding: 0 1 0 0; }
    Overview.-wide #left { width: 5fr; }
    Overview.-wide #windows { width: 5fr; border-left: solid $panel; }
    Overview.-wide #recent { display: block; width: 6fr; border-left: solid $panel; }
    Overview.-lost Listing { opacity: 60%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *((act.key, f"app.act('{act.id}')", "") for act in ACTS),
        ("a", "acknowledge", ""),
        ("t", "life", ""),
        ("w", "sort", ""),
        ("escape", "all_windows", ""),
        ("slash", "app.find", ""),
        ("l", "app.log_in", ""),
        ("z", "app.language", ""),
        ("question_mark,f1", "app.help", ""),
        *((str(n), f"app.hall({n})", "") for n in range(1, 10)),
    ]
    app: Console

    def __init__(self) -> None:
        super().__init__()
        self.by_name, self.only = False, ""  # the windows by name; those of one queue alone
        self.found: list[Trouble] = []
        self._troubles_height = 0
        self._said_until = 0.0  # monotonic: what was said gives way to what the row under the cursor is about
        self._urgent: dict[str, set[str]] = {}  # per hall: urgent alarms that have rung

    # -- building ------------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield Words("head")
        with Horizontal(id="halls"):
            for place, hall in enumerate(self.app.site.boards, start=1):
                yield Press(f"app.hall({place})", classes=f"tab hall-{hall}")
        yield Words("lost", classes="banner")
        yield Words("notice", classes="banner")
        yield Listing("troubles")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield Listing("queues")
                yield Listing("devices")
            yield Listing("windows")
            yield Listing("recent")
        yield Words("said")
        with Horizontal(id="keys"):
            for key, name in HINTS:
                yield Press(_action_of(key, name), classes=f"key-{name}")

    def on_mount(self) -> None:
        self.listing("troubles").focus()
        self.draw()

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)  # other columns fit now

    def listing(self, name: str) -> Listing:
        return self.query_one(f"#{name}", Listing)

    def text_of(self, name: str) -> str:
        """What a line of the screen says."""
        return self.query_one(f"#{name}", Words).text

    def say(self, text: str, wrong: bool = False) -> None:
        """One line above the keys: what came of the last act."""
        self._said_until = time.monotonic() + SAID_S
        said = self.query_one("#said", Words)
        said.put(text)
        said.set_class(wrong, "-wrong")

    @on(Listing.Moved)
    @on(events.DescendantFocus)
    def _look_elsewhere(self) -> None:
        self._about(self.app.board, self.app.lang)

    def _about(self, board: Board, lang: str) -> None:
        """The row under the cursor, when nothing has just been said."""
        if time.monotonic() < self._said_until:
            return
        said = self.query_one("#said", Words)
        said.put(self._about_row(board, lang))
        said.set_class(False, "-wrong")

    def _about_row(self, board: Board, lang: str) -> str:
        focused = self.focused
        name, key = (focused.id, focused.key) if isinstance(focused, Listing) else ("", "")
        if name == "windows" and key in board.windows:
            return about.window(board, key, lang)
        if name == "queues" and key in board.queues:
            return about.queue(board, key, lang)
        if name == "devices":
            return about.device(board, key)
        trouble = self.trouble() if name == "troubles" else None
        return about.trouble(board, trouble, lang) if trouble is not None else ""

    # -- drawing -------------------------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Everything, from the board as it stands now."""
        with suppress(NoMatches):  # the screen is just being built, or taken down
            self._draw()

    def _draw(self) -> None:
        watch, board, lang, now = self.app.site, self.app.board, self.app.lang, self.app.site.clock.now()
        counts = {}
        for hall, other in watch.boards.items():
            other.tick(now)
            found = troubles(other, now)
            counts[hall] = sum(not trouble.acknowledged for trouble in found)
            if other is board:
                self.found = found
        self._head(board, lang, now)
        self._tabs(counts, lang)
        self._banners(board, lang)
        self._troubles(board, lang, now)
        self._lists(board, lang, now)
        self._hints(lang)
        self._about(board, lang)

    def _head(self, board: Board, lang: str, now: Instant) -> None:
        zone = board.plan.site.time_zone
        oldest = [queue.oldest_at for queue in board.queues.values() if queue.oldest_at and queue.waiting]
        shown = [
            words.clock(now, zone),
            hall_name(board, lang),
            say(f"phase.{board.hall.phase}", lang) if board.hall and board.hall.phase in PHASES else "",
            say(
                "head",
                lang,
                waiting=sum(queue.waiting for queue in board.queues.values()),
                longest=words.span(now - min(oldest), lang) if oldest else "-",
                open=sum(window.status is WindowStatus.OPEN for window in board.windows.values()),
                all=len(board.windows),
            ),
            say("as_staff", lang, staff=board.desk[0]) if board.desk else say("watching", lang),
        ]
        self.query_one("#head", Words).put(" " + "  ".join(filter(None, shown)))

    def _tabs(self, counts: dict[str, int], lang: str) -> None:
        for place, (hall, board) in enumerate(self.app.site.boards.items(), start=1):
            tab = self.query_one(f".hall-{hall}", Press)
            trouble = f" ⚠{counts[hall]}" if counts[hall] else ""
            tab.put(f"{place} {hall_name(board, lang)}{trouble}")
            tab.set_class(board is self.app.board, "-on")
            tab.set_class(bool(counts[hall]), "-trouble")

    def _banners(self, board: Board, lang: str) -> None:
        lost = ""
        if not board.linked:
            why = self.app.site.trouble
            at = words.clock(board.lost_at, board.plan.site.time_zone)
            lost = say("lost", lang, time=at, why=why) if board.lost_at else say("connecting", lang, why=why)
        notice = board.hall.notice if board.hall is not None else ""
        for name, text in (("lost", lost), ("notice", say("notice_stands", lang, text=notice) if notice else "")):
            banner = self.query_one(f"#{name}", Words)
            banner.set_class(bool(text), "-on")
            banner.put(text)
        self.set_class(bool(lost), "-lost")

    def _troubles(self, board: Board, lang: str, now: Instant) -> None:
        listing = self.listing("troubles")
        listing.empty = say("no_troubles", lang)
        height = 1 + max(TROUBLES_MIN, min(len(self.found), self.size.height // TROUBLES_SHARE))
        if height != self._troubles_height:
            self._troubles_height = listing.styles.height = height
        shown = rows.trouble_rows(board, self.found, lang, now)
        listing.show(shown, rows.trouble_columns(lang, sum(not trouble.acknowledged for trouble in self.found)))
        self._call_attention(board, listing)

    def _call_attention(self, board: Board, listing: Listing) -> None:
        """A new urgent line rings and is in sight, wherever the list was left."""
        urgent = {trouble.key for trouble in self.found if trouble.level <= SOON and not trouble.acknowledged}
        new, self._urgent = urgent - self._urgent.get(board.hall_id, urgent), self._urgent | {board.hall_id: urgent}
        if new:
            self.app.bell()
        if not listing.has_focus or new:
            listing.cursor = 0
            listing.scroll_home(animate=False)

    def _lists(self, board: Board, lang: str, now: Instant) -> None:
        queues = self.listing("queues")
        columns = rows.queue_columns(lang, len(board.queues))
        queues.show(rows.queue_rows(board, lang, now, queues.width_of(columns, rows.SPARK)), columns)
        windows = rows.window_rows(board, lang, now, self.by_name, self.only)
        self.listing("windows").show(windows, rows.window_columns(lang))
        devices = rows.device_rows(board, lang, now)
        self.listing("devices").show(devices, rows.device_columns(lang, rows.devices_up(devices), len(devices)))
        if self.has_class("-wide"):
            self.listing("recent").show(rows.recent_rows(board, lang, self.size.height), rows.recent_columns(lang))

    def _hints(self, lang: str) -> None:
        for key, name in HINTS:
            shown = {"question_mark": "?", "ctrl+p": "^P"}.get(key, key)
            self.query_one(f".key-{name}", Press).put(f" {shown} {say(f'key.{name}', lang)}")

    # -- the row under the cursor --------------------------------------------------------------------------------------

    def subject(self) -> tuple[str, str, str]:
        """(window, number, queue) the next act is about: of the row under the cursor in the list that has the focus."""
        focused = self.focused if isinstance(self.focused, Listing) else None
        name, key = (focused.id, focused.key) if focused is not None else ("", "")
        if name == "windows":
            view = self.app.board.windows.get(key)
            return key, view.number if view is not None else "", ""
        if name == "queues":
            return "", "", key
        trouble = self.trouble() if name == "troubles" else None
        if trouble is None:
            return "", "", ""
        window = trouble.subject.split()[0] if trouble.kind == "idle" else ""
        if trouble.kind in ("unserved", "last_window"):
            window = trouble.detail  # the last one that left
        number = trouble.subject if trouble.kind == "slip" else ""
        return window, number, trouble.subject if trouble.kind in QUEUE_SUBJECTS else ""

    def trouble(self) -> Trouble | None:
        """The alarm under the cursor."""
        key = self.listing("troubles").key
        return next((trouble for trouble in self.found if trouble.key == key), None)

    @on(Listing.Chosen)
    def _chosen(self, event: Listing.Chosen) -> None:
        """Enter: from an alarm to what it is about, from a queue to its windows, from a window to its ticket."""
        if event.listing.id == "troubles":
            self._go_to_trouble()
        elif event.listing.id == "windows":
            self.action_life()
        elif event.listing.id == "queues":
            self._only(event.key)

    def _only(self, queue: str) -> None:
        """The windows of one queue, or ("") all of them again."""
        board, lang = self.app.board, self.app.lang
        self.only = queue
        self.say(say("only_queue", lang, queue=queue_name(board, queue, lang)) if queue else say("all_windows", lang))
        self.draw()
        if queue:
            self.listing("windows").focus()

    def action_all_windows(self) -> None:
        if self.only:
            self._only("")

    def _go_to_trouble(self) -> None:
        window, number, queue = self.subject()
        trouble = self.trouble()
        window = "" if queue else window
        for name, key in (("windows", window), ("queues", queue), ("devices", _device(trouble))):
            if key and self.listing(name).go(key):
                self.listing(name).focus()
                return
        if number:
            self.app.life(number)

    def show_window(self, window: str) -> bool:
        """Put the cursor on a window."""
        listing = self.listing("windows")
        if self.only and window in self.app.board.windows:
            self._only("")
        if not listing.go(window):
            return False
        listing.focus()
        return True

    # -- keys ----------------------------------------------------------------------------------------------------------

    def action_acknowledge(self) -> None:
        trouble, listing = self.trouble(), self.listing("troubles")
        if not listing.has_focus:  # what is put away by a key must be looked at
            listing.focus()
            self.say(say("choose_alarm", self.app.lang))
        elif trouble is None or trouble.acknowledged:
            self.say(say("nothing_here", self.app.lang), wrong=True)
        else:
            self.app.acknowledge(trouble)

    def action_life(self) -> None:
        self.app.life(self.subject()[1])

    def action_sort(self) -> None:
        self.by_name = not self.by_name
        self.say(say("sorted_by_name" if self.by_name else "sorted_by_urgency", self.app.lang))
        self.draw()


PHASES = ("open", "lunch", "closed")


def _device(trouble: Trouble | None) -> str:
    """The row of the device or room an alarm is about."""
    if trouble is None or not trouble.kind.startswith(("device", "room", "controller")):
        return ""
    name = trouble.subject.split()[0]
    return name if trouble.kind.startswith("device") else f"room:{name}"


def _action_of(key: str, name: str) -> str:
    """The action of a hint that is clicked."""
    if any(act.id == name for act in ACTS):
        return f"app.act('{name}')"
    own = {"acknowledge": "screen.acknowledge", "life": "screen.life", "palette": "app.command_palette"}
    return own.get(name, f"app.{name}")
