"""What the settings of a training do: patience, pauses, averages, exact repetition, event files."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from cnnstudio.core.config import RunConfig, TransferConfig
from cnnstudio.core.engine_api import LabelledFeatures, LabelledPictures
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.events import BatchEnded, EpochEnded
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.keras_engine import KerasEngine
from tests.engine.material import (
    CLASS_NAMES,
    TRAINING,
    VALIDATION,
    Recorder,
    Trained,
    settings,
)


def run(
    engine: KerasEngine,
    folder: Path,
    config: RunConfig,
    recorder: Recorder | None = None,
    validation: LabelledPictures = VALIDATION,
) -> Trained:
    recorder = recorder or Recorder()
    model_file = folder / "model.keras"
    outcome = engine.train(TRAINING, validation, config, CLASS_NAMES, model_file, recorder.context)
    return Trained(outcome, model_file, recorder)


def test_a_training_that_gets_no_better_ends_by_itself_and_keeps_the_best(
    engine: KerasEngine, tmp_path: Path
) -> None:
    wrong = LabelledPictures(VALIDATION.pictures, (VALIDATION.labels + 1) % 3)
    config = settings(epochs=60, patience=2)
    outcome = run(engine, tmp_path, config, validation=wrong).outcome
    assert outcome.ending == "finished"
    assert len(outcome.history) == outcome.best_epoch + 2 < 60


def test_without_patience_all_epochs_are_gone_through(engine: KerasEngine, tmp_path: Path) -> None:
    wrong = LabelledPictures(VALIDATION.pictures, (VALIDATION.labels + 1) % 3)
    outcome = run(engine, tmp_path, settings(epochs=8, patience=0), validation=wrong).outcome
    assert len(outcome.history) == 8


def test_every_epoch_tells_its_learning_rate(engine: KerasEngine, tmp_path: Path) -> None:
    config = settings(epochs=3, learning_rate=0.01, schedule="cosine", warmup_epochs=1)
    told = [each.learning_rate for each in run(engine, tmp_path, config).outcome.history]
    assert told[0] == pytest.approx(0.01)
    assert told[0] > told[1] > told[2] > 0


@pytest.mark.parametrize("optimizer", ["adam", pytest.param("sgd", marks=pytest.mark.slow)])
def test_what_is_kept_is_the_average_that_was_validated(
    engine: KerasEngine, tmp_path: Path, optimizer: str
) -> None:
    config = settings(epochs=3, average_weights=True, optimizer=optimizer, learning_rate=0.02)
    averaged = run(engine, tmp_path / "averaged", config)
    plain = run(
        engine, tmp_path / "plain", settings(epochs=3, optimizer=optimizer, learning_rate=0.02)
    )
    best = averaged.outcome.history[averaged.outcome.best_epoch - 1]
    answers = engine.predict(averaged.model_file, VALIDATION.pictures)
    chosen = answers[np.arange(len(VALIDATION)), VALIDATION.labels]
    assert float(-np.log(chosen).mean()) == pytest.approx(best.validation_loss, rel=1e-3)
    # The training itself is the same: the average looks on.
    first, second = averaged.outcome.history[1], plain.outcome.history[1]
    assert first.loss == pytest.approx(second.loss, rel=1e-4)
    assert first.validation_loss != pytest.approx(second.validation_loss, rel=1e-4)


def test_smoothing_the_labels_leaves_the_validation_as_it_is(
    engine: KerasEngine, tmp_path: Path
) -> None:
    trained = run(engine, tmp_path, settings(epochs=3, label_smoothing=0.3))
    best = trained.outcome.history[trained.outcome.best_epoch - 1]
    answers = engine.predict(trained.model_file, VALIDATION.pictures)
    chosen = answers[np.arange(len(VALIDATION)), VALIDATION.labels]
    assert float(-np.log(chosen).mean()) == pytest.approx(best.validation_loss, rel=1e-3)
    assert chosen.max() < 0.95  # it is never quite sure


def test_the_same_seed_repeats_a_training_to_the_last_digit_when_asked(
    engine: KerasEngine, tmp_path: Path
) -> None:
    config = settings(epochs=2, is_deterministic=True, average_weights=True)
    first = run(engine, tmp_path / "1", config).outcome.history
    run(engine, tmp_path / "2", settings(epochs=1, seed=5))
    second = run(engine, tmp_path / "3", config).outcome.history
    for one, other in zip(first, second, strict=True):
        assert replace(one, seconds=0, images_per_second=0) == replace(
            other, seconds=0, images_per_second=0
        )


def test_repeating_exactly_ends_with_the_training(engine: KerasEngine, tmp_path: Path) -> None:
    from tensorflow.python.framework import config

    recorder = Recorder(lambda event, context: context.cancel())
    with pytest.raises(Cancelled):
        run(engine, tmp_path, settings(is_deterministic=True), recorder)
    assert not config.is_op_determinism_enabled()


def test_event_files_hold_the_curves(engine: KerasEngine, tmp_path: Path) -> None:
    outcome = run(engine, tmp_path, settings(epochs=2, write_tensorboard=True)).outcome
    told: dict[str, list[float]] = {}
    for path in sorted((tmp_path / "tensorboard").glob("*/events.out.tfevents.*")):
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                told.setdefault(f"{path.parent.name} {value.tag}", []).append(value.simple_value)
    history = outcome.history
    assert told["train loss"] == pytest.approx([each.loss for each in history])
    assert told["validation accuracy"] == pytest.approx(
        [each.validation_accuracy for each in history]
    )
    assert told["train learning_rate"] == pytest.approx([0.01, 0.01])


def test_a_pause_waits_and_is_not_counted(engine: KerasEngine, tmp_path: Path) -> None:
    pause_s = 1.5

    def pause_once(event: Any, context: TaskContext) -> None:
        if isinstance(event, BatchEnded) and event.epoch == 2 and not paused:
            paused.append(time.monotonic())
            context.pause()
            threading.Timer(pause_s, context.resume).start()

    paused: list[float] = []
    recorder = Recorder(pause_once)
    began = time.monotonic()
    trained = run(engine, tmp_path, settings(epochs=4, patience=0), recorder)
    assert time.monotonic() - began > pause_s
    second = trained.outcome.history[1]
    assert second.seconds < pause_s
    assert second.images_per_second > len(TRAINING) / pause_s
    assert trained.outcome.seconds < time.monotonic() - began - pause_s + 0.5


@pytest.mark.parametrize("end", ["stop", "cancel"])
def test_stop_and_cancel_end_a_pause(engine: KerasEngine, tmp_path: Path, end: str) -> None:
    def pause_and_end(event: Any, context: TaskContext) -> None:
        if isinstance(event, EpochEnded):
            context.pause()
            threading.Timer(0.2, getattr(context, end)).start()

    recorder = Recorder(pause_and_end)
    config = settings(epochs=500, patience=0)
    if end == "cancel":
        with pytest.raises(Cancelled):
            run(engine, tmp_path, config, recorder)
    else:
        assert run(engine, tmp_path, config, recorder).outcome.ending == "stopped"


def test_a_head_on_features_follows_its_schedule_too(engine: KerasEngine, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    labels = np.arange(60) % 3
    features = generator.normal(0, 1, (60, 1, 1280)).astype(np.float32)
    data = LabelledFeatures(features, labels)
    noise = LabelledFeatures(features[::-1].copy(), labels)
    config = settings(epochs=8, schedule="cosine", label_smoothing=0.1)
    config = replace(config, preset="fast", transfer=TransferConfig())
    recorder = Recorder()
    outcome = engine.train_head(
        data, noise, config, CLASS_NAMES, tmp_path / "model.keras", recorder.context
    )
    assert outcome.ending == "finished"
    rates = [each.learning_rate for each in outcome.history]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] > rates[-1]
