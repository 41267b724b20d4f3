"""Keeps Python's search for garbage in the GUI thread."""

from __future__ import annotations

import gc
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

_INTERVAL_MS = 200


class GarbageCollector(QObject):
    """Collects garbage from a timer in the GUI thread, and nowhere else, until it is stopped.

    Left to itself Python collects in whatever thread happens to allocate. A worker that so destroys
    a timer or a window crashes the process: Qt's objects may die only in their own thread.
    """

    def __init__(self, parent: QObject, is_busy: Callable[[], bool] = lambda: False) -> None:
        """Leave the oldest generation alone while `is_busy`.

        An edit of 100,000 pictures makes as many objects that live on, and looking through them
        takes a tenth of a second.
        """
        super().__init__(parent)
        self._is_busy = is_busy
        self._timer = QTimer(self, interval=_INTERVAL_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()
        gc.disable()

    def stop(self) -> None:
        """Leave garbage to Python again."""
        self._timer.stop()
        gc.enable()

    @Slot()
    def _collect(self) -> None:
        # What Python itself would do: an older generation less often than a younger one.
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (1, 0) if self._is_busy() else (2, 1, 0):
            if counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return
