"""How the hall stands, as far as the keypads of a line show it: windows and queues, the newest of each."""

from __future__ import annotations

from collections.abc import Collection

from hall.names import QueueId, WindowId
from hall.plan.model import Window
from hall.views import QueueView, View, WindowView


class Standing:
    """Views heard so far, of these windows and the hall's queues; a lower (epoch, revision) never comes back."""

    def __init__(self, windows: list[Window], queues: Collection[QueueId]) -> None:
        self._known = frozenset(queues)
        self._planned = {window.id: window.queues for window in windows}
        self._windows: dict[WindowId, WindowView] = {}
        self._queues: dict[QueueId, QueueView] = {}

    def window(self, window: WindowId) -> WindowView | None:
        return self._windows.get(window)

    def take_window(self, view: WindowView, window: WindowId) -> list[WindowId]:
        """The windows whose keypads may show something else now."""
        if window not in self._planned or view.window != window or not _newer(view, self._windows.get(window)):
            return []
        self._windows[window] = view
        return [window]

    def take_queue(self, view: QueueView, queue: QueueId) -> list[WindowId]:
        if queue not in self._known or view.queue != queue or not _newer(view, self._queues.get(queue)):
            return []
        self._queues[queue] = view
        return [window for window in self._planned if queue in self._own(window)]

    def waiting(self, window: Window) -> int | None:
        """People the window would call from: in its own queues, and directed to it; None while nobody has said."""
        view = self._windows.get(window.id)
        counts = [self._queues[queue].waiting for queue in self._own(window.id) if queue in self._queues]
        return sum(counts) + view.directed if view is not None and counts else None

    def _own(self, window: WindowId) -> tuple[QueueId, ...]:
        """Its own queues, as the plan has them until a supervisor changes them."""
        view = self._windows.get(window)
        return view.own if view is not None and view.own else self._planned[window]


def _newer(view: View, known: View | None) -> bool:
    return known is None or (view.epoch, view.revision) >= (known.epoch, known.revision)
