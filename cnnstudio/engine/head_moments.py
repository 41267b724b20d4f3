"""Keeps a classifier on features as it was after each epoch, as far as that stays small."""

from __future__ import annotations

from typing import Any

import keras

from cnnstudio.engine.averaging import WeightsThatCount
from cnnstudio.engine.record import Record

_MOST_NUMBERS = 8 << 20
"""Of all that is kept of a training's moments; in 16 bits twice as many bytes."""

_MOST_MOMENTS = 200
_FEWEST_MOMENTS = 3


def epochs_between(epochs: int, numbers: int) -> int:
    """Return how many epochs lie from one kept moment to the next; 0 where none is to be kept.

    Args:
        epochs: how many the training has.
        numbers: how many numbers are kept of each moment.
    """
    most = min(_MOST_NUMBERS // numbers, _MOST_MOMENTS)
    if most < _FEWEST_MOMENTS:
        return 0
    return -(-epochs // (most - 1))  # one is for the best epoch


class HeadMoments(keras.callbacks.Callback):
    """Keeps epoch 1, every so many after it, and the best one; `kept` is in order of the epochs.

    Its values are weights as `model.get_weights` gives them. Must stand after the callbacks that
    `weights` and `record` belong to.
    """

    def __init__(self, weights: WeightsThatCount, record: Record, every: int) -> None:
        super().__init__()
        self.kept: dict[int, list[Any]] = {}
        self._weights = weights
        self._record = record
        self._every = every

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the moment where it is wanted."""
        if not self._every:
            return
        is_best = self._record.best_epoch == epoch + 1
        if is_best:
            self.kept = {each: kept for each, kept in self.kept.items() if self._is_due(each - 1)}
        if is_best or self._is_due(epoch):
            self.kept[epoch + 1] = self._weights.get()

    def _is_due(self, epoch: int) -> bool:
        return epoch % self._every == 0
