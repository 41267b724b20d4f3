"""`Arriving`: tells of pictures that come into a folder, while it is watched."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from cnnstudio.core.arrivals import arrivals
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.jobs import TaskContext


class Arriving(QObject):
    """Watches one folder at a time in a thread of its own.

    `arrived` carries lists of paths, those that lie there already first. `failed` carries a
    `StudioError`; it is not watched any more then. Nothing comes of a folder after `stop`.
    """

    arrived = Signal(object)
    failed = Signal(object)
    _found = Signal(object, object)
    _ended = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self._context = TaskContext()
        self._threads: list[threading.Thread] = []
        self._found.connect(self._on_found, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    def watch(self, folder: Path) -> None:
        """Watch this folder instead of the one before."""
        self.stop()
        self.folder, self._context = folder, TaskContext()
        thread = threading.Thread(
            target=self._run, args=(folder, self._context), name="arriving pictures", daemon=True
        )
        self._threads = [each for each in self._threads if each.is_alive()]
        self._threads.append(thread)
        thread.start()

    def stop(self) -> None:
        """Watch no longer."""
        self._context.cancel()
        self.folder = None

    def close(self) -> None:
        """Watch no longer, and wait for the thread, a quarter of a second at most."""
        self.stop()
        for thread in self._threads:
            thread.join()
        self._threads = []

    @Slot(object, object)
    def _on_found(self, context: TaskContext, lot: list[Path]) -> None:
        if not context.is_cancelled:
            self.arrived.emit(lot)

    @Slot(object, object)
    def _on_ended(self, context: TaskContext, error: Exception) -> None:
        if not context.is_cancelled:
            self.stop()
            self.failed.emit(error)

    def _run(self, folder: Path, context: TaskContext) -> None:
        try:
            for lot in arrivals(folder, context):
                self._found.emit(context, lot)
        except Cancelled:
            return
        except StudioError as error:
            self._ended.emit(context, error)
