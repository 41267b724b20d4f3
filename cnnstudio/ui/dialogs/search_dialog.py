"""`SearchDialog`: tries a dozen settings of Fast start and lists how they did."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.searching import SearchResult, Trial, VariantTried
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.job_progress import JobProgress
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button
from cnnstudio.ui.words import duration, percent

_WORDS = (
    "Each variant is judged on the pictures for validation; the test pictures are not looked at."
)
_HEADS = ("Settings", "Accuracy", "Points against now", "Best epoch", "Took")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ROW_PX = 28


class SearchDialog(QDialog):
    """Fills a table while variants are tried. Closing it cancels what still runs.

    `config_chosen` carries the settings that the user takes.
    """

    config_chosen = Signal(object)

    def __init__(self, job: Job, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Try 12 variants")
        self.setObjectName("search_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(760, 600)
        self._job = job
        self._trials: tuple[Trial, ...] = ()
        self.progress = JobProgress(job, theme, "search")
        self.table = _table()
        self.words = QLabel(_WORDS)
        self.words.setObjectName("search_words")
        self.words.setWordWrap(True)
        self.warning = QLabel()
        self.warning.setObjectName("search_warning")
        self.warning.setProperty("class", "warn")
        self.warning.setWordWrap(True)
        self.warning.hide()
        self.use = primary_button("Use these settings")
        self.use.setObjectName("search_use")
        self.use.setEnabled(False)
        self.stop = styled_button("Stop here")
        self.stop.setObjectName("search_stop")
        close = styled_button("Close")
        close.setObjectName("search_close")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.stop)
        row.addStretch(1)
        row.addWidget(close)
        row.addWidget(self.use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        for widget in (self.words, self.progress, self.table, self.warning):
            layout.addWidget(widget)
        layout.setStretchFactor(self.table, 1)
        layout.addLayout(row)
        close.clicked.connect(self.reject)
        self.stop.clicked.connect(self._stop)
        self.use.clicked.connect(self._use)
        self.table.itemSelectionChanged.connect(self._enable)
        self.table.itemDoubleClicked.connect(self._use)
        job.reported.connect(self._on_reported)
        job.finished.connect(self._on_finished)
        for ended in (job.failed, job.cancelled):
            ended.connect(self._on_ended)

    def done(self, result: int) -> None:
        """Close; a search that still runs is cancelled."""
        if not self._job.has_ended:
            self._job.cancel()
        super().done(result)

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if isinstance(event, VariantTried):
            ranked = sorted((*self._trials, event.trial), key=lambda each: -each.accuracy)
            self._fill(ranked)

    @Slot(object)
    def _on_finished(self, result: SearchResult) -> None:
        self._on_ended()
        self._fill(result.trials)
        self.progress.hide()
        self.words.setText(result.words)
        self.warning.setText(result.warning)
        self.warning.setVisible(bool(result.warning))
        self.table.selectRow(0)

    @Slot()
    def _on_ended(self) -> None:
        self.stop.hide()

    @Slot()
    def _stop(self) -> None:
        self._job.stop()
        self.stop.setEnabled(False)

    @Slot()
    def _use(self) -> None:
        place = self.table.currentRow()
        if 0 <= place < len(self._trials):
            self.config_chosen.emit(self._trials[place].config)
            self.accept()

    def _enable(self) -> None:
        self.use.setEnabled(self.table.currentRow() >= 0)

    def _fill(self, trials: Sequence[Trial]) -> None:
        self._trials = tuple(trials)
        self.table.setRowCount(len(trials))
        for place, trial in enumerate(trials):
            cells = (
                trial.label,
                percent(trial.accuracy),
                _gain_words(trial),
                str(trial.best_epoch),
                duration(trial.seconds),
            )
            for column, words in enumerate(cells):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                if column:
                    item.setTextAlignment(_RIGHT)
                self.table.setItem(place, column, item)


def _gain_words(trial: Trial) -> str:
    """The accuracy less that of the present settings, in points."""
    return "" if trial.label == "As now" else trial.gain_words


def _table() -> QTableWidget:
    table = QTableWidget(0, len(_HEADS))
    table.setObjectName("search_table")
    table.setAccessibleName("Settings tried, the best first")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(_ROW_PX)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    for column, head in enumerate(_HEADS):
        item = QTableWidgetItem(head)
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        item.setTextAlignment(_RIGHT if column else side)
        table.setHorizontalHeaderItem(column, item)
        mode = QHeaderView.ResizeMode.ResizeToContents if column else QHeaderView.ResizeMode.Stretch
        header.setSectionResizeMode(column, mode)
    return table
