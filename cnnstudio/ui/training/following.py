"""`Following`: follows the training that runs, on its card and in its curves."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from cnnstudio.core.coach import AdviceAction
from cnnstudio.core.events import EpochEnded, TrainingBegan, Warned
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.models.run_words import ending_words
from cnnstudio.ui.models.training_monitor import TrainingMonitor
from cnnstudio.ui.session import Session
from cnnstudio.ui.training.training_queue import Training
from cnnstudio.ui.widgets.training_card import TrainingCard

_REDRAW_MS = 80
_STOPPING = "Stopping after this batch; the best epoch so far is kept…"
_STOPPING_EARLY = (
    "Stopping; nothing is learned yet, so there is no run to keep. What was read of the pictures is"
    " known the next time…"
)

Ending = tuple[str, str, float]
"""Headline, facts and how much was done, 0 to 1, of a training that has ended."""


class Following(QObject):
    """Whichever training runs is followed, whoever started it.

    `drawn` is emitted when its curves have changed, `warned` carries what is to be looked at before
    the run is trusted, `noted` what is worth knowing; of `finished(run)`, `failed(training, error)`
    and `cancelled` exactly one follows `began`.
    """

    began = Signal()
    drawn = Signal()
    warned = Signal(object)
    noted = Signal(object)
    finished = Signal(object)
    failed = Signal(object, object)
    cancelled = Signal()

    def __init__(self, session: Session, card: TrainingCard, parent: QObject) -> None:
        super().__init__(parent)
        self.training: Training | None = None
        self.monitor = TrainingMonitor("")
        self.ending: Ending | None = None
        self._session = session
        self._card = card
        self._redraw = QTimer(self, singleShot=True, interval=_REDRAW_MS)
        self._redraw.timeout.connect(self._draw)
        session.trainings.started.connect(self._on_started)
        session.project_changed.connect(self._on_project_changed)
        card.pause_requested.connect(self.toggle_pause)
        card.stop_requested.connect(self.stop)
        card.cancel_requested.connect(self.cancel)

    @property
    def is_running(self) -> bool:
        """Whether there is something to follow."""
        return self.training is not None

    @property
    def is_of_open_project(self) -> bool:
        """Whether what runs learns the pictures of the open project."""
        project, training = self._session.project, self.training
        return project is not None and training is not None and project.root == training.root

    def name_of(self, training: Training) -> str:
        """Return a training's name, with its project's where another one is open."""
        project = self._session.project
        if project is not None and project.root == training.root:
            return training.name
        return f"{Project(training.root).title}: {training.name}"

    def forget_ending(self) -> None:
        """Say no more what came of the last training."""
        self.ending = None

    # What the user does

    @Slot()
    def toggle_pause(self) -> None:
        """Let the training wait, or go on."""
        if self.training is not None:
            job = self.training.job
            job.resume() if job.is_paused else job.pause()

    @Slot()
    def stop(self) -> None:
        """End the training and keep its best epoch."""
        if self.training is not None:
            words = _STOPPING if self.training.job.has_learned else _STOPPING_EARLY
            self.training.job.stop()
            self._card.show_ending(words)

    @Slot()
    def cancel(self) -> None:
        """End the training and keep nothing, unless its run is saved already."""
        if self.training is not None:
            job = self.training.job
            job.cancel()
            self._card.show_ending(
                "Cancelling after this batch; nothing is kept…"
                if job.is_cancel_requested
                else "Ending; the run is saved already…"
            )

    def action(self, key: str) -> AdviceAction | None:
        """Return what the coach offers under a key."""
        advice = self.monitor.advice
        actions = advice.actions if advice is not None and self.is_of_open_project else ()
        return next((each for each in actions if each.key == key), None)

    # What is heard

    @Slot(object)
    def _on_started(self, training: Training) -> None:
        project = self._session.project
        counts: list[int] = []
        if project is not None and project.root == training.root:
            counts = [project.counts.get(each.name, 0) for each in project.learned_classes]
        self.training = training
        self.monitor = TrainingMonitor(training.name, training.config, [n for n in counts if n])
        self.ending = None
        job = training.job
        job.reported.connect(self._on_reported)
        job.finished.connect(self._on_finished)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        job.pause_changed.connect(self._draw)
        self._draw()
        self.began.emit()

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is not None and after is not None and before.root != after.root:
            self._draw()

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        self.monitor.take(event)
        if isinstance(event, TrainingBegan) and self.is_of_open_project:
            if event.warnings:
                self.warned.emit(event.warnings)
            if event.notes:
                self.noted.emit(event.notes)
        if isinstance(event, Warned) and self.is_of_open_project:
            self.warned.emit((event.words,))
        if isinstance(event, TrainingBegan | EpochEnded):
            self._draw()
        elif not self._redraw.isActive():
            self._redraw.start()

    @Slot(object)
    def _on_finished(self, run: Run) -> None:
        project = self._session.project
        self._end()
        if project is not None and run.folder.parent == project.runs_folder:
            self.ending = (*ending_words(run), run.epochs / max(run.config.training.epochs, 1))
        self.finished.emit(run)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        training = self._end(f"{self.monitor.name}, ended early")
        self.failed.emit(training, error)

    @Slot()
    def _on_cancelled(self) -> None:
        job = None if self.training is None else self.training.job
        is_stopped = job is not None and job.is_stop_requested and not job.is_cancel_requested
        ending = "stopped before anything was learned" if is_stopped else "cancelled"
        self._end(f"{self.monitor.name}, {ending}")
        self.cancelled.emit()

    def _end(self, headline: str = "") -> Training | None:
        """Follow nothing any more; a headline says that no run was kept, and why."""
        if headline and self.is_of_open_project:
            self.ending = (headline, "No run was kept.", 0.0)
        training, self.training = self.training, None
        self._redraw.stop()
        return training

    @Slot()
    def _draw(self) -> None:
        if self.training is None:
            return
        monitor, is_paused = self.monitor, self.training.job.is_paused
        facts = monitor.facts
        if is_paused:
            facts = f"Waits between two batches until you continue · {monitor.since_best}"
        state = "paused" if is_paused else monitor.state
        headline = monitor.headline.replace(monitor.name, self.name_of(self.training), 1)
        self._card.show_running(headline, state, monitor.fraction, facts.rstrip(" ·"))
        self._card.show_pausing(can_pause=monitor.can_pause, is_paused=is_paused)
        self._card.show_stopping(keeps=self.training.job.has_learned)
        advice = monitor.advice
        if advice is not None:
            # What it offers changes the settings of the project that is open.
            offered = advice.actions if self.is_of_open_project else ()
            actions = [(each.key, each.label) for each in offered]
            self._card.show_advice(advice.sentence, actions)
        else:
            self._card.show_advice(monitor.preparation)
        self.drawn.emit()
