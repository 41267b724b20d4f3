"""The page that disturbs pictures, to see how much bad weather a run bears."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.disturbances import disturbances
from cnnstudio.core.evaluation.weather import (
    MOST_PICTURES,
    WeatherCurve,
    WeatherSample,
    try_weather,
)
from cnnstudio.core.evaluation.weather_remedy import WeatherRemedy
from cnnstudio.core.evaluation.weather_words import sample_words
from cnnstudio.core.jobs import Task
from cnnstudio.core.project import Project
from cnnstudio.ui.evaluation.page import EvaluationPage, ShownEvaluation
from cnnstudio.ui.evaluation.weather_cell import WeatherCell
from cnnstudio.ui.evaluation.weather_trial import WeatherTrial
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.job_progress import JobProgress
from cnnstudio.ui.widgets.primary_button import styled_button

_TRIAL_WIDTH_PX = 400
_COLUMNS = 3
# Of a chart; what lies above and below all of them; what lies above and below each.
_LOWEST_PX, _HIGHEST_PX = 128, 260
_AROUND_PX, _WORDS_PX = 150, 112
_START = "Test in bad weather"
_EMPTY = (
    f"Tests up to {MOST_PICTURES} of these pictures tilted, in the dark, blurred, coarse, with"
    " noise and compressed, each at five strengths, and shows where the accuracy falls."
)
_TEST_PART = " Settings chosen by test pictures flatter the next run's test figure a little."


class WeatherPage(EvaluationPage):
    """Sliders over one picture at the left; at the right what each disturbance does to them all."""

    name: ClassVar[str] = "weather"
    title: ClassVar[str] = "Weather lab"

    def __init__(self, session: Session, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._session = session
        self._theme = theme
        self._shown: ShownEvaluation | None = None
        self._job: Job | None = None
        self._progress: JobProgress | None = None
        self._cells: dict[str, WeatherCell] = {}
        self._trial = WeatherTrial(session, theme)
        self._trial.setFixedWidth(_TRIAL_WIDTH_PX)
        self._button = styled_button(_START, "primary", small=True)
        self._button.setObjectName("weather_start")
        self._button.clicked.connect(self._on_button)
        self._words = QLabel()
        self._words.setObjectName("weather_words")
        self._words.setProperty("class", "muted")
        self._words.setWordWrap(True)
        self._empty = EmptyState(icons, "evaluate", _EMPTY)
        self._grid = QGridLayout()
        self._stack = QStackedWidget()
        self._card = Card("Where accuracy falls")
        self._build()
        session.project_changed.connect(self._on_project_changed)

    def show_evaluation(self, shown: ShownEvaluation) -> None:
        """Let another evaluation's pictures be tried; what was found for the last one is gone."""
        self.stop_for_others(self._job)
        self._cancel()
        self._shown = shown
        self._make_cells(shown.run.config)
        self._show_nothing()
        self._trial.show_evaluation(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the charts the room that the words leave."""
        super().resizeEvent(event)
        self._fit_charts()

    # What it is made of

    def _build(self) -> None:
        self._card.add_action(self._button)
        self._card.body.addWidget(self._words)
        self._words.hide()
        inside = QWidget()
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(12)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._grid)
        column.addStretch(1)
        column.addWidget(_legend())
        area = QScrollArea()
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        # The card shows through.
        area.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(area)
        self._card.body.addWidget(self._stack, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(self._trial)
        layout.addWidget(self._card, 1)

    def _make_cells(self, learned: RunConfig) -> None:
        for cell in self._cells.values():
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells = {
            each.key: WeatherCell(self._theme, each, learned)
            for each in disturbances(learned.training.image_size)
        }
        for place, cell in enumerate(self._cells.values()):
            cell.remedy_wanted.connect(self._on_remedy)
            self._grid.addWidget(cell, place // _COLUMNS, place % _COLUMNS)
        self._fit_charts()
        for column in range(_COLUMNS):
            self._grid.setColumnStretch(column, 1)

    def _fit_charts(self) -> None:
        # All equally high, whatever is said below them.
        rows = -(-len(self._cells) // _COLUMNS) or 1
        room = (self.height() - _AROUND_PX) // rows - _WORDS_PX
        for cell in self._cells.values():
            cell.plot.setFixedHeight(min(max(room, _LOWEST_PX), _HIGHEST_PX))

    def _show_nothing(self) -> None:
        self._button.setText(_START)
        self._words.hide()
        self._stack.setCurrentWidget(self._empty)

    # The test of all pictures

    @Slot()
    def _on_button(self) -> None:
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
            return
        shown = self._shown
        if shown is None or self._session.project is None:
            return

        def question(engine: Engine, project: Project) -> Task[tuple[WeatherCurve, ...]]:
            return try_weather(engine, shown.run, shown.evaluation, project.root)

        for cell in self._cells.values():
            cell.clear()
        self._words.hide()
        self._button.setText("Cancel")
        self._job = self._session.ask_engine("Testing in bad weather", question)
        self._job.reported.connect(self._on_reported)
        self._job.finished.connect(self._on_finished)
        self._job.failed.connect(self._on_failed)
        self._job.cancelled.connect(self._on_cancelled)
        self._show_progress(JobProgress(self._job, self._theme, "weather"))

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if self.sender() is not self._job or self._shown is None:
            return
        if isinstance(event, WeatherSample):
            words = sample_words(event)
            if self._shown.evaluation.part == "test":
                words += _TEST_PART
            self._words.setText(words)
            self._words.show()
            self._stack.setCurrentIndex(1)
        elif isinstance(event, WeatherCurve) and self._session.project is not None:
            cell = self._cells[event.disturbance.key]
            cell.show_curve(event, self._session.project.config)

    @Slot(object)
    def _on_finished(self, _curves: object) -> None:
        if self.sender() is self._job:
            self._show_progress(None)
            self._button.setText("Test again")

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._show_progress(None)
            self._show_nothing()
            is_known = isinstance(error, StudioError)
            self._words.setText(str(error) if is_known else "It ended in a way nobody expected.")
            self._words.show()

    @Slot()
    def _on_cancelled(self) -> None:
        if self.sender() is self._job:
            self._show_progress(None)
            # What was found until then stays.
            self._button.setText(_START)

    def _cancel(self) -> None:
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
        self._job = None
        self._show_progress(None)

    def _show_progress(self, progress: JobProgress | None) -> None:
        if self._progress is not None:
            self._card.body.removeWidget(self._progress)
            self._progress.hide()
            self._progress.deleteLater()
        self._progress = progress
        if progress is not None:
            self._card.body.insertWidget(0, progress)

    # The settings

    @Slot(object)
    def _on_remedy(self, wanted: WeatherRemedy) -> None:
        self._session.set_config(wanted.config)
        self._session.said.emit(wanted.done)

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is None or after is None or before.root != after.root:
            self._cancel()
            self._shown = None
            self._trial.clear()
            self._show_nothing()
        elif before.config != after.config:
            for cell in self._cells.values():
                cell.show_config(after.config)


def _legend() -> QLabel:
    label = QLabel(
        "Line: how many are right, with the band in which the true figure probably lies (95 %)."
        " Dashed: nine tenths of what is right undisturbed."
        " Large dot: where accuracy falls below that."
    )
    label.setProperty("class", "facts")
    label.setWordWrap(True)
    return label
