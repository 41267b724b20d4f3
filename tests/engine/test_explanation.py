"""Heat-maps point at what decides: hiding it costs more than hiding as much elsewhere."""

from __future__ import annotations

import gc
import shutil
import weakref
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
import pytest
from keras import layers
from tensorflow.python.framework import ops

from cnnstudio.core.catalog.backbones import BACKBONES, Backbone
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import AugmentationConfig, ConvBlock, NetworkConfig
from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.engine_api import LabelledFeatures, LabelledPictures, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.backbones import untrained_backbone
from cnnstudio.engine.explanation import Explainer
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.engine.network import build_network
from cnnstudio.engine.prediction import Predictor
from tests.engine.material import CLASS_NAMES, COLOURS, SIZE, VALIDATION, Trained, settings

GREY = 127
SPOT_PX = 8


def spotted(labels: list[int], seed: int) -> tuple[LabelledPictures, npt.NDArray[np.bool_]]:
    """Grey, noisy pictures with a spot of the class's colour somewhere, and where it is."""
    generator = np.random.default_rng(seed)
    pictures = generator.normal(GREY, 20, (len(labels), SIZE, SIZE, 3))
    spots = np.zeros((len(labels), SIZE, SIZE), bool)
    for place, label in enumerate(labels):
        top, left = generator.integers(0, SIZE - SPOT_PX, 2)
        spots[place, top : top + SPOT_PX, left : left + SPOT_PX] = True
        pictures[place][spots[place]] = COLOURS[label]
    found = pictures.clip(0, 255).astype(np.uint8)
    return LabelledPictures(found, np.array(labels, np.int64)), spots


def hidden(picture: Pictures, places: npt.NDArray[np.bool_]) -> Pictures:
    return np.where(places[..., None], np.uint8(GREY), picture)


def losses(
    engine: KerasEngine, model_file: Path, pictures: LabelledPictures, share: float
) -> tuple[float, float]:
    """By how much the right class's probability falls, on average over the pictures.

    First with the hottest `share` of the map hidden, then with as much hidden elsewhere: the same
    places, moved at random around the edges of the picture.
    """
    generator = np.random.default_rng(0)
    there, elsewhere = [], []
    for picture, label in zip(pictures.pictures, pictures.labels, strict=True):
        heat = engine.explain(model_file, picture, int(label)).values
        places = heat >= np.quantile(heat, 1 - share)
        moved = [
            np.roll(places, generator.integers(1, heat.shape[0], 2), axis=(0, 1)) for _ in range(4)
        ]
        asked = [picture, hidden(picture, places), *(hidden(picture, each) for each in moved)]
        whole, without, *others = engine.predict(model_file, np.stack(asked))[:, label]
        there.append(whole - without)
        elsewhere.append(whole - np.mean(others))
    return float(np.mean(there)), float(np.mean(elsewhere))


@pytest.fixture(scope="module")
def spots(engine: KerasEngine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network that looks for coloured spots."""
    model_file = tmp_path_factory.mktemp("spots") / "model.keras"
    learned, _ = spotted([0, 1, 2] * 60, seed=1)
    validation, _ = spotted([0, 1, 2] * 8, seed=2)
    config = replace(
        settings(epochs=8, learning_rate=0.003),
        augmentation=AugmentationConfig(),
        network=replace(settings().network, summary="average", normalises=True, dropout=0.0),
    )
    outcome = engine.train(learned, validation, config, CLASS_NAMES, model_file, TaskContext())
    assert max(each.validation_accuracy for each in outcome.history) > 0.9
    return model_file


def test_hiding_what_it_points_at_costs_more_than_hiding_as_much_elsewhere(
    engine: KerasEngine, spots: Path
) -> None:
    asked, _ = spotted([0, 1, 2] * 6, seed=3)
    there, elsewhere = losses(engine, spots, asked, share=0.12)
    assert there > 0.25
    assert there > 3 * elsewhere


def test_the_heat_lies_on_the_object(engine: KerasEngine, spots: Path) -> None:
    asked, where = spotted([0, 1, 2] * 6, seed=4)
    hottest = []
    for picture, label, spot in zip(asked.pictures, asked.labels, where, strict=True):
        heat = engine.explain(spots, picture, int(label))
        assert heat.values.shape == (SIZE, SIZE)
        assert heat.values.dtype == np.float32
        assert heat.values.min() >= 0
        assert heat.values.max() == 1
        hottest.append(spot[np.unravel_index(heat.values.argmax(), spot.shape)])
    assert np.mean(hottest) > 0.8


def test_each_class_has_a_map_of_its_own(engine: KerasEngine, spots: Path) -> None:
    picture, _ = spotted([0], seed=5)
    other, where = spotted([1], seed=6)
    both = np.where(where[0][..., None], other.pictures[0], picture.pictures[0])
    maps = [engine.explain(spots, both, place).values for place in (0, 1)]
    assert maps[1][where[0]].mean() > 2 * maps[0][where[0]].mean()


def test_a_picture_of_another_size_is_refused_in_words(engine: KerasEngine, spots: Path) -> None:
    with pytest.raises(StudioError, match="32x32"):
        engine.explain(spots, np.zeros((40, 40, 3), np.uint8), 0)


@pytest.mark.parametrize(
    "backbone",
    [
        BACKBONES[2],
        *(pytest.param(each, marks=pytest.mark.slow) for each in BACKBONES if each != BACKBONES[2]),
    ],
    ids=lambda each: each.key,
)
def test_a_backbone_can_be_explained_and_its_graph_is_not_held_for_ever(backbone: Backbone) -> None:
    noted = len(ops.gradient_registry._registry)
    network = untrained_backbone(replace(backbone, input_size_px=64))
    answers = layers.Dense(3, activation="softmax", name="classes")(network.output)
    heat = Explainer(keras.Model(network.input, answers)).explain(noise(64), 2)
    assert heat.values.shape == (64, 64)
    assert np.isfinite(heat.values).all()
    # The third one's swish has a gradient of its own, which TensorFlow notes down.
    assert len(ops.gradient_registry._registry) == noted


@pytest.mark.parametrize("preset", ["classic", "modern"])
def test_networks_from_scratch_can_be_explained(preset: str) -> None:
    network = training_preset(preset).config.network
    heat = Explainer(build_network(network, 64, 3)).explain(noise(64), 0)
    assert heat.values.shape == (64, 64)
    assert "pool" not in heat.layer


def test_an_edited_network_down_to_one_place_can_be_explained() -> None:
    tiny = NetworkConfig(blocks=(ConvBlock(4), ConvBlock(4, padding="same", pooling="none")))
    heat = Explainer(build_network(tiny, 4, 2)).explain(noise(4), 1)
    assert heat.values.shape == (4, 4)


def noise(size: int) -> Pictures:
    return np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)


def test_networks_that_are_no_longer_kept_are_forgotten(trained: Trained, tmp_path: Path) -> None:
    predictor = Predictor()
    noted = len(ops.gradient_registry._registry)
    gone = []
    for number in range(4):
        file = shutil.copy(trained.model_file, tmp_path / f"{number}.keras")
        predictor.explain(Path(file), VALIDATION.pictures[0], 0)
        gone.append(weakref.ref(next(reversed(predictor._loaded.values()))))
    gc.collect()
    assert [each() is None for each in gone] == [True, True, False, False]
    assert len(ops.gradient_registry._registry) == noted


@pytest.mark.slow
def test_fast_start_looks_at_the_clothes(
    engine: KerasEngine, shared_data: Path, tmp_path: Path
) -> None:
    names = ("dress", "longsleeve", "outwear")
    folder = shared_data / "clothing_160" / "train"
    photos = [path for name in names for path in sorted((folder / name).iterdir())[:24]]
    pictures = np.stack([read_array(path, 224, "crop") for path in photos])
    labels = np.repeat(np.arange(3), 24)
    is_learned = np.arange(len(photos)) % 24 < 20
    features = engine.features(pictures)[:, None]
    config = training_preset("fast").config
    model_file = tmp_path / "model.keras"
    engine.train_head(
        LabelledFeatures(features[is_learned], labels[is_learned]),
        LabelledFeatures(features[~is_learned], labels[~is_learned]),
        replace(config, training=replace(config.training, epochs=10)),
        names,
        model_file,
        TaskContext(),
    )
    asked = LabelledPictures(pictures[~is_learned], labels[~is_learned])
    there, elsewhere = losses(engine, model_file, asked, share=0.3)
    assert there > 0.1
    assert there > 1.5 * elsewhere
