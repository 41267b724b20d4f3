"""The page that says whether more pictures would help, and of which class."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.evaluation.asking_enough import Learn, look_for_enough
from cnnstudio.core.evaluation.enough_words import best_first, class_words, whole_words
from cnnstudio.core.evaluation.learning_curve import LearningCurve
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import Task
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.evaluation.page import EvaluationPage, ShownEvaluation
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.bar import Bar
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button
from cnnstudio.ui.widgets.share_curve import Band, Curve, Mark, ShareCurve
from cnnstudio.ui.words import percent, time_left

_ROW_PX = 34
_COUNT_PX = 76
_INTRODUCTION = (
    "Learns from 25, 50, 75 and 100 % of the pictures, again and again, and goes on with the curve:"
    " what would more pictures bring, and of which class? It looks at the training and validation"
    " pictures only."
)
_IMPORTED = (
    "This model was imported: from how many pictures it has learned is not known, so nobody can"
    " tell what more would bring. Choose a run above that was trained here."
)


class EnoughPage(EvaluationPage):
    """A learning curve with what lies ahead, and a sentence for each class, best buys first."""

    name: ClassVar[str] = "enough"
    title: ClassVar[str] = "Enough pictures?"
    is_of_part: ClassVar[bool] = False

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session = session
        self._run: Run | None = None
        self._known: dict[Path, LearningCurve] = {}
        self._job: Job | None = None
        self._words = QLabel()
        self._bar = Bar(theme)
        self._start = primary_button("Try it")
        self._cancel = styled_button("Cancel", "destructive")
        self._whole = QLabel()
        self._note = QLabel()
        self._plot = ShareCurve(theme, "Right answers by pictures", "pictures", "right", "number")
        self._table = QTableWidget(0, 3)
        self._content = QWidget()
        self._build()

    def show_evaluation(self, shown: ShownEvaluation) -> None:
        """Show what is known of a run, or offer to find it out."""
        if self._run is not None and self._run.folder == shown.run.folder and self._is_looking():
            return
        self.stop_for_others(self._job)
        self._drop_job()
        self._run = shown.run
        curve = self._known.get(shown.run.folder)
        if shown.run.is_imported:
            self._offer(_IMPORTED)
            self._start.hide()
        elif curve is None:
            self._offer(_INTRODUCTION)
        else:
            self._show(curve)

    # What it is made of

    def _build(self) -> None:
        self._words.setObjectName("enough_words")
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._bar.setObjectName("enough_bar")
        self._bar.setAccessibleName("Progress")
        self._start.setObjectName("enough_start")
        self._start.clicked.connect(self._begin)
        self._cancel.setObjectName("enough_cancel")
        self._cancel.clicked.connect(self._cancel_job)
        self._waiting = Card("Enough pictures?")
        buttons = QHBoxLayout()
        buttons.addWidget(self._start)
        buttons.addWidget(self._cancel)
        buttons.addStretch(1)
        self._waiting.body.addWidget(self._words)
        self._waiting.body.addWidget(self._bar)
        self._waiting.body.addLayout(buttons)
        columns = QHBoxLayout(self._content)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(12)
        columns.addWidget(self._curve_card(), 1)
        columns.addWidget(self._classes_card(), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._waiting.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        layout.addWidget(self._waiting)
        layout.addWidget(self._content, 1)
        layout.addStretch(0)

    def _curve_card(self) -> Card:
        card = Card("What more pictures would bring")
        self._whole.setObjectName("enough_whole")
        self._plot.setObjectName("enough_plot")
        self._note.setObjectName("enough_note")
        self._note.setProperty("class", "facts")
        for label in (self._whole, self._note):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        card.body.addWidget(self._whole)
        card.body.addWidget(self._plot, 1)
        card.body.addWidget(self._note)
        return card

    def _classes_card(self) -> Card:
        card = Card("Best buys first")
        hint = QLabel(
            "Points: of 100 pictures of a class, so many more are named rightly, if the other"
            " classes grow alike. In brackets: where that probably lies; what a few pictures show"
            " of it swings more."
        )
        hint.setProperty("class", "facts")
        hint.setWordWrap(True)
        table = self._table
        table.setObjectName("enough_classes")
        table.setAccessibleName("What more pictures of each class would bring")
        table.setHorizontalHeaderLabels(["More pictures of a class", "Pictures", "Right now"])
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setShowGrid(False)
        table.setWordWrap(True)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.verticalHeader().setMinimumSectionSize(_ROW_PX)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        table.setColumnWidth(1, _COUNT_PX)
        table.setColumnWidth(2, _COUNT_PX)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        middle = Qt.AlignmentFlag.AlignVCenter
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | middle)
        for column in (1, 2):
            head = table.horizontalHeaderItem(column)
            if head is not None:
                head.setTextAlignment(Qt.AlignmentFlag.AlignRight | middle)
        card.body.addWidget(hint)
        card.body.addWidget(table, 1)
        return card

    # What is computed

    @Slot()
    def _begin(self) -> None:
        run = self._run
        if run is None:
            return
        self._drop_job()
        self._wait("Waits until the engine is free")
        self._follow(
            self._session.ask_engine("Looking at the pictures", _question(run)), self._on_gathered
        )

    @Slot(object)
    def _on_gathered(self, learn: Learn) -> None:
        if self.sender() is self._job:
            job = self._session.background_jobs.start("Learning from fewer pictures", learn)
            self._follow(job, self._on_learned)

    @Slot(object)
    def _on_learned(self, curve: LearningCurve) -> None:
        if self.sender() is self._job and self._run is not None:
            self._known[self._run.folder] = curve
            self._show(curve)

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if self.sender() is self._job and isinstance(event, Progress):
            left = time_left(event.seconds_left)
            self._words.setText(f"{event.words}{f' · {left}' if left else ''}")
            self._bar.set_value(event.done / event.total if event.total else 0.0)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._offer(str(error))

    @Slot()
    def _on_cancelled(self) -> None:
        if self.sender() is self._job:
            self._offer(_INTRODUCTION)

    @Slot()
    def _cancel_job(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _follow(self, job: Job, finished: Callable[..., None]) -> None:
        self._job = job
        job.reported.connect(self._on_reported)
        job.finished.connect(finished)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)

    def _is_looking(self) -> bool:
        return self._job is not None and not self._job.has_ended

    def _drop_job(self) -> None:
        job, self._job = self._job, None
        if job is not None and not job.has_ended:
            job.cancel()

    # What is seen

    def _offer(self, words: str) -> None:
        self._content.hide()
        self._waiting.show()
        self._words.setText(words)
        self._bar.hide()
        self._cancel.hide()
        self._start.show()

    def _wait(self, words: str) -> None:
        self._offer(words)
        self._start.hide()
        self._cancel.show()
        self._bar.set_value(0.0)
        self._bar.show()

    def _show(self, curve: LearningCurve) -> None:
        self._waiting.hide()
        self._content.show()
        self._whole.setText(whole_words(curve))
        is_fast = self._run is not None and (
            training_preset(self._run.config.preset).footing == "features"
        )
        self._note.setText(
            "Dots: measured, each by pictures that were not learned. Line and band: what is"
            " expected, and where it lies in four of five such forecasts."
            + ("" if is_fast else " The figures are those of a fast start, not of this network.")
        )
        self._draw(curve)
        self._fill(curve)

    def _draw(self, curve: LearningCurve) -> None:
        right = 1 - np.array([each.value for each in curve.expected])
        lows = 1 - np.array([each.high for each in curve.expected])
        highs = 1 - np.array([each.low for each in curve.expected])
        measured = 1 - curve.errors
        lowest = float(min(lows.min(), measured.min()))
        highest = float(max(highs.max(), measured.max()))
        self._plot.show_curves(
            [
                Curve(curve.ahead, right, "limit"),
                Curve(curve.sizes, measured, has_dots=True),
            ],
            (0.0, float(curve.ahead[-1])),
            _limits(lowest, highest),
            [Band(curve.ahead, lows, highs)],
        )
        words = f"now {curve.pictures:,}"
        self._plot.show_mark(Mark(float(curve.pictures), words), self._whole.text())

    def _fill(self, curve: LearningCurve) -> None:
        outlooks = best_first(curve)
        self._table.setRowCount(len(outlooks))
        for row, outlook in enumerate(outlooks):
            right = percent(outlook.recalls[-1], 0) if outlook.recalls else ""
            for column, words in enumerate((class_words(outlook), f"{outlook.count:,}", right)):
                item = QTableWidgetItem(words)
                if column:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self._table.setItem(row, column, item)


def _question(run: Run) -> Callable[[Engine, Project], Task[Learn]]:
    def question(engine: Engine, project: Project) -> Task[Learn]:
        return look_for_enough(engine, run, project)

    return question


def _limits(lowest: float, highest: float) -> tuple[float, float]:
    """Round numbers around shares, some way apart: an axis without a length cannot be drawn."""
    top = math.ceil(highest * 20) / 20
    return max(0.0, min(math.floor(lowest * 20) / 20, top - 0.1)), top
