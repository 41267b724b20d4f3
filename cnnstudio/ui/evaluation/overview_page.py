"""The page that says how often a run is right, class by class, and what that figure is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.core.evaluation.figure_words import (
    accuracy_words,
    calibration_words,
    interval_words,
    learned_words,
    right_words,
)
from cnnstudio.core.evaluation.figures import Figures, figures_of
from cnnstudio.core.metrics import wilson_interval
from cnnstudio.ui.evaluation.page import EvaluationPage, ShownEvaluation
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.models.confusion_model import Scale
from cnnstudio.ui.run_colours import run_colours
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.class_figures_table import ClassFiguresTable
from cnnstudio.ui.widgets.confusion_matrix import ConfusionMatrix
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.interval_bar import IntervalBar
from cnnstudio.ui.words import percent

_SCALES: tuple[tuple[Scale, str, str], ...] = (
    ("counts", "Counts", "Numbers of pictures"),
    ("row", "By row", "Per cent of the pictures of each class"),
    ("column", "By column", "Per cent of the answers of each class"),
)
_FEW = "± before a number of pictures: so few that the recall of the class is known only roughly."
_AXES = "Rows: what it is. Columns: what it was taken for."


class OverviewPage(EvaluationPage):
    """Accuracy with its interval, a table of the classes, and the confusion matrix.

    `pictures_wanted` carries true class and answer, class indices or None for all.
    """

    name: ClassVar[str] = "overview"
    title: ClassVar[str] = "Overview"

    pictures_wanted = Signal(object, object)

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session = session
        self._job: Job | None = None
        self._colours: Sequence[QColor] = ()
        self._headline = _line("evaluate_headline", "heading")
        self._bar = IntervalBar(theme)
        self._facts = _line("evaluate_facts", "muted")
        self._calibration = _line("evaluate_calibration", "muted")
        self._table = ClassFiguresTable(theme, "evaluate_classes")
        self._few = _line("evaluate_few", "facts")
        self._few.setText(_FEW)
        self._few.hide()
        self._matrix = ConfusionMatrix(theme, "evaluate_confusion")
        self._axes = QLabel(f"{_AXES} Numbers of pictures; a click shows the pictures.")
        self._cell = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self._below = QWidget()
        self._build()

    def show_evaluation(self, shown: ShownEvaluation) -> None:
        """Say the accuracy, and the rest as soon as it is computed."""
        evaluation = shown.evaluation
        right, count = int(evaluation.is_right.sum()), len(evaluation)
        self._colours = run_colours(shown.run, self._session.project)
        if evaluation.foretells:
            self._headline.setText(f"{right_words(right, count)}.")
            self._bar.show_share(right / count, wilson_interval(right, count))
        else:
            self._headline.setText(learned_words(right, count, int(evaluation.learned.sum())))
            self._bar.show_share(right / count, None)
        self._facts.setText("Working out the figures…")
        self._calibration.setText("")
        self._below.setEnabled(False)
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
        self._job = self._session.view_jobs.start("Working out the figures", figures_of(evaluation))
        self._job.finished.connect(self._on_finished)
        self._job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_finished(self, figures: Figures) -> None:
        if self.sender() is not self._job:
            return
        self._headline.setText(accuracy_words(figures))
        self._facts.setText(_facts(figures))
        self._calibration.setText(calibration_words(figures))
        self._table.show_classes(figures.classes, self._colours, with_worth=figures.foretells)
        self._few.setVisible(self._table.marks_few)
        self._matrix.show_figures(figures)
        self._below.setEnabled(True)

    def _set_scale(self, scale: Scale) -> None:
        self._matrix.set_scale(scale)
        words = next(words for each, _, words in _SCALES if each == scale)
        self._axes.setText(f"{_AXES} {words}; a click shows the pictures.")

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._facts.setText(str(error))

    def _build(self) -> None:
        accuracy = Card()
        accuracy.body.setSpacing(4)
        for widget in (self._headline, self._bar, self._facts, self._calibration):
            accuracy.body.addWidget(widget)
        classes = Card("Class by class")
        classes.body.addWidget(self._table, 1)
        classes.body.addWidget(self._few)
        matrix = Card("What is taken for what")
        group = QButtonGroup(self)
        for scale, label, words in _SCALES:
            chip = Chip(label)
            chip.setObjectName(f"evaluate_scale_{scale}")
            chip.setToolTip(words)
            chip.setChecked(scale == "counts")
            chip.clicked.connect(lambda _=False, scale=scale: self._set_scale(scale))
            group.addButton(chip)
            matrix.add_action(chip)
        self._axes.setProperty("class", "facts")
        self._cell.setObjectName("evaluate_cell")
        self._cell.setProperty("class", "facts")
        matrix.body.addWidget(self._axes)
        matrix.body.addWidget(self._matrix, 1)
        matrix.body.addWidget(self._cell)
        self._matrix.pictures_wanted.connect(self.pictures_wanted)
        self._matrix.cell_described.connect(self._cell.setText)
        below = QHBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(12)
        below.addWidget(classes, 1)
        below.addWidget(matrix, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(accuracy)
        layout.addWidget(self._below, 1)


def _line(name: str, look: str = "") -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if look:
        label.setProperty("class", look)
    return label


def _facts(figures: Figures) -> str:
    words = (
        f"Balanced accuracy, where each class counts the same: {percent(figures.balanced_accuracy)}"
    )
    if figures.foretells:
        low, high = interval_words(figures.balanced_interval)
        words += f" ({low} to {high})"
    words += "."
    if figures.top:
        firsts = ", ".join(f"{each.size}: {percent(each.share)}" for each in figures.top)
        words += f" The true class is among its first {firsts}."
    return words
