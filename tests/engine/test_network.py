from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import ConvBlock, NetworkConfig
from cnnstudio.core.errors import StudioError
from cnnstudio.core.network import layer_table, parameter_count
from cnnstudio.engine.model_file import load_model, save_model
from cnnstudio.engine.network import build_network, build_network_for_training

blocks = st.builds(
    ConvBlock,
    filters=st.integers(1, 6),
    kernel_size=st.integers(1, 7),
    stride=st.integers(1, 3),
    padding=st.sampled_from(["valid", "same"]),
    activation=st.sampled_from(["relu", "elu", "gelu", "tanh", "sigmoid", "linear"]),
    pooling=st.sampled_from(["max", "average", "none"]),
    pool_size=st.integers(1, 4),
    kind=st.sampled_from(["plain", "residual"]),
)
networks = st.builds(
    NetworkConfig,
    blocks=st.lists(blocks, max_size=3).map(tuple),
    dense_units=st.sampled_from([0, 1, 7]),
    dropout=st.sampled_from([0.0, 0.5]),
    normalises=st.booleans(),
    summary=st.sampled_from(["flatten", "average"]),
)


def assert_built_as_described(network: NetworkConfig, image_size: int, class_count: int) -> None:
    model = build_network(network, image_size, class_count)
    described = [
        (row.name, row.kind, row.output_shape, row.parameters)
        for row in layer_table(network, image_size, class_count)
    ]
    built = [
        (layer.name, type(layer).__name__, tuple(layer.output.shape[1:]), layer.count_params())
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    ]
    # Keras sorts the ways around a residual block as it likes.
    assert sorted(built) == sorted(described)


def test_the_classic_network_has_the_parameters_of_the_tutorial() -> None:
    model = build_network(NetworkConfig(), 224, 10)
    assert model.count_params() == 22_247_242
    assert_built_as_described(NetworkConfig(), 224, 10)


def test_the_modern_network_is_built_as_described() -> None:
    assert_built_as_described(training_preset("modern").config.network, 28, 10)


@settings(max_examples=25, deadline=None)
@given(networks, st.integers(8, 40), st.integers(2, 5))
def test_the_network_is_built_as_the_layer_table_describes_it(
    network: NetworkConfig, image_size: int, class_count: int
) -> None:
    try:
        rows = layer_table(network, image_size, class_count)
    except StudioError:
        assume(False)
    assume(parameter_count(rows) < 1_000_000)
    assert_built_as_described(network, image_size, class_count)


def test_pictures_go_in_with_values_up_to_255_and_probabilities_come_out() -> None:
    model = build_network(NetworkConfig(blocks=(ConvBlock(4),), dense_units=0), 16, 3)
    pictures = np.random.default_rng(0).integers(0, 256, (5, 16, 16, 3), dtype=np.uint8)
    answers = model(pictures).numpy()
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(model(pictures.astype(np.float32)).numpy(), answers, rtol=1e-6)
    scaled = model.get_layer("scale")(pictures).numpy()
    np.testing.assert_allclose(scaled, pictures / 255, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(networks, st.integers(8, 24))
def test_the_form_for_training_is_the_same_network_before_its_softmax(
    network: NetworkConfig, image_size: int
) -> None:
    try:
        rows = layer_table(network, image_size, 3)
    except StudioError:
        assume(False)
    assume(parameter_count(rows) < 100_000)
    generator = np.random.default_rng(0)
    pictures = generator.integers(0, 256, (4, image_size, image_size, 3), dtype=np.uint8)
    trained, finished = (
        build(network, image_size, 3) for build in (build_network_for_training, build_network)
    )
    for weight in trained.weights:
        values = generator.normal(0, 0.3, weight.shape)
        # A spread is never below 0.
        weight.assign(1 + abs(values) if weight.name == "moving_variance" else values)
    finished.set_weights(trained.get_weights())
    powers = np.exp(trained(pictures).numpy())
    np.testing.assert_allclose(
        finished(pictures).numpy(), powers / powers.sum(axis=1, keepdims=True), rtol=1e-3, atol=1e-6
    )


@pytest.mark.parametrize(
    "network",
    [
        NetworkConfig(blocks=(ConvBlock(4), ConvBlock(4)), dense_units=8, dropout=0.0),
        NetworkConfig(
            blocks=(ConvBlock(4), ConvBlock(6, kind="residual"), ConvBlock(6, kind="residual")),
            normalises=True,
            summary="average",
            dense_units=0,
            dropout=0.0,
        ),
    ],
    ids=["classic", "modern"],
)
def test_the_form_for_training_learns_the_same(network: NetworkConfig) -> None:
    import tensorflow as tf

    generator = np.random.default_rng(0)
    pictures = generator.integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)
    classes = np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2]]
    trained, plain = (
        build(network, 16, 3) for build in (build_network_for_training, build_network)
    )
    plain.set_weights(trained.get_weights())
    gradients = []
    for model, gives_logits in ((trained, True), (plain, False)):
        loss = keras.losses.CategoricalCrossentropy(from_logits=gives_logits)
        with tf.GradientTape() as tape:
            value = loss(classes, model(pictures, training=True))
        learned = [weight.value for weight in model.trainable_weights]
        gradients.append(tape.gradient(value, learned))
    for ours, reference in zip(*gradients, strict=True):
        np.testing.assert_allclose(ours, reference, rtol=1e-3, atol=1e-5)
    # What normalisation has gathered; its spread is that of a sample, n / (n - 1) times as much.
    for ours, reference in zip(
        trained.non_trainable_weights, plain.non_trainable_weights, strict=True
    ):
        np.testing.assert_allclose(ours.numpy(), reference.numpy(), rtol=0.01, atol=1e-5)


def test_probabilities_stay_exact_in_sixteen_bits() -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = build_network(NetworkConfig(blocks=(ConvBlock(4),), dense_units=0), 16, 7)
    finally:
        keras.config.set_dtype_policy("float32")
    answers = model(np.full((3, 16, 16, 3), 100, np.uint8)).numpy()
    assert model.get_layer("conv_1").compute_dtype == "bfloat16"
    assert answers.dtype == np.float32
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)


def test_a_picture_too_small_is_refused_in_words() -> None:
    with pytest.raises(StudioError, match="after block"):
        build_network(NetworkConfig(blocks=(ConvBlock(2),) * 5), 16, 2)


def test_a_residual_network_is_read_from_its_file_as_it_was(tmp_path: Path) -> None:
    network = training_preset("modern").config.network
    model = build_network(network, 28, 3)
    save_model(model, tmp_path / "model.keras")
    pictures = np.random.default_rng(0).integers(0, 256, (4, 28, 28, 3), dtype=np.uint8)
    read = load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(read(pictures).numpy(), model(pictures).numpy(), rtol=1e-5)
