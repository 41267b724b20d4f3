"""The mean of the weights over the last steps, which is steadier than those of any one step."""

from __future__ import annotations

from typing import Any

import keras

_SHARE_OF_STEPS = 0.1
_SHORTEST_MEMORY, _LONGEST_MEMORY = 10.0, 1000.0


def average_weights_of(optimizer: Any, steps: int) -> None:
    """Have an optimiser, before its first step, keep an exponential moving average of the weights.

    It reaches back over a tenth of the `steps` of the training.
    """
    memory = min(max(steps * _SHARE_OF_STEPS, _SHORTEST_MEMORY), _LONGEST_MEMORY)
    optimizer.use_ema = True
    optimizer.ema_momentum = 1 - 1 / memory
    # Keras would put the average into the network whenever `fit` returns; the best is kept already,
    # and a training that is gone on with calls it twice.
    optimizer.finalize_variable_values = lambda variables: None


class WeightsThatCount(keras.callbacks.Callback):
    """Gives the weights that are validated and kept: the averages, where the optimiser has them.

    They are swapped into the network for every validation. Statistics of batch normalisation are
    running means already and stay as they are.
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
        averages = {} if self._is_swapped else self._averages()
        return [averages.get(id(each), each).numpy() for each in self.model.weights]

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
