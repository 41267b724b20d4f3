"""A head is trained on features, and what is saved answers pictures the same."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.engine_api import HeadWeights, LabelledFeatures
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import BatchEnded, EpochEnded, PinsAnswered
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.softmax_regression import fit_softmax_regression
from cnnstudio.core.storage.model_facts import read_facts
from cnnstudio.core.training import train_project
from cnnstudio.engine.averaging import WeightsThatCount
from cnnstudio.engine.head_moments import HeadMoments, epochs_between
from cnnstudio.engine.head_training import Scaling
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.engine.record import Record, Start
from tests.builders import coloured_folder
from tests.engine.material import CLASS_NAMES, Recorder, Trained

LENGTH = 1280
FAST = training_preset("fast").config


def settings(**training: object) -> RunConfig:
    return dataclasses.replace(
        FAST,
        training=dataclasses.replace(FAST.training, **training),  # type: ignore[arg-type]
    )


def clouds(count: int, seed: int, rows: int = 1) -> LabelledFeatures:
    """Features of three classes that overlap somewhat, as a backbone's would."""
    generator = np.random.default_rng(seed)
    centres = np.random.default_rng(9).normal(0, 0.04, (3, LENGTH))
    labels = np.arange(count) % 3
    noise = generator.normal(0, 0.5, (count, rows, LENGTH))
    features = (3 + centres[labels][:, None] + noise) * np.linspace(0.2, 3, LENGTH)
    return LabelledFeatures(features.astype(np.float16), labels.astype(np.int64))


TRAINING, VALIDATION, OTHERS = clouds(180, 0), clouds(90, 1), clouds(600, 2)


@pytest.fixture(scope="module")
def head(engine: KerasEngine, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    model_file = tmp_path_factory.mktemp("head") / "model.keras"
    recorder = Recorder()
    outcome = engine.train_head(
        TRAINING, VALIDATION, settings(), CLASS_NAMES, model_file, recorder.context
    )
    return Trained(outcome, model_file, recorder)


def test_the_curves_grow_while_it_learns(head: Trained) -> None:
    epochs = head.recorder.of(EpochEnded)
    assert [each.epoch for each in epochs] == list(range(1, 41))
    assert epochs[-1].loss < epochs[0].loss
    assert epochs[-1].learning_rate < epochs[0].learning_rate
    assert head.recorder.of(BatchEnded)
    assert head.outcome.history == tuple(epochs)
    assert head.outcome.ending == "finished"


def test_it_is_as_good_as_a_logistic_regression(engine: KerasEngine, head: Trained) -> None:
    plain = fit_softmax_regression(
        TRAINING.features[:, 0].astype(np.float32), TRAINING.labels, 3, TaskContext()
    )
    wanted = plain.probabilities(OTHERS.features[:, 0].astype(np.float32)).argmax(axis=1)
    answers = engine.predict_features(head.model_file, OTHERS.features[:, 0])
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)
    accuracy = (answers.argmax(axis=1) == OTHERS.labels).mean()
    assert 0.5 < accuracy >= (wanted == OTHERS.labels).mean() - 0.02


def test_the_scaling_is_part_of_the_weights() -> None:
    scaling = Scaling.of(TRAINING.features)
    scaled = scaling(TRAINING.features[:, 0])
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-2)
    np.testing.assert_allclose(scaled.std(axis=0), 1, atol=1e-2)
    kernel = np.random.default_rng(0).normal(size=(LENGTH, 3)).astype(np.float32)
    bias = np.array([1, 2, 3], np.float32)
    folded = scaling.folded(kernel, bias)
    plain = TRAINING.features[:, 0].astype(np.float32) @ folded.kernel + folded.bias
    np.testing.assert_allclose(plain, scaled @ kernel + bias, rtol=1e-2, atol=1e-2)


def test_features_that_never_vary_do_no_harm() -> None:
    features = TRAINING.features.copy()
    features[:, :, :7] = 3.25
    assert np.isfinite(Scaling.of(features)(features)).all()
    assert np.abs(Scaling.of(features)(features)[:, :, :7]).max() == 0


def test_a_later_epoch_is_kept_unless_it_is_clearly_worse() -> None:
    record = Record(settles_on=100)
    epoch = EpochEnded(1, 1, 1, 1.0, 0.90, 1, 1, True)
    record.history.append(epoch)
    assert record.is_better(0.88, 1.0), "two of a hundred pictures may be chance"
    assert not record.is_better(0.86, 0.1)


@pytest.mark.parametrize("settles_on", [0, 100])
def test_the_start_stands_against_the_epochs(settles_on: int) -> None:
    record = Record(settles_on, Start(accuracy=0.9, loss=0.3))
    assert record.best_epoch == 0
    assert not record.is_better(0.8, 0.2)
    record.history.append(EpochEnded(1, 1, 1, 0.2, 0.80, 1, 1, False))
    assert record.best_epoch == 0
    assert record.is_better(0.91, 0.3)
    assert record.is_better(0.88, 0.3) == bool(settles_on), "may be chance"


def test_the_same_seed_gives_the_same_curve(engine: KerasEngine) -> None:
    config = settings(epochs=3)
    curves = [
        [
            (each.loss, each.validation_loss)
            for each in engine.train_head(
                TRAINING, VALIDATION, config, CLASS_NAMES, None, TaskContext()
            ).history
        ]
        for _ in range(2)
    ]
    assert curves[0] == curves[1]


@pytest.mark.slow
def test_variants_are_learned_from(engine: KerasEngine, tmp_path: Path) -> None:
    several = clouds(180, 5, rows=3)
    few = LabelledFeatures(several.features[:, :1], several.labels)
    answers = []
    for number, training in enumerate((few, several)):
        file = tmp_path / f"{number}.keras"
        engine.train_head(training, VALIDATION, settings(), CLASS_NAMES, file, TaskContext())
        right = engine.predict_features(file, OTHERS.features[:, 0]).argmax(axis=1)
        answers.append((right == OTHERS.labels).mean())
    assert answers[1] > answers[0]


def test_the_head_of_every_epoch_is_kept(
    head: Trained, engine: KerasEngine, tmp_path: Path
) -> None:
    moments = head.outcome.moments
    assert [each.epoch for each in moments] == list(range(1, 41))
    assert head.outcome.head is not None
    best = next(each.head for each in moments if each.epoch == head.outcome.best_epoch)
    assert np.array_equal(best.kernel, head.outcome.head.kernel)
    features = VALIDATION.features[:, 0]
    for moment, epoch in zip(moments, head.outcome.history, strict=True):
        right = (moment.head.answers_to(features).argmax(axis=1) == VALIDATION.labels).mean()
        assert right == pytest.approx(epoch.validation_accuracy, abs=1e-6)
    # In 16 bits, as a run keeps it, it answers the same; and the model it makes answers as it does.
    early = moments[2].head
    kept = HeadWeights(early.kernel.astype(np.float16).astype(np.float32), early.bias)
    file = tmp_path / "model.keras"
    engine.save_head(kept, FAST.transfer.backbone, file)
    answers = engine.predict_features(file, features)
    assert np.abs(answers - early.answers_to(features)).max() < 0.002
    assert engine.predict(file, np.zeros((1, 224, 224, 3), np.uint8)).shape == (1, 3)


def test_of_long_trainings_and_large_heads_few_moments_are_kept() -> None:
    assert epochs_between(40, 10_000) == 1
    assert epochs_between(1000, 10) == 6
    assert epochs_between(40, 1 << 20) == 6, "8 of them are as large as they may be"
    assert epochs_between(40, 1 << 22) == 0
    weights, record = WeightsThatCount(), Record()
    moments = HeadMoments(weights, record, 3)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile(optimizer="sgd")
    weights.set_model(model)
    for epoch in range(8):
        record.history.append(EpochEnded(epoch + 1, 1, 1, 1, 1, 1, 1, epoch < 6))
        moments.on_epoch_end(epoch)
    assert list(moments.kept) == [1, 4, 6, 7]


def test_stop_keeps_what_was_learned_and_cancel_nothing(
    engine: KerasEngine, tmp_path: Path
) -> None:
    def stop(event: object, context: TaskContext) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 2:
            context.stop()

    recorder, file = Recorder(stop), tmp_path / "model.keras"
    outcome = engine.train_head(
        TRAINING, VALIDATION, settings(), CLASS_NAMES, file, recorder.context
    )
    assert outcome.ending == "stopped"
    assert len(outcome.history) <= 3
    file.unlink()

    def cancel(event: object, context: TaskContext) -> None:
        if isinstance(event, EpochEnded):
            context.cancel()

    with pytest.raises(Cancelled):
        engine.train_head(
            TRAINING, VALIDATION, settings(), CLASS_NAMES, file, Recorder(cancel).context
        )
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_learn_from_is_said(engine: KerasEngine, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no pictures"):
        engine.train_head(
            clouds(0, 0), VALIDATION, settings(), CLASS_NAMES, tmp_path / "m.keras", TaskContext()
        )


def test_a_model_from_scratch_has_no_head_on_features(
    engine: KerasEngine, trained: Trained
) -> None:
    with pytest.raises(StudioError, match="features"):
        engine.predict_features(trained.model_file, OTHERS.features[:, 0])


def test_from_pictures_to_a_model_that_answers_pictures(
    engine: KerasEngine, tmp_path: Path
) -> None:
    """The whole way; the training itself compares the saved model with the head."""
    root = coloured_folder(tmp_path / "colours", {"red": 12, "green": 12}, size=64)
    project = scan(root)
    run = train_project(engine, project)(TaskContext())
    assert run.config.training.image_size == 224
    assert run.test_accuracy == 1.0
    facts = read_facts(run.model_file)
    assert facts is not None
    assert facts.class_names == ("green", "red")
    with zipfile.ZipFile(run.model_file) as archive:
        assert archive.testzip() is None
    pictures = np.stack(
        [read_array(root / name / "1.png", 224, "crop") for name in ("green", "red")]
    )
    assert engine.predict(run.model_file, pictures).argmax(axis=1).tolist() == [0, 1]


def test_pinned_pictures_are_asked_about_after_every_epoch(
    engine: KerasEngine, tmp_path: Path
) -> None:
    recorder, pinned = Recorder(), VALIDATION.features[:2, 0]
    outcome = engine.train_head(
        TRAINING,
        VALIDATION,
        settings(epochs=3),
        CLASS_NAMES,
        tmp_path / "model.keras",
        recorder.context,
        pinned,
    )
    answered = recorder.of(PinsAnswered)
    assert [each.epoch for each in answered] == [1, 2, 3]
    for told, moment in zip(answered, outcome.moments, strict=True):
        assert np.allclose(told.answers, moment.head.answers_to(pinned), atol=1e-4)
