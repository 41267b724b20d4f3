"""Shows the running job in the status strip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Slot

from cnnstudio.core.events import BatchEnded, Progress, TrainingBegan
from cnnstudio.ui.jobs import Job, JobQueue
from cnnstudio.ui.widgets.status_strip import StatusStrip

# Shorter jobs would only flicker.
_SHOWN_AFTER_MS = 300


@dataclass
class _Heard:
    """What a job has said so far; `epochs` is 0 for what is no training."""

    epochs: int = 0
    batches: int = 1
    last: Progress | BatchEnded | None = None


class JobDisplay(QObject):
    """Follows job queues, the most important first, and lets Stop and Cancel reach the job."""

    def __init__(
        self,
        strip: StatusStrip,
        queues: Sequence[JobQueue],
        elsewhere: Callable[[Job], str],
        parent: QObject | None = None,
    ) -> None:
        """Make the display; `elsewhere` names a job's project where that is not the open one."""
        super().__init__(parent)
        self._elsewhere = elsewhere
        self._strip = strip
        self._queues = queues
        self._shown: Job | None = None
        self._heard: dict[Job, _Heard] = {}
        self._timer = QTimer(self, singleShot=True, interval=_SHOWN_AFTER_MS)
        self._timer.timeout.connect(self._show)
        for queue in queues:
            queue.job_started.connect(self._on_started)
            queue.job_ended.connect(self._on_ended)
        strip.stop_requested.connect(self._stop)
        strip.cancel_requested.connect(self._cancel)

    @Slot(object)
    def _on_started(self, job: Job) -> None:
        # Heard from the start: a training says only once how many epochs it has.
        self._heard[job] = _Heard()
        job.reported.connect(self._on_reported)
        job.pause_changed.connect(self._on_pause_changed)
        if not self._timer.isActive():
            self._timer.start()

    @Slot(object)
    def _on_ended(self, job: Job) -> None:
        self._heard.pop(job, None)
        if job is self._shown:
            self._shown = None
            self._strip.clear_job()
            self._timer.start()

    @Slot()
    def _show(self) -> None:
        job = next((queue.current for queue in self._queues if queue.current is not None), None)
        if job is None or job is self._shown:
            return
        self._shown = job
        words = self._placed(job, job.words)
        self._strip.show_job(words, can_stop=job.can_stop, can_cancel=job.can_cancel)
        self._show_event(job, self._heard[job].last)

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        job = self.sender()
        if not isinstance(job, Job) or job not in self._heard:
            return
        heard = self._heard[job]
        if isinstance(event, TrainingBegan):
            heard.epochs, heard.batches = event.epochs, max(1, event.batches_per_epoch)
        elif isinstance(event, Progress | BatchEnded):
            heard.last = event
            if job is self._shown:
                self._show_event(job, event)

    @Slot()
    def _on_pause_changed(self) -> None:
        job = self.sender()
        if isinstance(job, Job) and job is self._shown:
            self._show_event(job, self._heard[job].last)

    def _show_event(self, job: Job, event: Progress | BatchEnded | None) -> None:
        heard = self._heard[job]
        self._strip.show_stopping(keeps=job.has_learned)
        is_ending = job.is_cancel_requested or job.is_stop_requested
        if isinstance(event, Progress):
            if not is_ending:
                words = "Training, paused" if job.is_paused else event.words
                self._strip.show_words(self._placed(job, words))
            # While epochs run the bar is theirs.
            if not heard.epochs:
                done = event.done / event.total if event.total else 0.0
                self._strip.set_progress(done, event.seconds_left)
        elif isinstance(event, BatchEnded) and heard.epochs:
            done = (event.epoch - 1 + event.batch / heard.batches) / heard.epochs
            self._strip.set_progress(done, None if job.is_paused else event.seconds_left)
            if not is_ending:
                what = "Paused" if job.is_paused else "Training"
                words = f"{what}, epoch {event.epoch} of {heard.epochs}"
                self._strip.show_words(self._placed(job, words))

    def _placed(self, job: Job, words: str) -> str:
        """Say of what began in a project that is not open any more that it goes on there."""
        title = self._elsewhere(job)
        return f"Goes on in {title}: {words}" if title else words

    @Slot()
    def _stop(self) -> None:
        if self._shown is not None:
            keeps = self._shown.has_learned
            self._shown.stop()
            self._strip.show_ending("Stopping, keeping the best so far" if keeps else "Stopping")

    @Slot()
    def _cancel(self) -> None:
        if self._shown is not None:
            self._shown.cancel()
            self._strip.show_ending("Cancelling")
