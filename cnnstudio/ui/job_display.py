"""Shows the running job in the status strip."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Slot

from cnnstudio.core.events import BatchEnded, Progress, TrainingBegan
from cnnstudio.ui.jobs import Job, JobQueue
from cnnstudio.ui.widgets.status_strip import StatusStrip

# Shorter jobs would only flicker.
_SHOWN_AFTER_MS = 300


class JobDisplay(QObject):
    """Follows job queues, the most important first, and lets Stop and Cancel reach the job."""

    def __init__(
        self, strip: StatusStrip, queues: Sequence[JobQueue], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._strip = strip
        self._queues = queues
        self._shown: Job | None = None
        self._epochs = 0
        self._batches = 1
        self._timer = QTimer(self, singleShot=True, interval=_SHOWN_AFTER_MS)
        self._timer.timeout.connect(self._show)
        for queue in queues:
            queue.job_started.connect(self._on_started)
            queue.job_ended.connect(self._on_ended)
        strip.stop_requested.connect(self._stop)
        strip.cancel_requested.connect(self._cancel)

    @Slot(object)
    def _on_started(self, job: Job) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @Slot(object)
    def _on_ended(self, job: Job) -> None:
        if job is self._shown:
            self._shown = None
            self._strip.clear_job()
            self._timer.start()

    @Slot()
    def _show(self) -> None:
        job = next((queue.current for queue in self._queues if queue.current is not None), None)
        if job is None or job is self._shown:
            return
        if self._shown is not None and not self._shown.has_ended:
            self._shown.reported.disconnect(self._on_reported)
        self._shown = job
        self._epochs = 0
        self._strip.show_job(job.words, can_stop=job.can_stop, can_cancel=job.can_cancel)
        if job.progress is not None:
            self._on_reported(job.progress)
        job.reported.connect(self._on_reported)

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if self._shown is None:
            return
        if isinstance(event, Progress):
            if not (self._shown.is_cancel_requested or self._shown.is_stop_requested):
                self._strip.show_words(event.words)
            # While epochs run the bar is theirs.
            if not self._epochs:
                done = event.done / event.total if event.total else 0.0
                self._strip.set_progress(done, event.seconds_left)
        elif isinstance(event, TrainingBegan):
            self._epochs, self._batches = event.epochs, max(1, event.batches_per_epoch)
        elif isinstance(event, BatchEnded) and self._epochs:
            done = (event.epoch - 1 + event.batch / self._batches) / self._epochs
            self._strip.set_progress(done, event.seconds_left)
            if not (self._shown.is_cancel_requested or self._shown.is_stop_requested):
                self._strip.show_words(f"Training, epoch {event.epoch} of {self._epochs}")

    @Slot()
    def _stop(self) -> None:
        if self._shown is not None:
            self._shown.stop()
            self._strip.show_ending("Stopping, keeping the best so far")

    @Slot()
    def _cancel(self) -> None:
        if self._shown is not None:
            self._shown.cancel()
            self._strip.show_ending("Cancelling")
