"""What Look inside is told is what the network does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
import pytest
from tensorflow.python.framework import ops

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE, backbone_of
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.engine_api import Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.inside.epochs import SeenEpochs
from cnnstudio.core.inside.network_layers import layers_of_table
from cnnstudio.core.network import layer_table
from cnnstudio.core.storage.epoch_weights import epoch_file, kept_epochs, known_values, read_epoch
from cnnstudio.engine.backbones import untrained_backbone
from cnnstudio.engine.inside import Inside, backbone_layers, first_filters
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


def test_a_pretrained_network_that_cannot_be_shown_says_why(engine: KerasEngine) -> None:
    with pytest.raises(StudioError, match="not on this computer"):
        engine.backbone_layers("mobilenet-v3-large", 224)
    with pytest.raises(StudioError, match=r"cannot take pictures of 16 px\. Choose .* 32 px"):
        backbone_layers(backbone_of("mobilenet-v3-large"), 16)


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


def test_the_network_is_seen_as_it_was_before_and_after_each_epoch(
    engine: KerasEngine, trained: Trained
) -> None:
    folder, file = trained.model_file.parent, trained.model_file
    assert kept_epochs(folder) == (0, 1, 2, 3)
    picture = VALIDATION.pictures[0]

    def maps(epoch: int | None, layer: str = "conv_2") -> npt.NDArray[np.float32]:
        at = None if epoch is None else epoch_file(folder, epoch)
        return engine.feature_maps(file, picture, layer, at)

    for layer in ("conv_2", "classes"):
        as_kept, best = maps(None, layer), maps(trained.outcome.best_epoch, layer)
        scale = np.abs(as_kept).max()
        assert np.allclose(best, as_kept, atol=0.01 * scale)
        assert not np.allclose(maps(0, layer), as_kept, atol=0.1 * scale)
        assert not np.array_equal(maps(1, layer), maps(3, layer))
        assert np.array_equal(maps(None, layer), as_kept), "looking back changes nothing"
    # What the training began with follows from its seed.
    keras.utils.set_random_seed(CONFIG.training.seed)
    began = build_network(CONFIG.network, SIZE, len(CLASS_NAMES))
    weights = read_epoch(epoch_file(folder, 0))
    for place, expected in enumerate(began.get_weights()):
        assert np.allclose(weights.arrays[place], expected, atol=1e-3)
    assert weights.known == began.count_params()
    fresh = engine.first_filters(file, epoch_file(folder, 0))
    assert fresh is not None
    assert np.allclose(fresh.values, began.get_layer("conv_1").kernel, atol=1e-3)
    made = [
        engine.maximise(file, "conv_2", 0, 4, 0, ignore, at) for at in (None, epoch_file(folder, 0))
    ]
    assert not np.array_equal(*made)


def test_layers_with_too_many_weights_are_not_kept_of_every_epoch(
    engine: KerasEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnstudio.engine.epoch_keeper.MOST_VALUES", 1000)
    file = tmp_path / "model.keras"
    config = settings(epochs=1)
    engine.train(TRAINING, VALIDATION, config, CLASS_NAMES, file, Recorder().context)
    known = SeenEpochs((0, 1), known_values(epoch_file(tmp_path, 0)))
    names = known.layers_of(engine.layers_of(file))
    assert {"conv_1", "pool_1", "conv_2", "pool_2", "flatten"} <= names
    assert not {"dense", "classes"} & names
    assert epoch_file(tmp_path, 1).stat().st_size < 8000
    before = engine.feature_maps(file, VALIDATION.pictures[0], "conv_2", epoch_file(tmp_path, 0))
    assert before.shape == engine.feature_maps(file, VALIDATION.pictures[0], "conv_2").shape
    epoch_file(tmp_path, 1).write_bytes(b"nothing")
    with pytest.raises(StudioError, match="missing or damaged"):
        engine.first_filters(file, epoch_file(tmp_path, 1))


def test_filters_are_found_where_the_first_layers_stand_in_a_row() -> None:
    """As in ConvNeXt."""
    pictures = keras.Input((16, 16, 3))
    stem = keras.Sequential(
        [keras.layers.Conv2D(6, 4, strides=4), keras.layers.LayerNormalization()], name="stem"
    )
    found = first_filters(keras.Model(pictures, stem(pictures)))
    assert found is not None
    assert (found.layer, found.values.shape) == ("stem", (4, 4, 3, 6))


def test_looking_leaves_no_gradients_behind(engine: KerasEngine, trained: Trained) -> None:
    before = set(ops.gradient_registry._registry)
    engine.channel_peaks(trained.model_file, VALIDATION.pictures[:1], "conv_1")
    engine.maximise(trained.model_file, "pool_1", 0, 4, 0, ignore)
    assert set(ops.gradient_registry._registry) == before
