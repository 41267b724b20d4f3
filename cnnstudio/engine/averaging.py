"""The mean of the weights over the last steps, which is steadier than those of any one step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from cnnstudio.engine.normalisation import FusedBatchNormalization

_SHARE_OF_STEPS = 0.1
_SHORTEST_MEMORY, _LONGEST_MEMORY = 10.0, 1000.0


def average_weights_of(optimizer: Any, steps: int, model: keras.Model | None = None) -> None:
    """Have an optimiser, before its first step, keep an exponential moving average of the weights.

    It reaches back over a tenth of the `steps` of the training, and at its beginning over less, so
    that the first random weights are soon forgotten. The statistics of the model's batch
    normalisation then reach back as far: they belong to the averages, not to single steps.
    """
    memory = min(max(steps * _SHARE_OF_STEPS, _SHORTEST_MEMORY), _LONGEST_MEMORY)

    def momentum() -> Any:
        done = tf.cast(optimizer.iterations.value, tf.float32)
        return tf.minimum(1 - 1 / memory, done / (9 + done))

    def follow(variables: Sequence[Any]) -> None:
        share = momentum()
        for variable, average in zip(
            variables, optimizer._model_variables_moving_average, strict=True
        ):
            if average is not None:
                average.assign(average * share + variable * (1 - share))

    optimizer.use_ema = True
    optimizer._update_model_variables_moving_average = follow
    # Keras would put the average into the network whenever `fit` returns; the best is kept already,
    # and a training that is gone on with calls it twice.
    optimizer.finalize_variable_values = lambda variables: None
    for layer in model.layers if model is not None else ():
        if isinstance(layer, FusedBatchNormalization):
            layer.momentum_of_step = momentum


class WeightsThatCount(keras.callbacks.Callback):
    """Gives the weights that are validated and kept: the averages, where the optimiser has them.

    They are swapped into the network for every validation. Statistics of batch normalisation are
    running means of the same steps and stay as they are.
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_swapped = False

    def on_test_begin(self, logs: Any = None) -> None:
        """Put the averages into the network."""
        self._swap()

    def on_test_end(self, logs: Any = None) -> None:
        """Put the weights back that are learned with."""
        self._swap()

    def get(self) -> list[Any]:
        """Return the weights as NumPy arrays, in the order of `model.get_weights`."""
        return self.values_of(self.model.weights)

    def values_of(self, variables: Sequence[Any]) -> list[Any]:
        """Return some of these weights as NumPy arrays."""
        averages = {} if self._is_swapped else self._averages()
        return [averages.get(id(each), each).numpy() for each in variables]

    def _swap(self) -> None:
        averages = self._averages()
        for variable in self.model.trainable_variables:
            average = averages.get(id(variable))
            if average is not None:
                learned = variable.numpy()
                variable.assign(average)
                average.assign(learned)
        self._is_swapped = not self._is_swapped

    def _averages(self) -> dict[int, Any]:
        """The average of each variable, by the variable's id."""
        optimizer = self.model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        if not optimizer.use_ema:
            return {}
        averages = optimizer._model_variables_moving_average
        return {
            id(variable): average
            for variable, average in zip(optimizer._trainable_variables, averages, strict=True)
            if average is not None
        }
