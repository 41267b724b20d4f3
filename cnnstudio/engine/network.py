"""Builds the network that `core.network.layer_table` describes, layer by layer."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from cnnstudio.core.config import ConvBlock, NetworkConfig
from cnnstudio.core.network import CHANNELS, LayerRow, layer_table


def build_network(
    network: NetworkConfig, image_size: int, class_count: int, *, gives_logits: bool = False
) -> keras.Model:
    """Build the network with random weights, in Keras' current dtype policy.

    It takes pictures of shape (n, image_size, image_size, 3) with values from 0 to 255 and scales
    them itself, so that whoever loads it cannot scale them wrongly. It gives probabilities of shape
    (n, class_count) in float32; with `gives_logits` the values before the softmax, whose loss stays
    exact when the network is very sure and wrong.

    Raises:
        StudioError: a picture becomes too small for a layer, or the network is too large.
    """
    rows = layer_table(network, image_size, class_count)
    model = keras.Sequential(name="network")
    model.add(keras.Input((image_size, image_size, CHANNELS), name="pictures"))
    for row in rows:
        model.add(_layer(row, network, gives_logits))
    return model


def _layer(row: LayerRow, network: NetworkConfig, gives_logits: bool) -> Any:
    if row.block is not None:
        return _layer_of_block(row, network.blocks[row.block])
    if row.name == "scale":
        return layers.Rescaling(1 / 255, name=row.name)
    if row.name == "flatten":
        return layers.Flatten(name=row.name)
    if row.name == "dense":
        return layers.Dense(network.dense_units, activation="relu", name=row.name)
    if row.name == "dropout":
        return layers.Dropout(network.dropout, name=row.name)
    # 16 bits are too few for probabilities: they would not add up to 1.
    activation = None if gives_logits else "softmax"
    return layers.Dense(row.output_shape[0], activation=activation, dtype="float32", name=row.name)


def _layer_of_block(row: LayerRow, block: ConvBlock) -> Any:
    if row.kind == "Conv2D":
        return layers.Conv2D(
            block.filters,
            block.kernel_size,
            strides=block.stride,
            padding=block.padding,
            activation=block.activation,
            name=row.name,
        )
    kind = layers.MaxPooling2D if row.kind == "MaxPooling2D" else layers.AveragePooling2D
    return kind(block.pool_size, name=row.name)
