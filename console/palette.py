"""The command palette: every act, every hall, every window, found by its name in either language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from console.acts import ACTS, hall_name
from console.forms import plain
from console.words import say
from hall.wording import LANGS

if TYPE_CHECKING:
    from console.app import Console

NO_MATCH = 0.01  # the least a hit may score


class Commands(Provider):
    """What is shown is of the console's language; what is typed may be of any."""

    @property
    def _console(self) -> Console:
        return cast("Console", self.app)

    def _all(self, lang: str) -> Iterable[tuple[str, Callable[[], object]]]:
        app = self._console
        for act in ACTS:
            yield f"{say(f'act.{act.id}', lang)} ({act.key})", partial(app.action_act, act.id)
        for key, name in (("t", "life"), ("l", "log_in"), ("z", "language"), ("?", "help"), ("/", "find")):
            yield f"{say(f'act.{name}', lang)} ({key})", partial(getattr(app, f"action_{name}"))
        for place, board in enumerate(app.site.boards.values(), start=1):
            yield say("palette.watch", lang, hall=hall_name(board, lang)), partial(app.action_hall, place)
        for window, view in app.board.windows.items():
            text = say("palette.window", lang, window=window, name=view.name)
            yield text, partial(app.overview.show_window, window)

    async def discover(self) -> Hits:
        for text, does in self._all(self._console.lang):
            yield DiscoveryHit(plain(text), does, text)

    async def search(self, query: str) -> Hits:
        matcher, found = self.matcher(query), False
        for (text, does), *others in zip(*(self._all(lang) for lang in self._langs()), strict=True):
            score = max(matcher.match(name) for name in (text, *(other for other, _ in others)))
            if score > 0:
                found = True
                yield Hit(score, plain(text), does, text)
        if not found:
            yield Hit(NO_MATCH, plain(say("palette.none", self._console.lang)), lambda: None)

    def _langs(self) -> list[str]:
        """The one on the screen first."""
        return sorted(LANGS, key=lambda lang: lang != self._console.lang)
