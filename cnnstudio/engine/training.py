"""Trains one network from random weights, and saves the best of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import Ending, LabelledPictures, TrainingOutcome
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.callbacks import Stopped, TrainingMonitor
from cnnstudio.engine.data import TrainingBatches, ValidationBatches
from cnnstudio.engine.model_file import save_model
from cnnstudio.engine.network import build_network, build_network_for_training
from cnnstudio.engine.optimizers import build_optimizer
from cnnstudio.engine.pace import Pace
from cnnstudio.engine.runtime import Policy, Runtime


def train_network(
    runtime: Runtime,
    training: LabelledPictures,
    validation: LabelledPictures,
    config: RunConfig,
    class_names: tuple[str, ...],
    model_file: Path,
    context: TaskContext,
) -> TrainingOutcome:
    """Train as `core.engine_api.Engine.train` says.

    Raises:
        Cancelled: the user cancelled; nothing was saved.
        StudioError: the loss became NaN, memory ran out, the network cannot be built, or there are
            no pictures to train or validate on.
    """
    began = time.perf_counter()
    if not len(training) or not len(validation):
        raise StudioError(
            "There are no pictures to learn from or none to validate with.",
            "Add pictures, or change the shares of the split.",
        )
    policy = runtime.policy(config.training.precision, config.training.image_size)
    _start_afresh(policy, config.training.seed)
    try:
        monitor, images_per_second, ending = _fit(
            runtime, training, validation, config, len(class_names), context
        )
        context.checkpoint()
        context.report(Progress("Saving the model"))
        # Whoever loads the file need not have 16-bit arithmetic.
        keras.config.set_dtype_policy("float32")
        best = build_network(config.network, config.training.image_size, len(class_names))
        best.set_weights(monitor.best_weights)
        save_model(best, model_file)
    except (MemoryError, tf.errors.OpError) as error:
        if not _is_out_of_memory(error):
            raise
        raise StudioError(
            "There is not enough memory for this training.",
            f"Take a batch size below {config.training.batch_size} or pictures smaller than"
            f" {config.training.image_size} px.",
        ) from error
    finally:
        _start_afresh("float32", config.training.seed)
    return TrainingOutcome(
        history=tuple(monitor.history_of_epochs),
        best_epoch=monitor.best_epoch,
        ending=ending,
        images_per_second=images_per_second,
        seconds=time.perf_counter() - began,
        device=runtime.device_words,
        precision=policy,
    )


def _fit(
    runtime: Runtime,
    training: LabelledPictures,
    validation: LabelledPictures,
    config: RunConfig,
    class_count: int,
    context: TaskContext,
) -> tuple[TrainingMonitor, float, Ending]:
    settings = config.training
    batches = TrainingBatches(
        training,
        class_count,
        config.augmentation,
        settings.batch_size,
        settings.seed,
        balance_classes=settings.balance_classes,
    )
    validation_batches = ValidationBatches(validation, class_count)
    pace = Pace(settings.epochs, len(training), len(validation))
    monitor = TrainingMonitor(
        context, pace, batches.size_of, validation_batches.count, settings.learning_rate
    )
    context.report(Progress("Building the network"))
    context.checkpoint()
    smallest = min(batches.smallest, validation_batches.smallest)
    with runtime.strategy(smallest).scope():
        model = _compiled(config, class_count)
    context.checkpoint()
    ending: Ending = "finished"
    try:
        model.fit(
            batches.dataset(settings.epochs, runtime.augmenting_threads()),
            epochs=settings.epochs,
            steps_per_epoch=batches.per_epoch,
            validation_data=validation_batches.dataset(),
            callbacks=[monitor],
            shuffle=False,  # the batches are shuffled already
            verbose=0,
        )
    except Stopped:
        ending = "stopped"
    if len(monitor.history_of_epochs) < settings.epochs:
        ending = "stopped"
    return monitor, pace.images_per_second, ending


def _compiled(config: RunConfig, class_count: int) -> keras.Model:
    model = build_network_for_training(config.network, config.training.image_size, class_count)
    model.compile(
        optimizer=build_optimizer(config.training),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.CategoricalAccuracy("accuracy")],
        # On CPUs XLA is several times slower, and it compiles anew for every batch size.
        jit_compile=False,
    )
    return model


def _start_afresh(policy: Policy, seed: int) -> None:
    """Forget the last training; policy and seed belong to this thread, so they are set each time.

    Without it every run would leave some memory behind.
    """
    # Collecting garbage here would destroy what belongs to the window in a thread that is not its.
    keras.utils.clear_session(free_memory=False)
    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(seed)


def _is_out_of_memory(error: Any) -> bool:
    if isinstance(error, MemoryError | tf.errors.ResourceExhaustedError):
        return True
    # What Python raises while it makes a batch, and what CUDA says, arrive as other errors.
    text = str(error).lower()
    return any(words in text for words in ("memoryerror", "out of memory", "failed to allocate"))
