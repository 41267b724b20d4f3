"""Keeps what a network has learned after each epoch, for Look inside."""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Any

import keras

from cnnstudio.core.errors import StudioError
from cnnstudio.core.storage.epoch_weights import (
    MOST_VALUES,
    EpochWeights,
    forget_epochs,
    thin_out,
    write_epoch,
)
from cnnstudio.engine.averaging import WeightsThatCount
from cnnstudio.engine.record import Record

_log = logging.getLogger(__name__)

_BYTES_A_VALUE = 2


class EpochKeeper(keras.callbacks.Callback):
    """Writes the weights of the first layers after each epoch, as they count and are validated.

    Stands before the checkpoint in the list of callbacks: what a state says was learned is then
    kept already. A disk that refuses ends the keeping, never the training.
    """

    def __init__(self, run_folder: Path, record: Record, weights: WeightsThatCount) -> None:
        super().__init__()
        self._folder = run_folder
        self._record = record
        self._weights = weights
        self._places: tuple[int, ...] = ()
        self._variables: list[Any] = []
        self._known = 0
        self._size = 1
        self._is_keeping = True

    def begin(self, model: keras.Model, *, is_gone_on_with: bool) -> None:
        """Keep the network as it is before it learns; where it is gone on with, that is kept."""
        self._places, self._known = _small_enough(model)
        weights = model.weights
        self._variables = [weights[place] for place in self._places]
        values = sum(math.prod(each.shape) for each in self._variables)
        self._size = max(1, values * _BYTES_A_VALUE)
        self._is_keeping = bool(self._places)
        forget_epochs(self._folder, len(self._record.history) if is_gone_on_with else -1)
        if not is_gone_on_with:
            began = [each.numpy() for each in self._variables]
            self._keep(0, dict(zip(self._places, began, strict=True)))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the epoch."""
        chosen = self._weights.values_of(self._variables)
        self._keep(epoch + 1, dict(zip(self._places, chosen, strict=True)))

    def _keep(self, epoch: int, arrays: dict[int, Any]) -> None:
        if not self._is_keeping:
            return
        try:
            write_epoch(self._folder, epoch, EpochWeights(arrays, self._known))
            thin_out(self._folder, self._record.best_epoch, self._size)
        except (OSError, StudioError) as error:
            self._is_keeping = False
            _log.warning("The training goes on, but its epochs are no longer kept. %s", error)


def _small_enough(model: keras.Model) -> tuple[tuple[int, ...], int]:
    """Return which weights of the first layers to keep, and how many values are known by them.

    Layers that learn nothing need not be kept: the run's model has them.
    """
    place_of = {id(weight): place for place, weight in enumerate(model.weights)}
    places: list[int] = []
    kept = known = 0
    for layer in model.layers:
        values = sum(math.prod(weight.shape) for weight in layer.weights)
        if layer.trainable:
            if kept + values > MOST_VALUES:
                break
            kept += values
            places += [place_of[id(weight)] for weight in layer.weights]
        known += values
    return tuple(places), known
