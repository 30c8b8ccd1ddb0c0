"""How the hall stands, as far as the keypads of a line show it: windows and queues, the newest of each."""

from __future__ import annotations

from hall.names import QueueId, WindowId
from hall.plan.model import Window
from hall.views import QueueView, View, WindowView


class Standing:
    """Views heard so far; a lower (epoch, revision) never comes back."""

    def __init__(self, windows: list[Window]) -> None:
        self._of_queue: dict[QueueId, list[WindowId]] = {}
        for window in windows:
            for queue in window.queues:
                self._of_queue.setdefault(queue, []).append(window.id)
        self._windows: dict[WindowId, WindowView] = {}
        self._queues: dict[QueueId, QueueView] = {}
        self._mine = {window.id for window in windows}

    def window(self, window: WindowId) -> WindowView | None:
        return self._windows.get(window)

    def take_window(self, view: WindowView, window: WindowId) -> list[WindowId]:
        """The windows whose keypads may show something else now."""
        if window not in self._mine or view.window != window or not _newer(view, self._windows.get(window)):
            return []
        self._windows[window] = view
        return [window]

    def take_queue(self, view: QueueView, queue: QueueId) -> list[WindowId]:
        if queue not in self._of_queue or view.queue != queue or not _newer(view, self._queues.get(queue)):
            return []
        self._queues[queue] = view
        return self._of_queue[queue]

    def waiting(self, window: Window) -> int | None:
        """People the window would call from: in its own queues, and directed to it; None while nobody has said."""
        view = self._windows.get(window.id)
        counts = [self._queues[queue].waiting for queue in window.queues if queue in self._queues]
        return sum(counts) + view.directed if view is not None and counts else None


def _newer(view: View, known: View | None) -> bool:
    return known is None or (view.epoch, view.revision) >= (known.epoch, known.revision)
