"""Trains a linear classifier on the features of a backbone, and saves both as one model.

The features are standardised for the training, and the scaling is folded into the weights
afterwards: what is saved is one dense layer on the backbone's own features.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import layers

from cnnstudio.core.catalog.backbones import backbone_of
from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import Ending, HeadWeights, LabelledFeatures, TrainingOutcome
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.callbacks import Stopped, TrainingMonitor
from cnnstudio.engine.classifier import build_classifier
from cnnstudio.engine.data import class_weights
from cnnstudio.engine.model_file import save_model
from cnnstudio.engine.optimizers import build_optimizer
from cnnstudio.engine.pace import Pace
from cnnstudio.engine.runtime import Runtime

Floats = npt.NDArray[np.float32]


def train_head(
    runtime: Runtime,
    training: LabelledFeatures,
    validation: LabelledFeatures,
    config: RunConfig,
    class_names: tuple[str, ...],
    model_file: Path,
    context: TaskContext,
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
    _start_afresh(config.training.seed)
    scaling = Scaling.of(training.features)
    monitor, images_per_second, ending = _fit(
        scaling, training, validation, config, len(class_names), context
    )
    context.checkpoint()
    context.report(Progress("Saving the model"))
    head = scaling.folded(*monitor.best_weights)
    _start_afresh(config.training.seed)
    save_model(build_classifier(backbone_of(config.transfer.backbone), head), model_file)
    return TrainingOutcome(
        history=tuple(monitor.history_of_epochs),
        best_epoch=monitor.best_epoch,
        ending=ending,
        images_per_second=images_per_second,
        seconds=time.perf_counter() - began,
        device=runtime.device_words,
        precision="float32",
    )


class Scaling:
    """Brings every feature to mean 0 and spread 1; `centre` and `scale` have shape (length,)."""

    def __init__(self, centre: Floats, scale: Floats) -> None:
        self.centre = centre
        self.scale = scale

    @classmethod
    def of(cls, features: npt.NDArray[np.floating]) -> Scaling:
        """Return the scaling of features, shape (n, rows, length)."""
        rows = features.reshape(-1, features.shape[-1]).astype(np.float32)
        spread = rows.std(axis=0)
        spread[spread == 0] = 1
        return cls(rows.mean(axis=0), spread)

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
    but for one.
    """

    def __init__(
        self, data: LabelledFeatures, class_count: int, config: RunConfig, scaling: Scaling
    ) -> None:
        settings = config.training
        self._features = scaling(data.features)
        self._labels = data.labels
        self._one_hot = np.eye(class_count, dtype=np.float32)
        self._seed = settings.seed
        self.per_epoch = -(-len(data) // settings.batch_size)
        self._weights = (
            class_weights(data.labels, class_count)
            if settings.balance_classes
            else np.ones(class_count, np.float32)
        )

    def size_of(self, place: int) -> int:
        """Return the number of pictures in an epoch's batch, counted from 0."""
        return self._first(place + 1) - self._first(place)

    def batch(self, step: int) -> tuple[Floats, Floats, Floats]:
        """Return features, one-hot classes and weights of a step, counted over all epochs."""
        epoch, place = divmod(int(step), self.per_epoch)
        generator = np.random.default_rng((self._seed, epoch))
        order = generator.permutation(len(self._labels))
        variants = generator.integers(self._features.shape[1], size=len(order))
        part = slice(self._first(place), self._first(place + 1))
        chosen = order[part]
        labels = self._labels[chosen]
        return self._features[chosen, variants[part]], self._one_hot[labels], self._weights[labels]

    def dataset(self, epochs: int) -> Any:
        """Return all batches as one `tf.data.Dataset`."""
        length, classes = self._features.shape[-1], len(self._one_hot)

        def from_numpy(step: Any) -> tuple[Any, Any, Any]:
            features, labels, weights = tf.numpy_function(
                self.batch, [step], (tf.float32, tf.float32, tf.float32), stateful=False
            )
            features.set_shape((None, length))
            labels.set_shape((None, classes))
            weights.set_shape((None,))
            return features, labels, weights

        return tf.data.Dataset.range(self.per_epoch * epochs).map(from_numpy).prefetch(4)

    def _first(self, place: int) -> int:
        return place * len(self._labels) // self.per_epoch


def _fit(
    scaling: Scaling,
    training: LabelledFeatures,
    validation: LabelledFeatures,
    config: RunConfig,
    class_count: int,
    context: TaskContext,
) -> tuple[TrainingMonitor, float, Ending]:
    settings = config.training
    batches = _FeatureBatches(training, class_count, config, scaling)
    pace = Pace(settings.epochs, len(training), len(validation))
    monitor = TrainingMonitor(context, pace, batches.size_of, 1, settings.learning_rate)
    model = _compiled(config, training.features.shape[-1], class_count)
    context.checkpoint()
    ending: Ending = "finished"
    try:
        model.fit(
            batches.dataset(settings.epochs),
            epochs=settings.epochs,
            steps_per_epoch=batches.per_epoch,
            validation_data=(
                scaling(validation.features[:, 0]),
                np.eye(class_count, dtype=np.float32)[validation.labels],
            ),
            validation_batch_size=len(validation),
            callbacks=[monitor],
            shuffle=False,  # the batches are shuffled already
            verbose=0,
        )
    except Stopped:
        ending = "stopped"
    if len(monitor.history_of_epochs) < settings.epochs:
        ending = "stopped"
    return monitor, pace.images_per_second, ending


def _compiled(config: RunConfig, length: int, class_count: int) -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input((length,), name="features"),
            layers.Dropout(config.transfer.dropout, name="dropout"),
            layers.Dense(class_count, kernel_initializer="zeros", name="classes"),
        ],
        name="head",
    )
    model.compile(
        optimizer=build_optimizer(config.training),
        loss=keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=config.training.label_smoothing
        ),
        metrics=[keras.metrics.CategoricalAccuracy("accuracy")],
        jit_compile=False,
    )
    return model


def _start_afresh(seed: int) -> None:
    """Forget the last training; policy and seed belong to this thread: they are set each time."""
    keras.utils.clear_session(free_memory=False)
    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(seed)
