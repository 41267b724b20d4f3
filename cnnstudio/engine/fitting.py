"""One loop for all that is trained on pictures: begins or goes on, and keeps the best."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import Ending, LabelledPictures, Pictures
from cnnstudio.core.errors import LeftForLater
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.averaging import WeightsThatCount, average_weights_of
from cnnstudio.engine.callbacks import StartMonitor, Stopped, TrainingMonitor
from cnnstudio.engine.checkpoint import Checkpoint, marks_of
from cnnstudio.engine.data import TrainingBatches, ValidationBatches
from cnnstudio.engine.epoch_keeper import EpochKeeper
from cnnstudio.engine.event_files import EventFiles
from cnnstudio.engine.optimizers import build_optimizer
from cnnstudio.engine.pace import Pace
from cnnstudio.engine.pin_watch import PinWatch
from cnnstudio.engine.record import Record, Start
from cnnstudio.engine.runtime import Runtime
from cnnstudio.engine.schedules import training_rates
from cnnstudio.engine.trainee import Trainee, TraineeBuilder


class Fitting:
    """One training: call `begin`, then `run`; afterwards `record` has what it came to."""

    def __init__(
        self,
        runtime: Runtime,
        builder: TraineeBuilder,
        training: LabelledPictures,
        validation: LabelledPictures,
        config: RunConfig,
        class_names: tuple[str, ...],
        context: TaskContext,
        pinned: Pictures | None = None,
    ) -> None:
        settings = config.training
        is_settling = settings.schedule == "cosine"
        self.record = Record(settles_on=len(validation) if is_settling else 0)
        self.pace = Pace(settings.epochs, len(training), len(validation))
        self.seconds_before = 0.0
        self.trainee: Trainee
        self._runtime = runtime
        self._builder = builder
        self._settings = settings
        self._context = context
        self._pinned = pinned
        self._batches = training_batches(training, config, len(class_names))
        self._validation = ValidationBatches(validation, len(class_names))
        self._marks = marks_of(config, class_names, training, validation)
        self._callbacks: list[keras.callbacks.Callback] = []
        self._checkpoint: Checkpoint | None = None

    def begin(self, checkpoint_folder: Path | None, run_folder: Path) -> None:
        """Build the network, and go on from the state in the checkpoint folder where there is one.

        In the run's folder is kept what the network has learned after each epoch.

        Raises:
            StudioError: the network cannot be built, or the state does not fit.
            Cancelled: the user cancelled.

        A network that knows something already is validated before it learns.
        """
        settings = self._settings
        self._context.report(Progress("Building the network"))
        self._context.checkpoint()
        accuracy = self._build()
        self._context.checkpoint()
        weights = WeightsThatCount()
        monitor = TrainingMonitor(
            self._context,
            self.pace,
            self._batches.size_of,
            self._validation.count,
            settings,
            self.record,
            weights,
        )
        self._callbacks = [weights, monitor]
        if self._pinned is not None:
            self._callbacks.append(PinWatch(self._pinned, weights, self._context))
        at_start = self.trainee.model.get_weights() if self.trainee.knows_already else []
        keeper = EpochKeeper(run_folder, self.record, weights)
        self._callbacks.append(keeper)
        is_gone_on_with = False
        if checkpoint_folder is not None:
            metrics = [self.trainee.model.metrics[0], accuracy]
            checkpoint = Checkpoint(
                checkpoint_folder, self._marks, metrics, self.record, self.pace, self._context
            )
            is_gone_on_with = checkpoint.restore(self.trainee.model)
            self.seconds_before = checkpoint.seconds_before
            self._callbacks.append(checkpoint)
            self._checkpoint = checkpoint
        keeper.begin(self.trainee.model, is_gone_on_with=is_gone_on_with)
        if self.trainee.knows_already and not is_gone_on_with:
            self.record.start = self._validated()
        if self.record.start is not None and not self.record.best_epoch:
            self.record.best_weights = at_start
        if settings.write_tensorboard:
            self._callbacks.append(EventFiles(run_folder, self.record))

    def run(self) -> Ending:
        """Train to the end, or until the user stops it.

        Raises:
            StudioError: the loss became NaN.
            Cancelled: the user cancelled.
        """
        try:
            if self.record.steps:  # the rest of an epoch that was interrupted
                self._fit(len(self.record.history) + 1)
            is_stopped = self._context.is_stop_requested and self.record.history
            if not is_stopped and not self.record.is_finished(self._settings):
                self._fit(self._settings.epochs)
        except Stopped:
            return "stopped"
        except LeftForLater:
            # There is time to save, unlike under a kill; after the last batch of an epoch, while it
            # is validated, `fit` could not begin again.
            if self._checkpoint is not None and 0 < self.record.steps < self._batches.per_epoch:
                self._checkpoint.save()
            raise
        return "finished" if self.record.is_finished(self._settings) else "stopped"

    def _validated(self) -> Start:
        """Validate the network as it is."""
        found = self.trainee.model.evaluate(
            self._validation.dataset(),
            callbacks=[StartMonitor(self._context, self._validation.count)],
            verbose=0,
            return_dict=True,
        )
        return Start(float(found["accuracy"]), float(found["loss"]))

    def _fit(self, epochs: int) -> None:
        epoch, step = len(self.record.history), self.record.steps
        per_epoch = self._batches.per_epoch
        steps = range(epoch * per_epoch + step, epochs * per_epoch)
        self.trainee.model.fit(
            self._batches.dataset(steps, self._runtime.augmenting_threads()),
            initial_epoch=epoch,
            epochs=epochs,
            steps_per_epoch=per_epoch - step,
            validation_data=self._validation.dataset(),
            callbacks=self._callbacks,
            shuffle=False,  # the batches are shuffled already
            verbose=0,
        )

    def _build(self) -> Any:
        """Build and compile the network; return the metric that `fit` calls accuracy."""
        settings = self._settings
        rates = training_rates(settings, self._batches.per_epoch)
        smallest = min(self._batches.smallest, self._validation.smallest)
        with self._runtime.strategy(smallest).scope():
            self.trainee = self._builder(rates)
            model = self.trainee.model
            optimizer = self.trainee.optimizer or build_optimizer(settings, rates)
            if settings.average_weights:
                average_weights_of(optimizer, settings.epochs * self._batches.per_epoch, model)
            accuracy = keras.metrics.CategoricalAccuracy("accuracy")
            compile_for_training(model, optimizer, accuracy)
            # Its variables must be there before a state is brought back.
            model.optimizer.build(model.trainable_variables)
        return accuracy


def training_batches(
    training: LabelledPictures, config: RunConfig, class_count: int
) -> TrainingBatches:
    """Return the batches that the settings ask for."""
    settings = config.training
    return TrainingBatches(
        training,
        class_count,
        config.augmentation,
        settings.batch_size,
        settings.seed,
        balance_classes=settings.balance_classes,
        label_smoothing=settings.label_smoothing,
    )


def compile_for_training(model: keras.Model, optimizer: Any, *metrics: Any) -> None:
    """Compile a model that gives the values before the softmax."""
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=list(metrics),
        # On CPUs XLA is several times slower, and it compiles anew for every batch size.
        jit_compile=False,
    )
