"""The page on which a run is told how often it may be wrong, and says what that costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.evaluation.caution import (
    Caution,
    distances_of,
    load_caution,
    risk_on,
    save_caution,
)
from cnnstudio.core.evaluation.caution_words import (
    familiarity_words,
    promise_words,
    share_words,
    temperature_words,
)
from cnnstudio.core.evaluation.evaluation import Evaluation, kept_evaluation
from cnnstudio.core.evaluation.handing_back import count_handed_back
from cnnstudio.core.evaluation.making_caution import find_caution
from cnnstudio.core.evaluation.selective import RiskCurve
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.predictions import Prediction
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.evaluation.page import EvaluationPage, ShownEvaluation
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.doubt_tiles import DoubtTile, DoubtTiles
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.widgets.share_curve import Curve, Mark, ShareCurve
from cnnstudio.ui.words import counted

ERROR_STOPS: tuple[float | None, ...] = (
    0.005,
    0.01,
    0.02,
    0.03,
    0.05,
    0.07,
    0.1,
    0.15,
    0.2,
    None,
)
"""What the slider offers, the strictest first; None is "however often"."""

_SAVE_DELAY_MS = 300
_LOWEST_TOP = 0.1
_LEFT_WIDTH_PX = 430
_NAMES = {"test": "test", "validation": "validation", "folder": "other"}


@dataclass(frozen=True)
class _Facts:
    """What the page shows: a run's caution, and the pictures that it is chosen and judged by.

    `curves` are those of the validation pictures, by whether unfamiliar pictures are handed back.
    """

    run: Run
    caution: Caution
    validation: Evaluation
    distances: npt.NDArray[np.float64]
    curves: dict[bool, RiskCurve]
    judged: Evaluation
    judged_distances: npt.NDArray[np.float64]
    judged_curves: dict[bool, RiskCurve]


class CautionPage(EvaluationPage):
    """One slider for how often it may be wrong, and what it hands back for that."""

    name: ClassVar[str] = "caution"
    title: ClassVar[str] = "Not sure"

    def __init__(self, session: Session, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._session = session
        self._shown: ShownEvaluation | None = None
        self._facts: _Facts | None = None
        self._job: Job | None = None
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._wish = QLabel()
        self._strangers = QCheckBox("Hand back what is unlike the training pictures")
        self._promise, self._validation, self._judged, self._worth, self._strange = (
            _sentence(name) for name in ("promise", "validation", "judged", "worth", "familiarity")
        )
        self._plot = ShareCurve(
            theme,
            "Wrong answers by share of pictures answered",
            "pictures answered",
            "wrong",
            "share",
        )
        self._tiles = DoubtTiles(theme, thumbnails)
        self._examples = Card("Handed back")
        self._status = QLabel()
        self._cancel = styled_button("Cancel", "destructive", small=True)
        self._again = styled_button("Look again", small=True)
        self._content = QWidget()
        self._save_timer = QTimer(self, singleShot=True, interval=_SAVE_DELAY_MS)
        self._save_timer.timeout.connect(self._save)
        self._build()

    def show_evaluation(self, shown: ShownEvaluation) -> None:
        """Show what a run hands back; one from before this was kept is asked about it first."""
        self._write_waiting()
        self._shown, self._facts = shown, None
        self._start_reading()

    # What it is made of

    def _build(self) -> None:
        self._slider.setObjectName("caution_slider")
        self._slider.setAccessibleName("How often may it be wrong?")
        self._slider.setRange(0, len(ERROR_STOPS) - 1)
        self._slider.setPageStep(1)
        self._slider.valueChanged.connect(self._on_slid)
        self._wish.setObjectName("caution_wish")
        self._wish.setProperty("class", "heading")
        self._strangers.setObjectName("caution_unfamiliar")
        self._strangers.toggled.connect(self._on_chosen)
        self._status.setObjectName("caution_status")
        self._status.setWordWrap(True)
        self._status.setTextFormat(Qt.TextFormat.PlainText)
        self._status.setProperty("class", "muted")
        self._cancel.setObjectName("caution_cancel")
        self._cancel.clicked.connect(self._cancel_job)
        self._again.setObjectName("caution_again")
        self._again.clicked.connect(self._start_finding)
        for label in (self._strange,):
            label.setProperty("class", "muted")
        self._plot.setObjectName("caution_plot")
        grid = QGridLayout(self._content)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(12)
        grid.addWidget(self._left_card(), 0, 0)
        grid.addWidget(self._plot_card(), 0, 1)
        self._examples.setObjectName("caution_examples")
        self._examples.body.addWidget(self._tiles)
        grid.addWidget(self._examples, 1, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(0, 1)
        waiting = QHBoxLayout()
        waiting.addWidget(self._status, 1)
        waiting.addWidget(self._again)
        waiting.addWidget(self._cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(waiting)
        layout.addWidget(self._content, 1)
        layout.addStretch(0)
        self._wait("")

    def _left_card(self) -> Card:
        card = Card("How often may it be wrong?")
        card.setFixedWidth(_LEFT_WIDTH_PX)
        ends = QHBoxLayout()
        strict, loose = QLabel("seldom"), QLabel("however often")
        for label in (strict, loose):
            label.setProperty("class", "facts")
        ends.addWidget(strict)
        ends.addStretch(1)
        ends.addWidget(loose)
        card.add_action(self._wish)
        card.body.setSpacing(8)
        card.body.addWidget(self._slider)
        card.body.addLayout(ends)
        for label in (self._promise, self._validation, self._judged):
            card.body.addWidget(label)
        card.body.addSpacing(8)
        card.body.addWidget(self._strangers)
        card.body.addWidget(self._strange)
        card.body.addSpacing(8)
        card.body.addWidget(self._worth)
        card.body.addStretch(1)
        return card

    def _plot_card(self) -> Card:
        card = Card("The more it answers, the more of its answers are wrong")
        words = QLabel(
            "Solid: wrong among the answers, on validation pictures. Dashed: what it may really be."
            " Dotted: on the pictures chosen above, which choose nothing."
        )
        words.setProperty("class", "facts")
        words.setWordWrap(True)
        card.body.addWidget(self._plot, 1)
        card.body.addWidget(words)
        return card

    # What is computed

    def _start_reading(self) -> None:
        shown = self._shown
        if shown is None:
            return
        self._drop_job()
        self._wait("Reading the answers…")
        self._follow(
            self._session.background_jobs.start(
                "Reading the answers", lambda _context: _facts_of(shown)
            ),
            self._on_facts,
        )

    @Slot(object)
    def _on_facts(self, facts: _Facts | None) -> None:
        if self.sender() is not self._job:
            return
        if facts is None:
            self._start_finding()
            return
        self._facts = facts
        self._content.show()
        self._status.hide()
        self._cancel.hide()
        self._again.hide()
        caution = facts.caution
        with QSignalBlocker(self._slider), QSignalBlocker(self._strangers):
            self._slider.setValue(_stop_for(caution.allowed_error))
            self._strangers.setChecked(
                caution.hands_back_unfamiliar and caution.familiarity is not None
            )
        self._strangers.setEnabled(caution.familiarity is not None)
        count = len(facts.validation)
        self._worth.setText(temperature_words(caution.temperature, count))
        is_from_scratch = training_preset(facts.run.config.preset).footing == "scratch"
        self._strange.setText(
            familiarity_words(caution, count, is_from_scratch, facts.run.is_imported)
        )
        self._show()

    @Slot()
    def _start_finding(self) -> None:
        shown = self._shown
        if shown is None:
            return
        self._drop_job()
        self._wait("Looking at the training pictures again…", can_cancel=True)
        job = self._session.ask_engine("Looking at the training pictures", _finding(shown.run))
        job.reported.connect(self._on_reported)
        self._follow(job, self._on_found)

    @Slot(object)
    def _on_found(self, _caution: Caution) -> None:
        if self.sender() is self._job:
            self._start_reading()

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if self.sender() is self._job and isinstance(event, Progress) and event.total:
            self._status.setText(f"{event.words}: {event.done:,} of {event.total:,}")

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._wait(str(error), can_begin=True)

    @Slot()
    def _on_cancelled(self) -> None:
        if self.sender() is self._job:
            self._wait("What this run should not be sure about is not known yet.", can_begin=True)

    @Slot()
    def _cancel_job(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _follow(self, job: Job, finished: Callable[..., None]) -> None:
        self._job = job
        job.finished.connect(finished)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)

    def _drop_job(self) -> None:
        job, self._job = self._job, None
        if job is not None and not job.has_ended:
            job.cancel()

    def _wait(self, words: str, *, can_cancel: bool = False, can_begin: bool = False) -> None:
        self._content.hide()
        self._status.setText(words)
        self._status.show()
        self._cancel.setVisible(can_cancel)
        self._again.setVisible(can_begin)

    # What the user does

    @Slot()
    def _on_slid(self) -> None:
        self._on_chosen()

    @Slot()
    def _on_chosen(self) -> None:
        if self._facts is None:
            return
        allowed = ERROR_STOPS[self._slider.value()]
        strangers = self._strangers.isChecked()
        least = 0.0 if allowed is None else self._facts.curves[strangers].least_probability(allowed)
        caution = replace(
            self._facts.caution,
            allowed_error=allowed,
            least_probability=least,
            hands_back_unfamiliar=strangers,
        )
        self._facts = replace(self._facts, caution=caution)
        self._save_timer.start()
        self._show()

    @Slot()
    def _save(self) -> None:
        facts = self._facts
        if facts is not None:
            job = self._session.file_jobs.start(
                "Saving",
                lambda _context: save_caution(facts.run.folder, facts.caution),
                can_cancel=False,
            )
            job.failed.connect(self._session.failed)

    def _write_waiting(self) -> None:
        if self._save_timer.isActive():
            self._save_timer.stop()
            self._save()

    # What is seen

    def _show(self) -> None:
        facts = self._facts
        if facts is None:
            return
        caution = facts.caution
        allowed = caution.allowed_error
        words = "however often" if allowed is None else f"at most {share_words(allowed)}"
        self._wish.setText(words)
        curve = facts.curves[caution.hands_back_unfamiliar]
        self._promise.setText(promise_words(caution, curve))
        chosen_by = count_handed_back(facts.validation, facts.distances, caution)
        self._validation.setText(f"Validation pictures: {chosen_by.short_words}")
        judged = count_handed_back(facts.judged, facts.judged_distances, caution)
        self._judged.setVisible(facts.judged.part != "validation")
        self._judged.setText(
            f"{_NAMES[facts.judged.part].capitalize()} pictures: {judged.short_words}"
        )
        self._draw(facts, curve, chosen_by.answered / max(chosen_by.count, 1))
        self._examples.set_title(
            f"Handed back: {counted(judged.handed_back, f'{_NAMES[facts.judged.part]} picture')};"
            f" {judged.mistakes:,} would have been wrong"
            if judged.handed_back
            else f"None of these {judged.count:,} pictures is handed back"
        )
        self._tiles.show_tiles(_tiles(facts, self._session.project))

    def _draw(self, facts: _Facts, curve: RiskCurve, answered: float) -> None:
        other = facts.judged_curves[facts.caution.hands_back_unfamiliar]
        curves = []
        if len(curve.answered):
            share = curve.answered / curve.count
            curves = [
                Curve(share, curve.bounds, "limit"),
                Curve(share, curve.wrong / curve.answered),
            ]
        if facts.judged.part != "validation" and len(other.answered):
            curves.append(
                Curve(other.answered / other.count, other.wrong / other.answered, "other")
            )
        ends = [float(each.ys[-1]) for each in curves]
        allowed = facts.caution.allowed_error
        top = max(_LOWEST_TOP, 1.3 * max(ends, default=0), allowed or 0)
        self._plot.show_curves(curves, (0.0, 1.0), (0.0, min(top, 1.0)))
        said = f"answers {share_words(answered)}"
        self._plot.show_mark(Mark(answered, said), said)


def _sentence(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(f"caution_{name}")
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _facts_of(shown: ShownEvaluation) -> _Facts | None:
    caution = load_caution(shown.run.folder)
    if caution is None:
        return None
    validation = kept_evaluation(shown.run, "validation")
    distances = distances_of(shown.run, validation)
    judged, judged_distances = shown.evaluation, distances_of(shown.run, shown.evaluation)

    def curves(evaluation: Evaluation, far: npt.NDArray[np.float64]) -> dict[bool, RiskCurve]:
        return {
            each: risk_on(evaluation, far, replace(caution, hands_back_unfamiliar=each))
            for each in (False, True)
        }

    return _Facts(
        shown.run,
        caution,
        validation,
        distances,
        curves(validation, distances),
        judged,
        judged_distances,
        curves(judged, judged_distances),
    )


def _finding(run: Run) -> Callable[[Engine, Project], Task[Caution]]:
    def question(engine: Engine, project: Project) -> Task[Caution]:
        def task(context: TaskContext) -> Caution:
            return find_caution(engine, run, project)(context)

        return task

    return question


def _stop_for(allowed: float | None) -> int:
    """The stop of the slider that is nearest to a wish, which may have been made elsewhere."""
    if allowed is None:
        return len(ERROR_STOPS) - 1
    gaps = [2.0 if each is None else abs(each - allowed) for each in ERROR_STOPS]
    return gaps.index(min(gaps))


def _tiles(facts: _Facts, project: Project | None) -> list[DoubtTile]:
    """The pictures that are handed back: first those that would have been mistakes."""
    judged, titles = facts.judged, facts.run.class_titles
    doubts = facts.caution.doubts(judged.probabilities, facts.judged_distances)
    root = Path() if project is None else project.root
    rows = [row for row, doubt in enumerate(doubts) if doubt]
    rows.sort(key=lambda row: (bool(judged.is_right[row]), -judged.probabilities[row].max()))
    tiles = []
    for row in rows[: DoubtTiles.MOST]:
        answer = Prediction.of("", facts.run.class_names, judged.probabilities[row], doubts[row])
        likeliest = titles[answer.predicted_index]
        truth = "" if judged.is_right[row] else f", really {titles[judged.true[row]]}"
        tiles.append(
            DoubtTile(
                root / judged.pictures[row].path,
                f"{likeliest}? {answer.probability:.0%}{truth}".replace("%", " %"),
                answer.reason(titles),
            )
        )
    return tiles
