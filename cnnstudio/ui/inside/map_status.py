"""What stands beside the tools of the map: a line of words or, while a job runs, how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QWidget

from cnnstudio.core.events import Progress
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.bar import Bar
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import time_left


class MapStatus(QWidget):
    """Shows one job at a time, which a button cancels.

    `cancelled` follows the button at once, even where the job still ends a step that cannot be
    interrupted; `ceased` comes when a job has ended without a result. `moved` carries what a job
    reports but for its progress, `failed` the error.
    """

    cancelled = Signal()
    ceased = Signal()
    failed = Signal(object)
    moved = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._job: Job | None = None
        self._words = QLabel()
        self._words.setObjectName("map_words")
        self._words.setProperty("class", "facts")
        self._bar = Bar(theme)
        self._bar.setAccessibleName("Progress")
        self._progress = QLabel()
        self._progress.setObjectName("map_progress")
        self._progress.setProperty("class", "muted")
        self._cancel = styled_button("Cancel", "destructive", small=True)
        self._cancel.setObjectName("map_cancel")
        self._cancel.setAccessibleName("Cancel")
        self._cancel.clicked.connect(self._on_cancel)
        self._running = QWidget()
        row = QHBoxLayout(self._running)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._progress)
        row.addWidget(self._bar, 1)
        row.addWidget(self._cancel)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._words)
        self._stack.addWidget(self._running)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    @property
    def is_running(self) -> bool:
        """Whether a job is shown."""
        return self._job is not None

    def say(self, words: str) -> None:
        """Say something where no job runs."""
        self._words.setText(words)

    def show_job(self, job: Job, finished: Callable[[Any], None]) -> None:
        """Show how far a job is; `finished` is given its result, unless it was dropped before."""

        def is_shown() -> bool:
            return job is self._job

        def on_finished(result: object) -> None:
            if is_shown():
                self._end()
                finished(result)

        def on_failed(error: Exception) -> None:
            if is_shown():
                self._end()
                self.failed.emit(error)

        def on_cancelled() -> None:
            if is_shown():  # by the strip at the foot of the window
                self._end()
                self.cancelled.emit()
            self.ceased.emit()

        self._job = job
        job.finished.connect(on_finished)
        job.failed.connect(on_failed)
        job.cancelled.connect(on_cancelled)
        job.reported.connect(self._on_reported)
        self._bar.set_value(0)
        self._progress.setText("Waits for its turn")
        self._stack.setCurrentWidget(self._running)

    def drop(self) -> None:
        """Cancel the job that is shown, whose result nobody waits for any more."""
        job = self._job
        if job is not None:
            self._end()
            job.cancel()

    def _end(self) -> None:
        self._job = None
        self._stack.setCurrentWidget(self._words)

    @Slot()
    def _on_cancel(self) -> None:
        self.drop()
        self.cancelled.emit()

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if self.sender() is not self._job:
            return
        if not isinstance(event, Progress):
            self.moved.emit(event)
        elif event.total:
            done = f"{event.words}: {event.done / event.total:.0%}".replace("%", " %")
            left = time_left(event.seconds_left)
            self._progress.setText(f"{done} · {left}" if left else done)
            self._bar.set_value(event.done / event.total)
