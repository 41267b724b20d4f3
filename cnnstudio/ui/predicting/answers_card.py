"""`AnswersCard`: the table of answers, with what can be done with all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QTableView

from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.natural_order import sorted_rows
from cnnstudio.core.runs import Run
from cnnstudio.ui.jobs import Job, JobQueue
from cnnstudio.ui.models.answer_rows import AnswerRows, Doubt, PredictionRow
from cnnstudio.ui.models.prediction_model import PredictionModel
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import count_words, pictures

_THUMBNAIL_PX = 34
_FILTER_WIDTH_PX = 320
_DOUBT_WORDS = {
    Doubt.SURE: "Sure",
    Doubt.NOT_SURE: "Not sure",
    Doubt.PROBLEM: "Cannot be read",
}


class AnswersCard(Card):
    """Rows that can be sorted and filtered; `row_chosen` carries the `PredictionRow` chosen."""

    row_chosen = Signal(object)
    cancel_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, theme: Theme, thumbnails: Thumbnails, jobs: JobQueue) -> None:
        super().__init__("No pictures yet")
        self.setObjectName("predict_answers")
        self._jobs = jobs
        self._job: Job | None = None
        self._titles: Sequence[str] = ()
        self._model = PredictionModel(theme, thumbnails)
        self._model.names_wanted.connect(self._sort_names)
        self._table = QTableView()
        self._build_actions()
        self._build_table()

    @property
    def rows(self) -> AnswerRows:
        """All answers, whether they are shown or not."""
        return self._model.rows

    def clear(self, run: Run | None = None) -> None:
        """Take all answers away; the next are of this run."""
        self._titles = () if run is None else run.class_titles
        self._model.clear(() if run is None else run.class_names, self._titles)
        self._show_filters()
        self._save.setEnabled(False)

    def set_colours(self, colours: Sequence[QColor]) -> None:
        """Draw the classes of the run in these colours."""
        self._model.set_colours(colours)

    def append(self, rows: Sequence[PredictionRow]) -> None:
        """Add answers; the first of all is chosen."""
        is_first = not len(self.rows)
        self._model.append(rows)
        if is_first:
            self._table.selectRow(0)

    def begin(self) -> None:
        """Offer to end what runs now."""
        self.cancel_button.show()

    def end(self, title: str) -> None:
        """Say what it came to."""
        self.set_title(title)
        self.cancel_button.hide()
        self._save.setEnabled(bool(len(self.rows)))
        self._show_filters()
        self._model.arrange()

    def counts_words(self) -> str:
        """Return how many pictures there are, and how many of them cannot be read."""
        problems = self.rows.problem_count
        unread = f", {count_words(problems)} cannot be read" if problems else ""
        return f"{pictures(len(self.rows))}{unread}"

    def _build_actions(self) -> None:
        self._classes = ChipMenu("All classes")
        self._classes.setObjectName("predict_classes")
        self._doubts = ChipMenu("All answers")
        self._doubts.setObjectName("predict_doubts")
        filters = QHBoxLayout()
        filters.setSpacing(8)
        for menu in (self._classes, self._doubts):
            menu.value_changed.connect(self._filter)
            menu.setMaximumWidth(_FILTER_WIDTH_PX)
            menu.hide()
            filters.addWidget(menu)
        filters.addStretch(1)
        self.body.addLayout(filters)
        self.cancel_button = styled_button("Cancel", "destructive", small=True)
        self.cancel_button.setObjectName("predict_cancel")
        self.cancel_button.clicked.connect(self.cancel_wanted)
        self.cancel_button.hide()
        self._save = styled_button("Save table", small=True)
        self._save.setObjectName("predict_save_table")
        self._save.setToolTip("Save all answers as a CSV file, which any spreadsheet opens")
        self._save.clicked.connect(self.save_wanted)
        self._save.setEnabled(False)
        self.add_action(self.cancel_button)
        self.add_action(self._save)

    def _build_table(self) -> None:
        table = self._table
        table.setObjectName("predict_table")
        table.setAccessibleName("Answers")
        table.setModel(self._model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setIconSize(QSize(_THUMBNAIL_PX, _THUMBNAIL_PX))
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setSortingEnabled(True)
        table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        table.setTabKeyNavigation(False)
        rows = table.verticalHeader()
        rows.hide()
        rows.setDefaultSectionSize(44)
        # A hundred thousand rows are not measured one by one.
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.setColumnWidth(1, 260)
        table.setColumnWidth(2, 110)
        table.selectionModel().currentRowChanged.connect(self._on_row_chosen)
        self.body.addWidget(table, 1)

    @Slot(QModelIndex, QModelIndex)
    def _on_row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self.row_chosen.emit(self._model.row_at(current))

    # Filtering and sorting

    def _show_filters(self) -> None:
        """Offer the classes that were answered, and the kinds of answers that there are."""
        rows = self.rows
        answered = rows.predicted[rows.doubts != Doubt.PROBLEM]
        counts = np.bincount(answered)
        answered_classes = counts.nonzero()[0].tolist()
        by_title = sorted(answered_classes, key=lambda place: self._titles[place].casefold())
        self._classes.set_choices(
            [(None, "All classes")]
            + [(place, f"{self._titles[place]} ({counts[place]:,})") for place in by_title]
        )
        self._classes.setVisible(len(by_title) > 1)
        kinds = np.bincount(rows.doubts, minlength=len(Doubt))
        offered = [doubt for doubt in _DOUBT_WORDS if kinds[doubt]]
        self._doubts.set_choices(
            [(None, "All answers")]
            + [(doubt, f"{_DOUBT_WORDS[doubt]} ({kinds[doubt]:,})") for doubt in offered]
        )
        self._doubts.setVisible(bool(offered) and int(np.count_nonzero(kinds)) > 1)

    @Slot()
    def _filter(self) -> None:
        chosen = self._table.currentIndex()
        row = self._model.place_at(chosen) if chosen.isValid() else -1
        self._model.set_filter(self._classes.value(), self._doubts.value())
        again = self._model.index_of(row)
        self._table.selectRow(again.row() if again.isValid() else 0)

    @Slot()
    def _sort_names(self) -> None:
        # While answers come, their names would be sorted again and again: `end` does it once.
        is_growing = not self.cancel_button.isHidden()
        if is_growing or (self._job is not None and not self._job.has_ended):
            return
        model = self._model
        rows = model.rows

        def task(context: TaskContext) -> tuple[AnswerRows, list[int]]:
            return rows, sorted_rows(model.names(rows), context)

        self._job = self._jobs.start("Sorting", task)
        self._job.finished.connect(self._on_names_sorted)

    @Slot(object)
    def _on_names_sorted(self, result: tuple[AnswerRows, list[int]]) -> None:
        rows, by_name = result
        if rows is self._model.rows:
            self._model.set_name_order(by_name)
