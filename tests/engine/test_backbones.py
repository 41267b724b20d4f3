"""Every backbone of the catalogue is built as the catalogue says, and sees the same everywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from cnnstudio.core.catalog.backbones import BACKBONES, DEFAULT_BACKBONE, Backbone, backbone_of
from cnnstudio.core.engine_api import Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.engine import features, lite_backbone
from cnnstudio.engine.backbones import build_backbone, untrained_backbone
from cnnstudio.engine.model_file import load_model, save_model
from cnnstudio.engine.runtime import MachineFacts

BY_KEY = {each.key: each for each in BACKBONES}
DOWNLOADED = [each.key for each in BACKBONES if not each.is_bundled]
# Each takes some 10 seconds; that one has every kind of part but ConvNeXt's.
ONE_QUICK = [
    key if key == "mobilenet-v3-large" else pytest.param(key, marks=pytest.mark.slow)
    for key in DOWNLOADED
]


def pictures(count: int) -> Pictures:
    """Smooth random pictures: noise alone is unlike anything that a network has seen."""
    coarse = np.random.default_rng(0).integers(0, 256, (count, 7, 7, 3))
    return np.kron(coarse, np.ones((1, 32, 32, 1))).astype(np.uint8)


def with_lively_weights(model: keras.Model) -> keras.Model:
    """Weights that let differences through: Keras' first ones make ConvNeXt all but constant."""
    random = np.random.default_rng(1)
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            shape = layer.gamma.shape
            layer.set_weights(
                [
                    random.uniform(0.8, 1.2, shape),
                    random.normal(0, 0.1, shape),
                    random.normal(0, 0.1, shape),
                    random.uniform(0.8, 1.2, shape),
                ]
            )
        elif type(layer).__name__ == "LayerScale":
            layer.set_weights([random.uniform(0.1, 0.3, layer.gamma.shape)])
    return model


@pytest.mark.parametrize("key", BY_KEY)
def test_the_catalogue_says_the_truth(key: str) -> None:
    backbone = BY_KEY[key]
    model = untrained_backbone(backbone)
    size = backbone.input_size_px
    assert model.input_shape == (None, size, size, 3)
    assert model.output_shape == (None, backbone.feature_length)
    assert model.count_params() == backbone.parameters


def test_the_bundled_one_has_its_weights_at_once() -> None:
    found = build_backbone(DEFAULT_BACKBONE).predict(pictures(2), verbose=0)
    assert found.std() > 0.1


@pytest.mark.parametrize(
    ("key", "preprocess"),
    [
        ("mobilenet-v2", keras.applications.mobilenet_v2.preprocess_input),
        ("resnet50-v2", keras.applications.resnet_v2.preprocess_input),
    ],
)
def test_pictures_are_scaled_as_keras_scales_them_by_function(
    key: str, preprocess: Callable[[np.ndarray], np.ndarray]
) -> None:
    scale = untrained_backbone(BY_KEY[key]).get_layer("scale")
    given = pictures(1).astype(np.float32)
    np.testing.assert_allclose(scale(given), preprocess(given.copy()), atol=1e-5)


@pytest.mark.parametrize(
    ("key", "network"),
    [
        ("mobilenet-v3-large", keras.applications.MobileNetV3Large),
        ("efficientnet-v2-b0", keras.applications.EfficientNetV2B0),
        ("convnext-tiny", keras.applications.ConvNeXtTiny),
    ],
)
def test_pictures_are_scaled_as_keras_scales_them_inside(
    key: str, network: Callable[..., keras.Model]
) -> None:
    theirs = network(weights=None, include_top=False, input_shape=(224, 224, 3))
    scaling = (keras.layers.Rescaling, keras.layers.Normalization)
    *_, last = [layer for layer in theirs.layers if isinstance(layer, scaling)]
    scaled = keras.Model(theirs.input, last.output)
    given = pictures(1).astype(np.float32)
    ours = untrained_backbone(BY_KEY[key]).get_layer("scale")
    np.testing.assert_allclose(ours(given), scaled(given), atol=1e-5)


@pytest.mark.parametrize("key", ONE_QUICK)
def test_downloaded_weights_are_loaded_into_the_network_that_keras_saved_them_from(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the old HDF5 format, which is that of the files that Keras offers."""
    network = getattr(keras.applications, type_name(key))
    theirs = with_lively_weights(
        network(weights=None, include_top=False, pooling="avg", input_shape=(224, 224, 3))
    )
    backbone = installed(BY_KEY[key], theirs, tmp_path)
    found = build_backbone(backbone, tmp_path).predict(pictures(2), verbose=0)
    given = pictures(2).astype(np.float32)
    if key in ("mobilenet-v2", "resnet50-v2"):
        given = given / 127.5 - 1
    expected = theirs.predict(given, verbose=0)
    assert expected.std() > 1e-3
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


def type_name(key: str) -> str:
    names = {
        "mobilenet-v2": "MobileNetV2",
        "mobilenet-v3-large": "MobileNetV3Large",
        "efficientnet-v2-b0": "EfficientNetV2B0",
        "resnet50-v2": "ResNet50V2",
        "convnext-tiny": "ConvNeXtTiny",
    }
    return names[key]


def installed(backbone: Backbone, model: keras.Model, folder: Path) -> Backbone:
    """Write a model's weights where they would be downloaded to, and return their row."""
    path = folder / backbone.weights.name
    model.save(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    weights = replace(backbone.weights, size_bytes=path.stat().st_size, digest=digest)
    return replace(backbone, weights=weights)


def test_a_file_that_belongs_to_another_network_is_refused_in_words(tmp_path: Path) -> None:
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    backbone = installed(backbone_of("mobilenet-v2"), other, tmp_path)
    with pytest.raises(StudioError, match=r"does not hold the weights of MobileNetV2.*again"):
        build_backbone(backbone, tmp_path)


@pytest.mark.parametrize("key", DOWNLOADED)
def test_weights_that_are_not_there_are_said_before_anything_is_built(
    key: str, tmp_path: Path
) -> None:
    with pytest.raises(StudioError, match=rf"not on this computer yet.*install {key}"):
        build_backbone(BY_KEY[key], tmp_path)
    with pytest.raises(StudioError, match="not on this computer yet"):
        build_backbone(BY_KEY[key])


@pytest.mark.parametrize("key", ONE_QUICK)
def test_a_saved_network_is_opened_again(key: str, tmp_path: Path) -> None:
    model = with_lively_weights(untrained_backbone(BY_KEY[key]))
    save_model(model, tmp_path / "model.keras")
    opened = load_model(tmp_path / "model.keras")
    given = pictures(1).astype(np.float32)
    np.testing.assert_allclose(opened(given), model(given), rtol=1e-5, atol=1e-5)


def test_weights_missing_from_the_program_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lite_backbone, "_PACKAGE", "a_package_that_is_not_installed")
    with pytest.raises(StudioError, match=r"EfficientNet-Lite0 are missing.*Install"):
        build_backbone(DEFAULT_BACKBONE)


@pytest.mark.slow
@pytest.mark.parametrize("key", ONE_QUICK)
def test_litert_sees_what_keras_sees(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = with_lively_weights(untrained_backbone(BY_KEY[key]))
    expected = model.predict(pictures(3), verbose=0)
    monkeypatch.setattr(features, "_built", lambda *_: model)
    extractor = features.FeatureExtractor(BY_KEY[key], MachineFacts("Linux", 2), None)
    found = extractor.features(pictures(3))
    assert expected.std() > 1e-3
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)
