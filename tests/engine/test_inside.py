"""What Look inside is told is what the network does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from tensorflow.python.framework import ops

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.engine_api import Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.inside.network_layers import layers_of_table
from cnnstudio.core.network import layer_table
from cnnstudio.engine.backbones import untrained_backbone
from cnnstudio.engine.inside import Inside
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.engine.model_file import load_model
from cnnstudio.engine.network import build_network
from tests.engine.material import (
    CLASS_NAMES,
    CONFIG,
    SIZE,
    TRAINING,
    VALIDATION,
    Recorder,
    Trained,
    settings,
)


def ignore(step: int, picture: Pictures) -> None:
    """Nobody looks."""


def test_the_layers_are_those_that_were_designed(engine: KerasEngine, trained: Trained) -> None:
    designed = layers_of_table(layer_table(CONFIG.network, SIZE, len(CLASS_NAMES)))
    found = engine.layers_of(trained.model_file)
    assert [replace(each, detail="") for each in found] == [
        replace(each, detail="") for each in designed
    ]


def test_a_modern_network_is_counted_as_it_was_designed() -> None:
    network = training_preset("modern").config.network
    found = Inside(build_network(network, 32, 5)).layers()
    designed = layers_of_table(layer_table(network, 32, 5))
    key = lambda each: each.name  # noqa: E731
    assert sorted([replace(each, detail="") for each in found], key=key) == sorted(
        [replace(each, detail="") for each in designed], key=key
    )


def test_efficientnet_lite_takes_what_its_authors_say() -> None:
    """407 million multiplications, of which 1.3 million are those of the classifier."""
    layers = Inside(untrained_backbone(DEFAULT_BACKBONE)).layers()
    total = sum(each.multiplications for each in layers)
    assert 380e6 < total < 407e6
    assert sum(each.parameters for each in layers) == 3_413_024


def test_maps_are_what_a_part_of_the_model_gives(engine: KerasEngine, trained: Trained) -> None:
    model = load_model(trained.model_file)
    picture = VALIDATION.pictures[0]
    for name in ("conv_1", "pool_2", "dense"):
        part = keras.Model(model.input, model.get_layer(name).output)
        expected = np.asarray(part(picture[None], training=False))
        maps = engine.feature_maps(trained.model_file, picture, name)
        assert maps.ndim == 3
        assert np.allclose(maps.reshape(expected.shape), expected, atol=1e-5)


def test_peaks_are_the_highest_values_of_the_maps(engine: KerasEngine, trained: Trained) -> None:
    for name in ("conv_2", "classes"):
        peaks = engine.channel_peaks(trained.model_file, VALIDATION.pictures[:3], name)
        each = [
            engine.feature_maps(trained.model_file, picture, name).max(axis=(0, 1))
            for picture in VALIDATION.pictures[:3]
        ]
        assert np.allclose(peaks, each, atol=1e-5)


def test_a_layer_that_is_not_there_is_named(engine: KerasEngine, trained: Trained) -> None:
    with pytest.raises(StudioError, match="no layer conv_9"):
        engine.feature_maps(trained.model_file, VALIDATION.pictures[0], "conv_9")


def test_a_made_picture_excites_its_channel_more_than_noise_and_than_any_picture(
    engine: KerasEngine, trained: Trained
) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (8, SIZE, SIZE, 3)).astype(np.uint8)
    others = np.concatenate([noise, VALIDATION.pictures])

    def peak(picture: Pictures, layer: str, channel: int) -> float:
        return float(engine.feature_maps(trained.model_file, picture, layer)[:, :, channel].max())

    for layer in ("conv_2", "dense", "classes"):
        values = engine.channel_peaks(trained.model_file, others, layer)
        channel = int(values.max(axis=0).argmax())
        made = engine.maximise(trained.model_file, layer, channel, 64, 0, ignore)
        excited = peak(made, layer, channel)
        assert excited >= max(peak(each, layer, channel) for each in others), layer
        assert excited > peak(noise[0], layer, channel), layer


def test_a_picture_for_a_first_filter_has_a_pattern(engine: KerasEngine, trained: Trained) -> None:
    for channel in range(8):
        made = engine.maximise(trained.model_file, "conv_1", channel, 64, 0, ignore)
        inside = made[4:-4, 4:-4].astype(float)  # at the edge any padding leaves a line
        assert inside.std(axis=(0, 1)).max() > 15, channel


def test_a_picture_grows_step_by_step_and_can_be_cancelled(
    engine: KerasEngine, trained: Trained
) -> None:
    steps: list[int] = []

    class Enough(Exception):
        """What a cancel raises."""

    def grew(step: int, picture: Pictures) -> None:
        assert picture.shape == (SIZE, SIZE, 3)
        steps.append(step)
        if step >= 8:
            raise Enough

    with pytest.raises(Enough):
        engine.maximise(trained.model_file, "conv_1", 0, 64, 0, grew)
    assert steps == [4, 8]


def test_the_same_seed_makes_the_same_picture(engine: KerasEngine, trained: Trained) -> None:
    first, again = (
        engine.maximise(trained.model_file, "conv_1", 1, 8, 3, ignore) for _ in range(2)
    )
    assert np.array_equal(first, again)


def test_fresh_filters_are_those_a_training_begins_with(
    engine: KerasEngine, tmp_path: Path
) -> None:
    """At a rate of next to nothing the trained ones are still the fresh ones."""
    config = settings(epochs=1, learning_rate=1e-6, seed=7, average_weights=False)
    file = tmp_path / "model.keras"
    engine.train(TRAINING, VALIDATION, config, CLASS_NAMES, file, Recorder().context)
    trained = engine.first_filters(file)
    fresh = engine.fresh_filters(config, len(CLASS_NAMES))
    other = engine.fresh_filters(settings(seed=8), len(CLASS_NAMES))
    assert trained is not None
    assert fresh is not None
    assert other is not None
    assert trained.layer == "conv_1"
    assert trained.values.shape == (3, 3, 3, 8)
    assert np.allclose(trained.values, fresh.values, atol=1e-4)
    assert not np.allclose(other.values, fresh.values, atol=1e-2)


def test_looking_leaves_no_gradients_behind(engine: KerasEngine, trained: Trained) -> None:
    before = set(ops.gradient_registry._registry)
    engine.channel_peaks(trained.model_file, VALIDATION.pictures[:1], "conv_1")
    engine.maximise(trained.model_file, "pool_1", 0, 4, 0, ignore)
    assert set(ops.gradient_registry._registry) == before
