"""Watches `model.fit`: reports, keeps the best weights, waits, and ends it when asked to."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import keras

from cnnstudio.core.config import TrainingConfig
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import BatchEnded, EpochEnded, Progress
from cnnstudio.core.jobs import EVENTS_PER_SECOND, TaskContext
from cnnstudio.engine.averaging import WeightsThatCount
from cnnstudio.engine.pace import Pace
from cnnstudio.engine.record import Record
from cnnstudio.engine.schedules import rate_of_last_step

_LONGEST_LAST_VALIDATION_S = 5.0
"""How long a validation goes on after Stop; its figures are then those of the pictures so far."""


class Stopped(Exception):
    """Leaves `fit` at once because the user asked to stop; the best weights are kept."""


class StartMonitor(keras.callbacks.Callback):
    """Reports how far the validation before the first epoch is, and looks at Pause and Cancel."""

    def __init__(self, context: TaskContext, validation_batches: int) -> None:
        super().__init__()
        self._context = context
        self._validation_batches = validation_batches

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Report the batch."""
        self._context.checkpoint()
        self._context.wait_while_paused()
        self._context.report(Progress("Validating the start", batch + 1, self._validation_batches))


class TrainingMonitor(keras.callbacks.Callback):
    """Reports batches and epochs, and looks at Pause, Cancel and Stop after every batch.

    Stop leaves at once when an epoch has ended before. In the first epoch the weights are validated
    as they are then, for a few seconds at most, and count as epoch 1, so that there is something to
    keep; before the first batch has ended there is nothing, and `Cancelled` is raised. When the
    patience of the settings is lost, it ends the training by itself.

    Needs the metrics `loss` and `accuracy` and validation data. `record` is where it goes on from
    and keeps what it finds. The callback `weights` must stand before it in the list.
    """

    def __init__(
        self,
        context: TaskContext,
        pace: Pace,
        pictures_in_batch: Callable[[int], int],
        validation_batches: int,
        settings: TrainingConfig,
        record: Record | None = None,
        weights: WeightsThatCount | None = None,
    ) -> None:
        super().__init__()
        self.record = record or Record()
        self._context = context
        self._pace = pace
        self._pictures_in_batch = pictures_in_batch
        self._validation_batches = validation_batches
        self._settings = settings
        self._weights = weights
        self._epoch = 0
        self._first_batch = 0
        self._batch_began = 0.0
        self._validation_began = 0.0
        self._stop_seen: float | None = None
        self._epoch_logs: dict[str, float] = {}
        self._pictures_done = 0
        self._last_report = -math.inf

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clocks; the first batches of an interrupted epoch are done already."""
        self._epoch = epoch
        self._first_batch = self.record.steps
        self._pictures_done = sum(map(self._pictures_in_batch, range(self._first_batch)))
        if not self._first_batch:
            self._pace.epoch_began()
        self._batch_began = time.perf_counter()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Look at Cancel: the first batch takes seconds, in which the network is traced."""
        self._context.checkpoint()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count the batches since the last call, report, and wait or end the training if asked."""
        batch += self._first_batch
        now = time.perf_counter()
        pictures = sum(map(self._pictures_in_batch, range(self.record.steps, batch + 1)))
        self._pace.batch_ended(pictures, now - self._batch_began)
        self._pictures_done += pictures
        self.record.steps = batch + 1
        loss, accuracy = float(logs["loss"]), float(logs["accuracy"])
        self._epoch_logs = {"loss": loss, "accuracy": accuracy}
        self._check(loss)
        self._context.checkpoint()
        if now - self._last_report >= 1 / EVENTS_PER_SECOND:
            self._last_report = now
            self._context.report(
                BatchEnded(
                    self._epoch + 1,
                    batch + 1,
                    loss,
                    accuracy,
                    self._pace.images_per_second,
                    self._pace.seconds_left(self._epoch, self._pictures_done),
                )
            )
        self._batch_began = now + self._waited()
        if self._context.is_stop_requested:
            self._leave_or_validate()

    def on_test_begin(self, logs: Any = None) -> None:
        """Start the clock of the validation."""
        self._validation_began = time.perf_counter()

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Report how far the validation is, and wait or end it if asked."""
        self._context.checkpoint()
        self._validation_began += self._waited()
        if self._context.is_stop_requested:
            self._leave_or_validate()
            if time.perf_counter() - (self._stop_seen or 0.0) > _LONGEST_LAST_VALIDATION_S:
                validated = {f"val_{key}": float(logs[key]) for key in ("loss", "accuracy")}
                self.on_epoch_end(self._epoch, {**self._epoch_logs, **validated})
                raise Stopped
        self._context.report(
            Progress(
                f"Validating epoch {self._epoch + 1}",
                batch + 1,
                self._validation_batches,
                self._pace.seconds_left(self._epoch, self._pictures_done),
            )
        )

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the weights if they are the best so far, and report the epoch."""
        self._pace.validation_ended(time.perf_counter() - self._validation_began)
        loss, accuracy = float(logs["val_loss"]), float(logs["val_accuracy"])
        self._check(loss)
        is_best = self.record.is_better(accuracy, loss)
        if is_best:
            self.record.best_weights = (
                self._weights.get() if self._weights else self.model.get_weights()
            )
        ended = EpochEnded(
            epoch + 1,
            float(logs["loss"]),
            float(logs["accuracy"]),
            loss,
            accuracy,
            self._pace.images_per_second_of_epoch,
            self._pace.seconds_of_epoch,
            is_best,
            rate_of_last_step(self.model.optimizer),
        )
        self.record.history.append(ended)
        self.record.steps = 0
        self._context.report(ended)
        if self._context.is_stop_requested or self.record.is_finished(self._settings):
            self.model.stop_training = True

    def _waited(self) -> float:
        """Wait while the user wants a pause, and return for how many seconds."""
        waited = self._context.wait_while_paused()
        self.record.seconds_waited += waited
        self._context.checkpoint()
        return waited

    def _leave_or_validate(self) -> None:
        if self.record.history:
            raise Stopped
        if self._stop_seen is None:
            self._stop_seen = time.perf_counter()
        self.model.stop_training = True  # Keras validates once more before it leaves

    def _check(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise StudioError(
                f"The training went astray in epoch {self._epoch + 1}: the loss is no longer a"
                " number.",
                f"Lower the learning rate to {self._settings.learning_rate / 10:g}, and check that"
                " the pictures are what they should be.",
            )
