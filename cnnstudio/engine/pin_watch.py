"""Asks about a few pictures after every epoch."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from cnnstudio.core.events import PinsAnswered
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.averaging import WeightsThatCount


class PinWatch(keras.callbacks.Callback):
    """Reports what the network, with the weights that count, answers to its few inputs.

    The model gives the values before the softmax. Must stand after `weights`.
    """

    def __init__(
        self, inputs: npt.NDArray[Any], weights: WeightsThatCount, context: TaskContext
    ) -> None:
        super().__init__()
        self._inputs = inputs
        self._weights = weights
        self._context = context

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Ask, and report."""
        self._weights.on_test_begin()
        try:
            scores = np.asarray(self.model(self._inputs, training=False), np.float32)
        finally:
            self._weights.on_test_end()
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        answers = scores / scores.sum(axis=1, keepdims=True)
        self._context.report(PinsAnswered(epoch + 1, tuple(map(tuple, answers.tolist()))))
