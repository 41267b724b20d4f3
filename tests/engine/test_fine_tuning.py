from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import AugmentationConfig, RunConfig, TrainingConfig, TransferConfig
from cnnstudio.core.engine_api import HeadWeights, LabelledFeatures, TrainingOutcome
from cnnstudio.core.events import EpochEnded, Progress
from cnnstudio.core.head_fitting import fitted_head
from cnnstudio.core.inside.pretrained_layers import with_new_head
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.backbones import build_backbone
from cnnstudio.engine.classifier import build_classifier
from cnnstudio.engine.fine_tuning import build_fine_tuning_model, learn_at_own_rates, rate_shares
from cnnstudio.engine.inside import backbone_layers
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.engine.optimizers import build_optimizer
from cnnstudio.engine.runtime import MachineFacts, Runtime
from cnnstudio.engine.trainees import policy_of
from tests.engine.material import CLASS_NAMES, SIZE, TRAINING, VALIDATION, Recorder, coloured

CLASSES = 3
DATA = coloured([0, 1, 2, 0])
ONE_HOT = np.eye(CLASSES, dtype=np.float32)[DATA.labels]


def config(**transfer: Any) -> RunConfig:
    chosen = {"trained_share": 0.5, "earlier_rate": 0.1, "dropout": 0.0, **transfer}
    return RunConfig(
        training=TrainingConfig(image_size=SIZE, learning_rate=0.001),
        transfer=TransferConfig(**chosen),
    )


def some_head() -> HeadWeights:
    generator = np.random.default_rng(0)
    kernel = generator.normal(size=(DEFAULT_BACKBONE.feature_length, CLASSES)).astype(np.float32)
    return HeadWeights(kernel, np.array([0.1, 0.0, -0.1], np.float32))


def model_of(chosen: RunConfig) -> keras.Model:
    return build_fine_tuning_model(DEFAULT_BACKBONE, chosen, CLASSES, some_head())


def learn(model: keras.Model, chosen: RunConfig, optimizer: str = "adam", steps: int = 1) -> None:
    settings = replace(chosen.training, optimizer=optimizer)
    own = build_optimizer(settings)
    learn_at_own_rates(own, model, chosen.transfer)
    model.compile(optimizer=own, loss=keras.losses.CategoricalCrossentropy(from_logits=True))
    for _ in range(steps):
        model.train_on_batch(DATA.pictures, ONE_HOT)


def weights_of(model: keras.Model) -> dict[str, Any]:
    return {weight.path: weight.numpy() for weight in model.weights}


def test_before_the_first_step_it_answers_as_the_head_does_on_features() -> None:
    backbone = build_backbone(replace(DEFAULT_BACKBONE, input_size_px=SIZE))
    features = backbone(DATA.pictures, training=False).numpy()
    answers = model_of(config())(DATA.pictures, training=True)
    assert answers.dtype == tf.float32
    expected = features @ some_head().kernel + some_head().bias
    np.testing.assert_allclose(answers.numpy(), expected, rtol=1e-3, atol=1e-3)


def test_without_a_head_every_class_is_as_likely_at_first() -> None:
    model = build_fine_tuning_model(DEFAULT_BACKBONE, config(), CLASSES)
    np.testing.assert_array_equal(model(DATA.pictures).numpy(), np.zeros((len(DATA), CLASSES)))


@pytest.mark.slow
def test_only_the_last_layers_change_and_no_statistics() -> None:
    chosen = config(trained_share=0.5)
    model = model_of(chosen)
    before = weights_of(model)
    learn(model, chosen, steps=2)
    moved = {path for path, weight in weights_of(model).items() if (weight != before[path]).any()}
    convolutions = [path for path in before if "conv" in path]
    # Half of the layers with weights: after each convolution stands a normalisation.
    assert moved >= {*convolutions[25:], "bn1/gamma", "bn1/beta", "classes/kernel", "classes/bias"}
    assert not moved & {*convolutions[:24], "bn0/gamma", "bn0/beta"}
    assert not any("moving" in path for path in moved)


def test_the_whole_network_can_learn() -> None:
    model = model_of(config(trained_share=1.0))
    learning = {weight.path for weight in model.trainable_weights}
    assert learning == {weight.path for weight in model.weights if "moving" not in weight.path}


def test_the_smallest_share_leaves_all_but_a_few_layers_alone_and_it_is_said_which() -> None:
    chosen = replace(config(trained_share=0.02), preset="fine")
    model = model_of(chosen)
    learning = [layer.name for layer in model.layers if layer.trainable_weights]
    assert learning == ["conv_head", "bn1", "classes"]
    described = with_new_head(backbone_layers(DEFAULT_BACKBONE, SIZE), chosen, CLASSES)
    assert [each.name for each in described if each.kept < each.parameters] == learning
    kept = sum(each.kept for each in described)
    assert kept == sum(math.prod(weight.shape) for weight in model.non_trainable_weights)
    assert sum(each.parameters for each in described) == model.count_params()


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
def test_early_layers_move_more_slowly_by_what_was_set(optimizer: str) -> None:
    def movement(earlier_rate: float) -> dict[str, float]:
        chosen = config(earlier_rate=earlier_rate)
        chosen = replace(chosen, training=replace(chosen.training, weight_decay=0.0))
        model = model_of(chosen)
        before = {weight.path: weight.numpy() for weight in model.trainable_weights}
        learn(model, chosen, optimizer)
        return {
            weight.path: float(np.abs(weight.numpy() - before[weight.path]).sum())
            for weight in model.trainable_weights
        }

    alike, staggered = movement(1.0), movement(0.1)
    ratios = [staggered[path] / alike[path] for path in alike]
    assert ratios[0] == pytest.approx(0.1, rel=0.02)
    assert ratios[-1] == pytest.approx(1.0, rel=0.02)
    assert all(later > earlier * 0.98 for earlier, later in pairwise(ratios))


def test_rates_grow_by_the_same_factor_from_layer_to_layer() -> None:
    model = model_of(config(trained_share=0.2))
    shares = rate_shares(model, 0.05)
    kernels = [
        share
        for share, weight in zip(shares, model.trainable_weights, strict=True)
        if weight.path.endswith("kernel")
    ]
    assert (kernels[0], kernels[-1]) == (pytest.approx(0.05), 1.0)
    factors = np.diff(np.log(kernels))
    np.testing.assert_allclose(factors, factors[0])


def test_own_rates_add_nothing_that_would_have_to_be_kept_for_going_on() -> None:
    chosen = config()
    model = model_of(chosen)
    plain, own = build_optimizer(chosen.training), build_optimizer(chosen.training)
    learn_at_own_rates(own, model, chosen.transfer)
    for optimizer in (plain, own):
        optimizer.build(model.trainable_variables)
    assert len(own.variables) == len(plain.variables)


@pytest.mark.slow
def test_the_model_that_is_saved_answers_as_the_one_that_was_trained() -> None:
    chosen = config()
    model = model_of(chosen)
    learn(model, chosen, steps=2)
    sized = replace(DEFAULT_BACKBONE, input_size_px=SIZE)
    saved = build_classifier(sized, some_head())
    saved.set_weights(model.get_weights())
    expected = keras.ops.softmax(model(DATA.pictures, training=False)).numpy()
    np.testing.assert_allclose(saved(DATA.pictures).numpy(), expected, atol=1e-5)


def test_fine_tuning_goes_on_from_the_head_and_saves_what_it_validated(
    engine: KerasEngine, tmp_path: Path
) -> None:
    backbone = build_backbone(replace(DEFAULT_BACKBONE, input_size_px=SIZE))
    features = backbone.predict(TRAINING.pictures, verbose=0)
    recorder = Recorder()
    head = fitted_head(LabelledFeatures(features[:, None], TRAINING.labels), 3, recorder.context)
    preset = training_preset("fine").config
    chosen = replace(
        preset,
        augmentation=AugmentationConfig(),
        training=replace(
            preset.training, image_size=SIZE, batch_size=16, epochs=2, learning_rate=1e-4
        ),
    )
    model_file = tmp_path / "model.keras"
    outcome = engine.train(
        TRAINING, VALIDATION, chosen, CLASS_NAMES, model_file, recorder.context, head=head
    )
    best = outcome.history[outcome.best_epoch - 1]
    assert best.validation_accuracy > 0.8  # a third is chance
    answers = engine.predict(model_file, VALIDATION.pictures)
    right = float((answers.argmax(axis=1) == VALIDATION.labels).mean())
    assert right == pytest.approx(best.validation_accuracy, abs=1e-6)


def head_of(recorder: Recorder) -> HeadWeights:
    backbone = build_backbone(replace(DEFAULT_BACKBONE, input_size_px=SIZE))
    features = backbone.predict(TRAINING.pictures, verbose=0)
    return fitted_head(LabelledFeatures(features[:, None], TRAINING.labels), 3, recorder.context)


SPOILING = replace(
    training_preset("fine").config,
    augmentation=AugmentationConfig(),
    training=replace(
        training_preset("fine").config.training,
        image_size=SIZE,
        batch_size=26,
        epochs=2,
        learning_rate=0.3,
        warmup_epochs=0.0,
        is_deterministic=True,
    ),
    transfer=TransferConfig(trained_share=0.02),
)
"""Steps so large that every epoch is worse than the head it begins with."""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_where_every_epoch_is_worse_the_start_is_kept(engine: KerasEngine, tmp_path: Path) -> None:
    recorder = Recorder()
    model_file, head = tmp_path / "model.keras", head_of(recorder)
    outcome = engine.train(
        TRAINING, VALIDATION, SPOILING, CLASS_NAMES, model_file, recorder.context, head=head
    )
    assert outcome.best_epoch == 0
    assert [each.epoch for each in outcome.history] == [1, 2]
    assert not any(each.is_best for each in outcome.history)
    answers = engine.predict(model_file, VALIDATION.pictures)
    right = float((answers.argmax(axis=1) == VALIDATION.labels).mean())
    assert right > max(each.validation_accuracy for each in outcome.history)
    sized = replace(DEFAULT_BACKBONE, input_size_px=SIZE)
    expected = build_classifier(sized, head)(VALIDATION.pictures).numpy()
    np.testing.assert_allclose(answers, expected, atol=1e-4)


@pytest.mark.slow
@pytest.mark.timeout(300)  # two networks of the real size, on a machine that may be busy
def test_the_start_is_kept_by_a_training_that_was_cut_off_too(
    engine: KerasEngine, tmp_path: Path
) -> None:
    class PowerCut(Exception):
        pass

    def cut(event: Any, context: TaskContext) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 2:
            raise PowerCut

    def trained(recorder: Recorder) -> TrainingOutcome:
        return engine.train(
            TRAINING,
            VALIDATION,
            SPOILING,
            CLASS_NAMES,
            tmp_path / "model.keras",
            recorder.context,
            tmp_path / "checkpoint",
            head=head_of(recorder),
        )

    with pytest.raises(PowerCut):
        trained(Recorder(cut))
    resumed = Recorder()
    outcome = trained(resumed)
    assert outcome.best_epoch == 0
    assert [each.epoch for each in resumed.of(EpochEnded)] == [2]
    assert not any(each.words == "Validating the start" for each in resumed.of(Progress))
    answers = engine.predict(tmp_path / "model.keras", VALIDATION.pictures)
    right = float((answers.argmax(axis=1) == VALIDATION.labels).mean())
    assert right > max(each.validation_accuracy for each in outcome.history)


def test_sixteen_bits_are_left_to_networks_that_they_make_faster() -> None:
    runtime = Runtime(MachineFacts("Linux", 2, has_bfloat16=True))
    assert policy_of(runtime, training_preset("classic").config) == "mixed_bfloat16"
    assert policy_of(runtime, training_preset("fine").config) == "float32"
