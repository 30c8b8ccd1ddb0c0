"""One LED panel: what it is to show, what its box is known to show, and how it is. It holds no wire and reads no clock.

A view with a lower (epoch, revision) than the last is never shown again, whoever sends it. Times are seconds of the
event loop's clock.
"""

from __future__ import annotations

from hall.plan.model import Panel as Place
from hall.plan.model import Window
from hall.ports import Showing
from hall.views import PanelView
from transport.drivers import cards, panel_driver

CHECK_S = 2.0  # between two exchanges with a healthy box, so that a dead one is known within this and its answer's time
RETRY_MIN_S, RETRY_MAX_S = 0.25, 2.0  # pause behind a failed exchange, doubled each time; never longer, so that a box
# whose power is back is right again within 5 s
COLUMN_PX, LINE_PX = 8, 16  # of the half-width characters a plan counts in
BRIGHTEST = 15
LINES_MAX, LINE_MAX = 8, 256  # lines, and characters of a line, that are looked at: no panel has more
LINE_DOWN, NO_ANSWER, REFUSED, GARBLED = "line_down", "no_answer", "refused", "garbled"  # faults


class Panel:
    """State of one panel; `displays.painting` makes it move."""

    def __init__(self, window: Window, place: Place) -> None:
        card = cards("panel")[place.driver]
        self.window, self.device = window.id, f"panel-{window.id}"
        self.address, self._place = place.address, place
        self.driver = panel_driver(place.driver)(options=place.options)
        self.answer_s, self.gap_s = card.answer_ms / 1000, card.gap_ms / 1000
        self.view: PanelView | None = None  # what it is to show
        self._confirmed: PanelView | None = None  # what the box has taken (a mute one: was told); None: not certain
        self._bright: int | None = None  # likewise
        self.due_s = 0.0  # when it is spoken to next
        self.free_s = 0.0  # the gap behind the last frame is over
        self.fails = 0  # exchanges in a row that failed
        self.state, self.fault, self.detail = "unconfirmed", "", ""
        self._ping = False  # the next check is a ping, not a repaint

    # -- what it is to show --------------------------------------------------------------------------------------------

    def take(self, view: PanelView) -> bool:
        """A view has come; False when it is older than the last, or about another window."""
        known = self.view
        if view.window != self.window:
            return False
        if known is not None and (view.epoch, view.revision) < (known.epoch, known.revision):
            return False
        self.view = view
        return True

    @property
    def behind(self) -> bool:
        """The box is not known to show what it is to show."""
        return self.view is not None and (self._confirmed is None or _look(self._confirmed) != _look(self.view))

    # -- what to say to the box ----------------------------------------------------------------------------------------

    def frames(self) -> list[bytes]:
        """The next exchange: what changed; else in turn a ping and the same again, for a box that lost its memory."""
        if self.behind:
            return self._painted()
        ping = self.driver.ask(self.address)
        if ping and (self.view is None or self._ping):
            return [ping]
        return self._painted()

    def _painted(self) -> list[bytes]:
        """The frames of the view, but for those that carry a brightness the box has already.

        It may keep its brightness in flash, which wears out when it is written every few seconds.
        """
        if self.view is None:
            return []
        view, self._confirmed = self.view, None
        frames = self.driver.show(self._showing(view, view.brightness))
        if self._bright != view.brightness:
            return frames
        other = set(self.driver.show(self._showing(view, 0 if view.brightness else 1)))
        return [frame for frame in frames if frame in other] or frames

    def _showing(self, view: PanelView, brightness: int) -> Showing:
        return Showing(
            lines=tuple(line[:LINE_MAX] for line in view.lines[:LINES_MAX]),
            blink=view.blink,
            brightness=min(max(brightness, 0), BRIGHTEST),
            address=self.address,
            width_px=self._place.columns * COLUMN_PX,
            height_px=self._place.lines * LINE_PX,
        )

    # -- what came of it -----------------------------------------------------------------------------------------------

    def spoke(self, now_s: float) -> None:
        self.free_s = now_s + self.gap_s

    def succeeded(self, view: PanelView | None, now_s: float) -> None:
        """The box has taken the whole exchange (a mute one: it was sent)."""
        self._confirmed, self._bright = view, view.brightness if view is not None else None
        self.fails, self._ping = 0, not self._ping
        self.due_s = now_s + CHECK_S
        self.state, self.fault, self.detail = ("up" if self.driver.answers else "unconfirmed"), "", ""

    def failed(self, fault: str, detail: str, now_s: float) -> None:
        """The box may show anything now: it is painted whole when it answers again."""
        self._forget()
        self.fails += 1
        self.due_s = now_s + min(RETRY_MIN_S * 2 ** min(self.fails - 1, 8), RETRY_MAX_S)
        self.state, self.fault, self.detail = "down", fault, detail

    def line_down(self, why: str) -> None:
        self._forget()
        self.state, self.fault, self.detail = "down", LINE_DOWN, why

    def line_up(self, now_s: float) -> None:
        """Nothing is known of the box; what it is to show goes out at once."""
        self._forget()
        self.due_s = self.free_s = now_s

    def _forget(self) -> None:
        self._confirmed = self._bright = None


def _look(view: PanelView) -> tuple[object, ...]:
    return (view.lines, view.blink, view.brightness)


def in_lines(windows: dict[str, Window]) -> dict[str, list[Panel]]:
    """The panels of a hall by the line they hang on."""
    lines: dict[str, list[Panel]] = {}
    for window in windows.values():
        if window.panel is not None:
            lines.setdefault(window.panel.line, []).append(Panel(window, window.panel))
    return lines
