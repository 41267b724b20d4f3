"""The page that goes back in a training: what the network answered after each epoch."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import ClassVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.evaluation.figure_words import right_words
from cnnstudio.core.evaluation.moments import has_moments
from cnnstudio.core.evaluation.using_moment import use_moment
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.evaluation.moment import (
    MomentFilter,
    ShownMoment,
    Timeline,
    read_timeline,
    show_moment,
)
from cnnstudio.ui.evaluation.page import EvaluationPage, ShownEvaluation
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.models.run_words import IMPORTED_WORDS
from cnnstudio.ui.run_colours import run_colours
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.answer_gallery import AnswerGallery
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.confusion_matrix import ConfusionMatrix
from cnnstudio.ui.widgets.curve_plot import CurvePlot
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.plain_label import plain_label
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import count_words

_THUMBNAIL_PX = 110
_PLOT_PX = 120
_WORDS_PX = 460
_ABOVE_PX = 210  # however much there is to say, nothing below moves
# Where the axis of the plot begins and ends, less half of the slider's handle.
_SLIDER_MARGINS = (56, 0, 6, 0)
_NO_MOMENTS = (
    "The time machine goes back in runs of Fast start, which keep their classifier after every"
    " epoch. This run has none: networks that are trained from scratch or fine-tuned are too large"
    " for that. Choose a run of Fast start above, or train one in the Train step."
)
_IMPORTED = (
    f"{IMPORTED_WORDS} There are no epochs to go back to. The time machine goes back in runs of"
    " Fast start; choose one above, or train one in the Train step."
)
_BY_HAND = (
    "These are the validation pictures, which chose the epoch that is kept. An epoch that is chosen"
    " by hand instead looks better on them than it is."
)


class MomentsPage(EvaluationPage):
    """A slider under the accuracy curve: matrix, pictures and words as they were at its epoch.

    Always about the validation pictures: they are the ones that were asked about in every epoch.
    """

    name: ClassVar[str] = "moments"
    title: ClassVar[str] = "Time machine"
    is_of_part: ClassVar[bool] = False

    def __init__(
        self, session: Session, theme: Theme, icons: Icons, thumbnails: Thumbnails
    ) -> None:
        super().__init__()
        self._session = session
        self._run: Run | None = None
        self._timeline: Timeline | None = None
        self._filter = MomentFilter()
        self._reading: Job | None = None
        self._showing: Job | None = None
        self._making: Job | None = None
        self._gallery = AnswerGallery(
            theme,
            icons,
            thumbnails,
            "evaluate_moments_grid",
            lines=2,
            icon="images",
            sentence="No picture is like this at this epoch.",
        )
        self._plot = CurvePlot(theme, "Accuracy", "share")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._matrix = ConfusionMatrix(theme, "evaluate_moments_confusion")
        self._build(icons)
        session.project_changed.connect(self._on_project_changed)

    def show_evaluation(self, shown: ShownEvaluation) -> None:
        """Show how another run came about; its moment is the kept one."""
        run = shown.run
        if self._run is not None and self._run.folder == run.folder and self._timeline is not None:
            return  # only the part that other pages are about has changed
        self._forget()
        self._run = run
        if not has_moments(run):
            self._say_nothing(_IMPORTED if run.is_imported else _NO_MOMENTS)
            return
        self._read()

    # Parts

    def _build(self, icons: Icons) -> None:
        self._plot.setObjectName("evaluate_moments_plot")
        self._plot.setFixedHeight(_PLOT_PX)
        self._plot.label_values("accuracy")
        self._plot.epoch_pointed.connect(self._on_pointed)
        self._plot.epoch_chosen.connect(self._on_epoch_chosen)
        self._slider.setObjectName("evaluate_moments_slider")
        self._slider.setAccessibleName("Epoch")
        self._slider.setToolTip("The epoch to go back to; also a click on the curve")
        self._slider.setPageStep(1)
        self._slider.valueChanged.connect(self._show_moment)
        self._use = styled_button("Use this moment")
        self._use.setObjectName("evaluate_moments_use")
        self._use.setToolTip("Makes a run of its own with the classifier of this epoch")
        self._use.clicked.connect(self._make_run)
        self._headline = plain_label("evaluate_moments_headline", "heading")
        self._words = plain_label("evaluate_moments_words", "")
        self._note = plain_label("evaluate_moments_note", "facts")
        self._note.setText(_BY_HAND)
        under = QHBoxLayout()
        under.setContentsMargins(*_SLIDER_MARGINS)
        under.addWidget(self._slider)
        curve = QVBoxLayout()
        curve.setSpacing(0)
        curve.addWidget(self._plot)
        curve.addLayout(under)
        using = QHBoxLayout()
        using.setSpacing(12)
        using.addWidget(self._use)
        using.addWidget(self._note, 1)
        curve.addStretch(1)
        curve.addLayout(using)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(self._headline)
        words.addWidget(self._words)
        words.addStretch(1)
        side = QWidget()
        side.setLayout(words)
        words.setContentsMargins(0, 0, 0, 0)
        side.setFixedWidth(_WORDS_PX)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addLayout(curve, 1)
        top.addWidget(side)
        above = Card()
        above.setFixedHeight(_ABOVE_PX)
        above.body.addLayout(top)
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(self._matrix_card(), 1)
        below.addLayout(self._picture_column(icons), 1)
        self._view = QWidget()
        column = QVBoxLayout(self._view)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(above)
        column.addLayout(below, 1)
        self._nothing = EmptyState(icons, "evaluate", "")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._nothing)
        self._pages.addWidget(self._view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    def _matrix_card(self) -> Card:
        card = Card("What was taken for what")
        self._cell = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self._cell.setProperty("class", "muted")
        self._matrix.cell_described.connect(self._cell.setText)
        self._matrix.pictures_wanted.connect(self._on_cell)
        card.body.addWidget(self._matrix, 1)
        card.body.addWidget(self._cell)
        return card

    def _picture_column(self, icons: Icons) -> QVBoxLayout:
        self._chips: dict[str, Chip] = {}
        group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(8)
        for name, label, tip in (
            ("all", "All", "All validation pictures, the hardest first"),
            ("wrong", "Wrong then", "Pictures that were answered wrongly at this epoch"),
            ("changed", "Answered otherwise", "Pictures that the kept epoch answers otherwise"),
        ):
            chip = Chip(label)
            chip.setObjectName(f"evaluate_moments_{name}")
            chip.setToolTip(tip)
            chip.clicked.connect(self._on_filter_chosen)
            group.addButton(chip)
            self._chips[name] = chip
            row.addWidget(chip)
        self._chips["all"].setChecked(True)
        self._pair = Chip("")
        self._pair.setObjectName("evaluate_moments_pair")
        self._pair.setToolTip("A click shows the other pictures again")
        self._pair.setChecked(True)
        self._pair.hide()
        self._pair.clicked.connect(lambda: self._on_cell(None, None))
        row.addWidget(self._pair)
        row.addStretch(1)
        self._facts = QLabel()
        self._facts.setObjectName("evaluate_moments_facts")
        self._facts.setProperty("class", "facts")
        row.addWidget(self._facts)
        self._gallery.grid.set_thumbnail_px(_THUMBNAIL_PX)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._gallery, 1)
        return column

    # The run

    def _read(self) -> None:
        run, project = self._run, self._session.project
        if run is None or project is None:
            return
        facts = self._session.inspection.facts

        def task(context: TaskContext) -> Timeline:
            return read_timeline(run, project, facts, context)

        self._reading = self._session.view_jobs.start("Reading the moments", task)
        self._reading.finished.connect(self._on_read)
        self._reading.failed.connect(self._on_not_read)

    @Slot(object)
    def _on_read(self, timeline: Timeline) -> None:
        if self.sender() is not self._reading or self._run is None:
            return
        self._timeline = timeline
        history, best = timeline.run.history, timeline.run.best_epoch
        self._plot.set_values(
            [each.accuracy for each in history],
            [each.validation_accuracy for each in history],
            axis_epochs=len(history),
            best_epoch=best,
            best_words=f"kept: epoch {best}",
        )
        self._slider.blockSignals(True)
        self._slider.setRange(0, len(timeline.moments) - 1)
        self._slider.setValue(timeline.moments.place_of(best))
        self._slider.blockSignals(False)
        self._pages.setCurrentWidget(self._view)
        self._show_moment()

    @Slot(object)
    def _on_not_read(self, error: Exception) -> None:
        if self.sender() is self._reading:
            self._say_nothing(str(error))

    def _say_nothing(self, sentence: str) -> None:
        self._nothing.set_sentence(sentence)
        self._pages.setCurrentWidget(self._nothing)

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is None or after is None or before.root != after.root:
            self._forget()
            self._run = None
        elif before.samples is not after.samples and self._timeline is not None:
            # Pictures have moved. Looked for anew when somebody looks.
            self._timeline = None
            if self.isVisible():
                self._read()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while nobody looked."""
        super().showEvent(event)
        is_stale = self._run is not None and self._timeline is None and has_moments(self._run)
        if is_stale and (self._reading is None or self._reading.has_ended):
            self._read()

    def _forget(self) -> None:
        for job in (self._reading, self._showing):
            if job is not None and not job.has_ended:
                job.cancel()
        self._timeline = None
        self._filter = MomentFilter()
        self._chips["all"].setChecked(True)
        self._pair.hide()
        self._gallery.clear()

    # The moment

    @property
    def _epoch(self) -> int:
        assert self._timeline is not None
        return self._timeline.moments.epochs[self._slider.value()]

    @Slot()
    def _show_moment(self) -> None:
        """Say at once which epoch it is; the rest is worked out."""
        timeline, project = self._timeline, self._session.project
        if timeline is None or project is None:
            return
        self._plot.point_at(self._epoch)
        self._show_button()
        if self._showing is not None and not self._showing.has_ended:
            self._showing.cancel()
        place, wanted = self._slider.value(), self._filter
        colours = run_colours(timeline.run, project)

        def task(context: TaskContext) -> ShownMoment:
            return show_moment(timeline, place, wanted, colours, context)

        self._showing = self._session.view_jobs.start("Going back", task)
        self._showing.finished.connect(self._on_shown)
        self._showing.failed.connect(self._session.failed)

    @Slot(object)
    def _on_shown(self, shown: ShownMoment) -> None:
        timeline = self._timeline
        if self.sender() is not self._showing or timeline is None:
            return
        figures = shown.figures
        epoch = timeline.moments.epochs[shown.place]
        self._headline.setText(f"Epoch {epoch}: {right_words(figures.correct, figures.count)}.")
        self._words.setText("\n".join(shown.words))
        self._words.setToolTip(html.escape("\n".join(shown.words)))
        self._matrix.show_figures(figures)
        self._gallery.show_pictures(shown.arrangement, shown.tiles)
        count, total = len(shown.tiles), figures.count
        words = f"{count_words(count)} of {count_words(total)} validation pictures"
        self._facts.setText(words)

    @Slot(int)
    def _on_pointed(self, epoch: int) -> None:
        """When the mouse leaves the curve, the crosshair goes back to the slider's epoch."""
        if not epoch and self._timeline is not None:
            self._plot.point_at(self._epoch)

    @Slot(int)
    def _on_epoch_chosen(self, epoch: int) -> None:
        if self._timeline is not None:
            self._slider.setValue(self._timeline.moments.place_of(epoch))

    @Slot()
    def _on_filter_chosen(self) -> None:
        self._filter = replace(
            self._filter,
            only_wrong=self._chips["wrong"].isChecked(),
            only_changed=self._chips["changed"].isChecked(),
        )
        self._show_moment()

    @Slot(object, object)
    def _on_cell(self, true: int | None, predicted: int | None) -> None:
        if self._run is None:
            return
        self._filter = replace(self._filter, true=true, predicted=predicted)
        titles = self._run.class_titles
        words = [] if true is None else [f"is {titles[true]}"]
        if predicted is not None:
            words.append(f"taken for {titles[predicted]}")
        self._pair.setText(", ".join(words))
        self._pair.setChecked(True)
        self._pair.setVisible(bool(words))
        self._show_moment()

    # Using it

    @Slot()
    def _show_button(self) -> None:
        timeline = self._timeline
        is_made = self._making is not None and not self._making.has_ended
        is_other = timeline is not None and self._epoch != timeline.run.best_epoch
        self._use.setEnabled(is_other and not is_made)

    @Slot()
    def _make_run(self) -> None:
        timeline = self._timeline
        if timeline is None:
            return
        run, epoch = timeline.run, self._epoch
        self._making = self._session.ask_engine(
            f"Making a run of epoch {epoch}",
            lambda engine, project: use_moment(engine, project, run, epoch),
        )
        self._making.finished.connect(self._on_made)
        self._making.failed.connect(self._session.failed)
        for ended in (self._making.finished, self._making.failed, self._making.cancelled):
            ended.connect(self._show_button)
        self._show_button()

    @Slot(object)
    def _on_made(self, run: Run) -> None:
        project = self._session.project
        if project is None or run.folder.parent != project.runs_folder:
            return
        self._session.reload_runs()
        self._session.choose_run(run)
        self._session.said.emit(f"{run.name} is a run of its own now, and Predict uses it.")
