"""The Predict step: drop pictures, see what the network takes them for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QModelIndex, QSize, QSortFilterProxyModel, Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.dataset.images import PICTURE_SUFFIXES
from cnnstudio.core.events import PredictionMade, Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.prediction_table import write_prediction_table
from cnnstudio.core.predictions import PictureProblem, PictureSource
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.drop_target import DropTarget
from cnnstudio.ui.explaining import Explaining
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.models.prediction_model import SORT_ROLE, PredictionModel, PredictionRow
from cnnstudio.ui.run_colours import run_colours
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.answer_card import AnswerCard
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.drop_area import DropArea
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button
from cnnstudio.ui.words import count_words, percent, pictures, when

_ANSWER_WIDTH_PX = 400
_THUMBNAIL_PX = 34
# Answers are added to the table in lots, so that a fast network does not keep the window busy.
_LOT_INTERVAL_MS = 80

_WAITING = (
    "A training is running. Your pictures are answered by themselves when it ends: there is nothing"
    " more to do."
)


class PredictPanel(QWidget):
    """Asks the chosen run about pictures; a table of answers, and the chosen one in full."""

    step: ClassVar[str] = "predict"

    def __init__(
        self, session: Session, theme: Theme, icons: Icons, thumbnails: Thumbnails
    ) -> None:
        super().__init__()
        self._session = session
        self._job: Job | None = None
        self._asked: Sequence[PictureSource] = ()
        self._lot: list[PredictionRow] = []
        self._began: float | None = None
        self._run: Run | None = None
        self._runs = ChipMenu("No run yet")
        self._banner = Banner(icons)
        self._drop = DropArea("Drop pictures or a folder anywhere in this window, or paste them.")
        self._drop.setObjectName("predict_drop")
        self._model = PredictionModel(theme, thumbnails)
        self._sorted = QSortFilterProxyModel(self)
        self._table = QTableView()
        self._card = Card("No pictures yet")
        self._card.setObjectName("predict_answers")
        self._answer = AnswerCard(session.preview_jobs, theme)
        Explaining(session, theme, thumbnails, self._answer)
        self._lot_timer = QTimer(self, singleShot=True, interval=_LOT_INTERVAL_MS)
        self._lot_timer.timeout.connect(self._add_lot)
        self._build(icons)
        drops = DropTarget(self, self.predict)
        drops.receiving.connect(self._drop.set_receiving)
        drops.refused.connect(session.failed)
        session.runs_changed.connect(self._show_runs)
        session.chosen_run_changed.connect(self._show_runs)
        session.project_changed.connect(self._on_project_changed)
        self._show_runs()

    def predict(self, sources: Sequence[PictureSource]) -> None:
        """Ask the chosen run about pictures and folders; the answers replace the last ones."""
        run = self._session.chosen_run
        if run is None:
            self._say("There is no trained network yet. Train one in the Train step first.")
            return
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
        self._banner.hide()
        self._model.clear(run.class_titles)
        self._answer.clear()
        self._lot = []
        self._run, self._asked = run, sources
        self._show_colours()
        waiting = self._session.training_is_running
        # The wait for a training says nothing about the network's speed.
        self._began = None if waiting else time.perf_counter()
        self._job = self._session.predict(sources, run)
        self._job.reported.connect(self._on_reported)
        self._job.finished.connect(self._on_finished)
        self._job.failed.connect(self._on_failed)
        self._job.cancelled.connect(self._on_cancelled)
        self._card.set_title(self._beginning())
        if waiting:
            self._banner.set_finding("info", _WAITING)
            self._banner.show()
        self._cancel.show()

    # What it is made of

    def _build(self, icons: Icons) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addLayout(self._header())
        left.addWidget(self._banner)
        left.addWidget(self._drop)
        left.addWidget(self._answers_card(), 1)
        layout.addLayout(left, 1)
        self._answer.setFixedWidth(_ANSWER_WIDTH_PX)
        layout.addWidget(self._answer)
        self._banner.setObjectName("predict_banner")
        self._banner.hide()

    def _header(self) -> QHBoxLayout:
        title = QLabel("Predict")
        title.setProperty("class", "title")
        self._runs.setObjectName("predict_run")
        self._runs.setAccessibleName("Run used for predictions")
        self._runs.value_changed.connect(self._on_run_chosen)
        folder = styled_button("Open folder")
        folder.setObjectName("predict_open_folder")
        folder.clicked.connect(self._open_folder)
        opened = primary_button("Open pictures")
        opened.setObjectName("predict_open_pictures")
        opened.clicked.connect(self._open_pictures)
        header = QHBoxLayout()
        header.setSpacing(8)
        header.addWidget(title)
        header.addWidget(self._runs)
        header.addStretch(1)
        header.addWidget(folder)
        header.addWidget(opened)
        return header

    def _answers_card(self) -> Card:
        self._save = styled_button("Save table", small=True)
        self._save.setObjectName("predict_save_table")
        self._save.setToolTip("Save all answers as a CSV file, which any spreadsheet opens")
        self._save.clicked.connect(self._ask_where_to_save)
        self._save.setEnabled(False)
        self._cancel = styled_button("Cancel", "destructive", small=True)
        self._cancel.setObjectName("predict_cancel")
        self._cancel.clicked.connect(self._cancel_job)
        self._cancel.hide()
        self._card.add_action(self._cancel)
        self._card.add_action(self._save)
        self._sorted.setSourceModel(self._model)
        self._sorted.setSortRole(SORT_ROLE)
        table = self._table
        table.setObjectName("predict_table")
        table.setAccessibleName("Answers")
        table.setModel(self._sorted)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setIconSize(QSize(_THUMBNAIL_PX, _THUMBNAIL_PX))
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setSortingEnabled(True)
        table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(44)
        header = table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.setColumnWidth(1, 260)
        table.setColumnWidth(2, 110)
        table.selectionModel().currentRowChanged.connect(self._on_row_chosen)
        self._card.body.addWidget(table, 1)
        return self._card

    # What the user does

    @Slot(object)
    def _on_run_chosen(self, run: Run) -> None:
        self._session.choose_run(run)
        # The answers on screen belong to the run that is named above them.
        if self._asked and self._run is not None and run.folder != self._run.folder:
            self.predict(self._asked)

    @Slot()
    def _open_pictures(self) -> None:
        suffixes = " ".join(f"*{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
        files, _ = QFileDialog.getOpenFileNames(
            self, "Pictures to ask about", "", f"Pictures ({suffixes});;All files (*)"
        )
        if files:
            self.predict([Path(file) for file in files])

    @Slot()
    def _open_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of pictures to ask about")
        if folder:
            self.predict([Path(folder)])

    @Slot()
    def _cancel_job(self) -> None:
        if self._job is not None:
            self._job.cancel()

    @Slot()
    def _ask_where_to_save(self) -> None:
        file, _ = QFileDialog.getSaveFileName(
            self, "Save table", "predictions.csv", "Tables (*.csv)"
        )
        if file:
            self.save_table(Path(file))

    def save_table(self, file: Path) -> None:
        """Write all answers to a CSV file."""
        if self._run is None:
            return
        names, answers = self._run.class_names, [row.answer for row in self._model.rows]

        def task(context: TaskContext) -> None:
            write_prediction_table(file, names, answers)

        job = self._session.file_jobs.start("Saving the table", task)
        job.finished.connect(lambda _none: self._session.said.emit(f"Saved {file.name}"))
        job.failed.connect(self._session.failed)

    @Slot(QModelIndex, QModelIndex)
    def _on_row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid() and self._run is not None:
            row = self._model.rows[self._sorted.mapToSource(current).row()]
            self._answer.show_answer(row, self._run)

    # What comes back

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if self.sender() is not self._job:
            return
        if self._banner.sentence() == _WAITING:
            self._banner.hide()
        if isinstance(event, PredictionMade):
            self._lot.append(PredictionRow(event.source, event.prediction))
            if not self._model.rows:
                # The first answer is waited for.
                self._add_lot()
            elif not self._lot_timer.isActive():
                self._lot_timer.start()
        elif isinstance(event, Progress) and event.total:
            self._card.set_title(f"{event.done} of {pictures(event.total)}")

    @Slot()
    def _add_lot(self) -> None:
        if not self._lot:
            return
        lot, self._lot = self._lot, []
        is_first = not self._model.rows
        self._model.append(lot)
        if is_first:
            self._table.selectRow(0)

    @Slot(object)
    def _on_finished(self, _result: object) -> None:
        # One that was replaced may end before it hears of it.
        if self.sender() is self._job:
            self._end("")
            self._card.set_title(self._counts())
            self._tell_time()
            if not self._model.rows:
                self._say("No pictures were found there.")

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._end("No answers")
            self._say(str(error))

    @Slot()
    def _on_cancelled(self) -> None:
        if self.sender() is self._job:
            self._end(f"Cancelled after {pictures(len(self._model.rows))}")

    def _beginning(self) -> str:
        if self._session.training_is_running:
            return "Waiting: the running training ends first"
        before = self._session.engine_jobs.current
        if before is not None and before is not self._job:
            return f"Waiting for this to end: {before.words}"
        return "Looking at the pictures"

    def _counts(self) -> str:
        answers = [row.answer for row in self._model.rows]
        problems = sum(isinstance(answer, PictureProblem) for answer in answers)
        unread = f", {count_words(problems)} cannot be read" if problems else ""
        run, chosen = self._run, self._session.chosen_run
        is_other = run is not None and chosen is not None and run.folder != chosen.folder
        by = f", answered by {run.name}" if run is not None and is_other else ""
        return f"{pictures(len(answers))}{unread}{by}"

    def _tell_time(self) -> None:
        if self._began is not None and self._model.rows:
            seconds = time.perf_counter() - self._began
            words = f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
            self._session.said.emit(f"{pictures(len(self._model.rows))} answered in {words}")

    def _end(self, title: str) -> None:
        if self._banner.sentence() == _WAITING:
            self._banner.hide()
        self._add_lot()
        self._card.set_title(title)
        self._cancel.hide()
        self._save.setEnabled(bool(self._model.rows))

    def _say(self, sentence: str) -> None:
        self._banner.set_finding("warn", sentence)
        self._banner.show()

    @Slot()
    def _show_runs(self) -> None:
        runs = self._session.runs
        self._runs.set_choices([(run, _run_words(run)) for run in runs])
        if self._session.chosen_run is not None:
            self._runs.set_value(self._session.chosen_run)
        if self._model.rows and self._job is not None and self._job.has_ended:
            self._card.set_title(self._counts())
        if not runs:
            self._drop.set_sentence(
                "Train a network in the Train step; then drop pictures anywhere in this window."
            )
        else:
            self._drop.set_sentence(
                "Drop pictures or a folder anywhere in this window, or paste with Ctrl+V."
            )

    def _show_colours(self) -> None:
        if self._run is not None:
            colours = run_colours(self._run, self._session.project)
            self._model.set_colours(colours)
            self._answer.set_colours(colours)

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is not None and after is not None and before.root == after.root:
            if before.classes != after.classes:
                self._show_colours()
            return
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
        # Answers that still come are about the project before.
        self._job = None
        self._asked = ()
        self._lot = []
        self._cancel.hide()
        self._model.clear()
        self._answer.clear()
        self._card.set_title("No pictures yet")
        self._save.setEnabled(False)
        self._banner.hide()


def _run_words(run: Run) -> str:
    accuracy = run.validation_accuracy if run.test_accuracy is None else run.test_accuracy
    created = when(run.created.astimezone(), datetime.now().astimezone())
    return f"{run.name}, {percent(accuracy)}, {created}"
