"""The console as a Textual program: screens, keys, language, and what passes between the desk and the dialogues."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.screen import Screen

from console import journal, words
from console.acts import ACTS, BY_ID, Act, Values, filled, hall_name, names_of
from console.board import Board
from console.forms import Ask, Form, LogInForm, plain, told
from console.overview import Overview
from console.session import Answer, Desk, Question
from console.sheets import Help, Life
from console.troubles import Trouble
from console.watch import Watch
from console.words import say
from hall import commands as c
from hall.names import HallId
from hall.wording import LANGS

LOOK_S = 0.1  # between two looks for news: an event is on the screen within this and the drawing (aim: 0.3 s)
BEAT_S = 1.0  # without news: waits grow by themselves


class Commands(Provider):
    """The command palette: every act, every hall, every window."""

    def _all(self) -> Iterable[tuple[str, Callable[[], object]]]:
        app = self.app
        assert isinstance(app, Console)
        lang = app.lang
        for act in ACTS:
            yield say(f"act.{act.id}", lang), partial(app.action_act, act.id)
        for name in ("life", "log_in", "language", "help", "find"):
            yield say(f"act.{name}", lang), partial(getattr(app, f"action_{name}"))
        for place, board in enumerate(app.site.boards.values(), start=1):
            yield say("palette.watch", lang, hall=board.site_hall.name), partial(app.action_hall, place)
        for window, view in app.board.windows.items():
            text = say("palette.window", lang, window=window, name=view.name)
            yield text, partial(app.overview.show_window, window)

    async def discover(self) -> Hits:
        for text, does in self._all():
            yield DiscoveryHit(plain(text), does, text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for text, does in self._all():
            if (score := matcher.match(text)) > 0:
                yield Hit(score, plain(text), does, text)


class Console(App[None]):
    """The supervisor's console."""

    COMMANDS: ClassVar = {Commands}
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "quit", "", priority=True)]
    ENABLE_COMMAND_PALETTE = True
    CSS = "Toast { display: none; }"

    def __init__(self, watch: Watch, desk: Desk | None, var: Path, lang: str = "zh") -> None:
        super().__init__()
        self.site, self.desk, self._var, self.lang = watch, desk, var, lang
        self.hall: HallId = next(iter(watch.boards))
        self._questions: dict[tuple[HallId, c.Command], Question] = {}
        self._not_in: dict[HallId, str] = {}  # halls that did not take the log-in, and why
        self._drawn_s = 0.0
        self._was: tuple[bool | None, tuple[HallId, bool]] = (None, ("", False))  # linked; which hall, logged in

    @property
    def board(self) -> Board:
        return self.site.boards[self.hall]

    @property
    def overview(self) -> Overview:
        return next(screen for screen in self.screen_stack if isinstance(screen, Overview))

    def get_default_screen(self) -> Screen[None]:
        return Overview()

    def on_mount(self) -> None:
        self.title = say("title", self.lang)
        self.set_interval(LOOK_S, self._look)
        if self.desk is not None:
            self.action_log_in()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Only ours: what Textual offers besides is in one language."""
        yield SystemCommand(say("act.leave", self.lang), "", self.action_quit)

    def _look(self) -> None:
        """Draw when there is news, or when a second has passed."""
        now = time.monotonic()
        self._notice_changes()
        if self.site.news or now - self._drawn_s >= BEAT_S:
            self.site.news, self._drawn_s = False, now
            self.overview.draw()

    def _notice_changes(self) -> None:
        """Say once when the link is back, and when a session has ended without us."""
        linked, staff = self.site.linked, self._staff()
        if linked and self._was[0] is False and self.board.lost_at:
            self.overview.say(say("back_again", self.lang))
        if linked and self._was[1] == (self.hall, True) and not staff:
            self.overview.say(say("session_over", self.lang), wrong=True)
        self._was = (linked, (self.hall, bool(staff)))

    # -- moving about --------------------------------------------------------------------------------------------------

    def action_hall(self, place: int) -> None:
        halls = list(self.site.boards)
        if 0 < place <= len(halls):
            self.hall, self.overview.only = halls[place - 1], ""
            self.overview.draw()

    def action_language(self) -> None:
        self.lang = LANGS[(LANGS.index(self.lang) + 1) % len(LANGS)]
        self.overview.draw()

    def action_help(self) -> None:
        self.push_screen(Help(self.lang))

    def action_find(self) -> None:
        def found(window: str | None) -> None:
            if window and not self.overview.show_window(window):
                self.overview.say(say("no_such_window", self.lang, window=window), wrong=True)

        self.push_screen(Ask(say("act.find", self.lang), say("hint.window", self.lang)), found)

    def action_life(self) -> None:
        self.life("")

    def life(self, number: str) -> None:
        """The life of a number, or the question which."""
        if number:
            self._show_life(number)
        else:
            self.push_screen(Ask(say("life.ask", self.lang), say("hint.number", self.lang)), self._show_life)

    def _show_life(self, number: str | None) -> None:
        if number:
            read = partial(journal.life, self._var, self.hall)
            self.push_screen(Life(number, self.board, read, self.lang))

    # -- logging in ----------------------------------------------------------------------------------------------------

    def action_log_in(self) -> None:
        self.push_screen(LogInForm(self.lang, self._log_in), self._logged_in)

    async def _log_in(self, staff: str, secret: str) -> tuple[str, Answer | None]:
        """In every hall that is watched, this one first: a password it refuses is tried nowhere else."""
        assert self.desk is not None
        first = await self.desk.log_in(self.hall, staff, secret)
        if self.desk.staff(self.hall) != staff:
            return told(first, self.lang), None
        self._not_in = {}
        for hall in self.site.boards:
            answer = first if hall == self.hall else await self.desk.log_in(hall, staff, secret)
            if self.desk.staff(hall) != staff:
                self._not_in[hall] = told(answer, self.lang)
        return "", first

    def _logged_in(self, answer: Answer | None) -> None:
        if answer is not None:
            self.overview.draw()
            if self._not_in:
                hall, why = next(iter(self._not_in.items()))
                self.overview.say(f"{hall_name(self.site.boards[hall], self.lang)}: {why}", wrong=True)
            else:
                self.overview.say(say("as_staff", self.lang, staff=self._staff()))

    def _staff(self) -> str:
        return self.board.desk[0] if self.board.desk is not None else ""

    # -- acting --------------------------------------------------------------------------------------------------------

    def action_act(self, name: str) -> None:
        """Open the form of an act, filled in from the row under the cursor."""
        act = BY_ID[name]
        if not self._staff():
            self.overview.say(say("not_logged_in", self.lang), wrong=True)
            return
        values = filled(act, self.board, *self.overview.subject())
        self.push_screen(Form(act, self.board, values, self.lang, self._act), partial(self._acted, act))

    async def _act(self, act: Act, values: Values) -> Answer:
        """Ask for it. The same form sent again after silence is the same question, so nothing is done twice."""
        return await self._ask(act.command(values))

    async def _ask(self, command: c.Command) -> Answer:
        assert self.desk is not None
        key = (self.hall, command)
        question = self._questions.pop(key, None) or self.desk.question(self.hall, command)
        answer = await self.desk.ask(question)
        if answer.silent:
            self._questions = {key: question}
        self.site.news = True
        return answer

    def _acted(self, act: Act, answer: Answer | None) -> None:
        if answer is not None:
            names = names_of(self.board, self.lang)
            happened = " · ".join(words.event(recorded, self.lang, names) for recorded in answer.events)
            self.overview.say(say("done", self.lang, what=f"{say(f'act.{act.id}', self.lang)} · {happened}"))

    def acknowledge(self, trouble: Trouble) -> None:
        """Seen: the controller's alarms by command, our own findings here."""
        if not trouble.alarms:
            self.board.acknowledge(trouble.key, trouble.since)
            self._noted(trouble)
        elif self._staff():
            self.run_worker(self._acknowledge(trouble))
        else:
            self.overview.say(say("not_logged_in", self.lang), wrong=True)

    async def _acknowledge(self, trouble: Trouble) -> None:
        for alarm in trouble.alarms:
            answer = await self._ask(c.AcknowledgeAlarm(alarm))
            wrong = told(answer, self.lang)
            if wrong and len(trouble.alarms) == 1:
                self.overview.say(wrong, wrong=True)
                return
        self._noted(trouble)

    def _noted(self, trouble: Trouble) -> None:
        self.overview.say(say("acknowledged", self.lang, what=trouble.subject))
        self.overview.draw()
