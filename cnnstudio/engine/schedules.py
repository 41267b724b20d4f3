"""The learning rate over time, as a function of the optimiser's step alone.

So a training that is gone on with needs to remember nothing more than its step.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import keras
import tensorflow as tf

from cnnstudio.core.config import TrainingConfig


class TrainingRates(keras.optimizers.schedules.LearningRateSchedule):
    """Rises in a straight line for `warmup_steps`, then stays, or falls as a cosine to nothing.

    The cosine is that of Loshchilov and Hutter 2017 (arXiv:1608.03983), without restarts; it ends
    after `steps`.
    """

    def __init__(
        self, peak: float, schedule: Literal["constant", "cosine"], warmup_steps: int, steps: int
    ) -> None:
        super().__init__()
        self._peak = peak
        self._schedule = schedule
        self._warmup_steps = min(warmup_steps, steps)
        self._steps = steps

    def __call__(self, step: Any) -> Any:
        """Return the rate of a step, counted from 0, as a float32 scalar."""
        step = tf.cast(step, tf.float32)
        rate = tf.constant(self._peak, tf.float32)
        if self._schedule == "cosine":
            falling = max(1, self._steps - self._warmup_steps)
            share = tf.clip_by_value((step - self._warmup_steps) / falling, 0.0, 1.0)
            rate *= 0.5 * (1.0 + tf.cos(math.pi * share))
        if self._warmup_steps:
            rate = tf.where(
                step < self._warmup_steps, self._peak * (step + 1.0) / self._warmup_steps, rate
            )
        return rate

    def get_config(self) -> dict[str, Any]:
        """Return what the constructor takes."""
        return {
            "peak": self._peak,
            "schedule": self._schedule,
            "warmup_steps": self._warmup_steps,
            "steps": self._steps,
        }


def training_rates(training: TrainingConfig, steps_per_epoch: int) -> TrainingRates:
    """Return the rates that the settings ask for."""
    return TrainingRates(
        training.learning_rate,
        training.schedule,
        round(training.warmup_epochs * steps_per_epoch),
        training.epochs * steps_per_epoch,
    )


def rate_of_last_step(optimizer: Any) -> float:
    """Return the learning rate of the step that an optimiser has just made."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)  # 16-bit arithmetic wraps it
    schedule = inner._learning_rate  # its public property has the rate of the step to come
    if isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        return float(schedule(max(0, int(inner.iterations.numpy()) - 1)))
    return float(schedule)
