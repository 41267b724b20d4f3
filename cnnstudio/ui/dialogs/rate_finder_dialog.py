"""`RateFinderDialog`: tries rising learning rates and offers the one to take."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.core.engine_api import LearningRateSweep
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.job_progress import JobProgress
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button
from cnnstudio.ui.widgets.rate_plot import RatePlot
from cnnstudio.ui.words import plain_number

_WORDS = (
    "About a hundred steps are tried, each with a higher rate; nothing of it is kept. A good rate"
    " lies where the loss falls fastest, well before it rises again."
)


class RateFinderDialog(QDialog):
    """Shows how far the trial is, then its curve. Closing it cancels the trial.

    `rate_chosen` carries the rate that the user takes.
    """

    rate_chosen = Signal(float)

    def __init__(self, job: Job, present: float, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Find the learning rate")
        self.setObjectName("rate_finder_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 460)
        self._job = job
        self._present = present
        self.progress = JobProgress(job, theme, "rate_finder")
        self.plot = RatePlot(theme)
        self.plot.setObjectName("rate_finder_plot")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.progress)
        self._pages.addWidget(self.plot)
        words = QLabel(_WORDS)
        words.setProperty("class", "muted")
        words.setWordWrap(True)
        self.use = primary_button("Use it")
        self.use.setObjectName("rate_finder_use")
        self.use.setEnabled(False)
        close = styled_button("Close")
        close.setObjectName("rate_finder_close")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(close)
        row.addWidget(self.use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(words)
        layout.addWidget(self._pages, 1)
        layout.addLayout(row)
        close.clicked.connect(self.reject)
        self.use.clicked.connect(self._use)
        job.finished.connect(self._on_found)

    def done(self, result: int) -> None:
        """Close; a trial that still runs is cancelled."""
        if not self._job.has_ended:
            self._job.cancel()
        super().done(result)

    @Slot(object)
    def _on_found(self, sweep: LearningRateSweep) -> None:
        self.plot.show_sweep(sweep, self._present)
        self._pages.setCurrentWidget(self.plot)
        self.use.setText(f"Use {plain_number(sweep.suggested)}")
        self.use.setEnabled(True)
        self.use.setFocus()

    @Slot()
    def _use(self) -> None:
        if self.plot.sweep is not None:
            self.rate_chosen.emit(self.plot.sweep.suggested)
        self.accept()
