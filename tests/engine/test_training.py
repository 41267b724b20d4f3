from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import ConvBlock, NetworkConfig, RunConfig
from cnnstudio.core.engine_api import LabelledPictures
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import BatchEnded, EpochEnded, PinsAnswered, Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.keras_engine import KerasEngine
from tests.engine.material import (
    CLASS_NAMES,
    CONFIG,
    SIZE,
    TRAINING,
    VALIDATION,
    Recorder,
    Trained,
    coloured,
    settings,
)


def run(
    engine: KerasEngine,
    folder: Path,
    config: RunConfig = CONFIG,
    recorder: Recorder | None = None,
    training: LabelledPictures = TRAINING,
    validation: LabelledPictures = VALIDATION,
) -> Trained:
    recorder = recorder or Recorder()
    model_file = folder / "model.keras"
    outcome = engine.train(training, validation, config, CLASS_NAMES, model_file, recorder.context)
    return Trained(outcome, model_file, recorder)


def test_coloured_pictures_are_learned(trained: Trained) -> None:
    assert max(epoch.validation_accuracy for epoch in trained.outcome.history) > 0.9
    assert trained.outcome.history[-1].loss < trained.outcome.history[0].loss


def test_the_modern_network_learns_from_two_dozen_pictures(
    engine: KerasEngine, tmp_path: Path
) -> None:
    modern = training_preset("modern").config
    quick = replace(modern.training, epochs=8, image_size=SIZE, warmup_epochs=0.5)
    trained = run(
        engine, tmp_path, replace(modern, training=quick), training=coloured([0, 1, 2] * 8, seed=2)
    )
    assert max(epoch.validation_accuracy for epoch in trained.outcome.history) > 0.9
    answers = engine.predict(trained.model_file, VALIDATION.pictures)
    best = trained.outcome.history[trained.outcome.best_epoch - 1]
    right = (answers.argmax(axis=1) == VALIDATION.labels).mean()
    assert right == pytest.approx(best.validation_accuracy)


def test_every_epoch_is_reported_and_kept_in_the_history(trained: Trained) -> None:
    epochs = trained.recorder.of(EpochEnded)
    assert [each.epoch for each in epochs] == [1, 2, 3]
    assert tuple(epochs) == trained.outcome.history
    assert trained.outcome.ending == "finished"
    assert all(each.seconds > 0 and each.images_per_second > 0 for each in epochs)


def test_the_best_epoch_is_the_one_with_the_best_validation(trained: Trained) -> None:
    history = trained.outcome.history
    best = history[trained.outcome.best_epoch - 1]
    assert best.is_best
    standings = [(each.validation_accuracy, -each.validation_loss) for each in history]
    assert (best.validation_accuracy, -best.validation_loss) == max(standings)
    assert [each.epoch for each in history if each.is_best][-1] == trained.outcome.best_epoch


def test_batches_are_reported_from_the_first_with_running_means(trained: Trained) -> None:
    batches = trained.recorder.of(BatchEnded)
    assert (batches[0].epoch, batches[0].batch) == (1, 1)
    assert all(1 <= each.batch <= 4 and 0 <= each.accuracy <= 1 for each in batches)
    assert all(each.seconds_left is None or each.seconds_left >= 0 for each in batches)
    assert trained.recorder.of(Progress), "nothing is said while the network is built"


def test_the_saved_network_answers_as_it_did_in_its_best_epoch(
    engine: KerasEngine, trained: Trained
) -> None:
    answers = engine.predict(trained.model_file, VALIDATION.pictures)
    accuracy = float(np.mean(answers.argmax(axis=1) == VALIDATION.labels))
    chosen = answers[np.arange(len(VALIDATION)), VALIDATION.labels]
    best = trained.outcome.history[trained.outcome.best_epoch - 1]
    assert accuracy == pytest.approx(best.validation_accuracy)
    assert float(-np.log(chosen).mean()) == pytest.approx(best.validation_loss, rel=1e-3)


def test_the_run_names_its_device_and_precision(trained: Trained, engine: KerasEngine) -> None:
    assert trained.outcome.device == engine.devices().words
    assert trained.outcome.precision == "float32"  # at 32 px 16 bits are no faster on a CPU


def test_the_same_seed_repeats_a_run(engine: KerasEngine, trained: Trained, tmp_path: Path) -> None:
    again = run(engine, tmp_path)
    first, second = trained.outcome.history, again.outcome.history
    assert [each.validation_loss for each in first] == pytest.approx(
        [each.validation_loss for each in second], rel=1e-4
    )
    assert [each.loss for each in first] == pytest.approx([each.loss for each in second], rel=1e-4)


def test_another_seed_gives_another_run(
    engine: KerasEngine, trained: Trained, tmp_path: Path
) -> None:
    other = run(engine, tmp_path, settings(seed=7, epochs=1))
    assert other.outcome.history[0].loss != pytest.approx(trained.outcome.history[0].loss)


def test_cancel_ends_within_the_batch_and_leaves_no_file(
    engine: KerasEngine, tmp_path: Path
) -> None:
    def cancel_at_once(event: Any, context: TaskContext) -> None:
        if isinstance(event, BatchEnded):
            context.cancel()

    recorder = Recorder(cancel_at_once)
    with pytest.raises(Cancelled):
        run(engine, tmp_path, recorder=recorder)
    assert len(recorder.of(BatchEnded)) == 1
    assert list(tmp_path.iterdir()) == []


def test_cancel_during_validation_leaves_no_file(engine: KerasEngine, tmp_path: Path) -> None:
    def cancel_in_validation(event: Any, context: TaskContext) -> None:
        if isinstance(event, Progress) and event.words.startswith("Validating"):
            context.cancel()

    recorder = Recorder(cancel_in_validation)
    with pytest.raises(Cancelled):
        run(engine, tmp_path, settings(epochs=200), recorder)
    assert list(tmp_path.iterdir()) == []


def test_cancel_before_the_start_trains_nothing(engine: KerasEngine, tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.context.cancel()
    with pytest.raises(Cancelled):
        run(engine, tmp_path, recorder=recorder)
    assert recorder.of(BatchEnded) == []


def test_stop_in_a_later_epoch_keeps_the_best_so_far(engine: KerasEngine, tmp_path: Path) -> None:
    def stop_after_two_epochs(event: Any, context: TaskContext) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 2:
            context.stop()

    stopped = run(engine, tmp_path, settings(epochs=200), Recorder(stop_after_two_epochs))
    assert stopped.outcome.ending == "stopped"
    assert len(stopped.outcome.history) == 2
    best = stopped.outcome.history[stopped.outcome.best_epoch - 1]
    answers = engine.predict(stopped.model_file, VALIDATION.pictures)
    accuracy = float(np.mean(answers.argmax(axis=1) == VALIDATION.labels))
    assert accuracy == pytest.approx(best.validation_accuracy)


def test_stop_within_an_epoch_leaves_without_another_validation(
    engine: KerasEngine, tmp_path: Path
) -> None:
    def stop_in_the_second_epoch(event: Any, context: TaskContext) -> None:
        if isinstance(event, BatchEnded) and event.epoch > 1:
            context.stop()

    recorder = Recorder(stop_in_the_second_epoch)
    stopped = run(engine, tmp_path, settings(epochs=200), recorder)
    last = recorder.of(BatchEnded)[-1]
    assert stopped.outcome.ending == "stopped"
    assert [each.epoch for each in stopped.outcome.history] == list(range(1, last.epoch))
    assert stopped.model_file.is_file()


def test_stop_in_the_first_epoch_validates_once_and_keeps_that(
    engine: KerasEngine, tmp_path: Path
) -> None:
    def stop_at_once(event: Any, context: TaskContext) -> None:
        if isinstance(event, BatchEnded):
            context.stop()

    stopped = run(engine, tmp_path, settings(epochs=200), Recorder(stop_at_once))
    assert [each.epoch for each in stopped.outcome.history] == [1]
    assert (stopped.outcome.ending, stopped.outcome.best_epoch) == ("stopped", 1)
    assert engine.predict(stopped.model_file, VALIDATION.pictures).shape == (24, 3)


def test_the_validation_after_a_stop_in_the_first_epoch_is_cut_short(
    engine: KerasEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_at_once(event: Any, context: TaskContext) -> None:
        if isinstance(event, BatchEnded):
            context.stop()

    monkeypatch.setattr("cnnstudio.engine.callbacks._LONGEST_LAST_VALIDATION_S", 0.0)
    recorder = Recorder(stop_at_once)
    stopped = run(engine, tmp_path, settings(epochs=200), recorder)
    assert [each.epoch for each in stopped.outcome.history] == [1]
    assert stopped.outcome.best_epoch == 1
    assert stopped.model_file.is_file()
    assert not [each for each in recorder.of(Progress) if each.words.startswith("Validating")]


def test_stop_before_the_first_batch_keeps_nothing(engine: KerasEngine, tmp_path: Path) -> None:
    def stop_while_building(event: Any, context: TaskContext) -> None:
        if isinstance(event, Progress):
            context.stop()

    with pytest.raises(Cancelled, match="nothing was learned"):
        run(engine, tmp_path, settings(epochs=200), Recorder(stop_while_building))
    assert list(tmp_path.iterdir()) == []


def test_a_loss_that_is_no_number_ends_with_advice(engine: KerasEngine, tmp_path: Path) -> None:
    explosive = NetworkConfig(
        blocks=(ConvBlock(8, activation="linear"),) * 3, dense_units=64, dropout=0.0
    )
    config = replace(settings(optimizer="sgd", learning_rate=1.0, epochs=50), network=explosive)
    with pytest.raises(StudioError) as raised:
        run(engine, tmp_path, config)
    assert "no longer a number" in raised.value.sentence
    assert "learning rate to 0.1" in raised.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_network_too_deep_for_its_pictures_is_refused_in_words(
    engine: KerasEngine, tmp_path: Path
) -> None:
    config = replace(CONFIG, network=NetworkConfig(blocks=(ConvBlock(4),) * 6))
    with pytest.raises(StudioError, match="The picture is only"):
        run(engine, tmp_path, config)


def test_no_pictures_are_refused_in_words(engine: KerasEngine, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no pictures"):
        run(engine, tmp_path, validation=coloured([]))


def test_too_little_memory_is_said_with_advice(
    engine: KerasEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*arguments: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr("cnnstudio.engine.data.augment_batch", no_memory)
    with pytest.raises(StudioError) as raised:
        run(engine, tmp_path)
    assert "not enough memory" in raised.value.sentence
    assert "batch size below 16" in raised.value.hint
    assert "32 px" in raised.value.hint


def test_balancing_keeps_a_small_class_from_being_neglected(
    engine: KerasEngine, tmp_path: Path
) -> None:
    # The classes cannot be told apart, so the answer shows what a class counts.
    labels = np.array([0] * 60 + [1] * 6)
    training = LabelledPictures(coloured([0] * 66).pictures, labels)
    probabilities = {}
    for balanced in (False, True):
        config = settings(epochs=6, balance_classes=balanced)
        trained = run(engine, tmp_path, config, training=training, validation=training)
        # The last epoch's weights are not kept when an earlier one is better: ask the losses.
        probabilities[balanced] = engine.predict(trained.model_file, training.pictures)[:, 1].mean()
    assert probabilities[True] > probabilities[False] + 0.1


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
def test_every_optimiser_learns(engine: KerasEngine, tmp_path: Path, optimizer: str) -> None:
    config = settings(optimizer=optimizer, learning_rate=0.01, epochs=2)
    outcome = run(engine, tmp_path, config).outcome
    assert outcome.history[-1].loss < math.log(3)


def test_automatic_precision_saves_a_network_in_float32(
    engine: KerasEngine, tmp_path: Path
) -> None:
    import keras

    size = 48
    generator = np.random.default_rng(0)
    pictures = generator.integers(0, 256, (20, size, size, 3), dtype=np.uint8)
    data = LabelledPictures(pictures, np.arange(20) % 3)
    config = settings(image_size=size, epochs=1, precision="auto")
    trained = run(engine, tmp_path, config, training=data, validation=data)
    expected = "mixed_bfloat16" if engine.devices().has_bfloat16 else "float32"
    if not engine.devices().gpus:
        assert trained.outcome.precision == expected
    saved = keras.saving.load_model(trained.model_file)
    assert {layer.compute_dtype for layer in saved.layers} == {"float32"}
    assert {str(weight.dtype) for weight in saved.weights} == {"float32"}

    config = settings(image_size=size, epochs=1, precision="float32")
    trained = run(engine, tmp_path, config, training=data, validation=data)
    assert trained.outcome.precision == "float32"


def test_a_network_stays_usable_while_others_are_trained(
    engine: KerasEngine, trained: Trained, tmp_path: Path
) -> None:
    before = engine.predict(trained.model_file, VALIDATION.pictures)
    run(engine, tmp_path, settings(epochs=1, seed=3))
    np.testing.assert_array_equal(engine.predict(trained.model_file, VALIDATION.pictures), before)


def test_a_training_leaves_no_network_behind(engine: KerasEngine, tmp_path: Path) -> None:
    import gc

    import keras
    import tensorflow as tf

    def networks() -> int:
        """Count networks, and the graphs traced of them: each of those holds all weights, too."""
        gc.collect()
        return sum(isinstance(each, keras.Model | tf.Graph) for each in gc.get_objects())

    run(engine, tmp_path, settings(epochs=1))
    before = networks()
    run(engine, tmp_path, settings(epochs=1))
    assert networks() <= before


@pytest.mark.parametrize("average_weights", [False, True])
def test_pinned_pictures_are_answered_as_the_saved_network_does(
    engine: KerasEngine, tmp_path: Path, average_weights: bool
) -> None:
    recorder, pinned = Recorder(), VALIDATION.pictures[:3]
    file = tmp_path / "model.keras"
    engine.train(
        TRAINING,
        VALIDATION,
        settings(epochs=1, average_weights=average_weights),
        CLASS_NAMES,
        file,
        recorder.context,
        pinned=pinned,
    )
    (answered,) = recorder.of(PinsAnswered)
    assert np.allclose(answered.answers, engine.predict(file, pinned), atol=1e-3)
