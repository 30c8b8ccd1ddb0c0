"""The console as a Textual program: screens, keys, language, and what passes between the desk and the dialogues."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen

from console import journal, words
from console.acts import BY_ID, Act, Values, filled, hall_name, names_of
from console.board import Board
from console.forms import Ask, Form, LogInForm, told
from console.overview import Overview
from console.palette import Commands
from console.rows import sentence
from console.session import Answer, Desk, Question
from console.sheets import Help, Life
from console.troubles import Trouble
from console.watch import Watch
from console.words import say
from hall import commands as c
from hall.names import HallId, Role
from hall.wording import LANGS

LOOK_S = 0.1  # between two looks for news: an event is on the screen within this and the drawing (aim: 0.3 s)
BEAT_S = 1.0  # without news: waits grow by themselves


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
        self._drawn_s, self._touched_s, self._left_alone = 0.0, time.monotonic(), False
        self.idle_s = watch.plan.options.desk_idle_min * 60
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
        self._leave_when_alone(now)
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
            over = say("left_alone", self.lang) if self._left_alone else say("session_over", self.lang)
            self.overview.say(over, wrong=True)
        self._was = (linked, (self.hall, bool(staff)))

    async def on_event(self, event: events.Event) -> None:
        """Somebody is there."""
        if isinstance(event, events.InputEvent):
            self._touched_s = time.monotonic()
        await super().on_event(event)

    def _leave_when_alone(self, now: float) -> None:
        """A desk left alone is left: whoever comes by may look, and acts with a password of their own."""
        alone = bool(self.idle_s) and now - self._touched_s > self.idle_s
        if alone and self.desk is not None and any(self.desk.staff(hall) for hall in self.site.boards):
            self._left_alone = True
            while len(self.screen_stack) > 1:
                self.pop_screen()
            self.run_worker(asyncio.wait({asyncio.create_task(self.desk.log_out(hall)) for hall in self.site.boards}))

    def action_command_palette(self) -> None:
        if not any(isinstance(screen, CommandPalette) for screen in self.screen_stack):
            self.push_screen(CommandPalette(placeholder=say("palette.search", self.lang), id="--command-palette"))

    # -- moving about --------------------------------------------------------------------------------------------------

    def action_hall(self, place: int) -> None:
        halls = list(self.site.boards)
        if 0 < place <= len(halls):
            self.hall, self.overview.only = halls[place - 1], ""
            self.overview.draw()

    def action_language(self) -> None:
        self.lang = LANGS[(LANGS.index(self.lang) + 1) % len(LANGS)]
        self.overview.say("")
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

    def action_log_in(self, then: str = "") -> None:
        """`then`: the act that somebody wanted to do."""
        who = say("hint.staff", self.lang, staff=next(iter(self._supervisors()), ""))
        self.push_screen(LogInForm(self.lang, who, self._log_in), partial(self._logged_in, then))

    def _supervisors(self) -> list[str]:
        return [staff for staff, known in self.site.plan.staff.items() if known.role is Role.SUPERVISOR]

    async def _log_in(self, staff: str, secret: str) -> tuple[str, Answer | None]:
        """In every hall that is watched, this one first: a password it refuses is tried nowhere else."""
        assert self.desk is not None
        if staff in self.site.plan.staff and staff not in self._supervisors():
            return say("no_supervisor", self.lang, staff=staff), None
        first = await self.desk.log_in(self.hall, staff, secret)
        if self.desk.staff(self.hall) != staff:
            return told(first, self.lang), None
        self._not_in = {}
        for hall in self.site.boards:
            answer = first if hall == self.hall else await self.desk.log_in(hall, staff, secret)
            if self.desk.staff(hall) != staff:
                self._not_in[hall] = told(answer, self.lang)
        return "", first

    def _logged_in(self, then: str, answer: Answer | None) -> None:
        if answer is not None:
            self._left_alone = False
            self.overview.draw()
            if self._not_in:
                hall, why = next(iter(self._not_in.items()))
                self.overview.say(f"{hall_name(self.site.boards[hall], self.lang)}: {why}", wrong=True)
            else:
                self.overview.say(say("as_staff", self.lang, staff=self._staff()))
            if then and self._staff():
                self.action_act(then)

    def _staff(self) -> str:
        return self.board.desk[0] if self.board.desk is not None else ""

    # -- acting --------------------------------------------------------------------------------------------------------

    def action_act(self, name: str) -> None:
        """Open the form of an act, filled in from the row under the cursor."""
        act = BY_ID[name]
        if not self._staff():
            self.overview.say(say("not_logged_in", self.lang), wrong=True)
            if self.desk is not None:
                self.action_log_in(then=name)
            return
        values = filled(act, self.board, *self.overview.subject())
        self.push_screen(Form(act, self.board, values, self.lang, self._act), self._acted)

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

    def _acted(self, answer: Answer | None) -> None:
        if answer is not None:
            names = names_of(self.board, self.lang)
            happened = " · ".join(words.happened(recorded, self.lang, names) for recorded in answer.events)
            self.overview.say(say("done", self.lang, what=happened))

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
        """What the console finds by itself stands in no journal: other consoles have not seen it."""
        what = sentence(self.board, trouble, self.lang)
        self.overview.say(say("acknowledged" if trouble.alarms else "acknowledged_here", self.lang, what=what))
        self.overview.draw()
