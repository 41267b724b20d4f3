"""The optimisers offered, ready for a training."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from cnnstudio.core.config import TrainingConfig

_MOMENTUM = 0.9
# Shrinking these would shift and scale what a layer gives without making it any simpler.
_NOT_DECAYED = ["bias", "gamma", "beta"]


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


def build_optimizer(training: TrainingConfig, rates: Any = None) -> Any:
    """Return a fresh Keras optimiser as the settings ask.

    `rates` is its learning rate or a schedule of Keras; by default the rate of the settings.
    """
    rate = training.learning_rate if rates is None else rates
    if training.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=_MOMENTUM, nesterov=True)
    if training.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(rate)
    if training.optimizer == "adam" or not training.weight_decay:
        return FusedAdam(rate)
    optimizer = FusedAdam(rate, weight_decay=training.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=_NOT_DECAYED)
    return optimizer
