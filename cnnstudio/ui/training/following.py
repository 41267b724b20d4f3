"""`Following`: follows the training that runs, on its card and in its curves."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from cnnstudio.core.coach import AdviceAction
from cnnstudio.core.events import EpochEnded, TrainingBegan, Warned
from cnnstudio.core.runs import Run
from cnnstudio.ui.models.run_words import ending_words
from cnnstudio.ui.models.training_monitor import TrainingMonitor
from cnnstudio.ui.session import Session
from cnnstudio.ui.training.training_queue import Training
from cnnstudio.ui.widgets.training_card import TrainingCard

_REDRAW_MS = 80

Ending = tuple[str, str, float]
"""Headline, facts and how much was done, 0 to 1, of a training that has ended."""


class Following(QObject):
    """Whichever training runs is followed, whoever started it.

    `drawn` is emitted when its curves have changed, `warned` carries what is to be looked at before
    the run is trusted, `noted` what is worth knowing; of `finished(run)`, `failed(error)` and
    `cancelled` exactly one follows `began`.
    """

    began = Signal()
    drawn = Signal()
    warned = Signal(object)
    noted = Signal(object)
    finished = Signal(object)
    failed = Signal(object)
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
        card.pause_requested.connect(self.toggle_pause)
        card.stop_requested.connect(self.stop)
        card.cancel_requested.connect(self.cancel)

    @property
    def is_running(self) -> bool:
        """Whether there is something to follow."""
        return self.training is not None

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
            self.training.job.stop()
            self._card.show_ending("Stopping after this batch; the best epoch so far is kept…")

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
        actions = advice.actions if advice is not None and self.is_running else ()
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

    def _is_of_the_open_project(self) -> bool:
        project, training = self._session.project, self.training
        return project is not None and training is not None and project.root == training.root

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        self.monitor.take(event)
        if isinstance(event, TrainingBegan) and self._is_of_the_open_project():
            if event.warnings:
                self.warned.emit(event.warnings)
            if event.notes:
                self.noted.emit(event.notes)
        if isinstance(event, Warned) and self._is_of_the_open_project():
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
        self._end()
        self.ending = (f"{self.monitor.name}, ended early", "No run was kept.", 0.0)
        self.failed.emit(error)

    @Slot()
    def _on_cancelled(self) -> None:
        self._end()
        self.ending = (f"{self.monitor.name}, cancelled", "No run was kept.", 0.0)
        self.cancelled.emit()

    def _end(self) -> None:
        self.training = None
        self._redraw.stop()

    @Slot()
    def _draw(self) -> None:
        if self.training is None:
            return
        monitor, is_paused = self.monitor, self.training.job.is_paused
        facts = monitor.facts
        if is_paused:
            facts = f"Waits between two batches until you continue · {monitor.since_best}"
        state = "paused" if is_paused else monitor.state
        self._card.show_running(monitor.headline, state, monitor.fraction, facts.rstrip(" ·"))
        self._card.show_pausing(can_pause=monitor.can_pause, is_paused=is_paused)
        advice = monitor.advice
        if advice is not None:
            actions = [(each.key, each.label) for each in advice.actions]
            self._card.show_advice(advice.sentence, actions)
        else:
            self._card.show_advice(monitor.preparation)
        self.drawn.emit()
