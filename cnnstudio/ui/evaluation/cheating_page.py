"""The page that asks a run about pictures whose middle is hidden."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.cheating import (
    BORDER_SIDE,
    CENTRE_SIDE,
    CheatingReport,
    RightAnswers,
    cheating_test,
)
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import Task
from cnnstudio.core.project import Project
from cnnstudio.ui.evaluation.cheating_words import explanation, figure, headline
from cnnstudio.ui.evaluation.page import EvaluationPage, ShownEvaluation
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.bar import Bar
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.hidden_examples import HiddenExamples
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button
from cnnstudio.ui.words import count_words, pictures, time_left

_INTRODUCTION = (
    "A network learns whatever tells the classes apart. Where every cup stood on one table and"
    " every plate on another, that may be the table. This test hides the middle of the pictures,"
    " where the object usually is: a run that stays right has not learned the object."
)
_ROWS = (
    ("whole", "As they are"),
    ("centre", f"Middle hidden, {CENTRE_SIDE**2:.0%} of the picture".replace("%", " %")),
    ("border", f"Only the border shown, {1 - BORDER_SIDE**2:.0%} of it".replace("%", " %")),
    ("guessing", "Guessing the most frequent class"),
)


class CheatingPage(EvaluationPage):
    """A button, then the verdict in words, a bar for each way of asking, and examples."""

    name: ClassVar[str] = "cheating"
    title: ClassVar[str] = "Background test"

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session = session
        self._shown: ShownEvaluation | None = None
        self._job: Job | None = None
        self._headline = _words("evaluate_cheating_headline", "heading")
        self._explanation = _words("evaluate_cheating_explanation", "muted")
        self._start = primary_button("Start the test")
        self._start.setObjectName("evaluate_cheating_start")
        self._start.clicked.connect(self._begin)
        self._cancel = styled_button("Cancel", "destructive")
        self._cancel.setObjectName("evaluate_cheating_cancel")
        self._cancel.clicked.connect(self._stop)
        self._progress = Bar(theme)
        self._progress.setAccessibleName("Progress")
        self._progress_words = _words("evaluate_cheating_progress", "muted")
        self._figures = QWidget()
        self._bars: dict[str, tuple[Bar, QLabel]] = {}
        self._examples = HiddenExamples(theme)
        self._example_card = Card("What was hidden, and what it answered")
        self._example_card.setObjectName("evaluate_cheating_examples")
        self._example_card.body.addWidget(self._examples, 1)
        self._build(theme)
        self._show_nothing()

    def show_evaluation(self, shown: ShownEvaluation) -> None:
        """Offer the test for another run or other pictures."""
        self.stop_for_others(self._job)
        self._job = None
        self._shown = shown
        self._show_nothing()

    def _build(self, theme: Theme) -> None:
        grid = QGridLayout(self._figures)
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        for row, (key, words) in enumerate(_ROWS):
            bar, said = Bar(theme), QLabel()
            bar.setAccessibleName(words)
            said.setObjectName(f"evaluate_cheating_{key}")
            grid.addWidget(QLabel(words), row, 0)
            grid.addWidget(bar, row, 1)
            grid.addWidget(said, row, 2)
            self._bars[key] = bar, said
        grid.setColumnStretch(1, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._start)
        buttons.addWidget(self._cancel)
        buttons.addStretch(1)
        card = Card("Does it look at the object?")
        for widget in (
            self._headline,
            self._explanation,
            self._figures,
            self._progress,
            self._progress_words,
        ):
            card.body.addWidget(widget)
        card.body.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(card)
        layout.addWidget(self._example_card, 100)
        layout.addStretch(1)

    # What the user does

    @Slot()
    def _begin(self) -> None:
        shown = self._shown
        if shown is None or self._session.project is None:
            return

        def question(engine: Engine, project: Project) -> Task[CheatingReport]:
            return cheating_test(engine, shown.run, shown.evaluation, project.root)

        job = self._job = self._session.ask_engine("Hiding the middle of the pictures", question)
        job.reported.connect(self._on_reported)
        job.finished.connect(self._on_finished)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        self._show_nothing()
        self._start.hide()
        for widget in (self._cancel, self._progress, self._progress_words):
            widget.show()
        self._progress.set_value(0)
        self._progress_words.setText("Waits until the engine is free")

    @Slot()
    def _stop(self) -> None:
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()

    # What comes back

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if self.sender() is self._job and isinstance(event, Progress) and event.total:
            done = f"{count_words(event.done)} of {pictures(event.total)}"
            left = time_left(event.seconds_left)
            self._progress_words.setText(f"{done} · {left}" if left else done)
            self._progress.set_value(event.done / event.total)

    @Slot(object)
    def _on_finished(self, report: CheatingReport) -> None:
        if self.sender() is self._job:
            self._job = None
            self._show_report(report)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._job = None
            self._show_nothing()
            is_known = isinstance(error, StudioError)
            self._headline.setText(
                str(error) if is_known else "The test ended in a way that nobody expected."
            )

    @Slot()
    def _on_cancelled(self) -> None:
        if self.sender() is self._job:
            self._job = None
            self._show_nothing()

    def _show_nothing(self) -> None:
        count = 0 if self._shown is None else len(self._shown.evaluation)
        self._headline.setText("")
        self._headline.hide()
        self._explanation.setText(_INTRODUCTION)
        self._start.setText(f"Start the test with {pictures(count)}" if count else "Start the test")
        self._start.setEnabled(count > 0)
        self._start.show()
        for widget in (
            self._cancel,
            self._progress,
            self._progress_words,
            self._figures,
            self._example_card,
        ):
            widget.hide()

    def _show_report(self, report: CheatingReport) -> None:
        self._show_nothing()
        self._start.setText("Test again")
        self._headline.setText(headline(report))
        self._headline.show()
        unread = f" {pictures(report.problems)} could not be read." if report.problems else ""
        self._explanation.setText(explanation(report) + unread)
        self._show_figure("whole", report.whole)
        self._show_figure("centre", report.centre_hidden)
        self._show_figure("border", report.border_only)
        bar, said = self._bars["guessing"]
        bar.set_value(report.guessing)
        said.setText(f"{report.guessing:.0%}".replace("%", " %"))
        self._figures.show()
        if self._shown is not None:
            self._examples.show_examples(report.examples, self._shown.run.class_titles)
            self._example_card.show()

    def _show_figure(self, key: str, answers: RightAnswers) -> None:
        bar, said = self._bars[key]
        bar.set_value(answers.share)
        said.setText(figure(answers))


def _words(name: str, look: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setProperty("class", look)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
