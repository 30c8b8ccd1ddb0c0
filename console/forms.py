"""Dialogues: an act's form, the log-in, a question for a number. They ask; the desk sends; the controller decides.

Every foreign text that reaches a widget is wrapped (`plain`), so nothing in it is markup.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Select, Static

from console.acts import (
    REASON_MAX,
    REASONS,
    TEXT_MAX,
    Act,
    Field,
    Options,
    Values,
    filled,
    first_to_fill,
    hall_name,
    missing,
    reason_of,
)
from console.board import Board
from console.listing import Column, Listing, Row
from console.session import Answer
from console.words import refusal, say
from hall.names import WindowId
from hall.wording import inert

SECRET_MAX = 200  # characters; the controller reads no more
HINTED = ("window", "number", "name", "text")


def plain(text: str) -> Content:
    """Foreign text as it is: no control characters, no markup."""
    return Content(inert(text))


class Dialogue(ModalScreen[Answer | None]):
    """A box with fields, a line that says what came of it, and two buttons."""

    DEFAULT_CSS = """
    Dialogue { align: center middle; }
    Dialogue > Vertical {
        width: 72; max-width: 96%; height: auto; max-height: 96%; overflow-y: auto;
        background: $surface; border: round $primary; border-title-style: bold; padding: 0 1;
    }
    Dialogue Horizontal { height: auto; }
    Dialogue Label { width: 14; color: $text-muted; }
    Dialogue Input { width: 1fr; background: $boost; }
    Dialogue Input:focus { background: $primary 30%; }
    Dialogue Select { width: 1fr; }
    Dialogue Ticks { width: 1fr; height: 6; background: $boost; }
    Dialogue .hint { color: $text-muted; height: auto; }
    Dialogue #said { height: auto; min-height: 1; color: $text-error; text-style: bold; }
    Dialogue #said.waiting { color: $text-muted; }
    Dialogue #buttons { align-horizontal: right; }
    Dialogue Button { margin: 0 0 0 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "")]

    def __init__(self, title: str, lang: str) -> None:
        super().__init__()
        self._title, self.lang, self._sending = title, lang, False

    def fields(self) -> ComposeResult:
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = plain(self._title)
            yield from self.fields()
            yield Static("", id="said", markup=False)
            with Horizontal(id="buttons"):
                yield Button(say("confirm", self.lang), id="confirm", variant="primary", compact=True)
                yield Button(say("cancel", self.lang), id="cancel", compact=True)

    def tell(self, text: str, waiting: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.update(text)
        said.set_class(waiting, "waiting")

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        """Enter goes on to the next field; behind the last one it sends."""
        inputs = list(self.query(Input))
        if event.input is inputs[-1]:
            self._begin()
        else:
            self.focus_next()

    @on(Button.Pressed, "#confirm")
    def _confirmed(self) -> None:
        self._begin()

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.action_leave()

    def action_leave(self) -> None:
        if not self._sending:  # what was asked is answered, or its silence told, before anybody turns away
            self.dismiss(None)

    def _begin(self) -> None:
        if not self._sending:
            self._sending = True
            self.run_worker(self._send())

    async def _send(self) -> None:
        self.tell(say("sent", self.lang), waiting=True)
        try:
            wrong, answer = await self.answer()
        finally:
            self._sending = False
        if not self.is_attached:
            return
        if wrong:
            self.tell(wrong)
        else:
            self.dismiss(answer)

    async def answer(self) -> tuple[str, Answer | None]:
        """What is wrong, in words (the dialogue stays open), or "" and what it closes with."""
        raise NotImplementedError


class Ticks(Listing):
    """A list to tick: space, Enter or a click changes a line. The mark is a letter, so it needs no colour."""

    BINDINGS: ClassVar[list[BindingType]] = [("space", "choose", "")]

    def __init__(self, name: str, title: str, options: Options, ticked: Iterable[str]) -> None:
        super().__init__(name, (Column(title, 40, grow=1),))
        self.offer(options, tuple(ticked))

    def offer(self, options: Options, ticked: tuple[str, ...]) -> None:
        self._options = options
        self.tick(ticked)

    def tick(self, ticked: tuple[str, ...]) -> None:
        self.ticked = tuple(key for _, key in self._options if key in ticked)
        self.show([Row(key, (f"[{'x' if key in ticked else ' '}] {text}",)) for text, key in self._options])

    def on_click(self, event: events.Click) -> None:
        event.prevent_default()  # one click is enough here
        place = self.scroll_offset.y + event.y - 1
        if 0 <= place < len(self.rows) and event.y:
            self.cursor = place
            self.action_choose()

    def action_choose(self) -> None:
        if self.key:
            self.tick(tuple(set(self.ticked) ^ {self.key}))


class Form(Dialogue):
    """The form of an act."""

    def __init__(
        self, act: Act, board: Board, values: Values, lang: str, send: Callable[[Act, Values], Awaitable[Answer]]
    ) -> None:
        super().__init__(f"{say(f'act.{act.id}', lang)} · {hall_name(board, lang)}", lang)
        self._act, self._board, self._values, self._sends = act, board, values, send

    def fields(self) -> ComposeResult:
        for field in self._act.fields:
            with Horizontal():
                yield Label(say(f"field.{field.name}", self.lang), markup=False)
                yield self._widget(field)
            if field.kind == "reason":
                ready = {f"r{n}": say(f"reason.{n}", self.lang) for n in REASONS}
                yield Static(say("reasons", self.lang, **ready), classes="hint", markup=False)

    def _widget(self, field: Field) -> Input | Select[str] | Ticks:
        value = self._values.get(field.name, "")
        name = f"field-{field.name}"
        if field.kind == "many":
            ticked = value if isinstance(value, tuple) else ()
            return Ticks(name, say(f"hint.{field.name}", self.lang), self._offered(field, self._window), ticked)
        if field.kind == "choice":
            # rich's Text is no markup either, and what is typed finds a line of it
            options = [(Text(inert(text)), key) for text, key in self._offered(field, self._window)]
            given = str(value) if any(key == value for _, key in options) else Select.NULL
            return Select(options, id=name, prompt="…", value=given, compact=True)
        hint = say(f"hint.{field.name}", self.lang) if field.name in HINTED else ""
        most = REASON_MAX if field.kind == "reason" else TEXT_MAX
        return Input(str(value), placeholder=hint, max_length=most, id=name, compact=True)

    @property
    def _window(self) -> WindowId:
        return str(self._values.get("window", ""))

    def _offered(self, field: Field, window: WindowId) -> Options:
        assert field.options is not None
        return field.options(self._board, self.lang, window)

    def on_mount(self) -> None:
        """The cursor is where the person has to write, or on the button when all is said."""
        first = first_to_fill(self._act, self._values)
        self.query_one(f"#field-{first}" if first else "#confirm").focus()
        for select in self.query(Select):
            self.watch(select, "expanded", partial(self._folded, select), init=False)

    @on(Input.Changed, "#field-window")
    def _other_window(self, event: Input.Changed) -> None:
        """What stands at the window that is named now, not at the one the form was opened for."""
        window = event.value.strip().upper()
        stands = filled(self._act, self._board, window, "", "")
        if window not in self._board.windows:
            return
        for field in (f for f in self._act.fields if f.kind == "many"):
            ticks = self.query_one(f"#field-{field.name}", Ticks)
            ticks.offer(self._offered(field, window), tuple(stands.get(field.name, ())))
        for name in self.query("#field-name").results(Input):
            name.value = str(stands.get("name", ""))

    def _folded(self, select: Select[str], expanded: bool) -> None:
        """A choice made by hand goes on to the next field."""
        if not expanded and not select.is_blank():
            self.call_after_refresh(self._on_from, select)

    def _on_from(self, select: Select[str]) -> None:
        if self.focused is select:
            self.focus_next()

    def _given(self) -> dict[str, str | tuple[str, ...]]:
        given: dict[str, str | tuple[str, ...]] = {}
        for field in self._act.fields:
            widget = self.query_one(f"#field-{field.name}")
            if isinstance(widget, Ticks):
                given[field.name] = widget.ticked
            elif isinstance(widget, Select):
                given[field.name] = "" if widget.is_blank() else str(widget.value)
            elif isinstance(widget, Input):
                typed = widget.value
                given[field.name] = reason_of(typed, self.lang) if field.kind == "reason" else typed.strip()
        return given

    async def answer(self) -> tuple[str, Answer | None]:
        given = self._given()
        lacking = missing(self._act, given)
        if lacking:
            self.query_one(f"#field-{lacking}").focus()
            return say("missing", self.lang, field=say(f"field.{lacking}", self.lang)), None
        return told(answer := await self._sends(self._act, given), self.lang), answer


def told(answer: Answer, lang: str) -> str:
    """What is wrong with an answer, "" when nothing is."""
    if answer.silent:
        return say("silent", lang)
    refused = answer.refused
    if refused is None:
        return ""
    return say("refused", lang, why=refusal(refused, lang))


class LogInForm(Dialogue):
    """Staff number and password; one log-in for every hall that is watched."""

    def __init__(self, lang: str, who: str, log_in: Callable[[str, str], Awaitable[tuple[str, Answer | None]]]) -> None:
        super().__init__(say("act.log_in", lang), lang)
        self._who, self._log_in = who, log_in

    def fields(self) -> ComposeResult:
        with Horizontal():
            yield Label(say("field.staff", self.lang), markup=False)
            yield Input(id="field-staff", placeholder=self._who, max_length=8, compact=True)
        with Horizontal():
            yield Label(say("field.secret", self.lang), markup=False)
            yield Input(id="field-secret", password=True, max_length=SECRET_MAX, compact=True)
        yield Static(say("hint.log_in", self.lang), classes="hint", markup=False)

    async def answer(self) -> tuple[str, Answer | None]:
        secret = self.query_one("#field-secret", Input)
        typed, secret.value = secret.value, ""  # a password stays on no screen and in no field
        return await self._log_in(self.query_one("#field-staff", Input).value.strip(), typed)


class Ask(ModalScreen[str]):
    """One line to type: a number, a window."""

    DEFAULT_CSS = Dialogue.DEFAULT_CSS.replace("Dialogue", "Ask")
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "")]

    def __init__(self, title: str, hint: str) -> None:
        super().__init__()
        self._title, self._hint = title, hint

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = plain(self._title)
            yield Input(placeholder=self._hint, max_length=TEXT_MAX, id="asked", compact=True)

    @on(Input.Submitted)
    def _given(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip().upper())

    def action_leave(self) -> None:
        self.dismiss("")
