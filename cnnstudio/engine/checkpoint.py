"""Saves where a training stands, after every epoch and every minute, and brings it back."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnnstudio.core.config import RunConfig, to_dict
from cnnstudio.core.engine_api import LabelledPictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Warned
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage import training_state
from cnnstudio.core.storage.training_state import TrainingState
from cnnstudio.engine.pace import Pace
from cnnstudio.engine.record import Record, Start

_log = logging.getLogger(__name__)

_SECONDS_BETWEEN_SAVES = 60.0
# Where an epoch takes no longer than a few saves, not every one is saved: half of the time would go
# into it, and nothing is lost but seconds.
_MOST_SHARE_OF_TIME = 0.1
_ALWAYS_WORTH_S = 0.2


class Checkpoint(keras.callbacks.Callback):
    """Keeps the whole state of a training in a folder: what `fit` goes on from exactly.

    That is the network with its random generators and batch statistics, the optimiser with its
    averages, the metrics of the running epoch, the history and the best weights. Stands last in the
    list of callbacks. A disk that refuses is told of once; the training goes on.
    """

    def __init__(
        self,
        folder: Path,
        marks: dict[str, Any],
        metrics: list[Any],
        record: Record,
        pace: Pace,
        context: TaskContext,
    ) -> None:
        super().__init__()
        self.seconds_before = 0.0
        self._folder = folder
        self._marks = marks
        self._metrics = metrics
        self._record = record
        self._pace = pace
        self._context = context
        self._has_warned = False
        self._began = self._last_save = time.perf_counter()
        self._cost = 0.0
        self._saved_best = 0
        self._metrics_to_restore: list[Any] = []

    def restore(self, model: keras.Model) -> bool:
        """Bring back into a compiled model, the record and the pace what the folder holds, if so.

        Returns:
            Whether it held anything. The weights of the start are not among it.

        Raises:
            StudioError: what was kept is damaged or belongs to other settings or pictures.
        """
        training_state.remove_leftovers(self._folder)
        self._began = self._last_save = time.perf_counter()
        state = training_state.read_state(self._folder)
        if state is None:
            return False
        variables = [*model.variables, *model.optimizer.variables, *self._metric_variables()]
        marks = {**self._marks, "variables": _shapes(variables)}
        if dict(state.marks) != marks:
            raise StudioError(
                "What was kept of this training belongs to other settings or other pictures, so it"
                " cannot be gone on with.",
                "Discard it and train again.",
            )
        learned = len(variables) - len(self._metric_variables())
        for place, array in enumerate(training_state.read_arrays(self._folder)):
            if place < learned:
                variables[place].assign(array)
            else:
                self._metrics_to_restore.append(array)
        self._record.history[:] = state.history
        self._record.best_weights = training_state.read_best(self._folder, state.history)
        self._record.steps = state.steps
        self._saved_best = self._record.best_epoch
        self._pace.restore(state.pace)
        self.seconds_before = state.seconds
        self._record.start = None if state.start is None else Start(*state.start)
        return True

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Give the metrics of an interrupted epoch back: `fit` has just set them to nothing."""
        if self._record.steps:
            for variable, array in zip(
                self._metric_variables(), self._metrics_to_restore, strict=True
            ):
                variable.assign(array)
        self._metrics_to_restore = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Save in a long epoch; not after its last batch, for `fit` cannot begin there."""
        is_due = time.perf_counter() - self._last_save >= _SECONDS_BETWEEN_SAVES
        if is_due and self._record.steps:
            self.save()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save the epoch."""
        since = time.perf_counter() - self._last_save
        if self._cost < max(_ALWAYS_WORTH_S, since * _MOST_SHARE_OF_TIME):
            self.save()

    def save(self) -> None:
        """Keep the state as it is now, between two batches."""
        began = time.perf_counter()
        variables = [
            *self.model.variables,
            *self.model.optimizer.variables,
            *self._metric_variables(),
        ]
        history, start = tuple(self._record.history), self._record.start
        state = TrainingState(
            {**self._marks, "variables": _shapes(variables)},
            history,
            self._record.steps,
            self.seconds_before + began - self._began - self._record.seconds_waited,
            self._pace.state(),
            None if start is None else (start.accuracy, start.loss),
        )
        try:
            if self._record.best_epoch != self._saved_best:
                training_state.write_best(self._folder, history, self._record.best_weights)
                self._saved_best = self._record.best_epoch
            training_state.write_state(self._folder, state, _arrays(variables))
        except StudioError as error:
            self._warn(error)
        self._last_save = time.perf_counter()
        self._cost = self._last_save - began

    def _warn(self, error: StudioError) -> None:
        _log.warning("The training goes on, but its state could not be kept. %s", error)
        if not self._has_warned:
            self._has_warned = True
            self._context.report(
                Warned(
                    "The state of the training could not be saved: were it cut off now, what it has"
                    f" learned since the last time would be lost. {error} The training goes on."
                )
            )

    def _metric_variables(self) -> list[Any]:
        return [variable for metric in self._metrics for variable in metric.variables]


def marks_of(
    config: RunConfig,
    class_names: tuple[str, ...],
    training: LabelledPictures,
    validation: LabelledPictures,
) -> dict[str, Any]:
    """Return what a state belongs to, as JSON gives it back."""
    labels = hashlib.blake2b(training.labels.tobytes(), digest_size=16)
    labels.update(validation.labels.tobytes())
    return {
        "config": to_dict(config),
        "classes": list(class_names),
        "pictures": [len(training), len(validation), labels.hexdigest()],
    }


def _arrays(variables: list[Any]) -> Iterator[Any]:
    return (np.asarray(variable.numpy()) for variable in variables)


def _shapes(variables: list[Any]) -> list[str]:
    return [f"{variable.dtype} {tuple(variable.shape)}" for variable in variables]
