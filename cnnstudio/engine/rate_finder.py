"""The learning-rate range test: a short trial in which the rate rises until the loss explodes.

After Smith 2017 (arXiv:1506.01186), with the exponential rise of Gugger 2018 (fast.ai).
"""

from __future__ import annotations

import math
import time
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import HeadWeights, LabelledPictures, LearningRateSweep
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.fitting import compile_for_training, training_batches
from cnnstudio.engine.optimizers import build_optimizer
from cnnstudio.engine.runtime import Runtime
from cnnstudio.engine.trainees import policy_of, trainee_builder
from cnnstudio.engine.training_session import training_session

_LOWEST, _HIGHEST = 1e-6, 1.0
_STEPS = 100
_FEWEST_STEPS = 10
_SMOOTHING = 0.85
_EXPLODED = 3.0
"""Times the lowest loss at which nothing more is to be learned from going on."""
_LEAST_FALL = 0.03
"""Share of the first loss by which it must have fallen for a suggestion to mean anything."""
_BELOW_LOWEST = 10.0


class RisingRates(keras.optimizers.schedules.LearningRateSchedule):
    """Rises from 1e-6 to 1 in equal factors."""

    def __call__(self, step: Any) -> Any:
        """Return the rate of a step, counted from 0, as a float32 scalar."""
        share = tf.cast(step, tf.float32) / (_STEPS - 1)
        return _LOWEST * tf.pow(_HIGHEST / _LOWEST, share)


class _Trial(keras.callbacks.Callback):
    """Notes the loss of every batch, and ends when it explodes or the user cancels."""

    def __init__(self, context: TaskContext) -> None:
        super().__init__()
        self.losses: list[float] = []
        self._context = context
        self._began = time.perf_counter()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Forget the batches before: each loss is to be its own."""
        self._context.wait_while_paused()
        self._context.checkpoint()
        self.model.reset_metrics()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Note the loss."""
        self._context.checkpoint()
        done = len(self.losses) + 1
        left = (time.perf_counter() - self._began) / done * (_STEPS - done)
        self._context.report(Progress("Trying learning rates", done, _STEPS, left))
        loss = float(logs["loss"])
        if not math.isfinite(loss):
            self.model.stop_training = True
            return
        self.losses.append(loss)
        smooth = smoothed_losses(self.losses)
        if done >= _FEWEST_STEPS and smooth[-1] > _EXPLODED * smooth.min():
            self.model.stop_training = True


def find_learning_rate(
    runtime: Runtime,
    training: LabelledPictures,
    config: RunConfig,
    class_names: tuple[str, ...],
    context: TaskContext,
    head: HeadWeights | None = None,
) -> LearningRateSweep:
    """Try rising learning rates as `core.engine_api.Engine.find_learning_rate` says.

    Raises:
        Cancelled: the user cancelled.
        StudioError: there are no pictures, no rate made the loss fall, the network cannot be built,
            or memory ran out.
    """
    if not len(training):
        raise StudioError("There are no pictures to learn from.", "Add pictures.")
    settings = config.training
    policy = policy_of(runtime, config)
    trial = _Trial(context)
    with training_session(runtime, settings, policy):
        context.report(Progress("Building the network"))
        context.checkpoint()
        batches = training_batches(training, config, len(class_names))
        with runtime.strategy(batches.smallest).scope():
            trainee = trainee_builder(config, len(class_names), head, runtime.weights_folder)(
                RisingRates()
            )
            optimizer = trainee.optimizer or build_optimizer(settings, RisingRates())
            compile_for_training(trainee.model, optimizer)
        trainee.model.fit(
            batches.dataset(range(_STEPS), runtime.augmenting_threads()),
            steps_per_epoch=_STEPS,
            callbacks=[trial],
            shuffle=False,
            verbose=0,
        )
    rates = np.geomspace(_LOWEST, _HIGHEST, _STEPS)[: len(trial.losses)]
    losses = smoothed_losses(trial.losses)
    return LearningRateSweep(
        tuple(map(float, rates)), tuple(map(float, losses)), suggested_rate(rates, losses)
    )


def smoothed_losses(losses: list[float]) -> npt.NDArray[np.float64]:
    """Return the exponential mean of the losses up to each, without a pull towards 0 at first."""
    smooth = np.empty(len(losses))
    mean = 0.0
    for step, loss in enumerate(losses):
        mean = _SMOOTHING * mean + (1 - _SMOOTHING) * loss
        smooth[step] = mean / (1 - _SMOOTHING ** (step + 1))
    return smooth


def suggested_rate(rates: npt.NDArray[np.float64], losses: npt.NDArray[np.float64]) -> float:
    """Return a tenth of the rate at which the smoothed loss was lowest, to two digits.

    There it falls fast, and is far enough from where it explodes.

    Raises:
        StudioError: the loss never fell enough to tell.
    """
    if len(losses) < _FEWEST_STEPS or losses.min() > losses[0] * (1 - _LEAST_FALL):
        raise StudioError(
            "No learning rate made the loss fall, so none can be suggested.",
            "Check that the pictures are in the right classes, or keep the learning rate.",
        )
    return float(f"{rates[int(losses.argmin())] / _BELOW_LOWEST:.1e}")
