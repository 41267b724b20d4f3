"""`JobProgress`: how far a job is, in a dialog of its own."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import BatchEnded, Progress
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.bar import Bar
from cnnstudio.ui.words import count_words, time_left


class JobProgress(QWidget):
    """A bar and a line of words; when the job fails, why. `name` begins its object names."""

    def __init__(self, job: Job, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = Bar(theme)
        self._bar.setObjectName(f"{name}_bar")
        self._bar.setAccessibleName("Progress")
        self._words = QLabel("Waits until the engine is free")
        self._words.setObjectName(f"{name}_progress")
        self._words.setProperty("class", "muted")
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._bar)
        layout.addWidget(self._words)
        layout.addStretch(1)
        job.reported.connect(self._on_reported)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)

    @property
    def words(self) -> str:
        """What is said."""
        return self._words.text()

    def say(self, words: str) -> None:
        """Say something else."""
        self._words.setText(words)

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if isinstance(event, BatchEnded):
            self._words.setText(f"Step {count_words(event.batch)}: loss {event.loss:.3g}")
        if not isinstance(event, Progress):
            return
        count, done = "", 0.0
        if event.total:
            count = f": {count_words(event.done)} of {count_words(event.total)}"
            done = event.done / event.total
        left = time_left(event.seconds_left)
        self._words.setText(f"{event.words}{count}" + f" · {left}" * bool(left))
        self._bar.set_value(done)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        is_known = isinstance(error, StudioError)
        self._words.setText(str(error) if is_known else "It ended in a way that nobody expected.")

    @Slot()
    def _on_cancelled(self) -> None:
        self._words.setText("Cancelled.")
