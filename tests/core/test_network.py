"""The layer table: shapes and parameters, and sentences for what cannot work."""

from __future__ import annotations

import pytest

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import ConvBlock, NetworkConfig
from cnnstudio.core.errors import StudioError
from cnnstudio.core.network import layer_table, parameter_count


def test_the_tutorials_network_has_its_22_247_242_parameters() -> None:
    rows = layer_table(NetworkConfig(), 224, 10)
    assert parameter_count(rows) == 22_247_242
    assert [row.kind for row in rows if row.kind != "Rescaling"] == [
        *["Conv2D", "MaxPooling2D"] * 3,
        "Flatten",
        "Dense",
        "Dropout",
        "Dense",
    ]
    assert [row.output_shape for row in rows if row.kind == "MaxPooling2D"] == [
        (111, 111, 32),
        (54, 54, 64),
        (26, 26, 128),
    ]


def test_stride_and_same_padding_change_the_shapes() -> None:
    block = ConvBlock(8, kernel_size=5, stride=2, padding="same", pooling="none")
    rows = layer_table(NetworkConfig(blocks=(block,)), 33, 2)
    assert rows[1].output_shape == (17, 17, 8)
    assert rows[1].parameters == 8 * (5 * 5 * 3 + 1)


def test_a_picture_that_becomes_too_small_is_told_with_the_block_and_the_way_out() -> None:
    blocks = tuple(ConvBlock(8) for _ in range(6))
    with pytest.raises(StudioError) as caught:
        layer_table(NetworkConfig(blocks=blocks), 96, 2)
    assert str(caught.value) == "The picture is only 1 × 1 after block 5: remove a pooling."


def test_a_pooling_larger_than_what_is_left_is_refused() -> None:
    with pytest.raises(StudioError, match="remove its pooling"):
        layer_table(NetworkConfig(blocks=(ConvBlock(8, pool_size=8),)), 8, 2)


def test_a_network_without_blocks_or_dense_layer_still_has_its_classes() -> None:
    rows = layer_table(NetworkConfig(blocks=(), dense_units=0, dropout=0.0), 8, 3)
    assert [row.name for row in rows] == ["scale", "flatten", "classes"]
    assert rows[-1].parameters == (8 * 8 * 3 + 1) * 3


def test_a_network_no_computer_can_train_is_refused_before_it_is_built() -> None:
    with pytest.raises(StudioError, match="weights"):
        layer_table(NetworkConfig(dense_units=8192), 1024, 10)


def test_a_residual_block_adds_what_came_in_to_its_two_convolutions() -> None:
    block = ConvBlock(16, stride=2, kind="residual", pooling="none")
    rows = layer_table(NetworkConfig(blocks=(block,), dense_units=0, dropout=0.0), 32, 2)
    convolutions = [(row.name, row.output_shape, row.parameters) for row in rows[1:-2]]
    assert convolutions == [
        ("conv_1a", (16, 16, 16), 16 * (3 * 3 * 3 + 1)),
        ("conv_1b", (16, 16, 16), 16 * (3 * 3 * 16 + 1)),
        ("conv_1_around", (16, 16, 16), 16 * (3 + 1)),
        ("add_1", (16, 16, 16), 0),
        ("act_1", (16, 16, 16), 0),
    ]


def test_what_came_in_is_added_as_it_is_where_it_fits() -> None:
    blocks = (ConvBlock(8), ConvBlock(8, kind="residual"))
    rows = layer_table(NetworkConfig(blocks=blocks), 32, 2)
    assert next(row.takes for row in rows if row.kind == "Add") == ("conv_2b", "pool_1")
    assert not any("around" in row.name for row in rows)


def test_normalised_convolutions_have_no_bias_but_four_weights_a_filter() -> None:
    network = NetworkConfig(blocks=(ConvBlock(8),), normalises=True, summary="average")
    rows = layer_table(network, 32, 2)
    assert [(row.kind, row.parameters) for row in rows[1:6]] == [
        ("Conv2D", 8 * 3 * 3 * 3),
        ("BatchNormalization", 4 * 8),
        ("Activation", 0),
        ("MaxPooling2D", 0),
        ("GlobalAveragePooling2D", 0),
    ]
    assert rows[5].output_shape == (8,)


def test_the_modern_network_has_a_twentieth_of_the_weights_at_any_size() -> None:
    network = training_preset("modern").config.network
    assert {parameter_count(layer_table(network, size, 10)) for size in range(16, 300)} == {
        1_213_162
    }


def test_the_modern_network_says_when_a_picture_is_too_small_for_it() -> None:
    network = training_preset("modern").config.network
    with pytest.raises(StudioError) as caught:
        layer_table(network, 8, 2)
    assert str(caught.value) == "The picture is only 1 × 1 after convolution 3: remove its pooling."
