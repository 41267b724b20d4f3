"""The layer table: shapes and parameters, and sentences for what cannot work."""

from __future__ import annotations

import pytest

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
    assert str(caught.value) == "The picture is only 1x1 after block 5: remove a pooling."


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
