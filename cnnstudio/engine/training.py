"""Trains one network on pictures, and saves the best of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import keras

from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import HeadWeights, LabelledPictures, Pictures, TrainingOutcome
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.epoch_weights import forget_epochs
from cnnstudio.engine.fitting import Fitting
from cnnstudio.engine.model_file import save_model
from cnnstudio.engine.runtime import Runtime
from cnnstudio.engine.trainees import policy_of, trainee_builder
from cnnstudio.engine.training_session import training_session


def train_network(
    runtime: Runtime,
    training: LabelledPictures,
    validation: LabelledPictures,
    config: RunConfig,
    class_names: tuple[str, ...],
    model_file: Path,
    context: TaskContext,
    checkpoint_folder: Path | None = None,
    head: HeadWeights | None = None,
    pinned: Pictures | None = None,
) -> TrainingOutcome:
    """Train as `core.engine_api.Engine.train` says.

    Raises:
        Cancelled: the user cancelled; nothing was saved.
        StudioError: the loss became NaN, memory ran out, the network cannot be built, there are
            no pictures to train or validate on, or what the checkpoint folder holds does not fit.
    """
    began = time.perf_counter()
    if not len(training) or not len(validation):
        raise StudioError(
            "There are no pictures to learn from or none to validate with.",
            "Add pictures, or change the shares of the split.",
        )
    settings = config.training
    policy = policy_of(runtime, config)
    is_to_go_on = checkpoint_folder is not None
    with (
        _epochs_kept(model_file.parent, is_to_go_on=is_to_go_on),
        training_session(runtime, settings, policy),
    ):
        builder = trainee_builder(config, len(class_names), head, runtime.weights_folder)
        fitting = Fitting(
            runtime, builder, training, validation, config, class_names, context, pinned
        )
        fitting.begin(checkpoint_folder, model_file.parent)
        ending = fitting.run()
        context.checkpoint()
        context.report(Progress("Saving the model"))
        # Whoever loads the file need not have 16-bit arithmetic.
        keras.config.set_dtype_policy("float32")
        best = fitting.trainee.build_saved()
        best.set_weights(fitting.record.best_weights)
        save_model(best, model_file)
    return TrainingOutcome(
        history=tuple(fitting.record.history),
        best_epoch=fitting.record.best_epoch,
        ending=ending,
        images_per_second=fitting.pace.images_per_second,
        seconds=fitting.seconds_before
        + time.perf_counter()
        - began
        - fitting.record.seconds_waited,
        device=runtime.device_words,
        precision=policy,
    )


@contextlib.contextmanager
def _epochs_kept(folder: Path, *, is_to_go_on: bool) -> Iterator[None]:
    """Remove the epochs that the block keeps when it fails and cannot be gone on with."""
    try:
        yield
    except BaseException:
        if not is_to_go_on:
            forget_epochs(folder)
        raise
