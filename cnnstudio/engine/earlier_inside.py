"""Looks into a network as it was after an epoch of its training, or before it."""

from __future__ import annotations

import math
from pathlib import Path

import keras

from cnnstudio.core.errors import StudioError
from cnnstudio.core.storage.epoch_weights import EpochWeights, read_epoch
from cnnstudio.engine.inside import Inside


class EarlierInside:
    """One network in memory that takes on the weights of whichever epoch is asked for.

    What was traced for one epoch serves the others. The layers whose weights were too many to be
    kept go on with those that the network has in the end: see `known_values`.
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._inside = Inside(model)
        self._file: Path | None = None

    def at(self, epoch_file: Path) -> Inside:
        """Return the network as it was; what was returned for another epoch changes with it.

        Raises:
            StudioError: the file is missing, damaged, or belongs to another network.
        """
        if epoch_file != self._file:
            self._file = None
            self._take_on(read_epoch(epoch_file))
            self._file = epoch_file
        return self._inside

    def _take_on(self, weights: EpochWeights) -> None:
        variables = self._model.weights
        fitting = all(
            place < len(variables) and array.shape == tuple(variables[place].shape)
            for place, array in weights.arrays.items()
        )
        if not fitting or weights.known > sum(math.prod(each.shape) for each in variables):
            raise StudioError("What was kept of this epoch belongs to another network.")
        for place, array in weights.arrays.items():
            variables[place].assign(array)
