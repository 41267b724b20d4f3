"""Trains a linear classifier on the features of a backbone, and saves both as one model.

The features are standardised for the training, and the scaling is folded into the weights
afterwards: what is saved is one dense layer on the backbone's own features.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import layers

from cnnstudio.core.catalog.backbones import backbone_of
from cnnstudio.core.config import RunConfig, TrainingConfig
from cnnstudio.core.engine_api import (
    Ending,
    HeadMoment,
    HeadWeights,
    LabelledFeatures,
    TrainingOutcome,
)
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.averaging import WeightsThatCount, average_weights_of
from cnnstudio.engine.callbacks import Stopped, TrainingMonitor
from cnnstudio.engine.classifier import build_classifier
from cnnstudio.engine.data import class_weights, smoothed
from cnnstudio.engine.event_files import EventFiles
from cnnstudio.engine.fitting import compile_for_training
from cnnstudio.engine.head_moments import HeadMoments, epochs_between
from cnnstudio.engine.model_file import save_model
from cnnstudio.engine.optimizers import build_optimizer
from cnnstudio.engine.pace import Pace
from cnnstudio.engine.pin_watch import PinWatch
from cnnstudio.engine.record import Record
from cnnstudio.engine.runtime import Runtime
from cnnstudio.engine.schedules import training_rates
from cnnstudio.engine.training_session import training_session

Floats = npt.NDArray[np.float32]

# The inverse strength of the penalty on the weights of standardised features, as scikit-learn's C:
# it weighs the less, the more pictures there are.
INVERSE_PENALTY = 0.03
# Steps that TensorFlow takes between two looks at Stop and Cancel, tens of milliseconds: a step is
# so small that calling for each from Python costs more than it does.
_MOST_STEPS_AT_ONCE = 16
_ROWS_AT_ONCE = 4096
_LEAST_SPREAD = 1e-4  # of what varies by no more than rounding


def train_head(
    runtime: Runtime,
    training: LabelledFeatures,
    validation: LabelledFeatures,
    config: RunConfig,
    class_names: tuple[str, ...],
    model_file: Path | None,
    context: TaskContext,
    pinned: npt.NDArray[np.floating] | None = None,
) -> TrainingOutcome:
    """Train as `core.engine_api.Engine.train_head` says.

    Raises:
        Cancelled: the user cancelled; nothing was saved.
        StudioError: the loss became NaN, the weights of the backbone are missing, or there are no
            features to train or validate on.
    """
    began = time.perf_counter()
    if not len(training) or not len(validation):
        raise StudioError(
            "There are no pictures to learn from or none to validate with.",
            "Add pictures, or change the shares of the split.",
        )
    scaling = Scaling.of(training.features)
    pace = Pace(config.training.epochs, len(training), len(validation))
    with training_session(runtime, config.training):
        record = Record(settles_on=len(validation))
        weights = WeightsThatCount()
        every = 0
        if model_file is not None:
            numbers = (training.features.shape[-1] + len(validation)) * len(class_names)
            every = epochs_between(config.training.epochs, numbers)
        moments = HeadMoments(weights, record, every)
        watching: list[keras.callbacks.Callback] = [moments]
        if pinned is not None:
            watching.append(PinWatch(scaling(pinned), weights, context))
        ending = _fit(
            scaling,
            training,
            validation,
            config,
            len(class_names),
            context,
            record,
            pace,
            None if model_file is None else model_file.parent,
            weights,
            watching,
        )
        context.checkpoint()
        head = scaling.folded(*record.best_weights)
        if model_file is not None:
            context.report(Progress("Saving the model"))
            save_head(runtime, head, config.transfer.backbone, model_file)
    return TrainingOutcome(
        history=tuple(record.history),
        best_epoch=record.best_epoch,
        ending=ending,
        images_per_second=pace.images_per_second,
        seconds=time.perf_counter() - began - record.seconds_waited,
        device=runtime.device_words,
        precision="float32",
        head=head,
        moments=tuple(
            HeadMoment(epoch, scaling.folded(*kept)) for epoch, kept in moments.kept.items()
        ),
    )


def save_head(runtime: Runtime, head: HeadWeights, backbone: str, model_file: Path) -> None:
    """Save as `core.engine_api.Engine.save_head` says.

    Raises:
        StudioError: the weights of the backbone are missing or damaged, or the disk refuses.
    """
    row = backbone_of(backbone)
    model = build_classifier(row, head, weights_folder=runtime.weights_folder, is_frozen=True)
    save_model(model, model_file)


class Scaling:
    """Brings every feature to mean 0 and spread 1; `centre` and `scale` have shape (length,)."""

    def __init__(self, centre: Floats, scale: Floats) -> None:
        self.centre = centre
        self.scale = scale

    @classmethod
    def of(cls, features: npt.NDArray[np.floating]) -> Scaling:
        """Return the scaling of features, shape (n, rows, length)."""
        rows = features.reshape(-1, features.shape[-1])
        total = np.zeros(features.shape[-1])
        squares = np.zeros(features.shape[-1])
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[start : start + _ROWS_AT_ONCE].astype(np.float64)
            total += part.sum(axis=0)
            squares += (part**2).sum(axis=0)
        centre = total / len(rows)
        spread = np.sqrt(np.maximum(squares / len(rows) - centre**2, 0))
        spread[spread < _LEAST_SPREAD] = 1
        return cls(centre.astype(np.float32), spread.astype(np.float32))

    def __call__(self, features: npt.NDArray[np.floating]) -> Floats:
        """Return scaled features of the same shape."""
        return (features.astype(np.float32) - self.centre) / self.scale

    def folded(self, kernel: Floats, bias: Floats) -> HeadWeights:
        """Return the weights that do to plain features what these do to scaled ones."""
        plain = kernel / self.scale[:, None]
        return HeadWeights(plain, bias - self.centre @ plain)


class _FeatureBatches:
    """The batches of a whole training: every picture once an epoch, in one of its variants.

    What a batch holds depends on the seed and its step alone. All have the same number of pictures,
    but for one. They come `at_once` at a time, a whole number of times in an epoch.
    """

    def __init__(
        self, data: LabelledFeatures, class_count: int, settings: TrainingConfig, scaling: Scaling
    ) -> None:
        self._features = data.features
        self._labels = data.labels
        self._scaling = scaling
        self._targets = smoothed(np.eye(class_count, dtype=np.float32), settings.label_smoothing)
        self._seed = settings.seed
        wanted = -(-len(data) // settings.batch_size)
        turns = -(-wanted // _MOST_STEPS_AT_ONCE)
        self.at_once = -(-wanted // turns)
        self.per_epoch = min(self.at_once * turns, len(data))
        if self.per_epoch % self.at_once:  # fewer pictures than batches
            self.at_once, self.per_epoch = 1, wanted
        self._weights = (
            class_weights(data.labels, class_count)
            if settings.balance_classes
            else np.ones(class_count, np.float32)
        )

    def size_of(self, place: int) -> int:
        """Return the number of pictures in an epoch's batch, counted from 0."""
        return self._first(place + 1) - self._first(place)

    def epoch(self, number: int) -> Iterator[tuple[Floats, Floats, Floats, npt.NDArray[np.int64]]]:
        """Give an epoch, counted from 0, piece by piece: features, targets and weights of pictures.

        Last comes where in them each batch begins, and the end.
        """
        generator = np.random.default_rng((self._seed, number))
        order = generator.permutation(len(self._labels))
        variants = generator.integers(self._features.shape[1], size=len(order))
        for place in range(0, self.per_epoch, self.at_once):
            places = range(place, place + self.at_once + 1)
            begins = np.array([self._first(each) for each in places])
            part = slice(begins[0], begins[-1])
            chosen = order[part]
            labels = self._labels[chosen]
            features = self._scaling(self._features[chosen, variants[part]])
            yield features, self._targets[labels], self._weights[labels], begins - begins[0]

    def dataset(self, epochs: int) -> Any:
        """Return all batches as one `tf.data.Dataset`."""
        length, classes = self._features.shape[-1], len(self._targets)
        signature = (
            tf.TensorSpec((None, length), tf.float32),
            tf.TensorSpec((None, classes), tf.float32),
            tf.TensorSpec((None,), tf.float32),
            tf.TensorSpec((None,), tf.int64),
        )

        def pieces() -> Iterator[tuple[Any, ...]]:
            for number in range(epochs):
                yield from self.epoch(number)

        def batches(features: Any, targets: Any, weights: Any, begins: Any) -> Any:
            def batch(number: Any) -> tuple[Any, ...]:
                part = slice(begins[number], begins[number + 1])
                return features[part], targets[part], weights[part]

            return tf.data.Dataset.range(self.at_once).map(batch)

        # A Python call for every batch would take longer than learning from it.
        whole = tf.data.Dataset.from_generator(pieces, output_signature=signature)
        return whole.flat_map(batches).prefetch(self.at_once)

    def _first(self, place: int) -> int:
        return place * len(self._labels) // self.per_epoch


def _fit(
    scaling: Scaling,
    training: LabelledFeatures,
    validation: LabelledFeatures,
    config: RunConfig,
    class_count: int,
    context: TaskContext,
    record: Record,
    pace: Pace,
    run_folder: Path | None,
    weights: WeightsThatCount,
    watching: Sequence[keras.callbacks.Callback],
) -> Ending:
    settings = config.training
    batches = _FeatureBatches(training, class_count, settings, scaling)
    model = _head(config, training.features.shape[-1], class_count)
    optimizer = build_optimizer(settings, training_rates(settings, batches.per_epoch))
    _penalise(optimizer, 1 / (INVERSE_PENALTY * len(training)))
    if settings.average_weights:
        average_weights_of(optimizer, settings.epochs * batches.per_epoch)
    compile_for_training(model, optimizer, keras.metrics.CategoricalAccuracy("accuracy"))
    model.steps_per_execution = batches.at_once
    monitor = TrainingMonitor(context, pace, batches.size_of, 1, settings, record, weights)
    callbacks = [weights, monitor, *watching]
    if settings.write_tensorboard and run_folder is not None:
        callbacks.append(EventFiles(run_folder, record))
    context.checkpoint()
    try:
        model.fit(
            batches.dataset(settings.epochs),
            epochs=settings.epochs,
            steps_per_epoch=batches.per_epoch,
            # One batch: for an array, Keras would make a pipeline anew after every epoch.
            validation_data=tf.data.Dataset.from_tensors(
                (
                    scaling(validation.features[:, 0]),
                    np.eye(class_count, dtype=np.float32)[validation.labels],
                )
            ),
            callbacks=callbacks,
            shuffle=False,  # the batches are shuffled already
            verbose=0,
        )
    except Stopped:
        return "stopped"
    return "finished" if record.is_finished(settings) else "stopped"


def _head(config: RunConfig, length: int, class_count: int) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((length,), name="features"),
            layers.Dropout(config.transfer.dropout, name="dropout"),
            layers.Dense(class_count, kernel_initializer="zeros", name="classes"),
        ],
        name="head",
    )


def _penalise(optimizer: Any, penalty: float) -> None:
    """Have an optimiser, before its first step, pull the kernel towards zero.

    As an L2 penalty would, but the losses that are shown stay those of the answers.
    """
    update = optimizer.update_step

    def update_penalised(gradient: Any, variable: Any, learning_rate: Any) -> None:
        if len(variable.shape) > 1:  # not the bias
            gradient = gradient + penalty * tf.convert_to_tensor(variable)
        update(gradient, variable, learning_rate)

    optimizer.update_step = update_penalised
