"""Feeds pictures that are in memory to the network, one batch at a time.

Pictures stay uint8 until they are in the network: a quarter of the memory traffic of float32, and
the scaling is part of the model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from cnnstudio.core.config import AugmentationConfig
from cnnstudio.core.dataset.augmenting import augment_batch
from cnnstudio.core.engine_api import LabelledPictures, Pictures

Floats = npt.NDArray[np.float32]
Batch = tuple[Pictures, Floats, Floats]

# Work on validation pictures between two looks at Cancel: a fraction of a second on two cores.
_VALIDATION_PIXELS_PER_BATCH = 64 * 224 * 224
_MOST_PICTURES_PER_VALIDATION_BATCH = 256
_BATCHES_READY = 2


class _EvenParts:
    """Divides pictures into as few parts as a largest size allows, all equal but for one picture.

    So no step learns from a remainder of one or two pictures as if it were as good as the others,
    and several devices all get something of every part.
    """

    def __init__(self, pictures: int, largest: int) -> None:
        self._pictures = pictures
        self.count = -(-pictures // largest)

    def __getitem__(self, place: int) -> slice:
        first = place * self._pictures // self.count
        return slice(first, (place + 1) * self._pictures // self.count)

    @property
    def smallest(self) -> int:
        """The number of pictures in the smallest part."""
        return self._pictures // self.count


class TrainingBatches:
    """The batches of a whole training: shuffled anew each epoch, augmented, one-hot.

    Batches have `batch_size` pictures or fewer, all the same number but for one. What one holds
    depends on the seed and its step alone, not on when or on which thread it is made, so that a
    seed repeats a run.
    """

    def __init__(
        self,
        data: LabelledPictures,
        class_count: int,
        augmentation: AugmentationConfig,
        batch_size: int,
        seed: int,
        *,
        balance_classes: bool = False,
        label_smoothing: float = 0.0,
    ) -> None:
        self._data = data
        self._class_count = class_count
        self._augmentation = augmentation
        self._parts = _EvenParts(len(data), batch_size)
        self._seed = seed
        self._label_smoothing = label_smoothing
        self._class_weights = (
            class_weights(data.labels, class_count)
            if balance_classes
            else np.ones(class_count, np.float32)
        )
        self.per_epoch = self._parts.count
        self.smallest = self._parts.smallest

    def size_of(self, place: int) -> int:
        """Return the number of pictures in an epoch's batch, counted from 0."""
        part = self._parts[place]
        return int(part.stop - part.start)

    def batch(self, step: int) -> Batch:
        """Return the batch of a step, counted from 0 over all epochs.

        Returns:
            Augmented pictures, uint8 (n, size, size, 3); one-hot classes, smoothed, float32
            (n, classes); the weight of each picture, float32 (n,).
        """
        epoch, place = divmod(step, self.per_epoch)
        order = np.random.default_rng((self._seed, epoch)).permutation(len(self._data))
        chosen = order[self._parts[place]]
        labels = self._data.labels[chosen]
        pictures = augment_batch(
            self._data.pictures[chosen],
            self._augmentation,
            np.random.default_rng((self._seed, epoch, place)),
        )
        classes = smoothed(_one_hot(labels, self._class_count), self._label_smoothing)
        return pictures, classes, self._class_weights[labels]

    def dataset(self, steps: range, threads: int = 1) -> Any:
        """Return the batches of some steps, counted from 0 over all epochs, as a `tf.data.Dataset`.

        `threads` make batches beside the training. One dataset for several epochs, so that no batch
        is waited for between them.
        """
        return _dataset(
            self.batch,
            steps,
            self._data.pictures.shape[1:],
            self._class_count,
            threads,
        )


class ValidationBatches:
    """The validation pictures as they are, in their order, each with the weight 1."""

    def __init__(self, data: LabelledPictures, class_count: int) -> None:
        self._data = data
        self._class_count = class_count
        height, width = data.pictures.shape[1:3]
        fitting = max(1, _VALIDATION_PIXELS_PER_BATCH // (height * width))
        self._parts = _EvenParts(len(data), min(fitting, _MOST_PICTURES_PER_VALIDATION_BATCH))
        self.count = self._parts.count
        self.smallest = self._parts.smallest

    def batch(self, step: int) -> Batch:
        """Return the batch of a step, counted from 0, shaped as those of training."""
        chosen = self._parts[step]
        labels = self._data.labels[chosen]
        one_hot = _one_hot(labels, self._class_count)
        return self._data.pictures[chosen], one_hot, np.ones(len(labels), np.float32)

    def dataset(self) -> Any:
        """Return the batches as a `tf.data.Dataset`."""
        return _dataset(
            self.batch, range(self.count), self._data.pictures.shape[1:], self._class_count, 1
        )


def class_weights(labels: npt.NDArray[np.int64], class_count: int) -> Floats:
    """Return a weight for each class, shape (class_count,), that makes all classes count alike.

    The mean weight of a picture is 1. A class without pictures has the weight 0.
    """
    counts = np.bincount(labels, minlength=class_count).astype(np.float64)
    present = counts > 0
    weights = np.zeros(class_count, np.float32)
    weights[present] = len(labels) / (present.sum() * counts[present])
    return weights


def smoothed(one_hot: Floats, smoothing: float) -> Floats:
    """Mix a share of doubt, 0 to 1, into one-hot classes, shape (n, classes).

    Done to the labels and not in the loss, so that the loss of the validation stays what it is.
    """
    return (one_hot * (1 - smoothing) + smoothing / one_hot.shape[1]).astype(np.float32)


def _one_hot(labels: npt.NDArray[np.int64], class_count: int) -> Floats:
    return np.eye(class_count, dtype=np.float32)[labels]


def _dataset(
    batch: Callable[[int], Batch],
    steps: range,
    picture_shape: tuple[int, ...],
    class_count: int,
    threads: int,
) -> Any:
    def from_numpy(step: Any) -> tuple[Any, Any, Any]:
        # One call into Python for the whole batch: it does all that NumPy and OpenCV do at once.
        pictures, classes, weights = tf.numpy_function(
            batch, [step], (tf.uint8, tf.float32, tf.float32), stateful=False
        )
        # An open batch dimension: one picture less must not have the network traced again.
        pictures.set_shape((None, *picture_shape))
        classes.set_shape((None, class_count))
        weights.set_shape((None,))
        return pictures, classes, weights

    parallel = threads if threads > 1 else None
    batches = tf.data.Dataset.range(steps.start, steps.stop).map(
        from_numpy, num_parallel_calls=parallel
    )
    return batches.prefetch(_BATCHES_READY)
