"""The optimisers offered, ready for a training."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from cnnstudio.core.config import TrainingConfig

_ADAMW_DECAY = 0.004
_MOMENTUM = 0.9


class FusedAdam(keras.optimizers.Adam):
    """Adam with each variable updated by one TensorFlow operation.

    Keras composes the same formula from about ten, each of which reads and writes the whole
    variable: with the 22 million weights of the classic network that takes a tenth of a training
    step.
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update a `tf.Variable` in place; called by Keras for each of them."""
        dtype = variable.dtype
        step = tf.cast(self.iterations.value + 1, dtype)
        place = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[place].value.handle,
            v=self._velocities[place].value.handle,
            beta1_power=tf.pow(tf.cast(self.beta_1, dtype), step),
            beta2_power=tf.pow(tf.cast(self.beta_2, dtype), step),
            lr=tf.cast(learning_rate, dtype),
            beta1=tf.cast(self.beta_1, dtype),
            beta2=tf.cast(self.beta_2, dtype),
            epsilon=tf.cast(self.epsilon, dtype),
            grad=tf.cast(gradient, dtype),
        )


def build_optimizer(training: TrainingConfig) -> Any:
    """Return a fresh Keras optimiser as the settings ask."""
    rate = training.learning_rate
    if training.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=_MOMENTUM, nesterov=True)
    if training.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(rate)
    decay = _ADAMW_DECAY if training.optimizer == "adamw" else None
    return FusedAdam(rate, weight_decay=decay)
